"""Limits of our own, which apply at the door only, and the code lists that some of them use."""

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import pycountry
from babel import Locale
from pydantic import (
    AnyHttpUrl,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    TypeAdapter,
    model_validator,
)
from pydantic import ValidationInfo as Info
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

COUNTRIES = frozenset(country.alpha_2 for country in pycountry.countries)
SUBDIVISIONS = {part.code: part.name for part in pycountry.subdivisions}
CURRENCIES = frozenset(currency.alpha_3 for currency in pycountry.currencies)
REGIONS = frozenset(
    {name for code, name in Locale("en").territories.items() if code.isdigit()}  # UN M49
    | {"European Union", "Middle East", "Middle East and North Africa", "Nordic Countries", "Gulf"}
)  # and the regions that people in the field speak of

_EXACT = 2**53 - 1  # beyond it, some reader of JSON would round
_web_address = TypeAdapter(AnyHttpUrl)


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit on one value: applies at the door, where there is a validation context, only."""

    check: Callable[[Any], object]  # raises ValueError with a message for people

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Run the check after the type itself is validated."""
        return core_schema.with_info_after_validator_function(self._apply, handler(source))

    def _apply(self, value: Any, info: Info[Any]) -> Any:  # noqa: ANN401 - whatever the type is
        if info.context is not None:
            try:
                self.check(value)
            except ValueError as error:
                raise PydanticCustomError("limit", "{detail}", {"detail": str(error)}) from None
        return value


@dataclass(frozen=True, slots=True)
class Range:
    """A limit on a number, which stays an integer where it was given as one."""

    least: int = -_EXACT
    most: int = _EXACT

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Run the check after the type itself is validated."""
        return Limit(self._check).__get_pydantic_core_schema__(source, handler)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Say which numbers are let in."""
        told = {name: value for name, value in handler(schema).items() if name != "anyOf"}
        return told | {"type": "number", "minimum": self.least, "maximum": self.most}

    def _check(self, number: float) -> None:
        if not self.least <= number <= self.most:
            raise ValueError(f"a number from {self.least:,} to {self.most:,} is meant")


def limit(check: Callable[[Any], None]) -> Any:  # noqa: ANN401 - pydantic's decorator proxy
    """Make a method the limit of a whole model; like `Limit`, at the door only."""

    def apply(model: Any, info: Info[Any]) -> Any:  # noqa: ANN401 - the model, unchanged
        if info.context is not None:
            check(model)
        return model

    return model_validator(mode="after")(apply)


def one_of(known: frozenset[str], what: str) -> Limit:
    """Limit a text to a list, and help with what is nearly on it."""

    def check(text: str) -> None:
        if text not in known:
            near = get_close_matches(text, known, n=3, cutoff=0.5)
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            raise ValueError(f"'{text}' is no {what}{hint}")

    return Limit(check)


def check_web_address(text: str) -> None:
    """Let in what a browser could follow.

    Raises:
        ValueError: with a message for people.
    """
    try:
        _web_address.validate_python(text)
    except ValueError:
        raise ValueError(f"'{text}' is no http or https address") from None
