"""The histories of the subjects that a projection is about to follow on."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from uuid import UUID

from domain.history import History
from journal.memory import Recent
from journal.rows import COLUMNS, Row
from projections.tables import Connection

# A history of the usual one to five events takes about 10 kB.
MOST_KEPT = 20_000
# Steps in all histories of one advance; each is a few references.
MOST_FOLDED = 500_000

_AFTER = f"""
SELECT {COLUMNS} FROM journal.events WHERE position > %s AND position <= %s
ORDER BY position LIMIT %s
"""
_OF_SUBJECTS = f"""
SELECT {COLUMNS} FROM journal.events WHERE subject = ANY(%s) AND position <= %s
ORDER BY subject, version
"""


def read_after(connection: Connection, position: int, until: int, limit: int) -> list[Row]:
    """Give the next rows of the journal."""
    with connection.cursor(binary=True) as cursor:
        found = cursor.execute(_AFTER, (position, until, limit), prepare=True)
        return list(map(Row._make, found))


def read_subjects(
    connection: Connection, subjects: Iterable[UUID], until: int
) -> dict[UUID, list[Row]]:
    """Give all rows of some subjects up to a position."""
    rows = defaultdict(list)
    with connection.cursor(binary=True) as cursor:
        for row in map(Row._make, cursor.execute(_OF_SUBJECTS, (list(subjects), until))):
            rows[row.subject].append(row)
    return rows


@dataclass(slots=True)
class Advance:
    """How the history of one subject goes on, event by event.

    Attributes:
        rows: of the events that come new.
        old: the history before them.
        fault: why that could not be folded.
    """

    rows: Sequence[Row]
    old: History | None = None
    fault: Exception | None = None
    _new: Sequence[History] = ()

    @property
    def subject(self) -> UUID:
        """The subject's id."""
        return self.rows[0].subject

    def steps(self) -> Iterator[tuple[History | None, History]]:
        """Give the history after each event, with the one before it.

        Raises:
            Exception: whatever an event did.
        """
        if self.fault:
            raise self.fault
        if not self._new:
            histories = folded(self.rows, self.old)
            if self._is_long():
                yield from pairwise(chain([self.old], histories))
                return
            self._new = tuple(histories)
        yield from pairwise((self.old, *self._new))

    def _is_long(self) -> bool:
        """Tell whether to keep all histories takes too much memory, so that they are made anew."""
        events = len(self.rows)
        return events * (events + (self.old.version if self.old else 0)) > MOST_FOLDED

    def last(self) -> History:
        """Give the history after all events."""
        *_, (_, last) = self.steps()
        return last


def folded(rows: Iterable[Row], before: History | None = None) -> Iterator[History]:
    """Give the history after each of the next events of one subject."""
    for row in rows:
        event = row.recorded()
        before = before.add(event) if before else History.of([event])
        yield before


class Histories:
    """The histories used last. A version tells whether one is what comes before a row."""

    def __init__(self, size: int = MOST_KEPT) -> None:
        self._kept: Recent[UUID, History] = Recent(size)

    def advance(self, connection: Connection, rows: Sequence[Row]) -> list[Advance]:
        """Fold rows, the next of the journal, onto the histories of their subjects."""
        groups: dict[UUID, list[Row]] = defaultdict(list)
        for row in rows:
            groups[row.subject].append(row)
        missing = [one for one, new in groups.items() if not self._precedes(one, new[0])]
        loaded: dict[UUID, list[Row]] = {one: [] for one in missing}
        if missing:
            loaded.update(read_subjects(connection, missing, rows[0].position - 1))
        return [self._advanced(one, new, loaded.get(one)) for one, new in groups.items()]

    def _precedes(self, subject: UUID, row: Row) -> bool:
        """Tell whether what is kept is what comes before a row."""
        if row.version == 1:
            self.drop(subject)
            return True
        known = self._kept.get(subject)
        return known is not None and known.recorded[-1].version == row.version - 1

    def _advanced(self, subject: UUID, rows: list[Row], loaded: list[Row] | None) -> Advance:
        try:
            old = self._kept.get(subject) if loaded is None else _whole(loaded)
        except Exception as fault:  # noqa: BLE001 - whatever it is, it concerns this subject alone
            return Advance(rows, fault=fault)
        advance = Advance(rows, old)
        try:
            self._kept.keep(subject, advance.last())
        except Exception:  # noqa: BLE001 - whoever takes the events meets it again
            self.drop(subject)
        return advance

    def drop(self, subject: UUID) -> None:
        """Forget a history."""
        self._kept.drop(subject)


def _whole(rows: Sequence[Row]) -> History | None:
    return History.of(row.recorded() for row in rows) if rows else None


def without(rows: Iterable[Row], positions: Iterable[int]) -> Iterator[Row]:
    """Leave out some positions."""
    left_out = set(positions)
    return (row for row in rows if row.position not in left_out)
