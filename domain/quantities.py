"""How much: numbers with their unit and limits, money."""

from typing import Annotated, Literal

from pydantic import Field

from domain.limits import CURRENCIES, Range, limit, one_of
from domain.vocabulary import Unit, Value

Number = Annotated[int | float, Range()]
Kilometres = Annotated[
    int | float, Range(0, 1_000_000), Field(description="Length in km.", examples=[3.3])
]
SquareMetres = Annotated[
    int | float, Range(0, 1_000_000_000), Field(description="Floor area in m².", examples=[1200])
]
Percent = Annotated[int | float, Range(0, 100), Field(description="In percent.", examples=[49])]
Operator = Literal["=", ">", "<", "~"]
Qualifier = Annotated[
    str,
    Field(
        min_length=1,
        max_length=60,
        description="~ about, > more than, < fewer than, or a word.",
        examples=["~"],
    ),
]


class Quantity(Value):
    """A number of things: one value, or a least and a most. Totals, not differences."""

    value: (
        Annotated[Number, Field(description="The number, where it is one.", examples=[50])] | None
    ) = None
    min: Annotated[Number, Field(description="At least so many.", examples=[40])] | None = None
    max: Annotated[Number, Field(description="At most so many.", examples=[60])] | None = None
    unit: Annotated[Unit, Field(description="What is counted or measured.")]
    qualifier: Qualifier | None = None

    @limit
    def _has_number(self) -> None:
        if self.value is None and self.min is None and self.max is None:
            raise ValueError("a quantity has a value, or a min or max")
        if self.min is not None and self.max is not None and self.max < self.min:
            raise ValueError("max is below min")


Vehicles = Annotated[Quantity, Field(examples=[{"value": 50, "unit": "vehicles"}])]
People = Annotated[Quantity, Field(examples=[{"value": 25, "unit": "people"}])]


class Money(Value):
    """An amount in one currency; never converted."""

    amount: Annotated[
        str,
        Field(
            pattern=r"^\d{1,18}(\.\d{1,6})?$",
            description="A decimal number as text.",
            examples=["300000000"],
        ),
    ]
    currency: Annotated[
        str,
        one_of(CURRENCIES, "ISO 4217 currency"),
        Field(description="ISO 4217.", examples=["USD"]),
    ]
    qualifier: Qualifier | None = None
