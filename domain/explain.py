"""Why a state is as it is: for every field the events that made it so, and what they replaced."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import takewhile

from domain.effective import Fact, corrected, fact
from domain.history import History
from domain.steps import Step
from domain.subject import PROMISE, Kind, State
from domain.universal import EventCorrected

MERGED = "merged_into"


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction that changed what an event says of a field, or when.

    Attributes:
        position: of the correction.
        was: the value that the field had by the event before this correction.
        occurred_on: the date that the event had before it.
    """

    position: int
    was: object
    occurred_on: str | None


@dataclass(frozen=True, slots=True)
class Telling:
    """An event that gave a field a value, or the same value again.

    Attributes:
        value: of the field from then on, as in the state; None where the event took it away.
        fact: the event as it counts, with its envelope as recorded (`fact.recorded`).
        corrections: those that changed this, in the order of recording; `fact.corrections` has
            those of other fields and of the sources too.
    """

    value: object
    fact: Fact
    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a field of a state rests on.

    Attributes:
        field: a field of the kind, "stage", "target:…" by milestone, or "merged_into".
        tellings: all events that ever told it, up to the day, the latest first, so that the first
            is the one behind the value. A list to which a later event added rests on the others
            too.
    """

    field: str
    tellings: tuple[Telling, ...]

    @property
    def value(self) -> object:
        """The value that stands."""
        return self.tellings[0].value

    @property
    def position(self) -> int:
        """The position of the event behind the value."""
        return self.tellings[0].fact.position

    @property
    def replaced(self) -> Telling | None:
        """The latest telling of another value; None where there was none before."""
        return next((one for one in self.tellings if one.value != self.value), None)


def explain(history: History, day: date) -> tuple[Explanation, ...]:
    """Explain every field that the view of a day shows.

    Args:
        history: as known; `History.at` gives it as known at a position.
        day: the effective day.

    Returns:
        the stage, the fields in the order of their declaration, targets, and `merged_into`;
        nothing where nothing is known of the subject on the day.
    """
    steps = [*takewhile(lambda one: one.fact.day <= day, history.steps)]
    if not steps:
        return ()
    told = (
        Explanation(field, tuple(_telling(history, one, field) for one in telling(steps, field)))
        for field in _fields(history.kind, steps[-1].origins)
    )
    return (*told, *_merged(history))


def value(state: State, field: str) -> object:
    """Give the value of a field of a state, where the name may be "target:…" too."""
    if field.startswith(PROMISE):
        return next((one for one in state.targets if one.field == field), None)
    found: object = getattr(state, field)
    return found


def telling(steps: Iterable[Step], field: str) -> list[Step]:
    """Give the steps that told a field, the latest first."""
    return [one for one in steps if one.origins.get(field) == one.fact.position][::-1]


def _fields(kind: Kind, told: Iterable[str]) -> list[str]:
    order = {name: rank for rank, name in enumerate(("stage", *kind.facts.model_fields))}
    return sorted(told, key=lambda name: order.get(name, len(order)))


def _telling(history: History, step: Step, field: str) -> Telling:
    corrections = tuple(_corrections(history, step, field))
    return Telling(value(step.after, field), step.fact, corrections)


def _corrections(history: History, step: Step, field: str) -> Iterator[Correction]:
    """Let the event happen in its place as it was recorded, and after each of its corrections."""
    then = fact(step.fact.recorded)
    for by in map(history.fact, step.fact.corrections):
        if isinstance(by.event, EventCorrected):
            now = corrected(then, by.event)
            was = value(then.event.evolve(step.before), field)
            if then.occurred_on != now.occurred_on or was != value(
                now.event.evolve(step.before), field
            ):
                yield Correction(by.position, was, then.occurred_on)
            then = now


def _merged(history: History) -> Iterator[Explanation]:
    """Explain by which event the record turned out to be a duplicate."""
    if merge := history.merge:
        yield Explanation(MERGED, (Telling(history.merged_into, merge),))
