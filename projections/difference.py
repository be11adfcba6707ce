"""What is different between two looks: which subjects, in which fields, and by which events.

Only what can be different is looked at: subjects of which anything was recorded between the two
states of knowledge, and those to which anything happened between the two days. Both are walked
along an index, a few at a time, in the order of recording and then of days.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from domain.differences import Difference, Sight, differences
from domain.event import events
from domain.history import History
from domain.universal import UniversalEvent
from projections import cursor
from projections.about import About, Group
from projections.computed import MOST_LOOKED
from projections.explanation import plain, title_line
from projections.ranges import spoken_of
from projections.reading import Clocks, Page, Views
from projections.snapshot import Snapshot, snapshot

Place = tuple[int, str, int, int]  # which walk, and the day, rank and position in it

_NAME, _CURSOR = "diff", (int, str, int, int)
_BEGINNING = (0, "", 0, 0)
_AT_ONCE = 100  # subjects compared in one go: enough for a usual page
# What changes nothing on the day on which it happens, unless it is contested.
_IDLE = [
    name
    for name, event in events().items()
    if event.by_knowledge or event.evolve is UniversalEvent.evolve
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(About):
    """Which subjects to compare; `subject` is the key of the only one."""

    kind: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Looks:
    """One look and another."""

    before: Clocks
    after: Clocks

    @property
    def later(self) -> Clocks:
        """The one that knows more."""
        return max(self.before, self.after, key=lambda one: one.known)


async def page(
    views: Views, question: Question, looks: Looks, *, limit: int = 50, at: str | None = None
) -> Page:
    """Give a page of differences.

    Raises:
        BadCursor: `at` is from another list.
    """
    begin = cursor.read(_NAME, at, _CURSOR) if at else _BEGINNING
    items: list[bytes] = []
    last: Sequence[Any] = begin
    looked, next_cursor = 0, None
    async with snapshot(views, looks.later) as now:
        async for place, item in _compared_all(now, question, looks, begin):
            if looked == MOST_LOOKED or (item and len(items) == limit):
                next_cursor = cursor.written(_NAME, last)
                break
            items += [item] if item else []
            last, looked = place, looked + 1
    return Page(items, next_cursor, now.seen)


async def stream(views: Views, question: Question, looks: Looks) -> AsyncIterator[bytes]:
    """Give all differences, of one moment, without holding them all."""
    async with snapshot(views, looks.later) as now:
        async for _, item in _compared_all(now, question, looks, _BEGINNING):
            if item:
                yield item


async def _compared_all(
    now: Snapshot, question: Question, looks: Looks, begin: Sequence[Any]
) -> AsyncIterator[tuple[Place, bytes | None]]:
    """Give every subject that may be different by its place, with what is, if anything."""
    for walk in _walks(now, question, looks):
        if walk.number >= begin[0]:
            at = begin if walk.number == begin[0] else (walk.number, *_BEGINNING[1:])
            while found := await _candidates(now, walk, at):
                for place, item in await _items(now, question, looks, found):
                    yield place, item
                at = found[-1][0]


# ── what may be different ────────────────────────────────────────────────────────────────────────


class Walk(NamedTuple):
    """A way to subjects that may be different, and its parameters."""

    number: int
    query: str
    given: dict[str, Any]


def _walks(now: Snapshot, question: Question, looks: Looks) -> Iterator[Walk]:
    positions = sorted(one.position(now.seen.position) for one in (looks.before, looks.after))
    days = sorted(one.effective_at for one in (looks.before, looks.after))
    given = {
        "known_from": positions[0],
        "known_to": positions[1],
        "day_from": days[0],
        "day_to": days[1],
        "kind": question.kind,
        "subject": question.subject,
        "facets": list(replace(question, organization=None).facets()),
        "organizations": now.speaking_of([question.organization] if question.organization else []),
        "idle": _IDLE,
        "limit": _AT_ONCE,
    }
    named = _NAMED if question.subject else ""
    if positions[0] != positions[1]:
        yield Walk(0, _NEWS.replace(_HERE, named), given)
    if days[0] != days[1]:
        yield Walk(1, _WORLD.replace(_HERE, named), given)


async def _candidates(now: Snapshot, walk: Walk, at: Sequence[Any]) -> list[tuple[Place, UUID]]:
    _, day, rank, position = at
    here = {"day": day or date.min, "rank": rank, "position": position}
    rows = await now.rows(walk.query, {**walk.given, **here})
    return [((walk.number, str(day), rank, place), subject) for subject, day, rank, place in rows]


_HERE = "/* of one subject */"
_NAMED = """AND e.subject = (
        SELECT n.subject FROM journal.names n WHERE n.key = %(subject)s AND n.alias IS NULL)"""
_SPEAKS = f"""
    {_HERE}
    AND e.kind = coalesce(%(kind)s::text, e.kind)
    AND NOT EXISTS (
        SELECT FROM unnest(%(facets)s::text[]) AS asked(facet) WHERE NOT EXISTS (
            SELECT FROM views.state_facets f
            WHERE f.facet = asked.facet AND f.kind = e.kind AND f.key = e.key
                AND f.known_from <= %(known_to)s))
    AND (%(organizations)s::text[] = '{{}}' OR EXISTS (
        SELECT FROM views.state_facets f
        WHERE f.facet = ANY(%(organizations)s) AND f.kind = e.kind AND f.key = e.key
            AND f.known_from <= %(known_to)s))"""
# The first event of each subject between the two states of knowledge.
_NEWS = f"""
SELECT e.subject, '', 0, e.position FROM journal.events e
WHERE e.position > greatest(%(position)s, %(known_from)s) AND e.position <= %(known_to)s
    AND NOT EXISTS (
        SELECT FROM journal.events b
        WHERE b.subject = e.subject AND b.version = e.version - 1 AND b.position > %(known_from)s)
    {_SPEAKS}
