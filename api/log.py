"""`GET /v1/events` and `GET /v1/events/{position}`: the log as it is."""

from collections.abc import AsyncIterator
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request, Response

from api import answers, parameters, reading
from api.describe.reads import listing
from api.describe.reads import reading as describing
from api.export import chosen, exported
from api.meaning import narrowed
from api.refusals import BadParameters, NotFound
from api.resources import resources
from projections import log as told
from projections.reading import Clocks, Page

COLUMNS = (
    *("position", "id", "type", "schema", "subject.kind", "subject.key", "subject.id", "title"),
    *("version", "occurred_on", "recorded_at", "recorded_by", "reason", "data", "sources"),
    *("after", "ref", "batch", "leaf"),
)

router = APIRouter(prefix="/v1", tags=["events"])


@router.get("/events", openapi_extra=listing("LogPage"))
async def events(request: Request, query: Annotated[parameters.Log, Query()]) -> Response:
    """Give the log as it is: every event as it was recorded, in the order of recording."""
    clocks = await reading.looking(request, query)
    filters = await narrowed(resources(request), query, clocks)
    filters["after"] = max(query.after, _behind(query.cursor))
    question = told.Question(**filters)
    form = chosen(request, query.format)
    if form != "json":
        return exported(form, "events", COLUMNS, _all(request, question, clocks))
    page = await told.page(resources(request).views, question, clocks, query.limit)
    items = [_item(logged) for logged in page.events]
    cursor = str(page.events[-1].row.position) if page.more else None
    return reading.listed(request, Page(items, cursor, page.seen), clocks, dated=False)


@router.get("/events/{position}", openapi_extra=describing("LoggedEvent", 404))
async def event(
    request: Request, position: int, query: Annotated[parameters.Knowing, Query()]
) -> Response:
    """Give one event as it was recorded."""
    clocks = await reading.looking(request, query)
    if 0 < position < 2**62:
        seen, logged = await told.one(resources(request).views, position, clocks)
        if logged:
            return reading.answer(request, seen, _item(logged))
    raise NotFound(path=request.url.path)


def _behind(cursor: str | None) -> int:
    """Read a cursor, which in the log is a position."""
    if cursor is None:
        return 0
    if (position := parameters.as_position(cursor)) is None:
        raise BadParameters.one("cursor", "this cursor belongs to no page of this list")
    return position


async def _all(request: Request, question: told.Question, clocks: Clocks) -> AsyncIterator[bytes]:
    async for logged in told.stream(resources(request).views, question, clocks):
        yield _item(logged)


def _item(logged: told.Logged) -> bytes:
    more = {"title": orjson.Fragment(logged.title), "positions": [logged.row.position]}
    return answers.event(logged.row, more)
