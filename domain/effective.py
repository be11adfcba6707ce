"""Which recorded events count, as what, and in which order they happened."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from domain.dates import latest_from, span
from domain.event import UNIVERSAL, Event, event_class
from domain.refusals import AmbiguousTarget, NoSuchTarget
from domain.universal import (
    ClaimDenied,
    EventCorrected,
    EventDisputed,
    EventDisputeResolved,
    EventRetracted,
)
from domain.vocabulary import ByPosition, Pointer, Source

_CONFIDENCE = ("confirmed", "probable", "possible", "doubtful")


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event with its envelope, as it was recorded.

    Attributes:
        position: in the ledger, from 1; the only order of knowledge.
        version: within the subject, from 1.
        occurred_on: EDTF; None where nobody knows.
        after: the event of the same subject that it follows, to settle a tie.
        recorded_at: in UTC.
    """

    position: int
    id: UUID
    kind: str
    subject: UUID
    key: str
    version: int
    event: Event
    occurred_on: str | None
    after: Pointer | None
    recorded_at: datetime
    recorded_by: str
    reason: str | None = None
    sources: tuple[Source, ...] = ()
    ref: str | None = None
    batch: UUID | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """An event as it now counts: corrected, and at its place in the world.

    Attributes:
        earliest: the first possible day; None where it is open.
        day: the effective day.
        latest: the last possible day, as far as could be known when it was recorded.
        exact: whether only one day is possible.
        follows: the position that it follows within its day, whatever the order of life says.
        corrections, disputes, denials: positions of the corrections that made it what it is, of
            the disputes still open, and of the denials of this claim.
        retracted_by: the position of its retraction, if it no longer counts.
    """

    recorded: Recorded
    event: Event
    occurred_on: str | None
    sources: tuple[Source, ...]
    earliest: date | None
    day: date
    latest: date
    exact: bool
    follows: int | None = None
    corrections: tuple[int, ...] = ()
    disputes: tuple[int, ...] = ()
    denials: tuple[int, ...] = ()
    retracted_by: int | None = None

    @property
    def position(self) -> int:
        """The position at which it was first recorded."""
        return self.recorded.position

    @property
    def contested(self) -> bool:
        """Whether a person, or one of its own sources, speaks against it."""
        against = any(source.stance != "supports" for source in self.sources)
        return bool(against or self.disputes or self.denials)

    @property
    def status(self) -> str:
        """How it stands: retracted, disputed, corrected or current."""
        if self.retracted_by:
            return "retracted"
        if self.disputes:
            return "disputed"
        return "corrected" if self.corrections else "current"

    @property
    def confidence(self) -> str | None:
        """The best confidence among the sources that support it."""
        given = {s.confidence for s in self.sources if s.stance == "supports"}
        return next((rank for rank in _CONFIDENCE if rank in given), None)

    def turns(self) -> Iterator[date]:
        """Give the days on which it changes what is seen: it counts, or its day becomes sure."""
        yield self.day
        if not self.exact and self.event.phase != UNIVERSAL:
            yield self.latest
            if self.earliest is not None:
                yield self.earliest

    @property
    def order(self) -> tuple[date, tuple[int, int], int]:
        """Its place in the effective order, as far as `follows` does not settle it."""
        return self.day, self.event.order, self.position


def find(recorded: Iterable[Recorded], pointer: Pointer) -> Recorded:
    """Give the event of a subject that a pointer means; of rows logged again, the last.

    Raises:
        NoSuchTarget: there is none.
        AmbiguousTarget: the client's row gave several events of that type.
    """
    if isinstance(pointer, ByPosition):
        found = [one for one in recorded if one.position == pointer.position]
    else:
        found = [
            one for one in recorded if (one.ref, one.event.type) == (pointer.ref, pointer.type)
        ]
    if not found:
        raise NoSuchTarget(target=_words(pointer))
    if len({one.batch for one in found}) < len(found):
        raise AmbiguousTarget(target=_words(pointer), positions=[one.position for one in found])
    return found[-1]


def _words(pointer: Pointer) -> str:
    if isinstance(pointer, ByPosition):
        return f"position {pointer.position}"
    return f"{pointer.type} of row {pointer.ref}"


def fact(recorded: Recorded, pool: Iterable[Recorded] = ()) -> Fact:
    """Give an event as it counts when nothing amends it; `after` is looked up in `pool`."""
    day = _days(recorded.event, recorded.occurred_on, recorded.recorded_at.date())
    return Fact(
        recorded,
        recorded.event,
        recorded.occurred_on,
        recorded.sources,
        *day,
        follows=_position(pool, recorded.after),
    )


