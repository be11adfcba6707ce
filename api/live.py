"""`GET /v1/stream`: what happens, as it is recorded, by Server-Sent Events."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from time import monotonic
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Query, Request, Response
from fastapi.sse import EventSourceResponse, format_sse_event

from api import language
from api.describe.answers import given, problems
from api.lean import QueryRoute
from api.meaning import narrowed
from api.parameters import Stream, as_position
from api.refusals import BadParameters, TooManyStreams
from api.resources import Resources, resources
from projections.languages import Language
from projections.live import Batch
from projections.reading import Clocks
from projections.timeline import Question

# Seconds of silence after which a comment keeps the connection, and proxies, awake.
IDLE = 15.0
# Of one answer; the client then comes again, with its token and where it was. What the server has
# sent waits in memory until the client takes it, so a slow one is never sent more than this.
MOST_BYTES = 4 * 1024 * 1024
MOST_SECONDS = 300.0
# Streams of one process; each costs a socket and a few kB.
MOST_STREAMS = 1_000
# Milliseconds after which a client comes again.
RETRY = 1_000

_HEADERS: Mapping[str, str] = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

router = APIRouter(prefix="/v1", tags=["reading"], route_class=QueryRoute)


@router.get(
    "/stream",
    openapi_extra={
        "parameters": [
            {
                "name": "Last-Event-ID",
                "in": "header",
                "description": "The position behind which to go on.",
                "schema": {"type": "string", "pattern": "^[0-9]{1,18}$"},
            }
        ],
        "responses": {
            "200": given({"type": "string"}, "Events, as they come.", "text/event-stream"),
            **problems(422),
        },
    },
)
async def stream(request: Request, query: Annotated[Stream, Query()]) -> Response:
    """Tell what is recorded from now on, or behind a position, one Server-Sent Event for each.

    `id` is the position and `data` the line of the timeline. After a lost connection a browser
    comes again with `Last-Event-ID`, and misses nothing.
    """
    given_ = resources(request)
    if given_.live.ended or given_.live.listeners >= MOST_STREAMS:
        raise TooManyStreams
    seen, _ = await given_.views.progress("timeline", "names")
    after = _after(request, query)
    listening = Listening(
        await _question(given_, query), seen if after is None else after, language.chosen(request)
    )
    headers = {**_HEADERS, **language.headers(listening.language)}
    return EventSourceResponse(_events(given_, listening), headers=headers)


class Listening(NamedTuple):
    """What a client wants to hear: which events, behind which position, in which language."""

    question: Question
    after: int
    language: Language


def _after(request: Request, query: Stream) -> int | None:
    """Give the position behind which to begin; None for now."""
    last = request.headers.get("last-event-id")
    if not last:
        return query.after
    position = as_position(last)
    if position is None:
        raise BadParameters.one("Last-Event-ID", "it is the `id` of an event of this stream")
    return position


async def _question(given_: Resources, query: Stream) -> Question:
    filters = await narrowed(given_, query, Clocks(datetime.now(UTC).date(), "null"))
    del filters["after"]
    return Question(first=filters.pop("from_"), last=filters.pop("to"), **filters)


async def _events(given_: Resources, listening: Listening) -> AsyncIterator[bytes]:
    question, after, spoken = listening
    yield format_sse_event(
        id=str(after), retry=RETRY
    )  # a client that hears nothing comes back here
    sent, until = 0, monotonic() + MOST_SECONDS
    async for batch in given_.live.listen(question, after, IDLE):
        told = _told(batch, spoken)
        yield told
        sent += len(told)
        if sent > MOST_BYTES or monotonic() > until:
            return


def _told(batch: Batch, spoken: Language) -> bytes:
    """Write events, or else how far the stream has come."""
    events = [
        format_sse_event(data_str=one.entries[spoken].decode(), id=str(one.position))
        for one in batch.happened
    ]
    if batch.rebuilt:
        events.append(format_sse_event(event="rebuilt", data_str="{}"))
    return b"".join(events) + format_sse_event(comment="here", id=str(batch.upto))
