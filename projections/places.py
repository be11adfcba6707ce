"""Where it is: every place of every subject on a day, for a map."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from domain.archive import lenient
from domain.moves import MOVING, Moved, moves
from domain.places import Place
from projections.about import About
from projections.mentions import MERGED
from projections.pair import WITHIN
from projections.reading import Clocks, Page, Views
from projections.selection import Selection
from projections.snapshot import Snapshot, snapshot
from projections.targets import event
from projections.teller import Line

_COLUMNS = """place.country, place.city, s.key, place.ordinal, s.kind, s.id, s.stage, s.identity,
    place.place, s.head"""
# Places of one country and city come together; a region stands where no country is named.
_SOURCE = """views.state s CROSS JOIN LATERAL (
    SELECT coalesce(one ->> 'country', '~' || (one ->> 'region')) COLLATE "C" AS country,
        coalesce(one ->> 'city', '') COLLATE "C" AS city, ordinal, one::text AS place
    FROM json_array_elements(s.places::json) WITH ORDINALITY AS every(one, ordinal)
) place"""


_place = lenient(Place).validate_python


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(About):
    """Which places to give."""

    kind: str | None = None
    stage: str | None = None


async def page(
    views: Views, question: Question, clocks: Clocks, *, limit: int = 500, cursor: str | None = None
) -> Page:
    """Give a page of places, by country and city, each with the subject that is there.

    Raises:
        BadCursor: it is from another list.
    """
    async with snapshot(views, clocks) as now:
        selection = _selection(question, now, limit)
        selection.after(cursor)
        rows = await now.rows(selection.statement(), selection.given)
        # What is in a city may be elsewhere, too.
        here = [row for row in rows[:limit] if question.names(_place(orjson.loads(row[8])))]
        lines = [Line("", row[4], row[7], "", clocks.effective_at) for row in here]
        titles = await now.tell(lines)
        moved = await _moves(now, {row[5] for row in here})
    items = [_item(row, title, moved) for row, title in zip(here, titles, strict=True)]
    return selection.page(items, rows, now.seen)


def _selection(question: Question, now: Snapshot, limit: int) -> Selection:
    groups = question.groups(now.records(question.organization))
    order = ["place.country", "place.city", "s.key", "place.ordinal"]
    source = f"{_SOURCE} ON f.id = s.id" if groups else _SOURCE
    selection = Selection("state", _COLUMNS, source, order, [str, str, str, int], limit=limit)
    if groups:
        selection.lead("views.state_facets", groups[0], "s")
    selection.said("s", groups)
    selection.where(f"NOT s.facets @> ARRAY['{MERGED}']")
    for column in ("kind", "stage"):
        if value := getattr(question, column):
            selection.where(f"s.{column} = %({column})s", **{column: value})
    if question.country:
        selection.where("place.country = %(country)s", country=question.country)
    selection.where(f"s.places <> '[]' AND {WITHIN}", day=now.day, known=now.known)
    return selection


async def _moves(now: Snapshot, subjects: Iterable[UUID]) -> dict[UUID, list[Moved]]:
    """Give the moves of those subjects that ever moved."""
    found = await now.rows(_MOVED, (list(subjects), list(MOVING), now.known))
    histories = await now.histories(subject for (subject,) in found)
    return {subject: [*moves(history, now.day)] for subject, history in histories.items()}


_MOVED = """
SELECT DISTINCT subject FROM journal.events
WHERE subject = ANY(%s) AND type = ANY(%s) AND position <= %s
"""


def _item(row: tuple[Any, ...], title: bytes, moved: Mapping[UUID, Iterable[Moved]]) -> bytes:
    _, _, key, _, kind, subject, stage, _, place, head = row
    return orjson.dumps(
        {
            "subject": {"kind": kind, "id": subject, "key": key},
            "title": orjson.Fragment(title),
            "stage": stage,
            "place": orjson.Fragment(place),
            "moves": [_move(one) for one in moved.get(subject, ())],
            "positions": orjson.loads(head + "}")["positions"],
        }
    )


def _move(moved: Moved) -> dict[str, Any]:
    start, to = (one and one.model_dump(exclude_none=True) for one in (moved.start, moved.to))
    return {**event(moved.fact), "from": start, "to": to, "stays": moved.stays}
