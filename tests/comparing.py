"""What is compared of an answer, and what the model says that it should be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.vocabulary import ALWAYS

if TYPE_CHECKING:
    from tests.folding import Event
    from tests.model import Known

Data = dict[str, Any]

_COMPARED = (
    *("stage", "state", "targets", "uncertain", "contested", "positions", "version"),
    *("last_position", "merged_into"),
)


def line_of(new: Event) -> Data:
    """Write an event as a line of the generic door."""
    data = dict(new.data)
    if new.target:
        data["target"] = {"position": new.target}
    line: Data = {"type": new.type, "kind": new.kind, "subject": new.key, "occurred_on": new.on}
    line |= {"data": data, "sources": new.sources, "reason": "So it is"}
    return line | ({"after": {"position": new.after}} if new.after else {})


def shown(told: Data) -> Data:
    """Give what is compared of a state."""
    return {name: told[name] for name in _COMPARED if name in told}


def different(told: Data) -> tuple[str, Data]:
    """Give what a difference says, but for doubts: those that only time ends are not told."""
    fields = {one["field"]: (one["from"], one["to"]) for one in told["fields"]}
    assert all(one["positions"] for one in told["fields"]), told
    return told["change"], {name: one for name, one in fields.items() if name != "uncertain"}


def difference(before: Data | None, after: Data | None) -> tuple[str, Data]:
    """Give what a difference should say."""
    old, new = fields_of(before), fields_of(after)
    fields: Data = {name: (old.get(name), new.get(name)) for name in {*old, *new}}
    fields["contested"] = tuple(bool(view and view["contested"]) for view in (before, after))
    change = "appeared" if before is None else "changed" if after else "gone"
    return change, {name: (one, other) for name, (one, other) in fields.items() if one != other}


def fields_of(view: Data | None) -> Data:
    """Give the fields of a view, as differences and explanations name them."""
    if view is None:
        return {}
    targets = {f"target:{one['milestone']}": one for one in view["targets"]}
    stage = {"stage": view["stage"], "merged_into": view.get("merged_into")}
    return {**stage, **view["state"], **targets}


# The last day on which what was promised for a date can be met.
_DUE = {"2026": "2026-12-31", "2027-01": "2027-01-31"}
Promise = tuple[str, str, str, str, bool]  # key, milestone, day, outcome, whether it is overdue


def promised(told: Data) -> Promise:
    """Give what is compared of a promise."""
    key, date = told["subject"]["key"], told["target_date"]
    return key, told["milestone"], str(date), told["outcome"], told["overdue"]


def promises(views: dict[str, Data], day: str) -> list[Promise]:
    """Give all promises of some subjects, as they should be told on a day."""
    return [
        (key, one["milestone"], str(date), one["outcome"], late)
        for key, view in views.items()
        for one in view["targets"]
        for date in [one.get("target_date")]
        for late in [one["outcome"] == "open" and _DUE.get(str(date), day) < day]
    ]


def lines_of(records: list[Known]) -> list[tuple[Known, Event]]:
    """Give all events: what counts in the order of its record, what does not last on its day."""
    lines = []
    for known in records:
        rank = {one.position: number for number, one in enumerate(known.life())}
        for one in known.events:
            place = known.effective_day(one), _rank_of_day(known, rank, one), one.position
            lines.append((place, known, one))
    return [(known, one) for _, known, one in sorted(lines, key=lambda line: line[0])]


def _rank_of_day(known: Known, rank: dict[int, int], event: Event) -> float:
    """Count what comes before it on its day in its own record."""
    if event.position not in rank:
        return float("inf")
    day = known.effective_day(event)
    return sum(
        known.effective_day(one) == day and rank[one.position] < rank[event.position]
        for one in known.events
        if one.position in rank
    )


def entry(told: Data, *, with_data: bool) -> Data:
    """Give what is compared of a line of the timeline or of a history."""
    names = ["position", "type", "occurred_on", "effective_day", "status", "contested"]
    shown = {name: told[name] for name in names}
    if with_data:
        data = {name: one for name, one in told["data"].items() if name != "target"}
        shown |= {"data": data, "sources": told["sources"]}
    return shown


def expected(known: Known, event: Event, *, with_data: bool) -> Data:
    """Give what such a line should say."""
    final, day = known.final(event), known.effective_day(event)
    shown: Data = {
        "position": event.position,
        "type": event.type,
        "occurred_on": final.on,
        "effective_day": None if day == ALWAYS else day,
        "status": known.status(event),
        "contested": known.is_contested(event),
    }
    return shown | ({"data": final.data, "sources": final.sources} if with_data else {})
