"""Farshore as a person would keep it on paper: a list of events, and everything worked out anew.

Written from the vocabulary, without a look at `domain/history.py`, for four kinds. Slow and
obvious on purpose: what the server answers is held against what comes out here.
"""

from __future__ import annotations

from typing import Any

from tests.folding import Event, Impossible, State, check_rules, evolved, missing, rank, refuse_if
from tests.vocabulary import ALWAYS, DATES, ENDS, LIVES, OF_ANY, OPEN, REFERRING

Data = dict[str, Any]


class Known:
    """What is known of one subject at a position."""

    def __init__(self, events: list[Event]) -> None:
        self.events = events

    # ── events about events ──────────────────────────────────────────────────────────────────────

    def about(self, event: Event, *types: str) -> list[Event]:
        """Give what stands and was said about an event."""
        return [
            one
            for one in self.events
            if one.type in types and one.target == event.position and self.stands(one)
        ]

    def stands(self, event: Event) -> bool:
        """Whether it was not taken back."""
        return not self.about(event, "event.retracted")

    def final(self, event: Event) -> Event:
        """Give it as it counts after its corrections, each as it counts itself."""
        made = Event(**vars(event))
        for correction in map(self.final, self.about(event, "event.corrected")):
            new = correction.data
            if new.get("data") is not None:
                made.data = {name: one for name, one in new["data"].items() if name != "target"}
            if "occurred_on" in new:
                made.on = new["occurred_on"]
            if new.get("sources") is not None:
                made.sources = new["sources"]
        return made

    def open_disputes(self, event: Event) -> list[Event]:
        """Give the disputes about it, or about what corrects it, that nobody settled."""
        settled = [one.position for one in self.about(event, "event.dispute_resolved")]
        own = [
            one
            for one in self.about(event, "event.disputed")
            if not self.about(one, "event.dispute_resolved")
        ]
        for correction in self.about(event, "event.corrected"):
            own += self.open_disputes(correction)
        return [one for one in own if one.position > max(settled, default=0)]

    def denials(self, event: Event) -> list[Event]:
        """Give what denies it: by naming it, or of a claim by denying all that was claimed."""
        named = self.about(event, "claim.denied")
        if event.type != "claim.reported":
            return named
        return named + [
            one
            for one in self.events
            if one.type == "claim.denied"
            and one.target is None
            and one.position > event.position
            and self.stands(one)
        ]

    def is_contested(self, event: Event) -> bool:
        """Whether somebody, or a source, speaks against it."""
        sources = list(self.final(event).sources)
        for one in self.about(event, "evidence.added"):
            sources += self.final(one).sources
        against = any(one.get("stance", "supports") != "supports" for one in sources)
        return against or bool(self.open_disputes(event)) or bool(self.denials(event))

    def status(self, event: Event) -> str:
        """Say how it stands."""
        if not self.stands(event):
            return "retracted"
        if self.open_disputes(event):
            return "disputed"
        return "corrected" if self.about(event, "event.corrected") else "current"

    def merged_into(self) -> str | None:
        """Give the subject that this is a duplicate of."""
        words = [
            one
            for one in self.events
            if one.type in {"subject.merged", "subject.unmerged"} and self.stands(one)
        ]
        into: str | None = self.final(words[-1]).data.get("into") if words else None
        return into

    # ── the order of the world ───────────────────────────────────────────────────────────────────

    def days(self, event: Event) -> tuple[str, str, str]:
        """Give the first possible, the effective and the last possible day."""
        on = self.final(event).on
        if event.type == "organization.registered":
            return ALWAYS, ALWAYS, ALWAYS
        if on is None:
            return event.day, event.day, event.day
        first, last = DATES[on]
        last = last or max(first or event.day, event.day)
        ends = event.type.split(".")[1] in ENDS and event.type.startswith(event.kind)
        return first or ALWAYS, (first if first and not ends else last), last

    def effective_day(self, event: Event) -> str:
        """Give its effective day."""
        return self.days(event)[1]

    def life(self) -> list[Event]:
        """Give what counts in the world, in effective order, as recorded."""
        counting = [
            one
            for one in self.events
            if self.stands(one) and not one.type.startswith(("event.", "subject."))
        ]
        counting.sort(key=lambda one: (self.effective_day(one), *rank(one), one.position))
        told: list[Event] = []
        while counting:
            day = self.effective_day(counting[0])
            today = {one.position for one in counting if self.effective_day(one) == day}
            first = next(one for one in counting if one.after not in today)
            told.append(first)
            counting.remove(first)
        return told

    # ── states ───────────────────────────────────────────────────────────────────────────────────

    def states(self) -> list[tuple[Event, State, State]]:
        """Give each event that counts, with the state before and after it."""
        state, told = State(), []
        for one in self.life():
            after = evolved(self.final(one), state)
            told.append((one, state, after))
            state = after
        return told

    def check(self) -> None:
        """Refuse a life that breaks a rule anywhere."""
        for number, (one, before, after) in enumerate(self.states()):
            if number == 0:
                refuse_if(missing(one.kind, after), "opens without what it needs")
            check_rules(self.final(one), before, after)
            for followed in self.events:
                if followed.position == one.after and self.stands(followed):
                    later = self.effective_day(followed) > self.effective_day(one)
                    refuse_if(later, "follows what comes later")

    def view(self, day: str) -> Data | None:
        """Show what a person sees of it on a day."""
        steps = self.states()
        told = [(one, after) for one, _, after in steps if self.effective_day(one) <= day]
        if not told:
            return None
        state = told[-1][1]
        shown: Data = {
            "stage": state.stage,
            "state": {name: one for name, one in state.fields.items() if one is not None},
            "targets": list(state.targets.values()),
            "uncertain": self.is_uncertain(day),
            "contested": any(self.is_contested(one) for one, _ in told),
            "positions": [one.position for one, _ in told],
            "version": len(self.events),
            "last_position": self.events[-1].position,
        }
        if into := self.merged_into():
            shown["merged_into"] = into
        return shown

    def is_uncertain(self, day: str) -> bool:
        """Whether the day lies in an imprecise date that no later event settles."""
        steps = self.states()
        for number, (one, before, after) in enumerate(steps):
            if one.type in OF_ANY or (one.type == "claim.reported" and before is after):
                continue
            first, _, last = self.days(one)
            if first <= day < last and not any(
                self.settles(later, day) for later, _, _ in steps[number + 1 :]
            ):
                return True
        return False

    def settles(self, event: Event, day: str) -> bool:
        """Whether it sets a stage on an exact day that has come."""
        on = self.final(event).on
        exact = on is not None and DATES[on][0] == DATES[on][1] != OPEN
        verb = event.type.split(".")[1]
        sets = event.type.startswith(event.kind + ".") and LIVES[event.kind][verb] is not None
        exact &= event.type != "organization.registered"
        return exact and sets and self.effective_day(event) <= day


