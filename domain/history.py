"""What the events of one subject say: what was true when, and what contradicts it.

Nothing here reads a clock or a store: the same events give the same history for ever.
"""

from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import takewhile
from operator import attrgetter
from typing import Self

from domain import rules
from domain.amendments import admit_amendment
from domain.effective import Fact, Recorded, fact, facts, in_order, matches
from domain.event import events, kinds
from domain.refusals import (
    AmbiguousTarget,
    LeftUnopened,
    MergedIntoItself,
    NoSuchTarget,
    NotOpened,
    PointsForward,
    Refused,
)
from domain.steps import Step, step
from domain.subject import Kind, State
from domain.universal import EventCorrected, Pointing, SubjectMerged, SubjectUnmerged
from domain.views import View, doubtful, standing
from domain.vocabulary import Pointer


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
        return cls._folded(kinds()[pool[0].kind], pool)

    @property
    def version(self) -> int:
        """The number of events on record."""
        return len(self.recorded)

    @property
    def last_position(self) -> int:
        """The position of the newest event; 0 where there is none."""
        return self.recorded[-1].position if self.recorded else 0

    @cached_property
    def merge(self) -> Fact | None:
        """The event that tells of which subject this one is a duplicate, if it is one."""
        for one in reversed(self.facts):
            if isinstance(one.event, SubjectMerged | SubjectUnmerged) and not one.retracted_by:
                return one if isinstance(one.event, SubjectMerged) else None
        return None

    @property
    def merged_into(self) -> str | None:
        """The key of the subject that this one turned out to be, if any."""
        merge = self.merge and self.merge.event
        return merge.into if isinstance(merge, SubjectMerged) else None

    def find(self, pointer: Pointer) -> Recorded:
        """Give the event that a pointer means; of a row logged again, the last.

        Raises:
            NoSuchTarget: it means none.
            AmbiguousTarget: it means more than one that still counts.
        """
        found = matches(self.recorded, pointer)
        if not found:
            raise NoSuchTarget(target=pointer.words)
        if any(not self.fact(position).retracted_by for position in found[:-1]):
            raise AmbiguousTarget(target=pointer.words, positions=found)
        return self.fact(found[-1]).recorded

    def fact(self, position: int) -> Fact:
        """Give the event at a position as it counts.

        Raises:
            StopIteration: it is not of this subject.
        """
        return next(one for one in self.facts if one.position == position)

    def original(self, position: int) -> int:
        """Give the position itself, or of a correction that of the event that it is of."""
        one = self.fact(position)
        while isinstance(one.event, EventCorrected) and one.target:
            one = self.fact(one.target)
        return one.position

    def aliases(self) -> frozenset[str]:
        """Give every name by which the subject was ever known."""
        return self.steps[-1].names if self.steps else frozenset()

    def at(self, position: int) -> Self:
        """Give the history as it was known at a position: empty before the subject was opened.

        What comes before the first difference is shared, so going back costs little.
        """
        if position >= self.last_position:
            return self
        count = bisect_right(self.recorded, position, key=attrgetter("position"))
        return self._folded(self.kind, self.recorded[:count], self.steps)

    # ── adding ───────────────────────────────────────────────────────────────────────────────────

    def add(self, *recorded: Recorded) -> Self:
        """Add events that are on record; the world before them is not told again."""
        pool = (*self.recorded, *recorded)
        return self._inserted(recorded) or self._folded(self.kind, pool, self.steps)

    def _inserted(self, added: Sequence[Recorded]) -> Self | None:
        """Add what is about nothing before it at its place in the world; None for the rest."""
        about = (o.after or o.event.by_knowledge or isinstance(o.event, Pointing) for o in added)
        if not added or any(about):
            return None
        new, index = tuple(map(fact, added)), len(self.steps)
        order = sorted(new, key=attrgetter("order"))
        if index and not _is_behind(order[0], self.steps[-1].fact):
            if any(one.follows for one in self.facts):
                return None
            index = bisect_right(self.steps, order[0].order, key=attrgetter("fact.order"))
            order += [later.fact for later in self.steps[index:]]
            order.sort(key=attrgetter("order"))
        steps = (*self.steps[:index], *self._told_on(index, order, {id(one) for one in new}))
        return type(self)(self.kind, (*self.recorded, *added), (*self.facts, *new), steps)

    def _told_on(self, index: int, order: Sequence[Fact], new: Container[int]) -> Iterator[Step]:
        """Fold new facts among those that come after a step, and these only where it matters.

        A late fact is soon restated by a later one; from there on all is as it was.
        """
        last, alike = self.steps[index - 1] if index else None, True
        for one in order:
            known = None if id(one) in new else self.steps[index]
            last = known if known and alike else step(self.kind, last, one)
            alike = known is not None and (last is known or _leads_on_alike(last, known))
            index += known is not None
            yield last

    @classmethod
    def _folded(cls, kind: Kind, pool: tuple[Recorded, ...], known: Sequence[Step] = ()) -> Self:
        """Fold all that is recorded; of the steps known before, those that still hold are kept."""
        counted = facts(pool)
        order = in_order(f for f in counted if not f.retracted_by and not f.event.by_knowledge)
        steps = list(_kept(known, order))
        for one in order[len(steps) :]:
            steps.append(step(kind, steps[-1] if steps else None, one))
        return cls(kind, pool, counted, tuple(steps))

    def admit(self, candidate: Recorded) -> Self:
        """Add an event that somebody wants to record, unless it contradicts what is recorded.

        Args:
            candidate: with the position and time that it would get.

        Raises:
            Refused: with the positions that it contradicts. What was contradictory before the
                event (a rule may have come later) is not held against it.
        """
        if candidate.after and not matches(self.recorded, candidate.after):
            raise PointsForward
        admit_amendment(self, candidate)
        inserted, pool = self._inserted([candidate]), (*self.recorded, candidate)
        new = inserted or self._folded(self.kind, pool, self.steps)
        if new.merged_into == candidate.key:
            raise MergedIntoItself
        if found := list(new.contradictions(self._shared(new) if inserted else 0)):
            known = {(one.fact.position, type(why)) for one, why in self.contradictions()}
            for one, why in found:
                if (one.fact.position, type(why)) not in known:
                    raise new.explained(one, why, candidate)
        return new

    def _shared(self, other: Self) -> int:
        """Count the steps with which both begin; of most additions these are nearly all."""
        index = min(len(self.steps), len(other.steps))
        while index and self.steps[index - 1] is not other.steps[index - 1]:
            index -= 1
        return index

    def contradictions(self, start: int = 0) -> Iterator[tuple[Step, Refused]]:
        """Give each step, from one on, that breaks a rule, and the rule."""
        for index, one in enumerate(self.steps[start:], start):
            if index == 0 and (missing := one.after.missing()):
                yield one, NotOpened(one.fact.position, one.fact.event.type, missing)
            if why := rules.refusal(one.fact.event, one.before, one.after):
                yield one, why
            followed = one.fact.follows and self.fact(one.fact.follows)
            if followed and not followed.retracted_by and followed.day > one.fact.day:
                yield one, PointsForward(positions=[followed.position])

    def explained(self, broken: Step, why: Refused, candidate: Recorded) -> Refused:
        """Name the events that stand against the candidate, wherever in this history it broke."""
        own = broken.fact.position == candidate.position
        if isinstance(why, NotOpened) and not own:
            why = LeftUnopened(broken.fact.position, broken.fact.event.type, why.fields)
        behind = {broken.behind[name] for name in why.fields if name in broken.behind}
        against = {*why.conflicting_positions, *behind} | (set() if own else {broken.fact.position})
        why.conflicting_positions = tuple(sorted(against - {candidate.position}))
        if self.recorded:  # of what is yet to be opened, nothing else would help
            why.allowed = rules.allowed(self._before(candidate), events().values())
        if not own and not isinstance(why, NotOpened):
            told = f"position {broken.fact.position} ({broken.fact.event.type})"
            why.args = (f"The event at {told} would no longer hold: {why.detail}",)
        return why

    def _before(self, candidate: Recorded) -> State:
        """Give the state in which the candidate comes; the last where it is no part of life."""
        for one in self.steps:
            if one.fact.position == candidate.position:
                return one.before
        return self.steps[-1].after if self.steps else self.kind.unknown

    # ── looking ──────────────────────────────────────────────────────────────────────────────────

    @property
    def effective_from(self) -> date | None:
        """The first day on which anything is known; None where nothing counts."""
        return self.steps[0].fact.day if self.steps else None

    def view(self, day: date) -> View | None:
        """Show the subject on a day; None before anything is known of it."""
        index = bisect_right(self.steps, day, key=lambda one: one.fact.day)
        if not index:
            return None
        told, last = self.steps[:index], self.steps[index - 1]
        state, merged_into = last.after, self.merged_into
        return View(
            state=state.model_copy(update={"merged_into": merged_into}) if merged_into else state,
            uncertain=doubtful(self.steps, day) is not None,
            contested=last.contested,
            notices=standing(told),
            origins=last.origins,
            positions=tuple(one.fact.position for one in told),
            heard_on=min(last.heard, day),
        )

    def days(self) -> list[date]:
        """Give the days on which the view changes, in order."""
        turns = {day for one in self.steps for day in one.fact.turns()}
        return sorted(day for day in turns if day >= self.steps[0].fact.day)


def _is_behind(new: Fact, last: Fact) -> bool:
    """Tell whether a fact comes after the one that was last so far."""
    if last.day < new.day:
        return True
    # What was held back by `after` may stand behind what would otherwise come after it.
    return not last.follows and last.order < new.order


def _leads_on_alike(one: Step, other: Step) -> bool:
    """Tell whether all that comes after them is the same."""
    return (
        one.origins == other.origins
        and (one.heard, one.contested) == (other.heard, other.contested)
        and (one.claims, one.names) == (other.claims, other.names)
        and one.after == other.after
        and one.after.model_fields_set == other.after.model_fields_set
    )


def _kept(known: Sequence[Step], order: Sequence[Fact]) -> Iterator[Step]:
    """Give the steps with which a fold in this order begins, too."""
    both = zip(known, order, strict=False)
    return (one for one, _ in takewhile(lambda pair: _is_same(pair[0].fact, pair[1]), both))


def _is_same(one: Fact, other: Fact) -> bool:
    """Tell whether facts are the same to the letter: a null given is not the same as none."""
    if one != other:
        return False
    return one.event is other.event or one.event.to_json() == other.event.to_json()
