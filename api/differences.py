"""The shapes of differences between two looks, and of explanations of one."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from api.shapes import Dated, Edtf, Json, Paged, Position, Shape, Subject


class Changed(Shape):
    """A field that is different."""

    field: str
    from_: Annotated[Any, Field(alias="from")]
    to: Any
    behind: Annotated[
        list[Position | None],
        Field(description="The events behind the one and the other value.", max_length=2),
    ]
    positions: Annotated[list[Position], Field(description="The events that made the difference.")]


class DifferenceOfSubject(Shape):
    """A subject of which two looks differ."""

    subject: Subject
    title: str
    change: Literal["appeared", "changed", "gone"]
    fields: list[Changed]
    positions: list[Position]


class Look(Shape):
    """A day, and a state of knowledge."""

    effective_at: date
    known_at: datetime | None
    known_position: Position


class DiffPage(Paged):
    """A page of what is different between two looks."""

    items: list[DifferenceOfSubject]
    from_: Annotated[Look, Field(alias="from")]
    to: Look


class FieldCorrected(Shape):
    """A correction that changed what an event says of a field, or when."""

    position: Position
    was: Any
    occurred_on: Edtf | None
    recorded_at: datetime
    recorded_by: str
    reason: str | None


class FieldTold(Shape):
    """An event that told a field."""

    value: Any
    position: Position
    type: str
    occurred_on: Edtf | None
    effective_day: date | None
    recorded_at: datetime
    recorded_by: str
    reason: str | None
    sources: list[Json]
    evidence: Annotated[list[Json], Field(description="Sources that others gave for it later.")]
    confidence: str | None
    status: str
    corrections: list[FieldCorrected]


class FieldReplaced(Shape):
    """The value that a field had before."""

    value: Any
    position: Position


class FieldExplained(Shape):
    """What the value of a field rests on; the latest telling comes first."""

    subject: Subject
    title: str
    field: str
    value: Any
    told: list[FieldTold]
    replaced: FieldReplaced | None
    positions: list[Position]


class ExplanationPage(Dated):
    """Every field of a state, explained."""

    items: list[FieldExplained]
