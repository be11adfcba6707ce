"""`POST /v1/events/{position}/correct`, `/retract`, `/dispute`: events about an event."""

from typing import Any

from fastapi import APIRouter, Request, Response

from api import bodies, lean
from api.commands import pointer
from api.describe import amendments
from api.gate import roles
from api.lean import Endpoint
from api.parameters import as_position
from api.refusals import NotFound
from api.resources import resources
from api.writing import record
from domain.event import Event, events
from domain.universal import Amendment
from journal.commands import Line
from journal.names import Subject
from journal.refusals import Fault, Malformed
from projections import recorded


def about_events() -> list[type[Event]]:
    """Give the types of events about an event."""
    return [event for event in events().values() if issubclass(event, Amendment)]


def router() -> APIRouter:
    """Make a route of each of them."""
    made = APIRouter(prefix="/v1")
    for event in about_events():
        lean.add(
            made,
            f"/events/{{position}}/{event.verb}",
            _amending(event),
            name=event.verb.replace("-", "_"),
            tags=["events"],
            summary=f"{event.verb.replace('-', ' ').capitalize()}: this event",
            description=event.__doc__ or "",
            status_code=201,
            openapi_extra=roles(*sorted(event.roles)) | amendments.described(event),
        )
    return made


def _amending(event: type[Event]) -> Endpoint:
    async def amending(request: Request) -> Response:
        position = _position(request)
        body = await bodies.read_json(request)
        given = _checked(event, body.document)
        if (subject := await recorded.subject_of(resources(request).views, position)) is None:
            raise _absent(request)
        try:
            line = Line.read(_document(event, given, position, subject))
            return await record(request, (line,), body.raw, many=False)
        except Malformed as error:
            raise type(error)(map(_in_body, error.faults)) from None

    return amending


def _position(request: Request) -> int:
    """Read the position in the address.

    Raises:
        NotFound: no position is written so.
    """
    if (position := as_position(request.path_params["position"])) is None:
        raise _absent(request)
    return position


def _absent(request: Request) -> NotFound:
    return NotFound(path=request.url.path.rpartition("/")[0])


# ── the same line of the generic door ────────────────────────────────────────────────────────────


def _checked(event: type[Event], body: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Refuse a body with members of another kind, or without a reason.

    Raises:
        Malformed
    """
    if not isinstance(body, dict):
        raise Malformed.at("", "the body is a JSON object")
    taken = (*amendments.envelope(event), *amendments.payload(event))
    if unknown := [name for name in body if name not in taken]:
        hint = f"no such member here; it takes {', '.join(taken)}"
        raise Malformed(Fault(pointer(name), hint) for name in unknown)
    if body.get("reason") is None:
        raise Malformed.at("/reason", f"say why: {event.type} needs a reason here")
    return body


def _document(
    event: type[Event], body: dict[str, Any], position: int, subject: Subject
) -> dict[str, Any]:
    """Complete a body to a line of the generic door."""
    document = {"type": event.type, "kind": subject.kind, "subject": subject.key}
    document |= {name: body[name] for name in amendments.envelope(event) if name in body}
    data = {name: body[name] for name in amendments.payload(event) if name in body}
    return {**document, "data": {"target": {"position": position}, **data}}


def _in_body(fault: Fault) -> Fault:
    """Point into the body: what a line has under `data` stands at the top of it."""
    if fault.pointer == "/data" or fault.pointer.startswith("/data/"):
        return fault._replace(pointer=fault.pointer.removeprefix("/data"))
    return fault
