"""The generic door: `POST /v1/events` takes one event, an array, or a stream of lines."""

from fastapi import APIRouter, Request, Response

from api import bodies, lean, stream
from api.describe import doors
from api.gate import WRITERS, roles
from api.writing import record
from journal.commands import Line
from journal.refusals import Fault, Malformed


async def events(request: Request) -> Response:
    """Record one event, several together, or a stream of them."""
    bodies.expect(request, bodies.JSON, bodies.NDJSON)
    if bodies.media_type(request) == bodies.NDJSON:
        return await stream.record(request)
    body = await bodies.read_json(request)
    if isinstance(body.document, list):
        return await record(request, _lines(body.document), body.raw, many=True)
    return await record(request, (Line.read(body.document),), body.raw, many=False)


def _lines(documents: list[object]) -> tuple[Line, ...]:
    """Check the lines of an array, all of them, so that every fault is told at once."""
    if not documents:
        raise Malformed.at("", "an array holds at least one event")
    lines, faults = [], []
    for index, document in enumerate(documents):
        try:
            lines.append(Line.read(document))
        except Malformed as error:
            faults += [Fault(f"/{index}{where}", what) for where, what in error.faults]
    if faults:
        raise Malformed(faults)
    return tuple(lines)


router = APIRouter(prefix="/v1")
lean.add(
    router,
    "/events",
    events,
    name="record_events",
    tags=["events"],
    summary="Record events of any type",
    description=doors.DESCRIPTION,
    status_code=201,
    openapi_extra=roles(*WRITERS) | doors.DOOR,
)
