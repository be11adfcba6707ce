"""`GET /v1/{kinds}` and `GET /v1/{kinds}/{id}`: what is so, derived from the kinds."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api import parameters, reading
from api.describe import reads
from api.export import chosen, exported
from api.lean import QueryRoute
from api.meaning import narrowed
from api.refusals import NotYet
from api.resources import addressed, resources
from domain.event import kinds
from domain.subject import Kind
from journal.refusals import Unknown
from projections import history as past
from projections import state as told

Listing = Callable[[Request, parameters.States], Awaitable[Response]]


def router() -> APIRouter:
    """Make the routes of every kind."""
    made = APIRouter(prefix="/v1", route_class=QueryRoute)
    for kind in kinds().values():
        _add_all(made, kind)
        _add_one(made, kind)
    return made


def _add_all(made: APIRouter, kind: Kind) -> None:
    made.add_api_route(
        f"/{kind.path}",
        _listing(kind),
        name=f"list_{kind.path}",
        summary=f"Every {kind.noun}",
        description=f"{kind.state.__doc__} All stages, ended ones too.",
        tags=[kind.path],
        openapi_extra=reads.listing("StatesPage"),
    )


def _add_one(made: APIRouter, kind: Kind) -> None:
    made.add_api_route(
        f"/{kind.path}/{{id}}",
        _one(kind),
        name=f"show_{kind.name}",
        summary=f"One {kind.noun}",
        description=kind.state.__doc__ or "",
        tags=[kind.path],
        openapi_extra=reads.of_subject("StateOfSubject"),
    )
    made.add_api_route(
        f"/{kind.path}/{{id}}/history",
        _history(kind),
        name=f"history_of_{kind.name}",
        summary=f"The history of one {kind.noun}",
        description="Its events in effective order, each as it counts, and what was put right.",
        tags=[kind.path],
        openapi_extra=reads.of_subject("HistoryPage"),
    )


def _listing(kind: Kind) -> Listing:
    columns = (
        *("subject.key", "subject.id", "title", "stage", "uncertain", "contested"),
        *(f"state.{name}" for name in kind.facts.model_fields),
        *("warnings", "version", "last_position"),
    )

    async def listing(request: Request, query: Annotated[parameters.States, Query()]) -> Response:
        clocks = await reading.looking(request, query)
        views = resources(request).views
        filters = await narrowed(resources(request), query, clocks)
        question = told.Question(kind=kind.name, **filters)
        form = chosen(request, query.format)
        if form != "json":
            return exported(form, kind.path, columns, told.stream(views, question, clocks))
        page = await told.page(views, question, clocks, limit=query.limit, cursor=query.cursor)
        return reading.listed(request, page, clocks)

    return listing


def _one(kind: Kind) -> Callable[[Request, parameters.Seeing], Awaitable[Response]]:
    async def one(request: Request, query: Annotated[parameters.Seeing, Query()]) -> Response:
        clocks = await reading.looking(request, query)
        name = addressed(request)
        found = await told.one(resources(request).views, kind.name, name, clocks)
        if found is None:
            raise Unknown(kind=kind.noun, subject=name)
        if found.body is None:
            raise NotYet(name, clocks.effective_at, found.effective_from)
        return reading.answer(request, found.seen, found.body)

    return one


def _history(kind: Kind) -> Callable[[Request, parameters.History], Awaitable[Response]]:
    async def history(request: Request, query: Annotated[parameters.History, Query()]) -> Response:
        clocks = await reading.looking(request, query)
        name, views = addressed(request), resources(request).views
        question = past.Question(kind=kind.name, subject=name, until=query.effective_at)
        page = await past.page(views, question, clocks, limit=query.limit, cursor=query.cursor)
        if page is None:
            raise Unknown(kind=kind.noun, subject=name)
        return reading.listed(request, page, clocks)

    return history