ORDER BY e.position LIMIT %(limit)s
"""
# The first event of each subject between the two days, unless it is among the news.
_WORLD = f"""
SELECT t.subject, t.effective_day, t.rank, t.position
FROM views.timeline t JOIN journal.events e ON e.position = t.position
WHERE t.effective_day > %(day_from)s AND t.effective_day <= %(day_to)s
    AND (t.type <> ALL(%(idle)s) OR t.facets @> ARRAY['contested'])
    AND t.known @> %(known_to)s::bigint
    AND (t.effective_day, t.rank, t.position) > (%(day)s::date, %(rank)s, %(position)s)
    AND NOT EXISTS (
        SELECT FROM views.timeline b
        WHERE b.subject = t.subject AND b.known @> %(known_to)s::bigint
            AND (b.type <> ALL(%(idle)s) OR b.facets @> ARRAY['contested'])
            AND b.effective_day > %(day_from)s
            AND (b.effective_day, b.rank, b.position) < (t.effective_day, t.rank, t.position))
    AND (%(known_from)s = %(known_to)s OR %(known_from)s >= (
        SELECT n.position FROM journal.events n
        WHERE n.subject = t.subject AND n.position <= %(known_to)s
        ORDER BY n.version DESC LIMIT 1))
    {_SPEAKS}
ORDER BY t.effective_day, t.rank, t.position LIMIT %(limit)s
"""


# ── what is different ────────────────────────────────────────────────────────────────────────────


class Compared(NamedTuple):
    """A subject that is different."""

    before: Sight
    after: Sight
    found: tuple[Difference, ...]

    @property
    def shown(self) -> Sight:
        """The look that tells what it is called: the second, unless it is gone."""
        return self.after if self.after.steps else self.before

    @property
    def change(self) -> str:
        """What became of it."""
        if not self.before.steps:
            return "appeared"
        return "changed" if self.after.steps else "gone"

    def speaks_of(self, groups: Sequence[Group]) -> bool:
        """Tell whether one of the looks speaks of something of every group of facets."""
        sights = [one for one in (self.before, self.after) if one.steps]
        said = [set(spoken_of(one.history, one.steps[-1].after)) for one in sights if groups]
        return not groups or any(all(not one.isdisjoint(of) for of in groups) for one in said)


async def _items(
    now: Snapshot, question: Question, looks: Looks, found: Sequence[tuple[Place, UUID]]
) -> list[tuple[Place, bytes | None]]:
    histories = await now.histories(subject for _, subject in found)
    compared = [(place, _compared(histories[subject], looks)) for place, subject in found]
    groups = question.groups(now.records(question.organization))
    different = {place: one for place, one in compared if one.found and one.speaks_of(groups)}
    titles = await _titles(now, looks, [*different.values()])
    items = {
        place: _item(one, title)
        for (place, one), title in zip(different.items(), titles, strict=True)
    }
    return [(place, items.get(place)) for place, _ in found]


def _compared(history: History, looks: Looks) -> Compared:
    before, after = (
        Sight(history.at(clocks.known), clocks.effective_at)
        for clocks in (looks.before, looks.after)
    )
    return Compared(before, after, differences(before, after))


async def _titles(now: Snapshot, looks: Looks, different: Sequence[Compared]) -> list[bytes]:
    """Tell what each is called, with the names that were known then."""
    titles: dict[int, bytes] = {}
    for gone, clocks in ((False, looks.after), (True, looks.before)):
        some = [at for at, one in enumerate(different) if (one.change == "gone") is gone]
        sights = [different[at].shown for at in some]
        lines = [title_line(sight.history, sight.day) for sight in sights]
        titles.update(zip(some, await now.tell(lines, clocks), strict=True))
    return [titles[at] for at in range(len(different))]


def _item(one: Compared, title: bytes) -> bytes:
    last = one.shown.history.recorded[-1]
    return orjson.dumps(
        {
            "subject": {"kind": last.kind, "id": last.subject, "key": last.key},
            "title": orjson.Fragment(title),
            "change": one.change,
            "fields": [
                {
                    "field": each.field,
                    "from": plain(each.before),
                    "to": plain(each.after),
                    "behind": each.behind,
                    "positions": each.made_by,
                }
                for each in one.found
            ],
            "positions": sorted({at for each in one.found for at in each.made_by}),
        }
    )