def _days(
    event: Event, occurred_on: str | None, known: date
) -> tuple[date | None, date, date, bool]:
    """Give the earliest, effective and latest day, and whether only one day is possible."""
    if event.opens_record:
        return date.min, date.min, date.min, False
    if occurred_on is None:
        return known, known, known, False
    earliest, latest = span(occurred_on).earliest, latest_from(occurred_on, known)
    day = latest if earliest is None or event.ends() else earliest
    return earliest, day, latest, earliest == latest


def facts(recorded: Sequence[Recorded]) -> tuple[Fact, ...]:
    """Give every recorded event as it counts, in the order of recording.

    A retraction is looked at before what it retracts, since it lies later; what is retracted has
    no effect on others.
    """
    plain = {one.position: fact(one, recorded) for one in recorded}
    if not any(isinstance(one.event, _ACTING) for one in recorded):
        return tuple(plain.values())
    acting = {
        one.position: _position(recorded, one.event.target)
        for one in recorded
        if isinstance(one.event, _ACTING) and one.event.target
    }
    retracted: dict[int, int] = {}
    for position in sorted(acting, reverse=True):
        if isinstance(plain[position].event, EventRetracted) and position not in retracted:
            retracted[acting[position] or 0] = position
    live = {position: target for position, target in acting.items() if position not in retracted}
    return tuple(_amended(one, plain, live, retracted) for one in plain.values())


_ACTING = EventCorrected | EventRetracted | EventDisputed | EventDisputeResolved | ClaimDenied


def _amended(
    one: Fact, plain: Mapping[int, Fact], live: Mapping[int, int | None], retracted: dict[int, int]
) -> Fact:
    about: dict[type[Event], list[int]] = defaultdict(list)
    for position, target in live.items():
        if target == one.position:
            about[type(plain[position].event)].append(position)
    settled = about[EventDisputeResolved]
    disputes = tuple(
        position
        for position in about[EventDisputed]
        if position not in {live[r] for r in live if _resolves(plain[r])}
        and not any(resolution > position for resolution in settled)
    )
    for position in about[EventCorrected]:
        one = _corrected(one, plain[position].recorded)
    return replace(
        one,
        corrections=tuple(about[EventCorrected]),
        disputes=disputes,
        denials=tuple(about[ClaimDenied]),
        retracted_by=retracted.get(one.position),
    )


def _resolves(one: Fact) -> bool:
    return isinstance(one.event, EventDisputeResolved)


def _corrected(one: Fact, by: Recorded) -> Fact:
    correction = by.event
    assert isinstance(correction, EventCorrected)  # noqa: S101 - for the type checker
    given = correction.model_fields_set
    event, occurred_on = one.event, one.occurred_on
    if correction.data is not None:
        kind = event_class(event.type, one.recorded.kind)
        event = kind.revive(correction.schema_ or 1, correction.data)
    if "occurred_on" in given:
        occurred_on = correction.occurred_on
    sources = one.sources if correction.sources is None else correction.sources
    known = one.recorded.recorded_at if occurred_on == one.occurred_on else by.recorded_at
    earliest, day, latest, exact = _days(event, occurred_on, known.date())
    return replace(
        one,
        event=event,
        occurred_on=occurred_on,
        sources=sources,
        earliest=earliest,
        day=day,
        latest=latest,
        exact=exact,
    )


def in_order(counting: Iterable[Fact]) -> list[Fact]:
    """Put facts into their effective order: day, `after`, order of life, position."""
    waiting = sorted(counting, key=lambda one: one.order)
    if not any(one.follows for one in waiting):
        return waiting
    ordered: list[Fact] = []
    while waiting:
        today = {one.position for one in waiting if one.day == waiting[0].day}
        ready = (one for one in waiting if one.follows not in today)
        ordered.append(next(ready, waiting[0]))
        waiting.remove(ordered[-1])
    return ordered


def follows(pool: Iterable[Recorded], one: Recorded) -> int | None:
    """Give the position that `after` names; None where it names nothing on record."""
    return _position(pool, one.after)


def _position(pool: Iterable[Recorded], pointer: Pointer | None) -> int | None:
    """Give the position that a pointer of the archive means; None where nothing answers to it."""
    if pointer is None:
        return None
    if isinstance(pointer, ByPosition):
        return pointer.position
    found = [
        one.position for one in pool if (one.ref, one.event.type) == (pointer.ref, pointer.type)
    ]
    return found[-1] if found else None
