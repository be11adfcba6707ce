"""Replay the journal, and compare what follows from it with the rows that are read.

All of it is seen as of one moment: processes share one snapshot of the database, so that events may
come in meanwhile. Parts of the journal are folded, as in a rebuild, but into tables that nobody
else sees and that go with the transaction. Every row of every table is compared, those of no
subject included.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from journal.rows import Row
from projections import quarantine
from projections.attestation import Digest, digest
from projections.catalogue import PROJECTIONS
from projections.differing import Comparison, Difference, compare_table, names_of, strays
from projections.histories import Advance, without
from projections.parts import Part, Report, connect, cores, cut, read, silent, spread
from projections.projection import Changes, Projection, compare
from projections.quarantine import Ward
from projections.tables import Connection, copy
from projections.tracking import Superseded, is_ours, progress


class Verified(NamedTuple):
    """What came of comparing all rows.

    Attributes:
        position: as of which they were compared.
        quarantined: how many events each view lacks, of those that lack any.
        digests: of the rows as they are.
    """

    position: int
    comparison: Comparison
    quarantined: Mapping[str, int]
    digests: Mapping[str, Digest]


def verify(
    url: str,
    projections: Sequence[Projection] = PROJECTIONS,
    report: Report = silent,
    workers: int | None = None,
) -> Verified:
    """Compare all rows of projections with what follows from the journal.

    Raises:
        Superseded: the rows of one are of another version than this code makes.
    """
    with connect(url) as connection, connection.transaction():
        snapshot, positions = _look(connection, projections)
        comparison, until = Comparison(), max(positions.values(), default=0)
        work = partial(
            verify_part, url, snapshot, [(one, positions[one.name]) for one in projections]
        )
        for found in spread(work, list(cut(connection, until)), workers or cores()):
            comparison.add(found)
            report("events", comparison.events, until)
        for table in (table for one in projections for table in one.tables):
            comparison.add(strays(connection, table, comparison.rows[table.name]))
        comparison.differences.sort(key=str)
        held = quarantine.held(connection, positions)
        return Verified(
            until, comparison, held, {p.name: digest(connection, p) for p in projections}
        )


def _look(connection: Connection, projections: Sequence[Projection]) -> tuple[str, dict[str, int]]:
    """Take a snapshot that others can share; tell how far each projection is in it.

    No rebuild exchanges the tables as long as it lasts.
    """
    tables = ", ".join(f"views.{table.name}" for one in projections for table in one.tables)
    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    connection.execute(f"LOCK TABLE {tables} IN ACCESS SHARE MODE")
    known = progress(connection, projections)
    for one in projections:
        if not is_ours(one, known.get(one.name)):
            raise Superseded(one, known[one.name].version)
    [(snapshot,)] = connection.execute("SELECT pg_export_snapshot()")
    return snapshot, {
        one.name: known[one.name].position if one.name in known else 0 for one in projections
    }


def verify_part(
    url: str, snapshot: str, projections: Sequence[tuple[Projection, int]], part: Part
) -> Comparison:
    """Compare the rows of the subjects of a part, up to the position where each projection is."""
    with connect(url) as connection, connection.transaction(force_rollback=True):
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        connection.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
        connection.execute(_BY_INDEX)
        subjects = read(connection, part)
        comparison = Comparison(sum(map(len, subjects)))
        for one, position in projections:
            comparison.add(_compared(connection, one, list(_until(subjects, position))))
        return comparison


# What is looked for is looked up; whole tables would be read for each part otherwise.
_BY_INDEX = """
SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off
"""


def _until(subjects: Iterable[Sequence[Row]], position: int) -> Iterator[Sequence[Row]]:
    for rows in subjects:
        if seen := [row for row in rows if row.position <= position]:
            yield seen


def _compared(
    connection: Connection, projection: Projection, subjects: Sequence[Sequence[Row]]
) -> Comparison:
    comparison, changes = Comparison(), [Changes(table) for table in projection.tables]
    ward = Ward.read(connection, projection.name)
    for rows in subjects:
        try:
            _replay(projection, list(_taken(rows, ward)), changes)
        except Exception as fault:  # noqa: BLE001 - whatever it is, it belongs into quarantine
            why = f"cannot be replayed ({type(fault).__name__}: {fault})"
            comparison.different += 1
            comparison.differences.append(Difference(projection.name, rows[0].key, "all rows", why))
    names = names_of(subjects)
    for change in changes:
        _fill(connection, change)
        comparison.add(compare_table(connection, change.table, names))
    return comparison


def _taken(rows: Sequence[Row], ward: Ward) -> Iterator[Row]:
    """Give the events that the view shows of a subject."""
    subject = rows[0].subject
    first_held = ward.held.get(subject, rows[-1].position + 1)
    shown = without(rows, ward.skipped.get(subject, ()))
    return (row for row in shown if row.position < first_held)


def _replay(projection: Projection, rows: Sequence[Row], changes: Sequence[Changes]) -> None:
    if rows:
        for old, new in Advance(rows).steps():
            compare(projection, old, new, changes)


def _fill(connection: Connection, change: Changes) -> None:
    """Put what is expected into a table of our own."""
    name = change.table.name
    connection.execute(f"CREATE TEMPORARY TABLE {name} (LIKE views.{name}) ON COMMIT DROP")
    copy(connection, f"pg_temp.{name}", change.table, change.rows())
