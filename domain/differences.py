"""What is different between two looks at a subject, and which events made the difference.

Two states of knowledge about one day are a difference of belief, two days in one state of
knowledge a difference in the world.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import takewhile

from domain.effective import Fact
from domain.event import UNIVERSAL, Event
from domain.explain import MERGED, value
from domain.explain import telling as steps_telling
from domain.history import History
from domain.steps import Step
from domain.subject import PROMISE, State
from domain.universal import (
    ClaimDenied,
    EventCorrected,
    EventDisputed,
    EventDisputeResolved,
    EventRetracted,
    EvidenceAdded,
    SubjectMerged,
    SubjectUnmerged,
)
from domain.views import doubtful

CONTESTED, UNCERTAIN = "contested", "uncertain"
_CHANGING = EventCorrected, EventRetracted
_CONTESTING = *_CHANGING, EventDisputed, EventDisputeResolved, EvidenceAdded, ClaimDenied


@dataclass(frozen=True)
class Sight:
    """A subject on a day, as known: `Sight(history.at(position), day)`."""

    history: History
    day: date

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """What counts by the day; empty where nothing is known of the subject on it."""
        return tuple(takewhile(lambda one: one.fact.day <= self.day, self.history.steps))

    @cached_property
    def counted(self) -> dict[int, Step]:
        """The same by position."""
        return {one.fact.position: one for one in self.steps}

    @property
    def fields(self) -> Iterable[str]:
        """Every field that was ever told by the day."""
        return self.steps[-1].origins if self.steps else ()

    @property
    def contested(self) -> frozenset[int]:
        """The positions of what counts and is contested."""
        return frozenset(place for place, one in self.counted.items() if one.fact.contested)

    @cached_property
    def doubtful(self) -> Fact | None:
        """The event by which it is uncertain, if it is."""
        return doubtful(self.history.steps, self.day) if self.steps else None

    def value(self, field: str) -> object:
        """Give the value of a field; None where nothing is known."""
        if field == MERGED:
            return self.history.merged_into if self.steps else None
        return value(self.steps[-1].after, field) if field in self.fields else None

    def behind(self, field: str) -> int | None:
        """Give the position of the event behind a field, if there is one."""
        return self.steps[-1].origins.get(field) if self.steps else None

    def roots(self, field: str) -> dict[int, Step]:
        """Give the steps on which the value of a field rests, by position."""
        found = {}
        for one in steps_telling(self.steps, field):
            found[one.fact.position] = one
            if not _rests_on_earlier(one, field):
                break
        return found


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that is different.

    Attributes:
        field: of the kind, "stage", "target:…" by milestone, "merged_into", "contested" or
            "uncertain", unless time alone brought or ended the doubt: no event made that.
        before, after: its values, as in the states; None where there is none.
        behind: the positions of the events behind the one and the other value; None where there
            is none, and for what no single event tells.
        made_by: the positions of the events that made the difference, in the order of recording:
            events that came to be known or to count, corrections, retractions, disputes. An
            amendment is named instead of the event that it is about.
    """

    field: str
    before: object
    after: object
    behind: tuple[int | None, int | None]
    made_by: tuple[int, ...]


def differences(before: Sight, after: Sight) -> tuple[Difference, ...]:
    """Compare two looks at one subject, field by field.

    Args:
        before: one look; a subject that did not yet exist then has a history without events, as
            `History.at` gives it.
        after: another look at the same subject; on an earlier day, or as known before, if you like.

    Returns:
        the stage, the fields as the kind declares them, targets, then what is so of the whole;
        nothing where both look the same.
    """
    return tuple(_Comparison(before, after).found())


