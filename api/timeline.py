"""`GET /v1/timeline`: what happened."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api import parameters, reading
from api.describe.reads import listing
from api.export import chosen, exported
from api.lean import QueryRoute
from api.meaning import narrowed
from api.resources import resources
from projections import timeline as told
from projections.reading import Clocks

COLUMNS = (
    *("position", "effective_day", "occurred_on", "type", "headline"),
    *("subject.kind", "subject.key", "subject.id", "title"),
    *("organizations", "places", "status", "confidence", "contested"),
    *("recorded_at", "recorded_by"),
)

router = APIRouter(prefix="/v1", tags=["reading"], route_class=QueryRoute)


@router.get("/timeline", openapi_extra=listing("TimelinePage"))
async def timeline(request: Request, query: Annotated[parameters.Timeline, Query()]) -> Response:
    """Tell what happened, one line an event, in the order of the world or of recording."""
    clocks = await reading.looking(request, query)
    views = resources(request).views
    question = await _question(request, query, clocks)
    form = chosen(request, query.format)
    if form != "json":
        return exported(form, "timeline", COLUMNS, told.stream(views, question, clocks))
    page = await told.page(views, question, clocks, limit=query.limit, cursor=query.cursor)
    return reading.listed(request, page, clocks)


async def _question(request: Request, query: parameters.Timeline, clocks: Clocks) -> told.Question:
    filters = await narrowed(resources(request), query, clocks)
    first, last = filters.pop("from_"), filters.pop("to")
    last = min(filter(None, (last, query.effective_at)), default=None)
    return told.Question(first=first, last=last, **filters)
