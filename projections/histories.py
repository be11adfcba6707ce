"""The histories of the subjects that a projection is about to follow on."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from domain.history import History
from journal.memory import Recent
from journal.rows import COLUMNS, Row
from projections.projection import BEGINNING, since
from projections.tables import Connection

# A history of the usual one to five events takes about 10 kB.
MOST_KEPT = 20_000

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


def folded(rows: Iterable[Row], before: History | None = None) -> History | None:
    """Put the events of one subject behind a history."""
    events = [row.recorded() for row in rows]
    if before is None:
        return History.of(events) if events else None
    known = before.recorded
    for event in events:
        after = before.add(event)
        if since(before, after) == BEGINNING:
            # It did not come last: the whole was folded again, which is done once for all.
            return History.of((*known, *events))
        before = after
    return before


@dataclass(slots=True)
class Advance:
    """How the history of one subject goes on.

    Attributes:
        rows: those that come new.
        fault: why they could not be folded; then `new` is the old history.
    """

    rows: Sequence[Row]
    old: History | None
    new: History | None
    fault: Exception | None = None

    @property
    def subject(self) -> UUID:
        """The subject's id."""
        return self.rows[0].subject


def advance(rows: Sequence[Row], old: History | None = None) -> Advance:
    """Fold the next rows of one subject."""
    try:
        return Advance(rows, old, folded(rows, old))
    except Exception as fault:  # noqa: BLE001 - whatever it is, it concerns this subject alone
        return Advance(rows, old, old, fault)


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
            old = self._kept.get(subject) if loaded is None else folded(loaded)
        except Exception as fault:  # noqa: BLE001 - whatever it is, it concerns this subject alone
            return Advance(rows, None, None, fault)
        advanced = advance(rows, old)
        if advanced.new and not advanced.fault:
            self._kept.keep(subject, advanced.new)
        else:
            self.drop(subject)
        return advanced

    def drop(self, subject: UUID) -> None:
        """Forget a history."""
        self._kept.drop(subject)


def without(rows: Iterable[Row], positions: Iterable[int]) -> Iterator[Row]:
    """Leave out some positions."""
    left_out = set(positions)
    return (row for row in rows if row.position not in left_out)
