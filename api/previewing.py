"""What a dry run would change, field by field: the view of a subject, and its lines of time."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from domain.effective import Fact
from domain.history import History

Shown = Mapping[str, Any]


def changes(before: History, after: History) -> dict[str, Any]:
    """Give the fields of the state that would change, each with its value before and after.

    Seen today; on the day of what changes where that is still to come.
    """
    day = max([datetime.now(UTC).date(), *_days(before, after)])
    return _different(_state(before, day), _state(after, day))


def lines(before: History, after: History) -> list[dict[str, Any]]:
    """Give the lines of the timeline that would change, each with what of it would."""
    told = {one.position: _line(one) for one in after.facts}
    changed = (
        (one, _different(_line(one), told[one.position]))
        for one in before.facts
        if one.position in told
    )
    return [
        {"position": one.position, "type": one.event.type, "changes": fields}
        for one, fields in changed
        if fields
    ]


def _days(before: History, after: History) -> Iterable[date]:
    """Give the days of the events that are new, or count otherwise than before."""
    known = {one.position: one for one in before.facts}
    for one in after.facts:
        was = known.get(one.position)
        if was is None:
            yield one.day
        elif _line(was) != _line(one):
            yield from (was.day, one.day)


def _state(history: History, day: date) -> Shown:
    view = history.view(day)
    if view is None:
        return {"uncertain": False, "contested": False}
    state = view.state.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {**state, "uncertain": view.uncertain, "contested": view.contested}


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
