"""The shapes of further lists: warnings, places, what a search found, series, and counts."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from api.shapes import Dated, Edtf, Json, KnownAt, Position, Shape, Subject, Warned


class OpenWarning(Warned):
    """A warning about a subject that still holds."""

    subject: Subject
    title: str


class WarningsPage(Dated):
    """A page of warnings; those about one subject are never parted."""

    items: list[OpenWarning]


class MoveToPlace(Shape):
    """An event with which a subject moved."""

    position: Position
    type: str
    occurred_on: Edtf | None
    effective_day: date
    from_: Annotated[Json | None, Field(alias="from", description="Null where nobody knows.")]
    to: Json
    stays: Annotated[str | None, Field(description="What did not move.")]


class PlaceOfSubject(Shape):
    """A subject at one of its places."""

    subject: Subject
    title: str
    stage: str
    place: Annotated[Json, Field(description="With `lat` and `lon` where they are on record.")]
    moves: Annotated[list[MoveToPlace], Field(description="Those of the subject, by the day.")]
    positions: list[Position]


class PlacesPage(Dated):
    """A page of places, by country and city."""

    items: list[PlaceOfSubject]


class Found(Shape):
    """A subject that a search found."""

    subject: Subject
    title: str
    stage: str
    matched: Annotated[str | None, Field(description="The name that is alike; null: by words.")]
    score: Annotated[float, Field(ge=0, le=1)]
    positions: list[Position]


class FoundPage(Dated):
    """What a search found, the likeliest first."""

    items: list[Found]


class Point(Shape):
    """One value of an indicator."""

    period: Edtf | None
    value: Annotated[Any, Field(description="As it was reported.")]
    operator: str | None
    reported_by: Annotated[Any, Field(description="An organization, or the mention of one.")]
    type: str
    position: Position
    occurred_on: Edtf | None
    effective_day: date | None
    status: str
    confidence: str | None


class Series(Shape):
    """Values that can be compared: of one base, unit, length of period and status."""

    subject: Subject
    title: str
    base: str | None
    unit: str | None
    period_months: int | None
    period_days: Annotated[int | None, Field(description="Where it is no months.")]
    status: Literal["reported", "forecast"]
    points: list[Point]
    positions: list[Position]


class SeriesPage(Dated):
    """The series of an indicator."""

    items: list[Series]


class Bucket(Shape):
    """How many events there are from a day on, up to the next day, month or year."""

    from_: Annotated[date, Field(alias="from")]
    events: Annotated[int, Field(ge=1)]


class Density(Shape):
    """How many events there are when."""

    by: Literal["effective", "recorded"]
    unit: Literal["day", "month", "year"]
    items: list[Bucket]
    always: Annotated[int, Field(ge=0, description="How many hold on every day.")]
    position: Position
    effective_at: date
    known_at: KnownAt
    known_position: Position


class FacetValue(Shape):
    """A value of a filter, and how many events it would leave."""

    value: str
    title: str | None = None
    events: Annotated[int, Field(ge=1)]


class FacetValues(Shape):
    """The most frequent values of a filter."""

    items: list[FacetValue]
    more: Annotated[int, Field(ge=0, description="How many other values there are.")]


class Facets(Shape):
    """How many events there are of each value of the filters."""

    kind: FacetValues
    type: FacetValues
    country: FacetValues
    organization: FacetValues
    contested: FacetValues
    position: Position
    effective_at: date
    known_at: KnownAt
    known_position: Position
