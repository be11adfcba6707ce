"""Where something was before: its moves from place to place."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from domain.effective import Fact
from domain.event import events
from domain.facility import Relocation
from domain.history import History
from domain.places import Place

# The stored names of events with which something moves.
MOVING = tuple(name for name, event in events().items() if issubclass(event, Relocation))


@dataclass(frozen=True, slots=True)
class Moved:
    """A move.

    Attributes:
        fact: with which it moved.
        start: where it was; None where nobody knows.
    """

    fact: Fact
    start: Place | None
    to: Place
    stays: str | None


def moves(history: History, day: date) -> Iterator[Moved]:
    """Give the moves by a day, in effective order."""
    for one in history.steps:
        event = one.fact.event
        if one.fact.day <= day and isinstance(event, Relocation):
            start = event.from_ or getattr(one.before, "place", None)
            yield Moved(one.fact, start, event.to, event.stays or event.what_stays)
