"""Lists that are computed subject by subject, by kind and key: a page at a time, or all of it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from projections import cursor
from projections.reading import Clocks, Page, Views
from projections.snapshot import Among, Shown, Snapshot, snapshot

# Subjects looked at in one go: at first few, which often fill a page, then more and more.
FEWEST, MOST = 25, 200
# Subjects looked at for one page, a second's work; a list of what is rare has short pages.
MOST_LOOKED = 5_000
_CURSOR = (str, str, int)

Tell = Callable[[Snapshot, Sequence[Shown]], Awaitable[list[list[bytes]]]]


@dataclass(frozen=True, slots=True)
class Telling:
    """A list that is computed subject by subject.

    Attributes:
        name: of the list; its cursors fit no other.
        asked: what was asked, but for the clocks.
        among: the subjects to walk through.
        tell: gives the items about each of some subjects.
    """

    name: str
    asked: Hashable
    among: Among
    tell: Tell


async def page(
    views: Views, telling: Telling, clocks: Clocks, *, limit: int = 50, at: str | None = None
) -> Page:
    """Give a page of such a list.

    Raises:
        BadCursor: `at` is from another list.
    """
    begin = cursor.read(telling.name, at, _CURSOR) if at else ["", "", 0]
    clocks = await views.settled(clocks)
    asked = (telling.name, telling.asked, limit, at)
    known: Page | None = views.kept(asked, clocks)
    if known is None:
        async with snapshot(views, clocks) as now:
            items, stop = await _gathered(now, telling, begin, limit)
        next_cursor = cursor.written(telling.name, stop) if stop else None
        known = Page(items, next_cursor, clocks.seen)
        views.keep(asked, known, clocks, known.size)
    return known


async def _gathered(
    now: Snapshot, telling: Telling, begin: Sequence[Any], limit: int
) -> tuple[list[bytes], tuple[str, str, int] | None]:
    """Give the items of a page, and where the next one begins."""
    items: list[bytes] = []
    looked = 0
    async for shown, told in _told(now, telling, (begin[0], begin[1])):
        if looked == MOST_LOOKED:
            return items, (shown.kind, shown.key, 0)
        start = begin[2] if (shown.kind, shown.key) == (begin[0], begin[1]) else 0
        looked += 1
        for number, item in enumerate(told[start:], start):
            if len(items) == limit:
                return items, (shown.kind, shown.key, number)
            items.append(item)
    return items, None


async def stream(views: Views, telling: Telling, clocks: Clocks) -> AsyncIterator[bytes]:
    """Give all items of such a list, of one moment, without holding them all."""
    async with snapshot(views, clocks) as now:
        async for _, told in _told(now, telling, ("", "")):
            for item in told:
                yield item


async def _told(
    now: Snapshot, telling: Telling, at: tuple[str, str]
) -> AsyncIterator[tuple[Shown, list[bytes]]]:
    size = FEWEST
    while True:
        shown = await now.walk(telling.among, at, size + 1)
        alive = now.alive(shown[:size])
        for one, items in zip(alive, await telling.tell(now, alive), strict=True):
            yield one, items
        if len(shown) <= size:
            return
        at, size = (shown[-1].kind, shown[-1].key), min(2 * size, MOST)
