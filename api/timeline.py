"""`GET /v1/timeline`: what happened."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api import parameters, reading
from api.describe.reads import listing
from api.describe.reads import reading as describing
from api.export import chosen, exported
from api.lean import QueryRoute
from api.meaning import narrowed
from api.resources import resources
from projections import density as counts
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


@router.get("/timeline/density", openapi_extra=describing("Density"))
async def density(request: Request, query: Annotated[parameters.Density, Query()]) -> Response:
    """Count the events of each day, month or year: when they happened, or when they got known."""
    clocks = await reading.looking(request, query)
    question = await _question(request, query, clocks)
    views = resources(request).views
    counted = await counts.density(views, question, clocks, query.by, query.unit)
    return _counted(request, counted)


@router.get("/timeline/facets", openapi_extra=describing("Facets"))
async def facets(request: Request, query: Annotated[parameters.Facets, Query()]) -> Response:
    """Count the events of each value of a filter, as if that filter alone were not set."""
    clocks = await reading.looking(request, query)
    question = await _question(request, query, clocks)
    return _counted(request, await counts.values(resources(request).views, question, clocks))


def _counted(request: Request, counted: counts.Counted) -> Response:
    seen = counted.clocks.seen
    body = counted.body + b',"position":%d' % seen.position + counted.clocks.told(seen.position)
    return reading.answer(request, seen, body)


async def _question(
    request: Request, query: parameters.Timeline | parameters.Facets, clocks: Clocks
) -> told.Question:
    filters = await narrowed(resources(request), query, clocks)
    for name in ("by", "unit"):
        filters.pop(name, None)
    first, last = filters.pop("from_"), filters.pop("to")
    last = min(filter(None, (last, query.effective_at)), default=None)
    return told.Question(first=first, last=last, **filters)
