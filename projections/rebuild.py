"""Build projections anew from the journal, beside the ones that are read, and put them in place.

Parts of the journal, cut by subject, are folded by several processes and copied into fresh tables.
Subjects that went on in the meantime are done again, at the end while the projection stands still,
and the tables are exchanged in that transaction: readers see the old rows or the new ones.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from multiprocessing import get_context
from typing import NamedTuple
from uuid import UUID

import psycopg

from journal.database import conninfo
from journal.rows import COLUMNS, Row
from projections import quarantine
from projections.catalogue import PROJECTIONS, named
from projections.histories import Advance, read_subjects
from projections.projection import Projection
from projections.quarantine import Ward
from projections.tables import FRESH, Connection, forget
from projections.taking import Taker
from projections.tracking import enter, progress, rebuilt

# A part is one transaction: large enough for COPY, small enough for all processes to end together.
PART = 2_000
# Subjects done again while the projection stands still; more of them are done before.
FEW = 200

Report = Callable[[int, int], None]  # events done, events in all


def silent(done: int, total: int) -> None:
    """Report to nobody."""


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
    with _connect(url) as connection:
        build = Build(connection, tuple(projections))
        build.start()
        build.fill(url, report, workers or os.cpu_count() or 1)
        build.index()
        return build.finish()


class Part(NamedTuple):
    """The events of some subjects: those with an id from `first` on and below `end`."""

    first: UUID
    end: UUID | None
    until: int


@dataclass(slots=True)
class Build:
    """One rebuild.

    Attributes:
        position: up to which the fresh tables hold every event.
        started: by the clock of the database.
    """

    connection: Connection
    projections: tuple[Projection, ...]
    position: int = 0
    started: datetime | None = None

    @property
    def tables(self) -> list[str]:
        """The names of all tables."""
        return [table.name for one in self.projections for table in one.tables]

    def start(self) -> None:
        """Make empty tables beside the present ones; of two rebuilds at once one waits."""
        self.connection.execute("SET lock_timeout = 0")  # another rebuild takes as long as it takes
        self.connection.execute("SELECT pg_advisory_lock(%s)", (_REBUILDING,))
        self.connection.execute("SELECT views.start_build(%s)", (self.tables,))
        enter(self.connection, self.projections)
        query = "SELECT position, clock_timestamp() FROM journal.head"
        [(self.position, self.started)] = self.connection.execute(query)

    def fill(self, url: str, report: Report, workers: int) -> None:
        """Fold the journal into them, part by part."""
        parts = list(self._parts())
        names = [one.name for one in self.projections]
        done = 0
        for count in _in_processes(url, names, parts, workers):
            done += count
            report(done, self.position)

    def _parts(self) -> Iterator[Part]:
        share = min(1.0, PART / max(1, self.position))
        cuts = [share * n for n in range(1, int(1 / share) + 1) if share * n < 1]
        query = "SELECT percentile_disc(%s::float8[]) WITHIN GROUP (ORDER BY subject)"
        found = self.connection.execute(query + " FROM journal.events", (cuts,)).fetchone()
        bounds = sorted(set(found[0] or ())) if found and cuts else []
        starts = [UUID(int=0), *bounds]
        for first, end in zip(starts, [*bounds, None], strict=True):
            yield Part(first, end, self.position)

    def index(self) -> None:
        """Index the fresh tables as the present ones are."""
        self.connection.execute("SELECT views.index_build(%s)", (self.tables,))

    def finish(self) -> int:
        """Bring the fresh tables to where the projections are, and put them in place.

        A reader that takes long must not make others wait behind us for it: we try again.
        """
        while True:
            self._catch_up()
            try:
                with self.connection.transaction():
                    self.connection.execute("SET LOCAL lock_timeout = '500ms'")
                    self._exchange()
            except psycopg.errors.LockNotAvailable:
                continue
            return self.position

    def _catch_up(self) -> None:
        while len(subjects := self._gone_on(self._reached())) > FEW:
            reached = self._reached()
            for start in range(0, len(subjects), FEW):
                with self.connection.transaction():
                    self._again(subjects[start : start + FEW], reached)
            self.position = reached

    def _reached(self) -> int:
        """Tell where the projection that is furthest is; the fresh tables never go back."""
        known = progress(self.connection, self.projections).values()
        return max([self.position, *(one.position for one in known)])

    def _gone_on(self, until: int) -> list[UUID]:
        query = "SELECT DISTINCT subject FROM journal.events WHERE position > %s AND position <= %s"
        return [one for (one,) in self.connection.execute(query, (self.position, until))]

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
            quarantine.release_before(self.connection, one, self.started)
            rebuilt(self.connection, one, until)
        self.position = until


_REBUILDING = int.from_bytes(b"rebuild")


def _connect(url: str) -> Connection:
    dsn = conninfo(url, "farshore_projector", program="farshore-rebuild", statement_timeout_ms=0)
    return psycopg.connect(dsn, autocommit=True)


def _in_processes(url: str, names: list[str], parts: Iterable[Part], workers: int) -> Iterator[int]:
    """Fill parts here and, once they have started, in other processes; give each part's size."""
    waiting, running = deque(parts), set[Future[int]]()
    others = workers - 1 if len(waiting) > 1 else 0
    with ProcessPoolExecutor(max(1, others), get_context("spawn")) as pool:
        while waiting or running:
            while len(waiting) > 1 and len(running) < 2 * others:
                running.add(pool.submit(fill_part, url, names, waiting.popleft()))
            if waiting:
                yield fill_part(url, names, waiting.popleft())
            done, running = wait(running, 0 if waiting else None, FIRST_COMPLETED)
            yield from (one.result() for one in done)


def fill_part(url: str, names: Sequence[str], part: Part) -> int:
    """Fold a part of the journal into the fresh tables; tell how many events it has."""
    with _connect(url) as connection:
        with connection.cursor(binary=True) as cursor:
            rows = list(map(Row._make, cursor.execute(_PART, part)))
        subjects = [list(of_one) for _, of_one in groupby(rows, lambda row: row.subject)]
        with connection.transaction():
            take(connection, named(names), subjects)
    return len(rows)


_PART = f"""
SELECT {COLUMNS} FROM journal.events
WHERE subject >= %s AND (subject < %s) IS NOT FALSE AND position <= %s
ORDER BY subject, version
"""


def take(
    connection: Connection, projections: Iterable[Projection], subjects: Sequence[Sequence[Row]]
) -> None:
    """Write all rows of some subjects into the fresh tables of projections."""
    advances = [Advance(rows) for rows in subjects]
    for one in projections:
        taker = Taker(connection, one, Ward.read(connection, one), FRESH)
        ailing = {each.subject for each in advances if taker.ward.knows(each.subject)}
        taker.take([each for each in advances if each.subject not in ailing])
        for each in advances:
            if each.subject in ailing:
                taker.take_whole(each.rows)