@dataclass(frozen=True)
class _Comparison:
    before: Sight
    after: Sight

    def found(self) -> Iterator[Difference]:
        names = {**dict.fromkeys(self.before.fields), **dict.fromkeys(self.after.fields)}
        kind = self.after.history.kind
        order = {name: rank for rank, name in enumerate(("stage", *kind.facts.model_fields))}
        for field in sorted(names, key=lambda name: order.get(name, len(order))):
            yield from self._different(field, self._makers(field))
        yield from self._different(MERGED, iter([*self._merges()] or self._others()))
        for field, was, is_now, made_by in self._of_the_whole():
            if was != is_now:
                yield Difference(field, was, is_now, (None, None), tuple(sorted(made_by)))

    def _different(self, field: str, made_by: Iterator[int]) -> Iterator[Difference]:
        was, is_now = self.before.value(field), self.after.value(field)
        if was != is_now:
            behind = self.before.behind(field), self.after.behind(field)
            yield Difference(field, was, is_now, behind, tuple(sorted({*made_by})))

    def _of_the_whole(self) -> Iterator[tuple[str, bool, bool, set[int]]]:
        one, other = self.before.contested, self.after.contested
        yield CONTESTED, bool(one), bool(other), {*self._contesters(one ^ other)}
        doubts = self.before.doubtful, self.after.doubtful
        makers = {maker for one in doubts if one for maker in self._doubters(one.position)}
        if made_by := makers or {
            *self._others(of_life=bool(self.before.steps and self.after.steps))
        }:
            yield UNCERTAIN, bool(doubts[0]), bool(doubts[1]), made_by

    # ── which events made it ─────────────────────────────────────────────────────────────────────

    @cached_property
    def _newest(self) -> History:
        return max(self.before.history, self.after.history, key=lambda one: one.last_position)

    def _is_news(self, position: int) -> bool:
        """Tell whether it was recorded between the two states of knowledge."""
        oldest = min(self.before.history.last_position, self.after.history.last_position)
        return oldest < position <= self._newest.last_position

    def _makers(self, field: str) -> Iterator[int]:
        roots = {**self.before.roots(field), **self.after.roots(field)}
        made_by = [one for place in roots for one in self._makers_of(place, field)]
        # Where only the order of events changed, it was a correction of one of them.
        made_by = made_by or [one for place in roots for one in self._amending(place)]
        return iter(made_by or self._others())

    def _others(self, *, of_life: bool = False) -> Iterator[int]:
        """Give what came to count, or ceased to, and so let others tell more or less than before.

        Where nothing did, all that was recorded in between.

        Args:
            of_life: leave out what any subject can have.
        """
        places = self.before.counted.keys() ^ self.after.counted.keys()
        if of_life:
            counted = {**self.before.counted, **self.after.counted}
            places = {at for at in places if counted[at].fact.event.phase != UNIVERSAL}
        made_by = [one for place in places for one in self._makers_of(place, "stage")]
        news = (one.position for one in self._newest.facts if self._is_news(one.position))
        return iter(made_by or news)

    def _makers_of(self, place: int, field: str) -> Iterator[int]:
        """Give what let an event count on one side only, or tell otherwise on the other."""
        one, other = self.before.counted.get(place), self.after.counted.get(place)
        amended = [*self._amending(place)]
        if one and other:
            yield from amended if self._is_altered(one, other, field) else ()
        elif (seen := one or other) and (then := self._but_for_the_day(place)):
            yield place
            yield from amended if _tells_otherwise(seen, then, field) else ()
        else:
            yield from amended
            if not amended or self._is_news(place):
                yield place

    def _doubters(self, place: int) -> Iterator[int]:
        """Do the same for an event that makes a doubt, perhaps before its effective day."""
        if place in self.before.counted or place in self.after.counted:
            yield from self._makers_of(place, "stage")
        elif self._is_news(place):
            yield place
        yield from self._amending(place)

    def _but_for_the_day(self, place: int) -> Step | None:
        """Give an event that counts on one side only, if on the other the day alone hides it."""
        seen, unseen = self.before, self.after
        if place not in seen.counted:
            seen, unseen = unseen, seen
        return Sight(unseen.history, seen.day).counted.get(place)

    def _is_altered(self, one: Step, other: Step, field: str) -> bool:
        if _tells_otherwise(one, other, field):
            return True
        place, roots = one.fact.position, (self.before.roots(field), self.after.roots(field))
        return one.fact.day != other.fact.day and not all(place in each for each in roots)

    def _amending(
        self, place: int, kinds: tuple[type[Event], ...] = _CHANGING, *, sources: bool = False
    ) -> Iterator[int]:
        """Give what was said about an event between the two states of knowledge.

        Args:
            place: the position of the event.
            kinds: the types of what may be said.
            sources: whether a correction of nothing but sources counts.
        """
        for one in self._newest.facts:
            if one.target != place or not isinstance(one.event, kinds):
                continue
            news = self._is_news(one.position)
            if news and one.retracted_by:
                continue
            if news and (sources or not _corrects_sources_only(one.event)):
                yield one.position
            doubted = isinstance(one.event, EventDisputed | EventCorrected)
            further = kinds if doubted else _CHANGING
            yield from self._amending(one.position, further, sources=sources)

    def _contesters(self, places: Iterable[int]) -> Iterator[int]:
        for place in places:
            one, other = self.before.counted.get(place), self.after.counted.get(place)
            found = [*self._amending(place, _CONTESTING, sources=True)]
            if one and other:
                for denial in {*one.fact.denials} ^ {*other.fact.denials}:
                    found += [denial] if self._is_news(denial) else self._amending(denial)
            yield from found
            if not (one and other) and (not found or self._is_news(place)):
                yield place

    def _merges(self) -> Iterator[int]:
        for one in self._newest.facts:
            if isinstance(one.event, SubjectMerged | SubjectUnmerged):
                amended = [*self._amending(one.position)]
                yield from amended
                if not amended and self._is_news(one.position) and not one.retracted_by:
                    yield one.position


def _corrects_sources_only(event: Event) -> bool:
    return isinstance(event, EventCorrected) and not event.model_fields_set & {
        *("data", "occurred_on")
    }


def _tells_otherwise(one: Step, other: Step, field: str) -> bool:
    was, is_now = (value(step.fact.event.evolve(step.before), field) for step in (one, other))
    return was != is_now


def _rests_on_earlier(step: Step, field: str) -> bool:
    """Tell whether the event gives the field another value where it had none before."""
    after = step.fact.event.evolve(step.before.model_copy(update=_blank(step.before, field)))
    if field == "stage" and after.suspended_from != step.after.suspended_from:
        return True
    return value(after, field) != value(step.after, field)


def _blank(state: State, field: str) -> dict[str, object]:
    if field == "stage":
        return {"stage": "", "suspended_from": None}
    if field.startswith(PROMISE):
        return {"targets": tuple(one for one in state.targets if one.field != field)}
    return {field: None}
