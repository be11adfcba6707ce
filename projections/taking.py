"""Take events into the tables of a projection, and set aside what fails.

All of it runs in the caller's transaction; what fails is undone for its subject alone.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from domain.history import History
from journal.rows import Row
from projections import quarantine
from projections.histories import Advance, without
from projections.projection import Changes, Projection, compare
from projections.quarantine import Ward
from projections.tables import Connection, write
from projections.tracking import is_about_the_connection


@dataclass(frozen=True, slots=True)
class Taker:
    """Takes events into one projection.

    Attributes:
        suffix: of the names of its tables: of those that are read, or of the fresh ones.
    """

    connection: Connection
    projection: Projection
    ward: Ward
    suffix: str = ""

    @property
    def name(self) -> str:
        """Under which events are set aside."""
        return self.projection.name + self.suffix

    def take(self, advances: Sequence[Advance]) -> bool:
        """Write what follows from events of healthy subjects; tell whether rows changed."""
        changed: list[bool] = []
        if self._fault(lambda: changed.append(self._write(advances))):
            changed = [self._take_one(one) for one in advances]
        return any(changed)

    def _take_one(self, advance: Advance) -> bool:
        if self._fault(lambda: self._write([advance])):
            self._take_singly(advance.rows, advance.old)
        return True

    def take_whole(self, rows: Sequence[Row]) -> bool:
        """Write a subject's rows from its first event on, without those that are skipped.

        Returns:
            whether nothing had to be set aside.
        """
        subject = rows[0].subject
        wanted = list(without(rows, self.ward.skipped.get(subject, ())))
        self.ward.held.pop(subject, None)
        if self._fault(lambda: self._write([Advance(wanted)])):
            return self._take_singly(wanted, None)
        return True

    def _take_singly(self, rows: Sequence[Row], old: History | None) -> bool:
        """Take a subject's events one by one, up to the first that fails."""
        for index, row in enumerate(rows):
            advance = Advance([row], old)
            if fault := self._fault(lambda: self._write([advance])):  # noqa: B023 - called at once
                quarantine.hold(self.connection, self.name, rows[index:], fault)
                self.ward.held[row.subject] = row.position
                return False
            old = advance.last()
        return True

    def _fault(self, action: Callable[[], object]) -> Exception | None:
        """Do something entirely, or not at all and tell why."""
        try:
            with self.connection.transaction():
                action()
        except Exception as fault:
            if is_about_the_connection(fault):
                raise
            return fault
        return None

    def _write(self, advances: Iterable[Advance]) -> bool:
        changes = [Changes(table) for table in self.projection.tables]
        for one in advances:
            for old, new in one.steps():
                compare(self.projection, old, new, changes)
        return write(self.connection, changes, self.suffix)
