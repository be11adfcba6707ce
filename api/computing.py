"""Coverage, promises, suspensions and the graph: answers that are computed when they are asked."""

from collections.abc import AsyncIterator, Iterable
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from api import findings, parameters, reading
from api.describe.reads import listing
from api.describe.reads import reading as describing
from api.export import chosen, exported
from api.lean import QueryRoute
from api.meaning import narrowed
from api.parameters import Exporting, Seeing
from api.refusals import NotYet
from api.resources import resources
from api.values import Country, Flag, KindName, Reference, Text, Whole, written
from domain.organization import Role
from domain.permit import Activity
from domain.subject import Outcome
from projections import computed
from projections import coverage as permits
from projections import graph as links
from projections import suspensions as stops
from projections import targets as promises
from projections.computed import Telling
from projections.reading import Clocks

router = APIRouter(prefix="/v1", tags=["reading"], route_class=QueryRoute)

_ABOUT = ("subject.kind", "subject.key", "subject.id", "title")
_COVERAGE = (
    *(*_ABOUT, "activity", "place", "jurisdictions", "holders", "operators"),
    *("technology_suppliers", "number", "conditions", "fleet_limit", "valid_from", "valid_until"),
    *("days_left.least", "days_left.most", "uncertain", "contested", "positions"),
)
_TARGETS = (
    *(*_ABOUT, "milestone", "outcome", "overdue", "target_date", "quantity", "announced_by"),
    *("moved", "moves", "settled.occurred_on", "late.first.least", "late.first.most"),
    *("late.present.least", "late.present.most", "positions"),
)
_SUSPENSIONS = (
    *(*_ABOUT, "stage", "open", "began.occurred_on", "ended.occurred_on", "ended.type"),
    *("days.least", "days.most", "positions"),
)


class Coverage(Exporting, Seeing):
    """What narrows the permits."""

    service: Annotated[
        Reference | None, Field(description="Which permits cover it: its key or id.")
    ] = None
    organization: Reference | None = None
    country: Country | None = None
    city: Text | None = None
    activity: Activity | None = None
    expiring_within: Annotated[
        str | None,
        written("[0-9]{1,4}d", "a number of days as 90d"),
        Field(
            description="They may run out by then.",
            examples=["90d"],
            json_schema_extra={"pattern": "^[0-9]{1,4}d$"},
        ),
    ] = None
    open_ended: Annotated[
        Flag | None, Field(description="Whether nobody recorded until when they hold.")
    ] = None


class Targets(Exporting, Seeing):
    """What narrows the promises."""

    kind: KindName | None = None
    organization: Reference | None = None
    country: Country | None = None
    milestone: Text | None = None
    outcome: Outcome | None = None
    overdue: Flag | None = None


class Suspensions(Exporting, Seeing):
    """What narrows the suspensions."""

    kind: KindName | None = None
    organization: Reference | None = None
    country: Country | None = None
    open: Flag | None = None


class Graph(parameters.Paging, Seeing):
    """What narrows the graph."""

    organization: Reference | None = None
    role: Annotated[Role | None, Field(description="That the organizations have.")] = None
    with_role: Annotated[Role | None, Field(description="That a partner has to count.")] = None
    at_least: Annotated[Whole, Field(ge=1, description="So many partners.")] = 1


@router.get("/coverage", openapi_extra=listing(findings.CoveragePage.__name__, 404))
async def coverage(request: Request, query: Annotated[Coverage, Query()]) -> Response:
    """Give the permits that hold on the day, by place; of a service, those that cover it."""
    clocks = await reading.looking(request, query)
    filters = await narrowed(resources(request), query, clocks)
    service, within = filters.pop("service"), filters.pop("expiring_within")
    days = int(within.removesuffix("d")) if within else None
    question = permits.Question(**filters, expiring_within=days)
    if service is None:
        told = permits.telling(question)
        return await _listed(request, query, told, clocks, ("coverage", _COVERAGE))
    return await _of_service(request, query, service, question, clocks)


@router.get("/targets", openapi_extra=listing(findings.TargetsPage.__name__))
async def targets(request: Request, query: Annotated[Targets, Query()]) -> Response:
    """Give promises about milestones: what became of them, how often they moved, how late."""
    clocks = await reading.looking(request, query)
    question = promises.Question(**await narrowed(resources(request), query, clocks))
    told = promises.telling(question)
    return await _listed(request, query, told, clocks, ("targets", _TARGETS))


@router.get("/suspensions", openapi_extra=listing(findings.SuspensionsPage.__name__))
async def suspensions(request: Request, query: Annotated[Suspensions, Query()]) -> Response:
    """Give what stands still or stood still, since when, and for how long."""
    clocks = await reading.looking(request, query)
    question = stops.Question(**await narrowed(resources(request), query, clocks))
    told = stops.telling(question)
    return await _listed(request, query, told, clocks, ("suspensions", _SUSPENSIONS))


@router.get("/graph", openapi_extra=describing(findings.GraphPage.__name__))
async def graph(request: Request, query: Annotated[Graph, Query()]) -> Response:
    """Give who works with whom: organizations with their partners, and through what."""
    clocks = await reading.looking(request, query)
    question = links.Question(**await narrowed(resources(request), query, clocks))
    page = await computed.page(
        resources(request).views,
        links.telling(question),
        clocks,
        limit=query.limit,
        at=query.cursor,
    )
    return reading.listed(request, page, clocks)


async def _of_service(
    request: Request, query: Coverage, service: str, question: permits.Question, clocks: Clocks
) -> Response:
    views, form = resources(request).views, chosen(request, query.format)
    limit, at = (query.limit, query.cursor) if form == "json" else (None, None)
    found = await permits.of_service(views, service, question, clocks, limit=limit, at=at)
    if found.page is None:
        raise NotYet(service, clocks.effective_at, found.effective_from)
    if form != "json":
        return exported(form, "coverage", _COVERAGE, _each(found.page.items))
    return reading.listed(request, found.page, clocks, more=b',"service":' + found.service)


async def _each(items: Iterable[bytes]) -> AsyncIterator[bytes]:
    for item in items:
        yield item


async def _listed(
    request: Request,
    query: Exporting,
    told: Telling,
    clocks: Clocks,
    file: tuple[str, tuple[str, ...]],
) -> Response:
    """Answer with a page of a list, or with all of it as a file of that name and columns."""
    views, form = resources(request).views, chosen(request, query.format)
    if form != "json":
        return exported(form, *file, computed.stream(views, told, clocks))
    page = await computed.page(views, told, clocks, limit=query.limit, at=query.cursor)
    return reading.listed(request, page, clocks)
