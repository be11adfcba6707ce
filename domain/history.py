"""What the events of one subject say: what was true when, and what contradicts it.

Nothing here reads a clock or a store: the same events give the same history for ever.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Self

from domain import rules
from domain.amendments import admit_amendment
from domain.effective import Fact, Recorded, fact, facts, find, follows, in_order
from domain.event import events, kinds
from domain.refusals import NotOpened, PointsForward, Refused
from domain.subject import Kind, State
from domain.universal import ClaimDenied, SubjectMerged, SubjectUnmerged
from domain.views import Notice, View, changed, is_uncertain, notices_of, standing
from domain.vocabulary import Pointer


@dataclass(frozen=True, slots=True)
class Step:
    """One fact folded: the state before and after it, and what each field then rests on."""

    fact: Fact
    before: State
    after: State
    behind: Mapping[str, int]  # field, "stage" or "target:…" before it: to the position behind
    origins: Mapping[str, int]  # the same, after it
    notices: tuple[Notice, ...]


@dataclass(frozen=True)
class History:
    """Everything recorded about one subject. Immutable: each addition gives a new one."""

    kind: Kind
    recorded: tuple[Recorded, ...] = ()  # in the order of recording
    facts: tuple[Fact, ...] = ()  # the same, as they count
    steps: tuple[Step, ...] = ()  # what counts in the world, in effective order

    @classmethod
    def of(cls, recorded: Iterable[Recorded]) -> Self:
        """Fold what is on record; the archive is trusted, so nothing is refused.

        Args:
            recorded: events of one subject in the order of recording, at least one.
        """
        pool = tuple(recorded)
        return cls(kinds()[pool[0].kind])._folded(pool)

    @property
    def version(self) -> int:
        """The number of events on record."""
        return len(self.recorded)

    @property
    def last_position(self) -> int:
        """The position of the newest event; 0 where there is none."""
        return self.recorded[-1].position if self.recorded else 0

    @cached_property
    def merged_into(self) -> str | None:
        """The key of the subject that this one turned out to be, if any."""
        live = (one.event for one in self.facts if not one.retracted_by)
        merges = [event for event in live if isinstance(event, SubjectMerged | SubjectUnmerged)]
        return merges[-1].into if merges and isinstance(merges[-1], SubjectMerged) else None

    def find(self, pointer: Pointer) -> Recorded:
        """Give the event that a pointer means.

        Raises:
            NoSuchTarget, AmbiguousTarget: it means none, or more than one.
        """
        return find(self.recorded, pointer)

    def fact(self, position: int) -> Fact:
        """Give the event at a position as it counts.

        Raises:
            StopIteration: it is not of this subject.
        """
        return next(one for one in self.facts if one.position == position)

    def aliases(self) -> frozenset[str]:
        """Give every name by which the subject was ever known."""
        return frozenset(name for step in self.steps for name in step.after.names_in_use())

    # ── adding ───────────────────────────────────────────────────────────────────────────────────

    def add(self, recorded: Recorded) -> Self:
        """Add an event that is on record; at once where it comes last in the world."""
        pool = (*self.recorded, recorded)
        if not self._comes_last(recorded):
            return self._folded(pool)
        new = fact(recorded)
        steps = (*self.steps, _step(new, self.steps[-1] if self.steps else None, self.kind))
        return type(self)(self.kind, pool, (*self.facts, new), steps)

    def _comes_last(self, recorded: Recorded) -> bool:
        if recorded.event.by_knowledge or recorded.after or isinstance(recorded.event, ClaimDenied):
            return False
        if not self.steps:
            return True
        new, last = fact(recorded), self.steps[-1].fact
        return last.day < new.day or (last.follows is None and last.order < new.order)

    def _folded(self, pool: tuple[Recorded, ...]) -> Self:
        counted = facts(pool)
        steps: list[Step] = []
        for one in in_order(f for f in counted if not f.retracted_by and not f.event.by_knowledge):
            steps.append(_step(one, steps[-1] if steps else None, self.kind))
        return type(self)(self.kind, pool, counted, tuple(steps))

    def admit(self, candidate: Recorded) -> Self:
        """Add an event that somebody wants to record, unless it contradicts what is recorded.

        Args:
            candidate: with the position and time that it would get.

        Raises:
            Refused: with the positions that it contradicts. What was contradictory before the
                event (a rule may have come later) is not held against it.
        """
        if candidate.after:
            self._admit_after(candidate)
        admit_amendment(self, candidate)
        new = self.add(candidate)
        start = len(self.steps) if self._comes_last(candidate) else 0
        if found := list(new.contradictions(start)):
            known = {(step.fact.position, type(why)) for step, why in self.contradictions()}
            for step, why in found:
                if (step.fact.position, type(why)) not in known:
                    raise self._explained(step, why, candidate)
        return new

    def _admit_after(self, candidate: Recorded) -> None:
        target = follows(self.recorded, candidate)
        known = next((one for one in self.facts if one.position == target), None)
        if known is None or known.day > fact(candidate).day:
            raise PointsForward(positions=[known.position] if known else [])

    def contradictions(self, start: int = 0) -> Iterator[tuple[Step, Refused]]:
        """Give each step, from one on, that breaks a rule, and the rule."""
        for index, step in enumerate(self.steps[start:], start):
            if index == 0 and (missing := step.after.missing()):
                yield step, NotOpened(*missing, fields=", ".join(missing), **_name(step.fact))
            if why := rules.refusal(step.fact.event, step.before):
                yield step, why

    def _explained(self, step: Step, why: Refused, candidate: Recorded) -> Refused:
        """Name the events that stand against the candidate, wherever the rule broke."""
        behind = {step.behind[name] for name in why.fields if name in step.behind}
        own = step.fact.position == candidate.position
        positions = behind if own else {step.fact.position, *behind}
        why.conflicting_positions = tuple(sorted(positions - {candidate.position}))
        why.allowed = rules.allowed(step.before, events().values())
        if not own and not isinstance(why, NotOpened):
            words = "The event at position {position} ({type}) would no longer hold: ".format_map(
                _name(step.fact)
            )
            why.args = (words + why.detail,)
        return why

    # ── looking ──────────────────────────────────────────────────────────────────────────────────

    @property
    def effective_from(self) -> date | None:
        """The first day on which anything is known; None where nothing counts."""
        return self.steps[0].fact.day if self.steps else None

    def view(self, day: date) -> View | None:
        """Show the subject on a day; None before anything is known of it."""
        index = bisect_right(self.steps, day, key=lambda step: step.fact.day)
        if not index:
            return None
        steps, last = self.steps[:index], self.steps[index - 1]
        told = [step.fact for step in steps]
        return View(
            state=last.after.model_copy(update={"merged_into": self.merged_into}),
            uncertain=is_uncertain(self.facts_in_order, day),
            contested=any(one.contested for one in told),
            notices=standing(steps, last.after, last.origins),
            origins=last.origins,
            positions=tuple(one.position for one in told),
            heard_on=max(min(one.latest, day) for one in told),
        )

    @cached_property
    def facts_in_order(self) -> tuple[Fact, ...]:
        """The facts that count in the world, in effective order."""
        return tuple(step.fact for step in self.steps)

    def days(self) -> list[date]:
        """Give the days on which the view changes, in order."""
        if not self.steps:
            return []
        first = self.steps[0].fact.day
        turns = {day for one in self.facts_in_order for day in one.turns()}
        return sorted(day for day in turns if day >= first)


def _step(new: Fact, last: Step | None, kind: Kind) -> Step:
    before = last.after if last else kind.state()
    after: State = new.event.evolve(before)
    behind = last.origins if last else {}
    origins = {**behind, **{name: new.position for name in changed(new.event, before, after)}}
    return Step(new, before, after, behind, origins, notices_of(new, before, behind))


def _name(one: Fact) -> dict[str, object]:
    return {"position": one.position, "type": one.event.type}
