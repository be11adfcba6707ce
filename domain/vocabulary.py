"""Words of the field and what a fact rests on: limit, help text and example, once each."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.dates import check_date
from domain.limits import (
    COUNTRIES,
    REGIONS,
    SUBDIVISIONS,
    Limit,
    check_web_address,
    one_of,
)


class Value(BaseModel):
    """A value without identity of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


# ── words ────────────────────────────────────────────────────────────────────────────────────────

Text = Annotated[str, Field(pattern=r"\S", max_length=2_000)]
Name = Annotated[str, Field(pattern=r"\S", max_length=300)]
Unit = Annotated[str, Field(pattern=r"\S", max_length=60, examples=["vehicles"])]
Word = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9]+(_[a-z0-9]+)*$",
        max_length=100,
        description="Lower case, words joined by _.",
    ),
]
Milestone = Annotated[
    Word, Field(description="What was promised, in a word.", examples=["service_start"])
]
Details = Annotated[
    Text, Field(description="One sentence of your own.", examples=["Cars on set roads by day"])
]
EdtfDate = Annotated[
    str,
    Limit(check_date),
    Field(
        description="A date in EDTF: 2025-11-14, 2025-11, 2025, 2025-35 (third quarter),"
        " 2025-07/2025-09, ../2025-07-17, 2025-11~.",
        examples=["2025-11-14"],
        json_schema_extra={"format": "edtf"},
    ),
]
WebAddress = Annotated[
    str,
    Field(
        max_length=2_000, examples=["https://www.weride.ai"], json_schema_extra={"format": "uri"}
    ),
    Limit(check_web_address),  # behind the others: they are limits of the text itself
]
Country = Annotated[
    str,
    one_of(COUNTRIES, "ISO 3166-1 country code"),
    Field(
        description="ISO 3166-1 alpha-2.",
        examples=["AE"],
        json_schema_extra={"format": "iso-3166-1"},
    ),
]
Subdivision = Annotated[
    str,
    one_of(frozenset(SUBDIVISIONS), "ISO 3166-2 subdivision"),
    Field(description="ISO 3166-2.", examples=["AE-DU"]),
]
Region = Annotated[
    str,
    one_of(REGIONS, "UN M49 region"),
    Field(description="Where no single country is meant.", examples=["Europe"]),
]
Level = Annotated[
    str,
    Field(
        pattern=r"^L[0-5]\+?(-L[0-5])?$",
        description="SAE level or range of levels.",
        examples=["L4"],
    ),
]

# ── evidence ─────────────────────────────────────────────────────────────────────────────────────


class Source(Value):
    """Where a fact was read, and how far it can be trusted."""

    title: Annotated[
        Text,
        Field(description="Of the page or paper.", examples=["Testing permits granted in Dubai"]),
    ]
    url: Annotated[WebAddress, Field(description="Where it can be read.")] | None = None
    publisher: (
        Annotated[Name, Field(description="Who published it.", examples=["Dubai RTA"])] | None
    ) = None
    published_on: Annotated[EdtfDate, Field(description="When it was published.")] | None = None
    quote: (
        Annotated[
            Text,
            Field(
                description="The words that matter.", examples=["has begun trial runs with 50 cars"]
            ),
        ]
        | None
    ) = None
    stance: Annotated[
        Literal["supports", "contradicts", "denies"], Field(description="What it does to the fact.")
    ] = "supports"
    about: (
        Annotated[
            Literal["event", "date", "place", "amount", "kind", "party"],
            Field(description="What it speaks about, where not of the whole."),
        ]
        | None
    ) = None
    confidence: (
        Annotated[
            Literal["confirmed", "probable", "possible", "doubtful"],
            Field(description="How sure one can be of it."),
        ]
        | None
    ) = None
    sha256: (
        Annotated[
            str,
            Field(
                examples=["0000000000000000000000000000000000000000000000000000000000000000"],
                pattern=r"^[0-9a-f]{64}$",
                description="SHA-256 of an archived copy.",
            ),
        ]
        | None
    ) = None

    @property
    def weak(self) -> bool:
        """Whether it should not stand alone."""
        return self.confidence in ("possible", "doubtful")


Sources = Annotated[tuple[Source, ...], Field(max_length=300)]


class ByPosition(Value):
    """An event of the same subject, by its position."""

    position: Annotated[int, Field(description="In the journal.", examples=[12], ge=1, le=2**62)]

    @property
    def words(self) -> str:
        """What a refusal calls it."""
        return f"position {self.position}"


class ByRef(Value):
    """An event of the same subject, by the row of the client's file that it came from."""

    ref: Annotated[
        str,
        Field(
            description="The row, as the client's file numbers it.",
            examples=["E224"],
            min_length=1,
            max_length=200,
        ),
    ]
    type: Annotated[
        str,
        Field(
            description="The type of the event that it gave.",
            examples=["incident.occurred"],
            min_length=1,
            max_length=100,
        ),
    ]

    @property
    def words(self) -> str:
        """What a refusal calls it."""
        return f"{self.type} of row {self.ref}"


Pointer = ByPosition | ByRef
