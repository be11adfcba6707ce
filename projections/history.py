"""What is on record about one subject, in the order of the world, with what was put right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from projections.reading import AsyncConnection, Clocks, Page, Seen, Views
from projections.selection import Selection, find
from projections.teller import Line, Teller

_COLUMNS = """t.effective_day, t.rank, t.position, t.type, t.kind, t.identity, t.data, t.sources,
    t.entry, e.id, e.version, e.schema, e.occurred_on AS recorded_occurred_on, e.body"""
_SOURCE = "views.timeline t JOIN journal.events e ON e.position = t.position"
_ORDER, _TYPES = ("t.effective_day", "t.rank", "t.position"), (str, int, int)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Whose events to give.

    Attributes:
        kind: of the subject.
        subject: its id or key.
        until: the last effective day; None for all that is known.
    """

    kind: str
    subject: str
    until: date | None = None


async def page(
    views: Views, question: Question, clocks: Clocks, *, limit: int = 50, cursor: str | None = None
) -> Page | None:
    """Give a page of the events of a subject; None where there is no such subject.

    Raises:
        BadCursor: it is from another list.
    """
    clocks = await views.settled(clocks)
    async with views.lines(walk=True) as connection:
        known = await find(connection, question.kind, question.subject, clocks.known)
        if known is None:
            return None
        selection = Selection("timeline", _COLUMNS, _SOURCE, _ORDER, _TYPES, limit=limit)
        selection.where("t.subject = %(subject)s", subject=known[0])
        selection.where("t.known @> %(known)s::bigint", known=clocks.known)
        if question.until:
            selection.where("t.effective_day <= %(until)s::date", until=question.until)
        selection.after(cursor)
        rows = await selection.rows(connection)
        day, teller = clocks.effective_at, views.teller(clocks, clocks.seen)
        items = await _told(teller, connection, clocks.seen, rows[:limit], day)
    return selection.page(items, rows, clocks.seen)


async def _told(
    teller: Teller,
    connection: AsyncConnection,
    seen: Seen,
    rows: Sequence[tuple[Any, ...]],
    day_of_titles: date,
) -> list[bytes]:
    lines: list[Line] = []
    for day, _, _, type_, kind, identity, data, *_ in rows:
        lines += Line("", kind, identity, "", day_of_titles), Line(type_, kind, identity, data, day)
    words = iter(await teller.tell(connection, seen.names, lines))
    return [_item(row, next(words), next(words)) for row in rows]


def _item(row: tuple[Any, ...], title: bytes, headline: bytes) -> bytes:
    """Complete an entry with its payload as it counts; where it was put right, also as recorded."""
    data, sources, entry, event_id, version, schema, occurred_on, body = row[6:]
    recorded = orjson.loads(body)
    document = {
        "id": event_id,
        "version": version,
        "schema": schema,
        "reason": recorded.get("reason"),
        "ref": recorded.get("ref"),
        "after": recorded.get("after"),
        "data": orjson.Fragment(data),
        "sources": recorded.get("sources", []) if sources is None else orjson.Fragment(sources),
        "recorded": None,
    }
    if orjson.loads(entry + "}")["status"] == "corrected":
        document["recorded"] = {
            "occurred_on": occurred_on,
            "data": recorded["data"],
            "sources": recorded.get("sources", []),
        }
    more = orjson.dumps(document)
    return b'%s,"title":%s,"headline":%s,%s' % (entry.encode(), title, headline, more[1:])
