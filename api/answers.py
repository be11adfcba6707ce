"""What is answered about events: stored bytes spliced in, never parsed and written anew."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from fastapi import Response

from api.bodies import JSON
from domain.views import Notice
from journal.rows import Row

_ABSENT: Mapping[str, Any] = {
    "reason": None,
    "sources": [],
}


def event(row: Row, more: Mapping[str, Any] | None = None) -> bytes:
    """Give an event as JSON.

    Args:
        row: as stored.
        more: members beside those of the event itself.
    """
    given = orjson.loads(row.body)
    absent = {name: value for name, value in _ABSENT.items() if name not in given}
    head = orjson.dumps({**envelope(row), **absent, **(more or {})}, option=orjson.OPT_UTC_Z)
    return b"".join((head[:-1], b",", row.body[1:]))


def envelope(row: Row) -> dict[str, Any]:
    """Give what the server says of an event."""
    return {
        "position": row.position,
        "id": row.id,
        "type": row.type,
        "schema": row.schema,
        "subject": {"kind": row.kind, "id": row.subject, "key": row.key},
        "version": row.version,
        "occurred_on": row.occurred_on,
        "recorded_at": row.recorded_at,
        "recorded_by": row.recorded_by,
        "batch": row.batch,
        "leaf": row.leaf.hex() or None,
    }


def warnings(notices: Iterable[Notice]) -> list[dict[str, Any]]:
    """Give warnings as JSON."""
    return [
        {"code": one.code, "message": one.message, "positions": one.positions} for one in notices
    ]


def array(documents: Iterable[bytes]) -> bytes:
    """Join documents to a JSON array."""
    return b"[" + b",".join(documents) + b"]"


def recorded(rows: Sequence[Row], body: bytes, *, replayed: bool) -> Response:
    """Answer for events that are now on record."""
    last = rows[-1]
    headers = {
        "Location": f"/v1/events/{last.position}",
        "ETag": f'"{last.version}"',
        "Farshore-Position": str(last.position),
    }
    if replayed:
        headers["Idempotency-Replayed"] = "true"
    return Response(body, 201, headers, JSON)
