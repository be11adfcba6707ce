"""What stood still: when it stopped, whether and when it went on, and for how long."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from domain.dates import Span
from domain.effective import Fact
from domain.history import History
from domain.slippage import Days, between, possible
from domain.subject import is_still


@dataclass(frozen=True, slots=True)
class Suspension:
    """One time of standing still.

    Attributes:
        began: the event with which it stopped.
        ended: the event with which that was over: it went on, or came to its end; None while open.
    """

    began: Fact
    ended: Fact | None = None

    @property
    def open(self) -> bool:
        """Whether it still stands still."""
        return self.ended is None

    @property
    def positions(self) -> tuple[int, ...]:
        """The events behind it."""
        return tuple(one.position for one in (self.began, self.ended) if one)

    def lasted(self, day: date) -> Days:
        """Give its length in days; while it is open, up to a day."""
        end = possible(self.ended) if self.ended else Span(day, day)
        return between(possible(self.began), end).at_least(0)


def suspensions(history: History, day: date) -> Iterator[Suspension]:
    """Give the suspensions that began by a day, as they then stood, in effective order."""
    began = None
    for one in history.steps:
        if one.fact.day > day:
            break
        was, is_now = is_still(one.before.stage), is_still(one.after.stage)
        if is_now and not was:
            began = one.fact
        elif was and not is_now and began:
            yield Suspension(began, one.fact)
            began = None
    if began:
        yield Suspension(began)
