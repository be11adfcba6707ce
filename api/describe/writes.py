"""What the OpenAPI document says of the routes that write."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from api.describe.answers import given, problems
from api.describe.schemas import Schema, payload, ref
from api.shapes import Event as RecordedEvent
from api.shapes import Json, Position, ProblemDocument, Shape, Subject, Warned
from domain.event import Event
from domain.subject import Kind


class ChangedEntry(Shape):
    """A line of the timeline that would change."""

    position: Position
    type: str
    changes: Annotated[dict[str, Json], Field(description="Of the line: from what to what.")]


class ChangedSubject(Shape):
    """A subject that would change."""

    subject: Subject
    changes: Annotated[dict[str, Json], Field(description="Fields, from what to what.")]
    timeline: list[ChangedEntry]


class Recorded(RecordedEvent):
    """An event that was just recorded, or would be."""

    warnings: list[Warned]
    changes: Annotated[
        dict[str, Json] | None, Field(description="Of a dry run: fields, from what to what.")
    ] = None
    timeline: Annotated[
        list[ChangedEntry] | None, Field(description="Of a dry run: lines that would change.")
    ] = None


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
    subjects: Annotated[
        list[ChangedSubject] | None, Field(description="Of a dry run: what would change.")
    ] = None


def parameter(name: str) -> Schema:
    """Refer to a parameter of the components."""
    return {"$ref": f"#/components/parameters/{name}"}


MEMBERS: Mapping[str, Schema] = {
    "occurred_on": {
        "anyOf": [{"type": "string", "format": "edtf", "minLength": 1}, {"type": "null"}],
        "description": "When it happened (EDTF); null only where nobody knows.",
    },
    "sources": {"type": "array", "items": ref("Source"), "maxItems": 300},
    "reason": {
        "anyOf": [{"type": "string", "minLength": 1, "maxLength": 2000}, {"type": "null"}],
        "description": "Why it is logged.",
    },
    "after": {
        "anyOf": [ref("ByPosition"), ref("ByRef"), {"type": "null"}],
        "description": "An event of the subject that it follows, to settle a tie.",
    },
    "ref": {
        "anyOf": [{"type": "string", "minLength": 1, "maxLength": 200}, {"type": "null"}],
        "description": "The row in your own file.",
    },
}
_KEY: Schema = {
    "anyOf": [
        {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$", "maxLength": 100},
        {"type": "null"},
    ],
    "description": "How people will name the subject, for ever; made from the content if left out.",
}
REASON: Schema = {"type": "string", "minLength": 1, "maxLength": 2000, "description": "Why."}
_DRY_RUN: Schema = {
    "name": "dry_run",
    "in": "query",
    "description": "Decide and answer, but write nothing.",
    "schema": {"type": "boolean", "default": False},
}
_IF_MATCH: Schema = {
    "name": "If-Match",
    "in": "header",
    "description": "The version of the subject that you have seen, in quotes.",
    "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$', "examples": ['"3"']},
}
_IDEMPOTENCY_KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Yours for this request: repeated with it, it is answered as the first time.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
}
_SUBJECT: Schema = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "The subject's UUID or key.",
    "schema": {"type": "string", "minLength": 1, "examples": ["weride-uber"]},
}


COMPONENTS = {
    "DryRun": _DRY_RUN,
    "IfMatch": _IF_MATCH,
    "IdempotencyKey": _IDEMPOTENCY_KEY,
    "Subject": _SUBJECT,
}
PARAMETERS = [parameter(name) for name in ("DryRun", "IfMatch", "IdempotencyKey")]
RECORDED: Schema = {"$ref": "#/components/responses/Recorded"}


def typed(kind: Kind, event: type[Event], *, opens: bool) -> dict[str, Any]:
    """Describe a route that is derived from an event type."""
    return {
        "parameters": PARAMETERS if opens else [parameter("Subject"), *PARAMETERS],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": _body(kind, event, opens=opens),
                    "example": _example(event, opens=opens),
                }
            },
        },
        "responses": {
            "200": given("Recorded", "As it would be: this was a dry run."),
            "201": RECORDED,
            **problems(400, 403, 409, 412, 413, 415, 422, *([] if opens else [404])),
        },
    }


def recorded(shape: str | Schema) -> Schema:
    """Describe the answer for events that are now on record."""
    headers = {
        "Location": ("Where the last event is.", "string"),
        "ETag": ("The version of its subject, for If-Match.", "string"),
        "Farshore-Position": ("Its position, for min_position.", "integer"),
        "Idempotency-Replayed": ("true where it was on record already.", "string"),
    }
    described = {
        name: {"description": text, "schema": {"type": type_}}
        for name, (text, type_) in headers.items()
    }
    return given(shape, "It is on record.") | {"headers": described}


def _body(kind: Kind, event: type[Event], *, opens: bool) -> Schema:
    data = ref(payload(event, kind))
    members: dict[str, Schema] = {**MEMBERS, "data": data}
    required = ["data"] if any(f.is_required() for f in event.model_fields.values()) else []
    if event.needs_reason:
        members["reason"] = REASON
        required.append("reason")
    if opens:
        needed = ", ".join(" or ".join(names) for names in kind.opens_with)
        members["key"] = _KEY
        members["data"] = data | {"description": f"A new record needs {needed}."}
    body: Schema = {"type": "object", "additionalProperties": False, "properties": members}
    return body | ({"required": required} if required else {})


def _example(event: type[Event], *, opens: bool) -> dict[str, Any]:
    example: dict[str, Any] = {"occurred_on": "2026-06-30", "data": event.example}
    if opens:
        example["key"] = "a-key-of-your-own"
    return example | ({"reason": "Typing mistake"} if event.needs_reason else {})