class Model:
    """The whole ledger."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    @property
    def subjects(self) -> dict[str, str]:
        """Give the kind of each subject by its key."""
        return {one.key: one.kind for one in self.events}

    def known(self, key: str, position: int | None = None) -> Known:
        """Give what is known of a subject at a position, by default of all."""
        return Known(
            [
                one
                for one in self.events
                if one.key == key and (position is None or one.position <= position)
            ]
        )

    def refusal(self, new: Event) -> str | None:
        """Say why an event would be refused; None where it would be recorded."""
        known = self.known(new.key)
        after = Known([*known.events, new])
        try:
            _check_about(known, new)
            after.check()
            self._check_merge(new.key, known, after)
        except Impossible as why:
            return str(why)
        return None

    def _check_merge(self, key: str, before: Known, after: Known) -> None:
        into = after.merged_into()
        refuse_if(into == key, "is itself")
        if into and into != before.merged_into():
            refuse_if(self.subjects[into] != self.subjects[key], "is of another kind")
            while into:
                into = self.known(into).merged_into()
                refuse_if(into == key, "is its own duplicate")

    def views(self, kind: str, day: str, position: int | None = None) -> dict[str, Data]:
        """Give what is seen of each subject of a kind on a day."""
        seen = {
            key: self.known(key, position).view(day)
            for key, of in self.subjects.items()
            if of == kind and self.known(key, position).events
        }
        return {key: view for key, view in seen.items() if view}


def _check_about(known: Known, new: Event) -> None:
    if new.type == "subject.merged":
        refuse_if(known.merged_into(), "is merged already")
    if new.type == "subject.unmerged":
        refuse_if(not known.merged_into(), "is not merged")
    for about in known.events:
        if about.position == new.target:
            retracted = not known.stands(about)
            refuse_if(retracted and new.type in {"event.retracted", "event.corrected"}, "is gone")
            if new.type == "event.dispute_resolved":
                refuse_if(not _is_open(known, about), "nobody disputes it")


def _is_open(known: Known, about: Event) -> bool:
    if known.open_disputes(about):
        return True
    return any(
        about.position == one.position
        for disputed in known.events
        if disputed.position == about.target
        for one in known.open_disputes(disputed)
    )


def referred(view: Data) -> set[str]:
    """Give the organizations that a state speaks of."""
    found = set()
    for name in REFERRING:
        for one in view["state"].get(name) or []:
            found.add(one["organization"] if isinstance(one, dict) else one)
    return found
