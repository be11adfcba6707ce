"""What a person sees of a subject on a day: its state, the doubt about it, and warnings."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from domain.effective import Fact
from domain.event import CLAIM, UNIVERSAL
from domain.steps import CLAIMS, Step, positions
from domain.steps import Notice as Notice  # noqa: PLC0414 - whoever shows views shows notices
from domain.subject import ENDS, Kind, State, Target
from domain.telling import date_words

_DORMANT_YEARS = 2


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


def doubtful(steps: Sequence[Step], day: date) -> Fact | None:
    """Give an event among whose possible days the day lies, unless something later settles it.

    Only a later event that sets a stage and has an exact day settles it. Universal events neither
    settle nor unsettle anything; a claim unsettles only what it changes.

    Args:
        steps: all of them, those after the day too: what ends may have ended before it counts.
        day: the day of looking.
    """
    for step in reversed(steps):
        one = step.fact
        if one.event.phase == UNIVERSAL or (one.event.phase == CLAIM and step.after is step.before):
            continue
        if one.exact and one.event.leads_to is not None and one.day <= day:
            return None
        begun = one.earliest is None or one.earliest <= day
        if begun and day < one.latest:
            return one
    return None


def standing(told: Sequence[Step]) -> tuple[Notice, ...]:
    """Give the warnings about a subject that hold after the last of its first steps, at least one.

    What claims say of one another is over with the next event of the subject's life.
    """
    last = told[-1]
    live = {one.position for one in last.claims}
    about_events = (
        notice
        for step in told
        for notice in step.notices
        if notice.code != CLAIMS or step.fact.position in live
    )
    about_state = (
        Notice(warned.code, warned.message, positions(warned, last.origins))
        for warned in last.after.warnings()
    )
    return (*about_events, *about_state)


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
        if target.is_overdue(day):
            promised = date_words(target.target_date or "")
            words = f"{target.milestone.replace('_', ' ')} was promised for {promised}"
            yield Notice("target_overdue", words, (position,))
    heard_on, position = heard
    if kind.goes_dormant and stage not in ENDS and _is_long_ago(heard_on, day):
        yield Notice("dormant", f"nothing heard since {heard_on}", (position,))


def _is_long_ago(heard_on: date, day: date) -> bool:
    until = heard_on.year + _DORMANT_YEARS, heard_on.month, heard_on.day
    return until < (day.year, day.month, day.day)
