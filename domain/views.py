"""What a person should see beside the state itself: doubt, and warnings."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from domain import rules
from domain.dates import span
from domain.effective import Fact
from domain.event import LIFE, UNIVERSAL, Event
from domain.subject import Kind, State, Target, Warned
from domain.universal import EvidenceAdded
from domain.vocabulary import ByPosition

if TYPE_CHECKING:
    from domain.history import Step

DORMANT_AFTER = timedelta(days=731)  # two years, as agreed with the teams that log


@dataclass(frozen=True, slots=True)
class Notice:
    """A warning, with the positions of the events that it is about."""

    code: str
    message: str
    positions: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """A subject on one day, as known.

    Attributes:
        uncertain: whether an imprecise date leaves open if this is already, or still, so.
        contested: whether something that it rests on is disputed, denied or contradicted.
        notices: what a person should look at, whatever day it is; see also `aging`.
        origins: field, "stage" or "target:…" to the position of the event behind it.
        positions: the events behind it, in effective order.
        heard_on: the last day of which anything is known.
    """

    state: State
    uncertain: bool
    contested: bool
    notices: tuple[Notice, ...]
    origins: Mapping[str, int]
    positions: tuple[int, ...]
    heard_on: date


def is_uncertain(ordered: Sequence[Fact], day: date) -> bool:
    """Tell whether the day lies among the possible days of an event, and nothing later settles it.

    Only a later event that sets a stage and has an exact day settles it.
    """
    settled = False
    for one in reversed(ordered):
        if one.event.phase == UNIVERSAL:
            continue
        begun = one.earliest is None or one.earliest <= day
        if begun and day < one.latest and not one.exact and not settled:
            return True
        settled |= one.exact and one.event.leads_to is not None and one.day <= day
    return False


def changed(event: Event, before: State, after: State) -> Iterator[str]:
    """Name what an event changed: fields, "stage", and "target:…" for each promise."""
    old = before.__dict__
    yield from (name for name, value in after.__dict__.items() if old[name] is not value)
    if event.next_stage(before):
        yield "stage"
    if before.targets is not after.targets:
        yield from (
            f"target:{one.milestone}"
            for one in after.targets
            if not any(one is other for other in before.targets)
        )


def notices_of(one: Fact, before: State, behind: Mapping[str, int]) -> tuple[Notice, ...]:
    """Give the warnings about an event, in the state in which it comes."""
    return tuple(
        Notice(warned.code, warned.message, _positions(warned, behind, one.position))
        for warned in rules.warn(one.event, before)
    )


def standing(
    steps: Sequence["Step"], state: State, origins: Mapping[str, int]
) -> tuple[Notice, ...]:
    """Give the warnings about a subject after some steps."""
    about_events = (notice for step in steps for notice in step.notices)
    about_state = (
        Notice(warned.code, warned.message, _positions(warned, origins))
        for warned in state.warnings()
    )
    return (*about_events, *about_state, *_weak([step.fact for step in steps]))


def _positions(warned: Warned, origins: Mapping[str, int], *own: int) -> tuple[int, ...]:
    return tuple(sorted({*own, *(origins[name] for name in warned.fields if name in origins)}))


def _weak(told: Sequence[Fact]) -> Iterator[Notice]:
    backed = set()
    for one in told:
        evidence = one.event
        if isinstance(evidence, EvidenceAdded) and any(not source.weak for source in one.sources):
            if isinstance(evidence.target, ByPosition):
                backed.add(evidence.target.position)
            elif evidence.target is not None:
                backed.add((evidence.target.ref, evidence.target.type))
    for one in told:
        alone = len(one.sources) == 1 and one.sources[0].weak
        known_as = {one.position, (one.recorded.ref, one.event.type)}
        if alone and one.event.phase == LIFE and not known_as & backed:
            yield Notice("weak_source", "rests on one weak source", (one.position,))


def aging(
    kind: Kind,
    stage: str,
    targets: Iterable[tuple[Target, int]],
    heard: tuple[date, int],
    day: date,
) -> Iterator[Notice]:
    """Give the warnings that come by the passing of time alone.

    Args:
        kind: of the subject.
        stage: in which it is.
        targets: its promises, each with the position of the event behind it.
        heard: the last day of which anything is known, and the last event's position.
        day: the day of looking.
    """
    for target, position in targets:
        due = span(target.target_date).latest if target.target_date else None
        if target.outcome == "open" and due and due < day:
            words = f"{target.milestone.replace('_', ' ')} was promised for {target.target_date}"
            yield Notice("target_overdue", words, (position,))
    heard_on, position = heard
    if kind.goes_dormant and not kind.state(stage=stage).ended and heard_on + DORMANT_AFTER < day:
        yield Notice("dormant", f"nothing heard since {heard_on}", (position,))
