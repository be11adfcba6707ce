"""`GET /v1/diff` and `…/explain`: what is different between two looks, and why it is so at all."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Self

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field, model_validator

from api import differences, reading
from api.describe.reads import listing, of_subject
from api.export import chosen, exported
from api.lean import QueryRoute
from api.meaning import narrowed
from api.parameters import Exporting, Seeing
from api.refusals import NotYet
from api.resources import addressed, resources
from api.values import Country, Day, Instant, KindName, Reference, Text, Whole
from domain.event import kinds
from domain.subject import Kind
from journal.refusals import Unknown
from projections import difference, explanation
from projections.difference import Looks, Question
from projections.reading import Clocks, Page

_COLUMNS = (
    *("subject.kind", "subject.key", "subject.id", "title", "change"),
    *("field", "from", "to", "positions"),
)
_NARROWING = ("kind", "subject", "organization", "country", "city")


class Diff(Exporting, Seeing):
    """The two looks, and what narrows their differences; the plain clocks are for both of them."""

    from_effective_at: Annotated[Day | None, Field(description="The day of the one look.")] = None
    from_known_at: Annotated[
        Instant | None, Field(description="Only what was recorded by this instant. RFC 3339.")
    ] = None
    from_known_position: Annotated[
        Whole | None, Field(description="Only what was recorded up to this position.")
    ] = None
    to_effective_at: Annotated[Day | None, Field(description="The day of the other look.")] = None
    to_known_at: Annotated[
        Instant | None, Field(description="Only what was recorded by this instant. RFC 3339.")
    ] = None
    to_known_position: Annotated[
        Whole | None, Field(description="Only what was recorded up to this position.")
    ] = None
    kind: KindName | None = None
    subject: Reference | None = None
    organization: Reference | None = None
    country: Country | None = None
    city: Text | None = None

    @model_validator(mode="after")
    def check_one_clock_each(self) -> Self:
        """Take one of the two names of knowledge for each look."""
        for side in ("from", "to"):
            if None not in {getattr(self, f"{side}_known_{name}") for name in ("at", "position")}:
                raise ValueError(f"give either {side}_known_at or {side}_known_position")
        return self

    def look(self, side: str) -> Seeing:
        """Give the clocks of one look."""
        known_at = getattr(self, f"{side}_known_at")
        position = getattr(self, f"{side}_known_position")
        if known_at is position is None:
            known_at, position = self.known_at, self.known_position
        return Seeing.model_construct(
            effective_at=getattr(self, f"{side}_effective_at") or self.effective_at,
            known_at=known_at,
            known_position=position,
            min_position=self.min_position,
        )


def router() -> APIRouter:
    """Make the routes, those of every kind among them."""
    made = APIRouter(prefix="/v1", route_class=QueryRoute)
    made.add_api_route(
        "/diff",
        diff,
        tags=["reading"],
        summary="Diff",
        openapi_extra=listing(differences.DiffPage.__name__),
    )
    for kind in kinds().values():
        made.add_api_route(
            f"/{kind.path}/{{id}}/explain",
            _explain(kind),
            name=f"explain_{kind.name}",
            summary=f"Why one {kind.noun} is as it is",
            description="For every field the events, the people and the sources behind it.",
            tags=[kind.path],
            openapi_extra=of_subject(differences.ExplanationPage.__name__),
        )
    return made


def _explain(kind: Kind) -> Callable[[Request, Seeing], Awaitable[Response]]:
    async def explain(request: Request, query: Annotated[Seeing, Query()]) -> Response:
        clocks = await reading.looking(request, query)
        name = addressed(request)
        found = await explanation.of(resources(request).views, kind.name, name, clocks)
        if found is None:
            raise Unknown(kind=kind.noun, subject=name)
        if found.page is None:
            raise NotYet(name, clocks.effective_at, found.effective_from)
        return reading.listed(request, found.page, clocks)

    return explain


async def diff(request: Request, query: Annotated[Diff, Query()]) -> Response:
    """Give the subjects of which two looks differ: field by field, and what made it so."""
    looks = Looks(
        await reading.looking(request, query.look("from")),
        await reading.looking(request, query.look("to")),
    )
    filters = await narrowed(resources(request), query, looks.later)
    question = Question(**{name: filters[name] for name in _NARROWING})
    views, form = resources(request).views, chosen(request, query.format)
    if form != "json":
        items = difference.stream(views, question, looks)
        return exported(form, "diff", _COLUMNS, items if form == "ndjson" else _flat(items))
    page = await difference.page(views, question, looks, limit=query.limit, at=query.cursor)
    return _compared(request, page, looks)


async def _flat(items: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Give a line for each field, as a table has it."""
    async for item in items:
        told = orjson.loads(item)
        for field in told.pop("fields"):
            yield orjson.dumps({**told, **field})


def _compared(request: Request, page: Page, looks: Looks) -> Response:
    before, after = (_look(clocks, page) for clocks in (looks.before, looks.after))
    position = looks.later.position(page.position)
    head = b'{"items":[' + b",".join(page.items)
    cursor = f'"{page.next_cursor}"' if page.next_cursor else "null"
    tail = f'],"next_cursor":{cursor},"position":{position},'.encode()
    body = head + tail + b'"from":' + before + b',"to":' + after + b"}"
    return reading.answer(request, page.seen, body)


def _look(clocks: Clocks, page: Page) -> bytes:
    return b"{" + clocks.told(page.position)[1:]
