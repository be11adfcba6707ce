"""What a process remembers of the journal between batches."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from uuid import UUID

from domain.history import History
from journal.names import Subject
from journal.rows import Row

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """A cache that forgets what was not used for longest."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        """Give what is kept, and keep it for longer."""
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def keep(self, key: K, value: V) -> None:
        """Keep a value."""
        self._kept[key] = value
        self._kept.move_to_end(key)
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)

    def drop(self, key: K) -> None:
        """Forget a value."""
        self._kept.pop(key, None)


@dataclass(slots=True)
class Remembered:
    """The rows of one subject, folded when somebody asks."""

    history: History | None = None
    waiting: list[Row] = field(default_factory=list)

    @property
    def version(self) -> int:
        """The last version that is remembered; 0 for none."""
        if self.waiting:
            return self.waiting[-1].version
        return self.history.version if self.history else 0

    def add(self, row: Row, history: History | None) -> None:
        """Take the next row, or the history with it; one that is known changes nothing."""
        if row.version != self.version + 1:
            return
        if history:
            self.history = history
            self.waiting.clear()
        else:
            self.waiting.append(row)

    def folded(self) -> History:
        """Give the history of all rows."""
        waiting, self.waiting = self.waiting, []
        if self.history is None:
            self.history = History.of(row.recorded() for row in waiting)
        else:
            for row in waiting:
                self.history = self.history.add(row.recorded())
        return self.history


class Memory:
    """What a process remembers of the journal between batches.

    Keys never change, so what is known of them stays true; histories may have gone on since.

    Attributes:
        position: the last one heard of.
        doubted: subjects whose history has gone on, as a conflict showed.
    """

    def __init__(self, *, subjects: int = 200_000, histories: int = 5_000) -> None:
        self.position = 0
        self.doubted: set[UUID] = set()
        self.subjects: Recent[str, Subject] = Recent(subjects)  # by key and by id
        self.histories: Recent[UUID, Remembered] = Recent(histories)

    def name(self, subject: Subject) -> None:
        """Remember a subject."""
        self.subjects.keep(subject.key, subject)
        self.subjects.keep(str(subject.id), subject)

    def remembered(self, subject: UUID) -> Remembered | None:
        """Give what is remembered of a subject, unless that is nothing or known to be behind."""
        told = self.histories.get(subject)
        return told if told and told.version and subject not in self.doubted else None

    def record(self, row: Row, history: History | None = None) -> None:
        """Remember a row that is on record, if all before it of its subject are remembered.

        Args:
            row: the next one of its subject.
            history: that of its subject up to this row, where it is folded already.
        """
        self.position = max(self.position, row.position)
        told = self.histories.get(row.subject)
        if told is None and row.version == 1:
            self.name(Subject(row.subject, row.kind, row.key))
            self.histories.keep(row.subject, told := Remembered())
        if told is not None:
            told.add(row, history)
