"""What a projection is: the rows that follow from the history of one subject, and nothing else."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar, NamedTuple

from domain.history import History

Row = tuple[Any, ...]
FOREVER = "infinity"  # as a day; Postgres reads it, Python has no such date


class Column(NamedTuple):
    """A column of a key, and its type in Postgres."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table in the schema `views`.

    Attributes:
        key: the columns that tell rows apart; each row begins with them.
        rest: the other columns.
        of_subject: which rows belong to the subjects `%(ids)s`; `{suffix}` ends the names of
            tables. Rows are looked for before those of the tables in front of this one go.
    """

    name: str
    key: tuple[Column, ...]
    rest: tuple[str, ...]
    of_subject: str

    @property
    def columns(self) -> str:
        """The names of the columns, in the order of the rows."""
        return ", ".join((*(column.name for column in self.key), *self.rest))


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
    """What a table must lose and gain: keys and rows."""

    gone: list[Row] = field(default_factory=list)
    new: list[Row] = field(default_factory=list)

    def compare(self, before: Iterable[Row], after: Iterable[Row], width: int) -> None:
        """Add what leads from some rows to others; `width` columns are their key."""
        old = {row[:width]: row for row in before}
        for row in after:
            if old.get(row[:width]) == row:
                del old[row[:width]]
            else:
                self.new.append(row)
        self.gone.extend(old)


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


def compare(
    projection: Projection, old: History | None, new: History, changes: Sequence[Changes]
) -> None:
    """Add to the changes of each table of a projection what leads from one history to another."""
    start = since(old, new)
    after = projection.rows(new, start)
    if old is None:
        for change, rows in zip(changes, after, strict=True):
            change.new += rows
        return
    before = projection.rows(old, start)
    for table, change, was, is_now in zip(projection.tables, changes, before, after, strict=True):
        change.compare(was, is_now, len(table.key))
