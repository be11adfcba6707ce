"""What a person should look at: open warnings over all subjects, those of passing time too."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from projections.mentions import country_facet, organization_facet
from projections.notices import warnings
from projections.reading import Clocks, Page, Views, split
from projections.selection import Selection
from projections.teller import Line

_COLUMNS = """s.kind, s.key, s.id, s.stage, s.notices,
    CASE WHEN s.aging_from <= %s::date THEN s.aging END AS aged, s.identity"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which warnings to give."""

    kind: str | None = None
    code: str | None = None
    organization: str | None = None
    country: str | None = None

    def facets(self) -> list[str]:
        """Give the facets asked for."""
        return [
            *([organization_facet(self.organization)] if self.organization else []),
            *([country_facet(self.country)] if self.country else []),
        ]


async def page(
    views: Views, question: Question, clocks: Clocks, *, limit: int = 50, cursor: str | None = None
) -> Page:
    """Give the warnings about a page of subjects.

    Args:
        views: to read.
        question: which warnings.
        clocks: the day on which they hold.
        limit: the most subjects; each can have several warnings.
        cursor: where the page begins.

    Raises:
        BadCursor: it is from another list.
    """
    day = clocks.effective_at
    selection = _selection(question, day, limit)
    selection.after(cursor)
    async with views.lines(walk=True) as connection:
        found = await connection.execute(selection.statement(), selection.given)
        seen, rows = split(await found.fetchall())
        lines = [Line("", row[0], row[-1], "", day) for row in rows[:limit]]
        titles = await views.teller.tell(connection, seen.names, lines)
    items = [
        item
        for row, title in zip(rows, titles, strict=False)
        for item in _items(row, title, question, clocks)
    ]
    return selection.page(items, rows, seen)


def _selection(question: Question, day: date, limit: int) -> Selection:
    """Choose the subjects whose state on the day has such a warning."""
    order = ["s.kind", "s.key"]
    selection = Selection("state", _COLUMNS, "views.state s", order, [str, str], limit=limit)
    selection.given.append(day)
    selection.where("s.effective_from <= %s::date AND s.effective_to > %s::date", day, day)
    # The first is what the index is on, the second is exact for the day.
    selection.where("(s.notices <> '[]' OR s.aging_from < 'infinity')")
    recorded = [f"warning:{question.code}"] if question.code else []
    selection.where(
        "(s.notices <> '[]' AND s.facets @> %s OR s.aging_from <= %s::date)", recorded, day
    )
    selection.where("s.facets @> %s", question.facets())
    if question.kind:
        selection.where("s.kind = %s", question.kind)
    return selection


def _items(
    row: tuple[Any, ...], title: bytes, question: Question, clocks: Clocks
) -> Iterator[bytes]:
    kind, key, subject, stage, notices, aged, _ = row
    about = {"kind": kind, "id": subject, "key": key}
    for warning in orjson.loads(warnings(kind, stage, notices, aged, clocks.effective_at)):
        if question.code in (None, warning["code"]):
            yield orjson.dumps({"subject": about, "title": orjson.Fragment(title), **warning})
