"""Ask the views as readers do, page by page."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

import orjson

from projections import (
    state,
    timeline,
)
from projections.reading import Clocks, Page, Views

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable


DAY = date(2026, 11, 23)
NOW = Clocks(DAY, '"2026-11-23T00:00:00Z"')
KINDS = ("organization", "partnership", "service", "permit", "rd_center", "site", "statement")

Item = dict[str, Any]
T = TypeVar("T")


def ask(url: str, question: Callable[[Views], Awaitable[T]]) -> T:
    """Ask one question."""

    async def asking() -> T:
        async with Views(url) as views:
            return await question(views)

    return asyncio.run(asking())


async def all_pages(get: Callable[[str | None], Awaitable[Page | None]]) -> list[Item]:
    """Walk a list to its end."""
    items: list[Item] = []
    cursor: str | None = None
    while True:
        page = await get(cursor)
        assert page is not None
        assert page.items or page.next_cursor is None
        items += map(orjson.loads, page.items)
        cursor = page.next_cursor
        if cursor is None:
            return items


async def gathered(lines: AsyncIterator[bytes]) -> list[Item]:
    """Read a stream to its end."""
    return [orjson.loads(line) async for line in lines]


def entries(url: str, limit: int = 7, **filters: Any) -> list[Item]:
    """Give the whole timeline of a question, page by page."""
    question = timeline.Question(**filters)
    return ask(
        url,
        lambda views: all_pages(
            lambda cursor: timeline.page(views, question, NOW, limit=limit, cursor=cursor)
        ),
    )


def states(url: str, limit: int = 7, at: date = DAY, **filters: Any) -> list[Item]:
    """Give the whole list of states of a question, page by page."""
    question, clocks = state.Question(**filters), Clocks(at, NOW.known_at)
    return ask(
        url,
        lambda views: all_pages(
            lambda cursor: state.page(views, question, clocks, limit=limit, cursor=cursor)
        ),
    )
