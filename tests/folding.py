"""One event after another, as a person would do it on paper: the state that follows, the rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.vocabulary import (
    AFTER_END,
    DATES,
    ENDS,
    FIELDS,
    GOES_BACK,
    LADDERS,
    LIVES,
    NEEDED,
    OF_ANY,
)

if TYPE_CHECKING:
    from collections.abc import Callable

Data = dict[str, Any]


@dataclass
class Event:
    """One event as it was recorded; `day` is that of recording."""

    position: int
    kind: str
    key: str
    type: str
    on: str | None
    data: Data
    sources: list[Data]
    target: int | None
    after: int | None
    day: str
    at: str = ""


@dataclass
class State:
    """A subject on a day."""

    stage: str = ""
    before_suspension: str | None = None
    fields: Data = field(default_factory=dict)
    targets: dict[str, Data] = field(default_factory=dict)

    def copy(self) -> State:
        """Give one that can be changed alone."""
        targets = {name: dict(one) for name, one in self.targets.items()}
        return State(self.stage, self.before_suspension, dict(self.fields), targets)


class Impossible(Exception):
    """A rule speaks against it."""


def refuse_if(broken: object, why: str) -> None:
    """Refuse where a rule is broken."""
    if broken:
        raise Impossible(why)


def rank(event: Event) -> tuple[int, int]:
    """Claims come first, then life as it goes, then what any subject can have."""
    if event.type == "claim.reported":
        return 0, 0
    if event.type in OF_ANY:
        return 2, OF_ANY.index(event.type)
    return 1, list(LIVES[event.kind]).index(event.type.split(".")[1])


def missing(kind: str, state: State) -> bool:
    """Tell whether a record would open without what it needs."""
    return any(state.fields.get(name) is None for name in NEEDED[kind])


def evolved(event: Event, state: State) -> State:
    """Give the state after an event."""
    if event.type.startswith("target."):
        return _promised(event, state)
    if event.type in OF_ANY:
        return state
    if event.type == "claim.reported":
        if state.stage not in {"", "rumoured"}:
            return state
        return _restated(event, state, "rumoured")
    verb = event.type.split(".")[1]
    stage = LIVES[event.kind][verb]
    if stage == "back":
        stage = event.data.get("stage") or state.before_suspension or "unknown"
    after = _restated(event, state, stage)
    if verb in _FOLLOWS:
        name, follows = _FOLLOWS[verb]
        after.fields[name] = follows(event, state.fields.get(name) or [], after.fields.get(name))
    return after


def _joined(event: Event, _: list[Data], restated: list[Data] | None) -> list[Data]:
    known = restated or []
    new = _who(event.data["party"]) not in map(_who, known)
    return [*known, event.data["party"]] if new else known


def _left(event: Event, _: list[Data], restated: list[Data] | None) -> list[Data] | None:
    return [one for one in restated or [] if _who(one) != _who(event.data["party"])] or None


def _named(event: Event, before: list[Data], _: list[Data] | None) -> list[Data]:
    return before + [one for one in event.data["names"] if one not in before]


# Fields that follow from an event, from what they were before it and as it restates them.
_FOLLOWS: dict[str, tuple[str, Callable[[Event, Any, Any], object]]] = {
    "party_joined": ("parties", _joined),
    "party_left": ("parties", _left),
    "alias_added": ("names", _named),
    "driver_removed": ("safety_operator", lambda *_: "none"),
}


def _who(party: Data) -> str:
    return str(party["organization"])


def _restated(event: Event, state: State, stage: str | None) -> State:
    after = state.copy()
    for name in FIELDS[event.kind]:
        if event.data.get(name) is not None:
            after.fields[name] = event.data[name]
    if stage is None:
        after.stage = state.stage or "unknown"
        return after
    after.stage, after.before_suspension = stage, None
    if stage == "suspended":
        after.before_suspension = state.before_suspension or state.stage or "unknown"
    if stage in ENDS:
        for promise in after.targets.values():
            if promise["outcome"] == "open":
                promise["outcome"] = "lapsed"
    return after


def _promised(event: Event, state: State) -> State:
    after = state.copy()
    milestone = event.data["milestone"]
    promise = after.targets.pop(milestone, {"milestone": milestone})
    promise |= {name: event.data[name] for name in ("target_date",) if event.data.get(name)}
    verb = event.type.split(".")[1]
    promise["outcome"] = {"met": "met", "dropped": "dropped"}.get(verb, "open")
    after.targets[milestone] = promise
    return after


def check_rules(event: Event, before: State, after: State) -> None:
    """Refuse an event that breaks a rule."""
    verb = event.type.split(".")[1]
    refuse_if(before.stage in ENDS and event.type not in AFTER_END, "it has ended")
    of_life = event.type.startswith(event.kind + ".")
    stage = LIVES[event.kind][verb] if of_life else None
    if stage and stage.endswith("suspended"):
        refuse_if(before.stage == stage, "it is suspended already")
    ladder = LADDERS.get(event.kind, ())
    reached = before.before_suspension or before.stage
    if stage in ladder and reached in ladder and verb not in GOES_BACK:
        refuse_if(ladder.index(stage) < ladder.index(reached), "goes back")
    parties = before.fields.get("parties")
    if verb == "party_left" and parties:
        who = {_who(one) for one in parties}
        refuse_if(_who(event.data["party"]) not in who, "is no party")
        refuse_if(len(who) <= 2, "keeps two parties")
    validity = [after.fields.get(name) for name in ("valid_from", "valid_until")]
    if all(validity) and validity != [before.fields.get(n) for n in ("valid_from", "valid_until")]:
        first, last = DATES[str(validity[0])][0], DATES[str(validity[1])][1]
        refuse_if(first and last and last < first, "ends before it begins")
