"""What the OpenAPI document says of batches, and the shapes of what is answered about them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.describe.answers import given, problems
from api.describe.schemas import Schema, ref
from api.describe.writes import ChangedSubject, parameter
from api.shapes import Edtf, KnownAt, Paged, Position, Shape, Subject, Wanted
from domain.vocabulary import Text

BATCH: Schema = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "The `batch` that the import answered with.",
    "schema": {"type": "string", "format": "uuid"},
}


class Batch(Shape):
    """An import."""

    batch: UUID
    recorded_by: str
    recorded_at: Annotated[datetime, Field(description="Of its first event.")]
    events: Annotated[int, Field(ge=1)]
    retracted: Annotated[int, Field(ge=0, description="Of these: how many no longer count.")]
    first_position: Position
    last_position: Position


class BatchesPage(Paged):
    """A page of imports, the newest first."""

    items: list[Batch]
    known_at: KnownAt
    known_position: Position


class NewUndo(Wanted):
    """A batch to be undone."""

    reason: Annotated[Text, Field(description="Why.")]


class UndoneEvent(Shape):
    """An event that would be retracted."""

    position: Position
    type: str
    subject: Subject
    occurred_on: Edtf | None


class UndoneBatch(Shape):
    """What became of a batch, or would."""

    batch: UUID
    retracted: Annotated[int, Field(ge=0, description="Events of it that still counted.")]
    undone_by: Annotated[
        UUID | None, Field(description="The batch of the retractions, to be undone in turn.")
    ]
    position: Annotated[Position | None, Field(description="Of the last retraction.")]
    events: Annotated[list[UndoneEvent] | None, Field(description="Of a dry run.")] = None
    subjects: Annotated[list[ChangedSubject] | None, Field(description="Of a dry run.")] = None


UNDO: Schema = {
    "parameters": [BATCH, parameter("DryRun"), parameter("IdempotencyKey")],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": ref("NewUndo"), "example": {"reason": "The wrong file"}}
        },
    },
    "responses": {
        "200": given("UndoneBatch", "Nothing of it counted any more, or this was a dry run."),
        "201": given("UndoneBatch", "Undone."),
        **problems(400, 403, 404, 409, 413, 415, 422),
    },
}
