"""What the OpenAPI document says of the generic door."""

from typing import Any

from api.describe.answers import given, problems
from api.describe.schemas import Schema, ref
from api.describe.writes import PARAMETERS, recorded
from domain.event import events, kinds

DESCRIPTION = """
One event as a JSON object; several as an array, all or nothing; or `application/x-ndjson`, one
event per line, of any number, each recorded for itself (or all together with `atomic=true`) and
told in a summary. A line without an `idempotency_key` is recognized by its content, so that an
import can be run again.
"""

_LINE: Schema = {
    "allOf": [
        ref("Envelope"),
        {"properties": {"type": {"enum": sorted(events())}, "kind": {"enum": [*kinds(), None]}}},
    ]
}
_EXAMPLE = {
    "type": "partnership.formed",
    "subject": "weride-uber",
    "occurred_on": "2024-09-25",
    "data": {
        "parties": [{"organization": "weride"}, {"organization": "uber"}],
        "mode": "platform_operator",
    },
}
_ATOMIC: Schema = {
    "name": "atomic",
    "in": "query",
    "description": "Of a stream: record all lines or none.",
    "schema": {"type": "boolean", "default": False},
}
DOOR: dict[str, Any] = {
    "parameters": [*PARAMETERS, _ATOMIC],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"oneOf": [_LINE, {"type": "array", "items": _LINE, "minItems": 1}]},
                "example": _EXAMPLE,
            },
            "application/x-ndjson": {"schema": {"type": "string"}},
        },
    },
    "responses": {
        "201": recorded({"oneOf": [ref("Recorded"), {"type": "array", "items": ref("Recorded")}]}),
        "200": given(
            {
                "oneOf": [
                    ref("Imported"),
                    ref("Recorded"),
                    {"type": "array", "items": ref("Recorded")},
                ]
            },
            "A summary of the stream, or what a dry run would record.",
        ),
        **problems(400, 403, 404, 409, 412, 413, 415, 422),
    },
}
