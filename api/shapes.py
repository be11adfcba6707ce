"""The shapes of answers, for the OpenAPI document; answers themselves are built as bytes."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from domain.subject import Code

Position = Annotated[int, Field(ge=0, description="In the journal; the order of knowledge.")]
KnownAt = Annotated[datetime | None, Field(description="Null at position 0, before all.")]
Json = dict[str, Any]
Role = Literal["reader", "contributor", "auditor", "admin"]
Edtf = Annotated[str, Field(json_schema_extra={"format": "edtf"})]


class Shape(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(extra="forbid")


class Wanted(BaseModel):
    """What a request asks for, where that is no event."""

    model_config = ConfigDict(extra="forbid")


class Subject(Shape):
    """What events are about."""

    kind: str
    id: UUID
    key: str


class Warned(Shape):
    """Something accepted that a person should look at."""

    code: Code
    message: str
    positions: list[Position]


class Pointed(Shape):
    """An event meant by its position, or by the row of the client's file that it came from."""

    position: Position | None = None
    ref: str | None = None
    type: str | None = None


class Event(Shape):
    """An event as it is on record."""

    position: Position
    id: UUID
    type: str
    schema_: Annotated[int, Field(alias="schema", ge=1)]
    subject: Subject
    version: Annotated[int, Field(ge=1)]
    occurred_on: Edtf | None
    recorded_at: datetime
    recorded_by: str
    batch: UUID | None
    leaf: Annotated[str | None, Field(description="SHA-256 of the stored entry, in hex.")]
    reason: str | None
    sources: list[Json]
    data: Json
    after: Json | None = None
    ref: str | None = None


class Fault(Shape):
    """One thing wrong with a request: in the body by its pointer, or with a parameter."""

    detail: str
    pointer: str | None = None
    parameter: str | None = None


class ProblemDocument(Shape):
    """What went wrong (RFC 9457)."""

    type: Annotated[str, Field(pattern="^/problems/", description="Stable; tells what it means.")]
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    detail: Annotated[str, Field(description="For people.")]
    instance: str
    errors: list[Fault] | None = None
    allowed: Annotated[list[str] | None, Field(description="Verbs that are possible now.")] = None
    conflicting_positions: list[Position] | None = None
    effective_from: date | None = None


class Catalogue(Shape):
    """What can be recorded."""

    language: Literal["en", "zh"]
    kinds: list[Json]
    roles: list[str]
    labels: Annotated[
        dict[str, dict[str, str]],
        Field(description="Of roles, codes of warnings, and usual words of fields that take any."),
    ]
    schemas: dict[str, Json]


class Entry(Shape):
    """One event in one line, as it now counts."""

    position: Position
    type: str
    subject: Subject
    title: str
    headline: str
    occurred_on: Edtf | None
    effective_day: date | None
    recorded_at: datetime
    recorded_by: str
    organizations: list[str]
    places: list[Json]
    status: Literal["current", "corrected", "retracted", "disputed"]
    confidence: Literal["confirmed", "probable", "possible", "doubtful"] | None
    contested: bool
    positions: list[Position]


class Paged(Shape):
    """A page of a list."""

    next_cursor: str | None
    position: Annotated[int, Field(ge=0, description="Up to which the list tells everything.")]


class Dated(Paged):
    """A page of a list that shows a day, as known at an instant."""

    effective_at: date
    known_at: KnownAt
    known_position: Position


class TimelinePage(Dated):
    """A page of the timeline."""

    items: list[Entry]


class StateOfSubject(Shape):
    """A subject on a day."""

    subject: Subject
    title: str
    stage: str
    state: Annotated[Json, Field(description="The fields of its kind, those that are known.")]
    targets: Annotated[list[Json], Field(description="Promises about milestones.")]
    uncertain: Annotated[bool, Field(description="An imprecise date leaves open if it is so.")]
    contested: bool
    warnings: list[Warned]
    positions: list[Position]
    version: Annotated[int, Field(ge=1, description="For If-Match.")]
    last_position: Position
    effective_at: date
    known_at: KnownAt
    known_position: Position
    merged_into: str | None = None


class StatesPage(Dated):
    """A page of subjects of a kind."""

    items: list[StateOfSubject]


class HistoryEntry(Entry):
    """An event of a subject as it now counts, and as it was recorded where that differs."""

    id: UUID
    version: Annotated[int, Field(ge=1)]
    schema_: Annotated[int, Field(alias="schema", ge=1)]
    reason: str | None
    ref: str | None
    after: Json | None
    data: Json
    sources: list[Json]
    recorded: Annotated[
        Json | None, Field(description="What a correction replaced: occurred_on, data, sources.")
    ]


class HistoryPage(Dated):
    """The events of a subject, in effective order."""

    items: list[HistoryEntry]


class LoggedEvent(Event):
    """An event in the log, with what its subject is called now."""

    title: str
    positions: list[Position]


class LogPage(Paged):
    """A page of the log."""

    items: list[LoggedEvent]
    known_at: KnownAt
    known_position: Position


class Readiness(Shape):
    """Whether the server can do its work, and what is in the way."""

    ready: bool
    faults: list[str]
    notes: list[str]


class Health(Shape):
    """That the process runs."""

    alive: bool
