"""Build projections anew from the journal, beside the ones that are read, and put them in place.

Parts of the journal, cut by subject, are folded by several processes and copied into fresh tables.
Subjects that went on in the meantime are done again, at the end while the projection stands still,
and the tables are exchanged in that transaction: readers see the old rows or the new ones.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

import psycopg

from journal.rows import Row
from projections import quarantine
from projections.catalogue import PROJECTIONS
from projections.histories import Advance, read_subjects
from projections.parts import (
    LASTS_LATER,
    Part,
    Report,
    connect,
    cores,
    cut,
    read,
    side_by_side,
    silent,
    spread,
)
from projections.projection import Projection
from projections.quarantine import Ward
from projections.tables import FRESH, Connection, forget
from projections.taking import Taker
from projections.tracking import acquire_build, enter, progress, rebuilt

# Subjects done again while the projection stands still; more of them are done before.
FEW = 200
# Whoever asks for a table that we wait for waits behind us: not for long, and not all the time.
PATIENCE = "50ms"
AGAIN_AFTER = 0.5  # seconds


def rebuild(
    url: str,
    projections: Sequence[Projection] = PROJECTIONS,
    report: Report = silent,
    workers: int | None = None,
) -> int:
    """Build projections anew, without a moment in which they cannot be read.

    Args:
        url: of the database.
        projections: that are built.
        report: is told how far it is.
        workers: how many processes fold, this one among them; as many as there are cores.

    Returns:
        the position up to which they were built.
    """
    with connect(url) as connection:
        acquire_build(connection, wait=True)
        return Build(url, connection, tuple(projections), report).run(workers or cores())


def left_out(url: str, projections: Sequence[Projection] = PROJECTIONS) -> dict[str, int]:
    """Count the events that each projection could not take, of those that have any."""
    with connect(url) as connection:
        return quarantine.held(connection, [one.name for one in projections])


@dataclass(slots=True)
class Build:
    """One rebuild, by whoever has the lock for it.

    Attributes:
        url: of the database.
        report: is told how far it is.
        position: up to which the fresh tables hold every event.
    """

    url: str
    connection: Connection
    projections: tuple[Projection, ...]
    report: Report = silent
    position: int = 0
    _skipped: set[tuple[str, UUID, int]] = field(default_factory=set)

    @property
    def tables(self) -> list[str]:
        """The names of all tables."""
        return [table.name for one in self.projections for table in one.tables]

    @property
    def names(self) -> list[str]:
        """The names of the projections."""
        return [one.name for one in self.projections]

    def run(self, workers: int, *, here: bool = True) -> int:
        """Do all of it; give the position up to which it was done.

        Args:
            workers: how many processes fold.
            here: whether this process is one of them.
        """
        self.start()
        self.fill(workers, here=here)
        self.index()
        return self.finish()

    def start(self) -> None:
        """Make empty tables beside the present ones."""
        self.connection.execute("SELECT views.start_build(%s)", (self.tables,))
        enter(self.connection, self.projections)
        for name in self.names:
            quarantine.empty(self.connection, name + FRESH)
        self._skipped = quarantine.skipped(self.connection, self.names)
        [(self.position,)] = self.connection.execute("SELECT position FROM journal.head")

    def fill(self, workers: int, *, here: bool = True) -> None:
        """Fold the journal into them, part by part."""
        done = 0
        work = partial(fill_part, self.url, self.projections)
        parts = list(cut(self.connection, self.position))
        for count in spread(work, parts, workers, here=here):
            done += count
            self.report("events", done, self.position)

    def index(self) -> None:
        """Index the fresh tables as the present ones are, several at a time."""
        found = self.connection.execute(_INDEXES, (self.tables,)).fetchall()
        made = side_by_side(self.url, "SELECT views.build_index(%s, %s)", found)
        for done, _ in enumerate(made, 1):
            self.report("indexes", done, len(found))
        tables = [(table,) for table in self.tables]
        list(side_by_side(self.url, "SELECT views.analyze_build(%s)", tables))

    def finish(self) -> int:
        """Bring the fresh tables to where the projections are, and put them in place.

        A reader that takes long must not make others wait behind us for it: we try again.
        """
        while True:
            self._catch_up()
            try:
                with self.connection.transaction():
                    self.connection.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
                    self._exchange()
            except psycopg.errors.LockNotAvailable:
                time.sleep(AGAIN_AFTER)
                continue
            return self.position

    def _catch_up(self) -> None:
        while len(subjects := self._gone_on(self._reached())) > FEW:
            reached, skipped = self._reached(), quarantine.skipped(self.connection, self.names)
            for start in range(0, len(subjects), FEW):
                with self.connection.transaction():
                    self._again(subjects[start : start + FEW], reached)
            self.position, self._skipped = reached, skipped

    def _reached(self) -> int:
        """Tell where the projection that is furthest is; the fresh tables never go back."""
        known = progress(self.connection, self.projections).values()
        return max([self.position, *(one.position for one in known)])

    def _gone_on(self, until: int) -> list[UUID]:
        """Give the subjects with more events, or about which people decided something since."""
        query = "SELECT DISTINCT subject FROM journal.events WHERE position > %s AND position <= %s"
        found = {one for (one,) in self.connection.execute(query, (self.position, until))}
        decided = self._skipped ^ quarantine.skipped(self.connection, self.names)
        return list(found | {subject for _, subject, _ in decided})

    def _again(self, subjects: list[UUID], until: int) -> None:
        rows = read_subjects(self.connection, subjects, until)
        for one in self.projections:
            forget(self.connection, one, subjects, FRESH)
        take(self.connection, self.projections, list(rows.values()))

    def _exchange(self) -> None:
        progress(self.connection, self.projections, lock=True)
        until = self._reached()
        self._again(self._gone_on(until), until)
        self.connection.execute("SELECT views.finish_build(%s)", (self.tables,))
        for one in self.projections:
            quarantine.exchange(self.connection, one.name, one.name + FRESH)
            rebuilt(self.connection, one, until)
        self.position = until


# Keys first, each of which has its table to itself while it is made; then the indexes of the
# smallest tables, so that they do not wait for the key of the largest one.
_INDEXES = """
SELECT t.relname, i.relname FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
LEFT JOIN pg_constraint c ON c.conindid = i.oid,
    pg_table_size(format('views.%%I', t.relname || '_fresh')::regclass) size
WHERE t.relnamespace = 'views'::regnamespace AND t.relname = ANY(%s)
ORDER BY c.oid IS NULL, CASE WHEN c.oid IS NULL THEN size ELSE -size END, i.relname
"""


def fill_part(url: str, projections: Sequence[Projection], part: Part) -> int:
    """Fold a part of the journal into the fresh tables; tell how many events it has."""
    with connect(url) as connection:
        connection.execute(LASTS_LATER)
        subjects = read(connection, part)
        with connection.transaction():
            take(connection, projections, subjects)
    return sum(map(len, subjects))


def take(
    connection: Connection, projections: Iterable[Projection], subjects: Sequence[Sequence[Row]]
) -> None:
    """Write all rows of some subjects into the fresh tables of projections."""
    advances = [Advance(rows) for rows in subjects]
    for one in projections:
        taker = Taker(connection, one, Ward.read(connection, one.name, FRESH), FRESH)
        ailing = {each.subject for each in advances if taker.ward.knows(each.subject)}
        taker.take([each for each in advances if each.subject not in ailing])
        for each in advances:
            if each.subject in ailing and taker.take_whole(each.rows):
                quarantine.release(connection, taker.name, each.subject)
