"""What a dry run would change, field by field: the view of a subject, and its lines of time."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from orjson import Fragment

from domain.differences import CONTESTED, UNCERTAIN, Sight
from domain.effective import Fact
from domain.explain import MERGED
from domain.history import History
from journal.round import Recording
from journal.rows import Row
from projections.explanation import plain, title_line
from projections.reading import Clocks, Views
from projections.snapshot import snapshot
from projections.teller import Line

if TYPE_CHECKING:
    from uuid import UUID

_BREATH = 20  # subjects looked at, which takes some 10 ms, before others get their turn

Shown = Mapping[str, Any]


class Changed(NamedTuple):
    """What would change about a subject.

    Attributes:
        titles: what its title is told from, before and after; None where nothing is known of it.
        fields: of its view, from what to what.
        lines: of the timeline.
    """

    titles: tuple[Line | None, Line | None]
    fields: dict[str, Any]
    lines: list[dict[str, Any]]


def changed(before: History, after: History, today: date) -> Changed:
    """Compare a subject with what it would be: today, or on the day of a change still to come."""
    day = max([today, *_days(before, after)])
    sights = Sight(before, day), Sight(after, day)
    titles = (_title_line(sights[0]), _title_line(sights[1]))
    return Changed(titles, _different(*map(_view, sights)), list(_lines(before, after)))


async def told(views: Views, today: date, found: Sequence[Changed]) -> list[dict[str, Any]]:
    """Give what would change as members of an answer, titles with the names known now."""
    lines = [line for one in found for line in one.titles if line]
    async with snapshot(views, Clocks(today, "null")) as now:
        titles: dict[Line | None, bytes] = dict(zip(lines, await now.tell(lines), strict=True))
    return [{"changes": _titled(one, titles) | one.fields, "timeline": one.lines} for one in found]


class Subjects:
    """Subjects that would change; of each no more is kept than what would."""

    def __init__(self, today: date) -> None:
        """Begin with none."""
        self._today = today
        self._about: list[dict[str, Any]] = []
        self._changed: list[Changed] = []

    def note(self, subject: Mapping[str, Any], before: History, after: History) -> None:
        """Take note of what would become of one."""
        self._about.append({"subject": subject})
        self._changed.append(changed(before, after, self._today))

    async def told(self, views: Views) -> list[dict[str, Any]]:
        """Give them as members of an answer."""
        changes = await told(views, self._today, self._changed)
        return [about | more for about, more in zip(self._about, changes, strict=True)]


async def whole(views: Views, recording: Recording, today: date) -> list[dict[str, Any]]:
    """Tell what would become of each subject, from before its first line to behind its last."""
    subjects = Subjects(today)
    for number, (row, before, after) in enumerate(spans(recording)):
        subjects.note({"kind": row.kind, "id": row.subject, "key": row.key}, before, after)
        if number % _BREATH == 0:
            await asyncio.sleep(0)
    return await subjects.told(views)


def spans(recording: Recording) -> Iterable[tuple[Row, History, History]]:
    """Give each subject's first row, and its history before it and after its last one."""
    found: dict[UUID, tuple[Row, History, History]] = {}
    for row, (before, after) in zip(recording.rows, recording.changes, strict=True):
        first, known, _ = found.get(row.subject, (row, before, after))
        found[row.subject] = first, known, after
    return found.values()


def _titled(one: Changed, titles: Mapping[Line | None, bytes]) -> dict[str, Any]:
    was, is_now = (titles.get(line) for line in one.titles)
    if was == is_now:
        return {}
    return {"title": {"from": was and Fragment(was), "to": is_now and Fragment(is_now)}}


# ── the view ─────────────────────────────────────────────────────────────────────────────────────


def _days(before: History, after: History) -> Iterable[date]:
    """Give the days of the events that are new, or count otherwise than before."""
    known = {one.position: one for one in before.facts}
    for one in after.facts:
        was = known.get(one.position)
        if was is None:
            yield one.day
        elif _line(was) != _line(one):
            yield from (was.day, one.day)


def _title_line(sight: Sight) -> Line | None:
    return title_line(sight.history, sight.day) if sight.steps else None


def _view(sight: Sight) -> Shown:
    kind = sight.history.kind
    names = dict.fromkeys(("stage", *kind.facts.model_fields, *sight.fields, MERGED))
    view = {name: plain(sight.value(name)) for name in names}
    return {**view, UNCERTAIN: sight.doubtful is not None, CONTESTED: bool(sight.contested)}


# ── the timeline ─────────────────────────────────────────────────────────────────────────────────


def _lines(before: History, after: History) -> Iterable[dict[str, Any]]:
    now = {one.position: one for one in after.facts}
    for one in before.facts:
        if one.position in now and (fields := _different(_line(one), _line(now[one.position]))):
            yield {"position": one.position, "type": one.event.type, "changes": fields}


def _line(one: Fact) -> Shown:
    return {
        "occurred_on": one.occurred_on,
        "effective_day": None if one.day == date.min else one.day,
        "status": one.status,
        "confidence": one.confidence,
        "contested": one.contested,
    }


def _different(before: Shown, after: Shown) -> dict[str, Any]:
    return {
        name: {"from": before.get(name), "to": after.get(name)}
        for name in dict.fromkeys((*before, *after))
        if before.get(name) != after.get(name)
    }
