"""Open warnings, places, searches and series: one route a question."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api import lists, parameters, reading
from api.describe.reads import of_subject
from api.describe.reads import reading as describing
from api.lean import QueryRoute
from api.meaning import narrowed
from api.resources import addressed, resources
from journal.refusals import Unknown
from projections import computed
from projections import places as where
from projections import search as who
from projections import series as values
from projections import warnings as doubts

router = APIRouter(prefix="/v1", tags=["reading"], route_class=QueryRoute)


@router.get("/warnings", openapi_extra=describing(lists.WarningsPage.__name__))
async def warnings(request: Request, query: Annotated[parameters.Warnings, Query()]) -> Response:
    """Give what a person should look at: warnings that still hold, by subject."""
    clocks = await reading.looking(request, query)
    asked = resources(request)
    told = doubts.telling(doubts.Question(**await narrowed(asked, query, clocks)))
    page = await computed.page(asked.views, told, clocks, limit=query.limit, at=query.cursor)
    return reading.listed(request, page, clocks)


@router.get("/places", openapi_extra=describing(lists.PlacesPage.__name__))
async def places(request: Request, query: Annotated[parameters.Places, Query()]) -> Response:
    """Give every place of every subject, by country and city, for a map."""
    clocks = await reading.looking(request, query)
    asked = resources(request)
    question = where.Question(**await narrowed(asked, query, clocks))
    page = await where.page(asked.views, question, clocks, limit=query.limit, cursor=query.cursor)
    return reading.listed(request, page, clocks)


@router.get("/search", openapi_extra=describing(lists.FoundPage.__name__))
async def search(request: Request, query: Annotated[parameters.Search, Query()]) -> Response:
    """Find organizations by any name in any script, and whatever else speaks of it."""
    clocks = await reading.looking(request, query)
    question = who.Question(query.q, query.kind)
    page = await who.page(resources(request).views, question, clocks, limit=query.limit)
    return reading.listed(request, page, clocks)


@router.get(
    "/indicators/{id}/series",  # noqa: FAST003 - read as every subject in an address
    openapi_extra=of_subject(lists.SeriesPage.__name__),
)
async def series(request: Request, query: Annotated[parameters.Seeing, Query()]) -> Response:
    """Give the values of an indicator, in series that never mix bases, units or periods."""
    clocks = await reading.looking(request, query)
    name = addressed(request)
    views = resources(request).views
    page = await values.of(views, name, clocks, until=query.effective_at)
    if page is None:
        raise Unknown(kind="indicator", subject=name)
    return reading.listed(request, page, clocks)
