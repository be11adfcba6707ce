"""What a process remembers of the journal between batches."""

from collections import OrderedDict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar
from uuid import UUID

from domain.effective import Recorded
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


class _Waiting(NamedTuple):
    row: Row
    decided: Recorded | None

    def recorded(self) -> Recorded:
        """Give the row as the domain sees it; what was decided here need not be read again."""
        row = self.row
        if self.decided is None:
            return row.recorded()
        return self.decided._replace(position=row.position, recorded_at=row.recorded_at)


@dataclass(slots=True)
class Remembered:
    """The rows of one subject, folded when somebody asks."""

    history: History | None = None
    waiting: list[_Waiting] = field(default_factory=list)

    @property
    def version(self) -> int:
        """The last version that is remembered; 0 for none."""
        if self.waiting:
            return self.waiting[-1].row.version
        return self.history.version if self.history else 0

    def add(self, row: Row, decided: History | None) -> None:
        """Take the next row, and the history that was decided; a row that is known is ignored."""
        if row.version != self.version + 1:
            return
        if decided and not self.waiting and _is_as_decided(row, decided.recorded[-1]):
            self.history = decided
        else:
            self.waiting.append(_Waiting(row, decided.recorded[-1] if decided else None))

    def folded(self) -> History:
        """Give the history of all rows."""
        added, self.waiting = [one.recorded() for one in self.waiting], []
        if self.history is None:
            self.history = History.of(added)
        elif added:
            self.history = self.history.add(*added)
        return self.history


def _is_as_decided(row: Row, decided: Recorded) -> bool:
    """Whether the history that was decided on is the one that is now on record."""
    same_day = decided.recorded_at.date() == row.recorded_at.date()
    return same_day and decided.position == row.position


class Memory:
    """What a process remembers of the journal between batches.

    Keys never change, so what is known of them stays true; histories may have gone on since.

    Attributes:
        position: the last one heard of.
        appended: the last one that was appended here.
        doubted: subjects whose history has gone on, as a conflict showed.
        shared: whether others wrote before what was last appended here: then histories are looked
            at before they are trusted, which costs less than to decide again.
    """

    def __init__(self, *, subjects: int = 200_000, histories: int = 5_000) -> None:
        self.position = self.appended = 0
        self.doubted: set[UUID] = set()
        self.shared = False
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

    def doubt(self, subjects: Iterable[UUID]) -> None:
        """Trust no longer what is remembered of subjects."""
        self.doubted.update(one for one in subjects if self.histories.get(one))

    def record(self, row: Row, decided: History | None = None) -> None:
        """Remember a row that is on record, if all before it of its subject are remembered.

        Args:
            row: the next one of its subject.
            decided: the history of its subject up to this row, where it was decided here.
        """
        self.position = max(self.position, row.position)
        told = self.histories.get(row.subject)
        if told is None and row.version == 1:
            self.name(Subject(row.subject, row.kind, row.key))
            self.histories.keep(row.subject, told := Remembered())
        if told is not None:
            told.add(row, decided)
