"""What a projection is: the rows that follow from the history of one subject, and nothing else.

The rows that follow from a history are what is known after its last event. Those that follow from
it and not from the history before it are known from the position of that event on, and the others
until then: so the tables keep what was known at every position.
"""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from domain.history import History

Row = tuple[Any, ...]
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
FOREVER = "infinity"  # as a day; Postgres reads it, Python has no such date


class Column(NamedTuple):
    """A column of a key, and its type in Postgres."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table in the schema `views`.

    Attributes:
        key: the columns that tell rows apart of all that is known at once; each row begins so.
        rest: the other columns.
        of_subject: which rows belong to the subjects `%(ids)s`; `{suffix}` ends the names of
            tables. Rows are looked for before those of the tables in front of this one go.
        least: of a table whose rows stay, whatever is learnt later, the columns that tell the
            least that was ever told; then `known_from` tells since when, and nothing until when.
    """

    name: str
    key: tuple[Column, ...]
    rest: tuple[str, ...]
    of_subject: str
    least: tuple[Column, ...] = ()

    @property
    def columns(self) -> str:
        """The names of the columns, in the order in which they are written."""
        known = "known_from" if self.least else "known"
        typed = (column.name for column in (*self.key, *self.least))
        return ", ".join((*typed, *self.rest, known))


class Since(NamedTuple):
    """From where on the rows of two histories can differ.

    Attributes:
        step: the steps before it are the same in both.
        day: what is seen on the days before it is the same in both.
    """

    step: int
    day: date


BEGINNING = Since(0, date.min)


class Projection(ABC):
    """A question's tables and how their rows follow from histories.

    Attributes:
        version: to be raised when other rows follow from the same history.
    """

    name: ClassVar[str]
    version: ClassVar[int]
    tables: ClassVar[tuple[Table, ...]]

    @abstractmethod
    def rows(self, history: History, since: Since) -> Sequence[Sequence[Row]]:
        """Give the rows of each table for one subject; those that lie before `since` may lack."""


@dataclass(slots=True)
class Changes:
    """What becomes known in a table, and what ceases to be.

    Attributes:
        closed: keys of rows in the table, each with the position from which on it is not known.
    """

    table: Table
    closed: list[Row] = field(default_factory=list)
    _past: list[Row] = field(default_factory=list)
    _open: dict[Row, tuple[int, Row]] = field(default_factory=dict)

    def compare(self, before: Sequence[Row], after: Iterable[Row], position: int) -> None:
        """Add what leads from some rows to others, with the event at a position."""
        width = len(self.table.key)
        if not before:
            for row in after:
                self._tell(row[:width], row, position)
            return
        old = {row[:width]: row for row in before}
        new = {row[:width]: row for row in after}
        if not self.table.least:
            for key, row in old.items():
                if new.get(key) != row:
                    self._close(key, position)
        for key, row in new.items():
            if old.get(key) != row:
                self._tell(key, row, position)

    def _tell(self, key: Row, row: Row, position: int) -> None:
        if key in self._open:  # of a table whose rows stay: all else was closed
            position, known = self._open[key]
            row = min(known, row)
        self._open[key] = position, row

    def _close(self, key: Row, position: int) -> None:
        if key in self._open:
            start, row = self._open.pop(key)
            self._past.append((*row, f"[{start},{position})"))
        else:
            self.closed.append((*key, position))

    def rows(self) -> Iterator[Row]:
        """Give the rows that the table gains, as they are written."""
        if self.table.least:
            return ((*row, start) for start, row in self._open.values())
        known = ((*row, f"[{start},)") for start, row in self._open.values())
        return chain(self._past, known)


def since(old: History | None, new: History) -> Since:
    """Tell from where on a history differs from the one before it.

    Where events came last in the world their steps were put behind the old ones, which are kept;
    where anything else happened every step is made anew.
    """
    if old is None or not old.steps:
        return BEGINNING
    kept = len(old.steps)
    if len(new.steps) <= kept or new.steps[kept - 1] is not old.steps[-1]:
        return BEGINNING
    days = (step.fact.earliest or date.min for step in new.steps[kept:])
    return Since(kept, min(days))


class Lately(Generic[K, V]):
    """What was worked out of the two histories looked at last.

    What follows from a history is asked for twice: when it is new, and when it is the one before.
    """

    def __init__(self) -> None:
        self._kept: tuple[tuple[History, dict[K, V]], ...] = ()

    def of(self, history: History) -> dict[K, V]:
        """Give what is kept of a history, to be added to."""
        for known, made in self._kept:
            if known is history:
                return made
        self._kept = (*self._kept[-1:], (history, {}))
        return self._kept[-1][1]


def compare(
    projection: Projection, old: History | None, new: History, changes: Sequence[Changes]
) -> None:
    """Add to the changes of each table what leads from one history to the next one."""
    start = since(old, new)
    after = projection.rows(new, start)
    before = projection.rows(old, start) if old else [()] * len(after)
    for change, was, is_now in zip(changes, before, after, strict=True):
        change.compare(was, is_now, new.last_position)
