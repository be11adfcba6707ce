"""The shapes of answers, for the OpenAPI document; answers themselves are built as bytes."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Position = Annotated[int, Field(ge=0, description="In the journal; the order of knowledge.")]
Json = dict[str, Any]
Role = Literal["reader", "contributor", "auditor", "admin"]
Edtf = Annotated[str, Field(json_schema_extra={"format": "edtf"})]


class Shape(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)


class Subject(Shape):
    """What events are about."""

    kind: str
    id: UUID
    key: str


class Warned(Shape):
    """Something accepted that a person should look at."""

    code: str
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
    title: str | None = None
    positions: list[Position] | None = None


class Recorded(Event):
    """An event that was just recorded, or would be."""

    warnings: list[Warned]
    changes: Annotated[
        dict[str, Json] | None, Field(description="Of a dry run: fields, from what to what.")
    ] = None


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


class ImportFault(ProblemDocument):
    """What is wrong with one line of a stream."""

    line: Annotated[int, Field(ge=1)]
    instance: str | None = None  # type: ignore[assignment]  # the line says where


class Imported(Shape):
    """What became of a stream of lines."""

    batch: UUID
    accepted: int
    replayed: int
    refused: int
    position: Position | None
    errors: Annotated[list[ImportFault], Field(max_length=1000)]


class Catalogue(Shape):
    """What can be recorded."""

    kinds: list[Json]
    roles: list[str]
    schemas: dict[str, Json]


class Me(Shape):
    """Who asks."""

    principal: str
    role: Role
    may_record: Annotated[list[str], Field(description="Types of events.")]


class Token(Shape):
    """What is known of a token."""

    id: UUID
    prefix: Annotated[str, Field(description="The first characters of the secret.")]
    principal: str
    display_name: str
    role: Role
    name: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class TokenWithSecret(Token):
    """A token that was just made."""

    secret: str


class Tokens(Shape):
    """All tokens."""

    items: list[Token]


class NewToken(BaseModel):
    """A token to be made."""

    model_config = ConfigDict(extra="forbid")

    role: Role
    name: Annotated[str, Field(min_length=1, max_length=200, description="Whose, or what for.")]
    principal: Annotated[
        str | None, Field(min_length=1, max_length=100, description="Who has tokens already.")
    ] = None
    expires_at: Annotated[AwareDatetime | None, Field(description="Left out: never.")] = None


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
    known_at: datetime
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
    known_at: datetime
    known_position: Position
    merged_into: str | None = None


class StatesPage(Dated):
    """A page of subjects of a kind."""

    items: list[StateOfSubject]
