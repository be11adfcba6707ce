"""Why a subject is as it is: for every field the events, the people and the sources behind it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from pydantic_core import to_jsonable_python

from domain.event import kinds
from domain.explain import Correction, Explanation, Telling, explain
from domain.history import History
from projections.reading import Clocks, Page, Views
from projections.selection import subject_id
from projections.snapshot import Snapshot, snapshot
from projections.tables import as_json
from projections.teller import Line


@dataclass(frozen=True, slots=True)
class Explained:
    """What explains a subject.

    Attributes:
        page: its fields; None where nothing of it holds yet on the day.
        effective_from: the first day on which anything does; None where nothing counts any more.
    """

    page: Page | None
    effective_from: date | None


async def of(views: Views, kind: str, subject: str, clocks: Clocks) -> Explained | None:
    """Explain the fields of a subject, by id or key; None where there is no such subject."""
    async with snapshot(views, clocks) as now:
        found = await now.rows(_FIND.format(subject_id(subject)), (subject, kind, now.known))
        if not found:
            return None
        history = (await now.histories([found[0][0]]))[found[0][0]]
        items = [] if history.view(now.day) is None else await _items(now, history)
    return Explained(Page(items, None, now.seen) if items else None, history.effective_from)


_FIND = """
SELECT subject FROM journal.names
WHERE subject = {} AND kind = %s AND alias IS NULL AND position <= %s
"""


async def _items(now: Snapshot, history: History) -> list[bytes]:
    last = history.recorded[-1]
    about = {"kind": last.kind, "id": last.subject, "key": last.key}
    [title] = await now.tell([title_line(history, now.day)])
    told = (
        {"subject": about, "title": orjson.Fragment(title)} | _item(one, history)
        for one in explain(history, now.day)
    )
    return [orjson.dumps(one, option=orjson.OPT_UTC_Z) for one in told]


def title_line(history: History, day: date) -> Line:
    """Give what the title of a subject is told from, as it is on a day."""
    view, kind = history.view(day), kinds()[history.kind.name]
    identity = as_json(view.state, kind.identity).decode() if view else "{}"
    return Line("", kind.name, identity, "", day)


def _item(explained: Explanation, history: History) -> dict[str, Any]:
    replaced = explained.replaced
    told = explained.tellings
    return {
        "field": explained.field,
        "value": plain(explained.value),
        "told": [_told(one, history) for one in told],
        "replaced": replaced
        and {"value": plain(replaced.value), "position": replaced.fact.position},
        "positions": sorted({*_positions(told)}),
    }


def plain(value: object) -> Any:  # noqa: ANN401 - any JSON
    """Give a value of a state as JSON has it."""
    return to_jsonable_python(value, by_alias=True, exclude_none=True)


def _positions(told: tuple[Telling, ...]) -> Iterator[int]:
    for one in told:
        yield one.fact.position
        yield from (correction.position for correction in one.corrections)


def _told(telling: Telling, history: History) -> dict[str, Any]:
    fact, recorded = telling.fact, telling.fact.recorded
    return {
        "value": plain(telling.value),
        "position": fact.position,
        "type": fact.event.type,
        "occurred_on": fact.occurred_on,
        "effective_day": None if fact.event.opens_record else fact.day,
        "recorded_at": recorded.recorded_at,
        "recorded_by": recorded.recorded_by,
        "reason": recorded.reason,
        "sources": plain(fact.sources),
        "evidence": plain(fact.evidence),
        "confidence": fact.confidence,
        "status": fact.status,
        "corrections": [_corrected(one, history) for one in telling.corrections],
    }


def _corrected(correction: Correction, history: History) -> dict[str, Any]:
    recorded = history.fact(correction.position).recorded
    return {
        "position": correction.position,
        "was": plain(correction.was),
        "occurred_on": correction.occurred_on,
        "recorded_at": recorded.recorded_at,
        "recorded_by": recorded.recorded_by,
        "reason": recorded.reason,
    }
