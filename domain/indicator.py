"""Indicators: a measure, its base and its period, and the values that were told."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, ClassVar, NamedTuple

from pydantic import Field

from domain.dates import span
from domain.event import Event
from domain.limits import limit
from domain.parties import Organization
from domain.places import Place
from domain.quantities import Number, Operator
from domain.subject import Code, Facts, Kind, State, Warned
from domain.telling import date_words
from domain.vocabulary import EdtfDate, Text, Unit

_APART: tuple[tuple[str, Code], ...] = (("base", "base_differs"), ("unit", "unit_differs"))
_OF_ONE_VALUE = ("operator", "period", "reported_by")


class IndicatorFacts(Facts):
    """What is known of an indicator."""

    measure: (
        Annotated[
            Text, Field(description="What is counted or measured.", examples=["vehicles exported"])
        ]
        | None
    ) = None
    place: Annotated[Place, Field(description="Where it holds.")] | None = None
    organization: (
        Annotated[Organization, Field(description="Whose it is, where it is not a place's.")] | None
    ) = None
    unit: Annotated[Unit, Field(description="In what it is told.")] | None = None
    base: (
        Annotated[
            Text, Field(examples=["new passenger cars"], description="What it is a share of.")
        ]
        | None
    ) = None
    reported_by: Annotated[Organization, Field(description="Who told the value.")] | None = None
    value: (
        Annotated[
            Number, Field(description="The value as it was told, in `unit`.", examples=[5260000])
        ]
        | None
    ) = None
    operator: Annotated[Operator, Field(description="How the value is meant.")] | None = None
    period: Annotated[EdtfDate, Field(description="The time that the value covers.")] | None = None


class Indicator(IndicatorFacts, State):
    """A series of values of one measure; values over different bases are never mixed."""


class IndicatorEvent(IndicatorFacts, Event):
    """An event of an indicator."""

    kind = Kind(
        name="indicator",
        path="indicators",
        noun="indicator",
        title="{measure}[, {organization}][, {place}]",
        facts=IndicatorFacts,
        state=Indicator,
        opens_with=(("measure",), ("place", "organization")),
        recalls=("unit",),
    )

    @limit
    def _has_value(self) -> None:
        if self.value is None:
            raise ValueError("an indicator needs a value")

    def warn(self, state: Indicator) -> Iterator[Warned]:
        """Warn of values that cannot be compared with the one before."""
        for name, code in _APART:
            mine, before = getattr(self, name), getattr(state, name)
            if mine and before and mine != before:
                yield Warned(code, f"{name} is {mine!r}, before it was {before!r}", (name,))
        if self.period and state.period and length(self.period) != length(state.period):
            covered, before = date_words(self.period), date_words(state.period)
            words = f"covers {covered}, the value before it {before}"
            yield Warned("period_differs", words, ("period",))

    def evolve(self, state: Indicator) -> Indicator:
        """Put the value in the place of the one before, with what was said of that value."""
        after: Indicator = super().evolve(state)
        return after.model_copy(update={name: getattr(self, name) for name in _OF_ONE_VALUE})


class Length(NamedTuple):
    """How long a period is, as far as it can be compared: in months, else in days, else neither."""

    months: int | None = None
    days: int | None = None


def length(period: str) -> Length:
    """Give the length of a period: January is as long as February, a week is no month."""
    earliest, latest = span(period)
    if earliest is None or latest is None:
        return Length()
    end = latest + timedelta(days=1)
    months = 12 * (end.year - earliest.year) + end.month - earliest.month
    return Length(months) if end.day == earliest.day else Length(days=(end - earliest).days)


class IndicatorForecast(IndicatorEvent):
    """Somebody expects this value."""

    type = "indicator.forecast"
    verb = "forecast"
    headline = (
        "Forecast[ by {reported_by}]: {measure} {operator} {value}[ {unit}][, {period}][ ({base})]"
    )
    example: ClassVar = {
        "measure": "share of new cars with assisted driving",
        "place": {"country": "CN"},
        "unit": "percent",
        "value": 66.1,
        "operator": "=",
        "period": "2025-12",
        "base": "L2",
        "reported_by": "bosch",
    }


class IndicatorReported(IndicatorEvent):
    """Somebody told this value."""

    type = "indicator.reported"
    verb = "report"
    headline = "{measure} {operator} {value}[ {unit}][, {period}][ ({base})]"
    example: ClassVar = {
        "measure": "vehicles exported",
        "place": {"country": "CN"},
        "unit": "vehicles",
        "value": 5260000,
        "operator": "=",
        "period": "2023",
    }


class IndicatorRevised(IndicatorEvent):
    """A value told before was replaced by whoever told it."""

    type = "indicator.revised"
    verb = "revise"
    headline = "Revised: {measure} {operator} {value}[ {unit}][, {period}][ ({base})]"
    usual_from = ("forecast", "reported", "revised")
    example: ClassVar = {"value": 5220000, "operator": "=", "period": "2023"}
