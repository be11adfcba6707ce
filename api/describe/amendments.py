"""What the OpenAPI document says of the routes about an event."""

from functools import cache
from typing import Any

from api.describe.answers import given, problems
from api.describe.schemas import TEMPLATE, Schema
from api.describe.writes import MEMBERS, PARAMETERS, REASON, RECORDED
from domain.event import Event

POSITION: Schema = {
    "name": "position",
    "in": "path",
    "required": True,
    "description": "The event that is meant.",
    "schema": {"type": "integer", "minimum": 1, "maximum": 10**18 - 1, "examples": [17]},
}
_OF_THE_SERVER = ("target", "schema")  # the address says the one, the server knows the other


def payload(event: type[Event]) -> tuple[str, ...]:
    """Name the members of the body that belong to the payload."""
    return tuple(_properties(event))


def envelope(event: type[Event]) -> tuple[str, ...]:
    """Name the members of the body that belong to the envelope."""
    return tuple(name for name in ("reason", "sources") if name not in _properties(event))


def described(event: type[Event]) -> Schema:
    """Describe the route of an event type."""
    return {
        "parameters": [POSITION, *PARAMETERS],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _body(event), "example": example(event)}},
        },
        "responses": {
            "200": given("Recorded", "As it would be: this was a dry run."),
            "201": RECORDED,
            **problems(400, 403, 404, 409, 412, 413, 415, 422),
        },
    }


def example(event: type[Event]) -> dict[str, Any]:
    """Give a body that could be sent."""
    data = {name: value for name, value in event.example.items() if name in _properties(event)}
    return {"reason": "The page says so", **data}


def _body(event: type[Event]) -> Schema:
    enveloped = {name: MEMBERS[name] for name in envelope(event)} | {"reason": REASON}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": enveloped | _properties(event),
        "required": ["reason"],
    }


@cache
def _properties(event: type[Event]) -> Schema:
    schema = event.model_json_schema(ref_template=TEMPLATE)
    return {name: of for name, of in schema["properties"].items() if name not in _OF_THE_SERVER}
