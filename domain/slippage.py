"""How late: promises against what came of them, in days that are no more precise than the dates."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from domain.dates import Span, span
from domain.effective import Fact
from domain.history import History
from domain.steps import Step
from domain.subject import Target
from domain.universal import TargetEvent

SETTLED = ("met", "dropped")


class Days(NamedTuple):
    """A number of days: at least, and at most; None where that side is open."""

    least: int | None
    most: int | None

    @property
    def known(self) -> bool:
        """Whether anything is."""
        return self != (None, None)

    def at_least(self, fewest: int) -> "Days":
        """Leave out what cannot be: nothing ends before it begins."""
        if self.least is None:
            return Days(fewest, self.most)
        return Days(max(self.least, fewest), self.most)


def between(start: Span, end: Span) -> Days:
    """Give the days from one imprecise date to another; negative where the other is earlier."""
    least = (end.earliest - start.latest).days if end.earliest and start.latest else None
    most = (end.latest - start.earliest).days if end.latest and start.earliest else None
    return Days(least, most)


def possible(fact: Fact) -> Span:
    """Give the possible days of a fact; of one without a date, only that it is known by then."""
    return Span(None if fact.occurred_on is None else fact.earliest, fact.latest)


@dataclass(frozen=True, slots=True)
class Told:
    """One telling of a promise: the event, and how the promise stood after it."""

    fact: Fact
    target: Target


@dataclass(frozen=True, slots=True)
class Move:
    """A promise that was given another date or another size.

    Attributes:
        fact: with which it moved.
        days: by how many; None where one of the dates is not known.
    """

    fact: Fact
    before: Target
    after: Target

    @property
    def days(self) -> Days | None:
        """By how many days; None where one of the dates is not known."""
        before, after = self.before.target_date, self.after.target_date
        if before is None or after is None:
            return None
        return Days(0, 0) if before == after else between(span(before), span(after))


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise of a subject, from its first telling on.

    Attributes:
        target: as it now stands.
        told: its tellings, in effective order.
        settled: the event with which it was met or dropped.
    """

    target: Target
    told: tuple[Told, ...]
    settled: Fact | None = None

    @property
    def positions(self) -> tuple[int, ...]:
        """The events behind it."""
        last = (self.settled.position,) if self.settled else ()
        return (*(one.fact.position for one in self.told), *last)

    def moves(self) -> Iterator[Move]:
        """Give each change of its date or size."""
        for one, then in pairwise(self.told):
            before, after = one.target, then.target
            if (before.target_date, before.quantity) != (after.target_date, after.quantity):
                yield Move(then.fact, before, after)

    def late(self, promised: str | None, day: date) -> Days | None:
        """Give the days from a promised date to when it was met, or while it is open, to a day.

        None where nothing was promised, and where it was dropped or lapsed.
        """
        if promised is None or self.target.outcome not in ("open", "met"):
            return None
        met = possible(self.settled) if self.settled else Span(day, day)
        days = between(span(promised), met)
        return days if days.known else None

    @property
    def first_date(self) -> str | None:
        """The first date that was promised."""
        return next((one.target.target_date for one in self.told if one.target.target_date), None)

    def is_overdue(self, day: date) -> bool:
        """Whether the last possible day has passed without a result."""
        return self.target.is_overdue(day)


def promises(history: History, day: date) -> list[Promise]:
    """Give the promises of a subject as they stand on a day, in the order of their making."""
    steps = [one for one in history.steps if one.fact.day <= day]
    if not steps:
        return []
    standing = {target.milestone: target for target in steps[-1].after.targets}
    courses: dict[str, list[Step]] = {}
    for one in steps:
        if isinstance(one.fact.event, TargetEvent):
            courses.setdefault(one.fact.event.milestone, []).append(one)
    return [_promise(standing[name], course) for name, course in courses.items()]


def _promise(target: Target, course: Iterable[Step]) -> Promise:
    told: list[Told] = []
    settled = None
    for one in course:
        event = one.fact.event
        if isinstance(event, TargetEvent) and event.outcome in SETTLED:
            settled = one.fact
            continue
        settled = None  # promised anew
        after = next(of for of in one.after.targets if of.milestone == target.milestone)
        told.append(Told(one.fact, after))
    return Promise(target, tuple(told), settled)
