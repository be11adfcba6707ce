"""Events that a projection cannot take: kept aside with the error, tried again when told to.

The subject is shown as of before the first such event: its later events wait behind it, since
what they mean may depend on it. Every other subject goes on. A rebuild keeps what it sets aside
under the name of the view and the suffix of its fresh tables, until they take over.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from journal.rows import Row
from projections.tables import Connection

LONGEST_ERROR = 2_000


@dataclass(slots=True)
class Ward:
    """What a projection has in quarantine.

    Attributes:
        held: subject to the position of the first event that could not be taken.
        skipped: subject to the positions that the view does without.
    """

    held: dict[UUID, int] = field(default_factory=dict)
    skipped: dict[UUID, set[int]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def read(cls, connection: Connection, name: str, suffix: str = "") -> "Ward":
        """Read it from the database.

        Args:
            connection: to read with.
            name: of the projection.
            suffix: of the names of its tables; what is skipped counts for all of them.
        """
        ward = cls()
        for subject, position, skipped in connection.execute(_WARD, (name + suffix, name)):
            if skipped:
                ward.skipped[subject].add(position)
            else:
                ward.held.setdefault(subject, position)
        return ward

    def knows(self, subject: UUID) -> bool:
        """Tell whether a subject has anything in quarantine."""
        return subject in self.held or subject in self.skipped


_WARD = """
SELECT subject, position, skipped_reason IS NOT NULL FROM views.quarantine
WHERE projection = %s AND skipped_reason IS NULL OR projection = %s AND skipped_reason IS NOT NULL
ORDER BY position
"""


def hold(connection: Connection, name: str, rows: Sequence[Row], fault: Exception) -> None:
    """Put the first of the rows aside for its error, and the others behind it."""
    first = f"{type(fault).__name__}: {fault}"[:LONGEST_ERROR]
    behind = f"waits behind position {rows[0].position}"
    errors = [first] + [behind] * (len(rows) - 1)
    wait(connection, name, rows, errors)


def wait(connection: Connection, name: str, rows: Sequence[Row], errors: Iterable[str]) -> None:
    """Put rows aside, each with why; one that is there already was tried once more."""
    with connection.cursor() as cursor:
        cursor.executemany(
            _HOLD,
            [
                (name, row.position, row.subject, row.key, row.type, error)
                for row, error in zip(rows, errors, strict=True)
            ],
        )


_HOLD = """
INSERT INTO views.quarantine AS known (projection, position, subject, key, type, error)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (projection, position) DO UPDATE SET error = excluded.error,
    attempts = known.attempts + 1, last_attempt = clock_timestamp(), retry = false
"""


def release(connection: Connection, name: str, subject: UUID) -> None:
    """Let a subject go whose events could be taken; what is skipped stays on record."""
    connection.execute(
        "DELETE FROM views.quarantine"
        " WHERE projection = %s AND subject = %s AND skipped_reason IS NULL",
        (name, subject),
    )


def tried(connection: Connection, name: str, subject: UUID) -> None:
    """Note that a subject had the attempt that somebody asked for."""
    connection.execute(
        "UPDATE views.quarantine SET retry = false WHERE projection = %s AND subject = %s",
        (name, subject),
    )


def empty(connection: Connection, name: str) -> None:
    """Forget what an earlier build set aside that never took over."""
    connection.execute("DELETE FROM views.quarantine WHERE projection = %s", (name,))


def exchange(connection: Connection, name: str, fresh: str) -> None:
    """Put what a build set aside in the place of what the rows before it lacked."""
    connection.execute(_EXCHANGE, {"name": name, "fresh": fresh})


_EXCHANGE = """
WITH fresh AS (
    DELETE FROM views.quarantine WHERE projection = %(fresh)s RETURNING *
), taken AS (
    DELETE FROM views.quarantine known
    WHERE projection = %(name)s AND skipped_reason IS NULL
        AND NOT EXISTS (SELECT FROM fresh WHERE fresh.position = known.position)
)
INSERT INTO views.quarantine AS known
    (projection, position, subject, key, type, error, first_attempt, last_attempt, attempts)
SELECT %(name)s, position, subject, key, type, error, first_attempt, last_attempt, attempts
FROM fresh
ON CONFLICT (projection, position) DO UPDATE SET error = excluded.error,
    attempts = known.attempts + excluded.attempts, last_attempt = excluded.last_attempt,
    retry = false
"""


def skipped(connection: Connection, names: Iterable[str]) -> set[tuple[str, UUID, int]]:
    """Give what views do without: view, subject and position."""
    query = (
        "SELECT projection, subject, position FROM views.quarantine"
        " WHERE projection = ANY(%s) AND skipped_reason IS NOT NULL"
    )
    return set(connection.execute(query, (list(names),)))


def held(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    """Count the events in quarantine of each view that has any."""
    query = (
        "SELECT projection, count(*) FROM views.quarantine"
        " WHERE projection = ANY(%s) AND skipped_reason IS NULL GROUP BY projection"
    )
    return dict(connection.execute(query, (list(names),)).fetchall())


def to_retry(connection: Connection, name: str) -> list[UUID]:
    """Give the subjects for which somebody asked for another attempt."""
    query = "SELECT DISTINCT subject FROM views.quarantine WHERE projection = %s AND retry"
    return [subject for (subject,) in connection.execute(query, (name,), prepare=True)]
