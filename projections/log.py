"""The log as it is: every event as it was recorded, in the order of recording."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from journal.rows import COLUMNS, Row
from projections.reading import AsyncConnection, Clocks, Seen, Views
from projections.selection import CHUNK, subject_id
from projections.teller import Line, Stamp

_EVENT = ", ".join(f"e.{name}" for name in COLUMNS.split(", "))
_PAGE = f"""
SELECT head.position, names.build, names.changed, page.*
FROM journal.head LEFT JOIN views.tracking names ON names.application_name = 'names'
LEFT JOIN LATERAL (
    SELECT {_EVENT}, s.identity FROM journal.events e LEFT JOIN LATERAL (
        SELECT s.identity FROM views.state s
        WHERE s.id = e.subject AND s.known @> %s::bigint
        ORDER BY s.effective_from <= %s::date DESC, s.effective_from DESC LIMIT 1
    ) s ON true
    WHERE {{}} ORDER BY e.position LIMIT %s
) page ON true ORDER BY page.position
"""


class Logged(NamedTuple):
    """An event, and what its subject is called, as JSON."""

    row: Row
    title: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """Some events of the log; `more` tells whether others follow."""

    events: Sequence[Logged]
    more: bool
    seen: Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which events to give.

    Attributes:
        after: the position behind which to begin.
        subject: its id or key.
    """

    after: int = 0
    type: str | None = None
    subject: str | None = None


async def page(views: Views, question: Question, clocks: Clocks, limit: int) -> Page:
    """Give a page of the log; titles are told with the names of the clocks' day."""
    async with views.pool.connection() as connection:
        seen, logged = await _page(views, connection, question, clocks, limit + 1)
    return Page(logged[:limit], len(logged) > limit, seen)


async def one(views: Views, position: int, clocks: Clocks) -> tuple[Seen, Logged | None]:
    """Give the event at a position; None where there is none."""
    question = Question(after=position - 1)
    async with views.pool.connection() as connection:
        seen, logged = await _page(views, connection, question, clocks, 1)
    found = logged[0] if logged and logged[0].row.position == position else None
    return seen, found


async def stream(views: Views, question: Question, clocks: Clocks) -> AsyncIterator[Logged]:
    """Give all events, without holding them all."""
    after = question.after
    while True:
        async with views.pool.connection() as connection:
            rest = replace(question, after=after)
            _, logged = await _page(views, connection, rest, clocks, CHUNK)
        for one_of_them in logged:
            yield one_of_them
        if len(logged) < CHUNK:
            return
        after = logged[-1].row.position


async def _page(
    views: Views, connection: AsyncConnection, question: Question, clocks: Clocks, limit: int
) -> tuple[Seen, list[Logged]]:
    on, known = clocks.at
    narrowing: list[tuple[str, Any]] = [("e.position > %s", question.after)]
    narrowing.append(("e.position <= %s::bigint", known))
    if question.type:
        narrowing.append(("e.type = %s", question.type))
    if question.subject:
        narrowing.append((f"e.subject = {subject_id(question.subject)}", question.subject))
    conditions, given = zip(*narrowing, strict=True)
    values = [known, on, *given, limit]
    found = await connection.execute(_PAGE.format(" AND ".join(conditions)), values)
    rows = await found.fetchall()
    head, build, changed = rows[0][:3]
    stamp = Stamp(build or 0, changed or 0)
    # Of what is known at a position the views have seen all: no later name tells it otherwise.
    names = 0 if clocks.known_position is not None else stamp.changed
    seen = Seen(min(head, known), stamp.build + names, stamp)
    events = [(Row._make(row[3:-1]), row[-1]) for row in rows if row[3] is not None]
    lines = [Line("", row.kind, identity or "{}", "", on) for row, identity in events]
    titles = await views.teller(clocks, seen).tell(connection, seen.names, lines)
    return seen, [Logged(row, title) for (row, _), title in zip(events, titles, strict=True)]
