"""Which recorded events count, as what, and in which order they happened."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from heapq import heappop, heappush
from itertools import chain, groupby
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from domain.dates import latest_from, span
from domain.event import UNIVERSAL, Event, event_class
from domain.universal import (
    ClaimDenied,
    ClaimReported,
    EventCorrected,
    EventDisputed,
    EventDisputeResolved,
    EventRetracted,
    EvidenceAdded,
    Pointing,
)
from domain.vocabulary import ByPosition, Pointer, Source

_CONFIDENCE = ("confirmed", "probable", "possible", "doubtful")


class Recorded(NamedTuple):
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

    @property
    def known(self) -> date:
        """The day of recording, by which it had happened as far as anybody knows."""
        return self.recorded_at.date()


class Fact(NamedTuple):
    """An event as it now counts: corrected, and at its place in the world.

    Attributes:
        earliest: the first possible day; None where it is open.
        day: the effective day.
        latest: the last possible day, as far as could be known when it was recorded.
        exact: whether only one day is possible.
        follows: the position that it follows within its day, whatever the order of life says.
        target: the position of the event that it is about, if any.
        corrections, disputes, resolutions, denials: positions of the corrections that made it
            what it is, of the disputes still open about it or such a correction, of what settled
            it (itself a dispute), and of the denials of this claim.
        evidence: the sources that others gave for it later.
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
    target: int | None = None
    corrections: tuple[int, ...] = ()
    disputes: tuple[int, ...] = ()
    resolutions: tuple[int, ...] = ()
    denials: tuple[int, ...] = ()
    evidence: tuple[Source, ...] = ()
    retracted_by: int | None = None

    @property
    def position(self) -> int:
        """The position at which it was first recorded."""
        return self.recorded.position

    @property
    def contested(self) -> bool:
        """Whether a person, or a source of its own or given later, speaks against it."""
        against = any(one.stance != "supports" for one in (*self.sources, *self.evidence))
        return bool(against or self.disputes or self.denials)

    @property
    def weak(self) -> bool:
        """Whether one weak source, of its own or given later, is all that supports it."""
        support = [one for one in (*self.sources, *self.evidence) if one.stance == "supports"]
        return len(support) == 1 and support[0].weak

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
        """The best confidence among its own sources that support it."""
        given = {source.confidence for source in self.sources if source.stance == "supports"}
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


# ── what an event means ──────────────────────────────────────────────────────────────────────────


def matches(recorded: Iterable[Recorded], pointer: Pointer) -> list[int]:
    """Give the positions of the events that a pointer may mean, in the order of recording.

    They are several where a row of the client's file was logged again.
    """
    if isinstance(pointer, ByPosition):
        return [one.position for one in recorded if one.position == pointer.position]
    wanted = (pointer.ref, pointer.type)
    return [one.position for one in recorded if (one.ref, one.event.type) == wanted]


def _meant(pool: Sequence[Recorded], pointer: Pointer | None, by: Recorded) -> int | None:
    """Give the position that a pointer on record means: of what was known then, the last."""
    if pointer is None:
        return None
    known = [position for position in matches(pool, pointer) if position < by.position]
    return known[-1] if known else None


def fact(recorded: Recorded) -> Fact:
    """Give an event as it counts when nothing is about it, and it is about nothing."""
    days = _days(recorded.event, recorded.occurred_on, recorded.known)
    return Fact(recorded, recorded.event, recorded.occurred_on, recorded.sources, *days)


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

    What is about an event was recorded after it. So the last is looked at first: whatever speaks
    about an event is itself settled, and what is retracted says nothing about others.
    """
    about: dict[int, list[Fact]] = defaultdict(list)
    denials: list[Fact] = []  # that name no claim
    counted = []
    for one in reversed(recorded):
        final = _amended(fact(one), about.pop(one.position, []), denials)
        final = _placed(final, recorded)
        if final.target and not final.retracted_by:
            about[final.target].insert(0, final)
        elif isinstance(final.event, ClaimDenied) and not final.retracted_by:
            denials.insert(0, final)
        counted.append(final)
    return tuple(reversed(counted))


def _placed(one: Fact, pool: Sequence[Recorded]) -> Fact:
    """Find what it follows and what it is about."""
    pointer = one.event.target if isinstance(one.event, Pointing) else None
    if not (pointer or one.recorded.after):
        return one
    after = _meant(pool, one.recorded.after, one.recorded)
    return one._replace(follows=after, target=_meant(pool, pointer, one.recorded))


def _amended(one: Fact, about: Sequence[Fact], denials: Sequence[Fact]) -> Fact:
    """Apply what was said about an event since; an untargeted denial is about every claim."""
    if isinstance(one.event, ClaimReported):
        about = sorted((*about, *denials), key=attrgetter("position"))
    if not about:
        return one
    resolutions = _positions(about, EventDisputeResolved)
    evidence = [other for other in about if isinstance(other.event, EvidenceAdded)]
    for other in about:
        if isinstance(other.event, EventCorrected):
            one = corrected(one, other.event)
    return one._replace(
        corrections=_positions(about, EventCorrected),
        disputes=tuple(sorted(_still_open(about, max(resolutions, default=0)))),
        resolutions=resolutions,
        denials=_positions(about, ClaimDenied),
        evidence=tuple(chain.from_iterable(other.sources for other in evidence)),
        retracted_by=next(iter(_positions(about, EventRetracted)), None),
    )


def _positions(about: Iterable[Fact], event: type[Event]) -> tuple[int, ...]:
    return tuple(other.position for other in about if isinstance(other.event, event))


def _still_open(about: Iterable[Fact], resolved: int) -> Iterator[int]:
    """Give the disputes that no resolution names and none of the event itself comes after.

    What is disputed of a correction is disputed of what it corrects.
    """
    for other in about:
        found: tuple[int, ...] = ()
        if isinstance(other.event, EventDisputed) and not other.resolutions:
            found = (other.position,)
        elif isinstance(other.event, EventCorrected):
            found = other.disputes
        yield from (position for position in found if position > resolved)


def corrected(one: Fact, correction: EventCorrected) -> Fact:
    """Give a fact as it counts after a correction of it, which counts as given."""
    event = one.event
    if correction.data is not None:
        kind = event_class(event.type, one.recorded.kind)
        event = kind.revive(correction.schema_ or 1, correction.data)
    sources = one.sources if correction.sources is None else correction.sources
    one = one._replace(event=event, sources=sources)
    if "occurred_on" not in correction.model_fields_set:
        return one
    earliest, day, latest, exact = _days(event, correction.occurred_on, one.recorded.known)
    return one._replace(
        occurred_on=correction.occurred_on,
        earliest=earliest,
        day=day,
        latest=latest,
        exact=exact,
    )


# ── in which order ───────────────────────────────────────────────────────────────────────────────


def in_order(counting: Iterable[Fact]) -> list[Fact]:
    """Put facts into their effective order: day, `after`, order of life, position."""
    ordered = sorted(counting, key=attrgetter("order"))
    if not any(one.follows for one in ordered):
        return ordered
    return [one for _, day in groupby(ordered, attrgetter("day")) for one in _of_one_day([*day])]


def _of_one_day(day: list[Fact]) -> Iterator[Fact]:
    """Hold each fact back until what it follows is told."""
    here = {one.position for one in day}
    held: dict[int | None, list[Fact]] = defaultdict(list)
    ready = []
    for one in day:
        if one.follows in here:
            held[one.follows].append(one)
        else:
            ready.append((one.order, one))
    while ready:
        _, told = heappop(ready)
        yield told
        for one in held[told.position]:
            heappush(ready, (one.order, one))
