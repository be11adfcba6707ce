"""Events that a projection cannot take: kept aside with the error, tried again when told to.

The subject is shown as of before the first such event: its later events wait behind it, since
what they mean may depend on it. Every other subject goes on.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from journal.rows import Row
from projections.projection import Projection
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
    def read(cls, connection: Connection, projection: Projection) -> "Ward":
        """Read it from the database."""
        ward = cls()
        query = (
            "SELECT subject, position, skipped_reason IS NOT NULL FROM views.quarantine"
            " WHERE projection = %s ORDER BY position"
        )
        for subject, position, skipped in connection.execute(query, (projection.name,)):
            if skipped:
                ward.skipped[subject].add(position)
            else:
                ward.held.setdefault(subject, position)
        return ward

    def knows(self, subject: UUID) -> bool:
        """Tell whether a subject has anything in quarantine."""
        return subject in self.held or subject in self.skipped


def hold(
    connection: Connection, projection: Projection, rows: Sequence[Row], fault: Exception
) -> None:
    """Put the first of the rows aside for its error, and the others behind it."""
    first = f"{type(fault).__name__}: {fault}"[:LONGEST_ERROR]
    behind = f"waits behind position {rows[0].position}"
    errors = [first] + [behind] * (len(rows) - 1)
    wait(connection, projection, rows, errors)


def wait(
    connection: Connection, projection: Projection, rows: Sequence[Row], errors: Iterable[str]
) -> None:
    """Put rows aside, each with why; one that is there already was tried once more."""
    with connection.cursor() as cursor:
        cursor.executemany(
            _HOLD,
            [
                (projection.name, row.position, row.subject, row.key, row.type, error)
                for row, error in zip(rows, errors, strict=True)
            ],
        )


_HOLD = """
INSERT INTO views.quarantine AS known (projection, position, subject, key, type, error)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (projection, position) DO UPDATE SET error = excluded.error,
    attempts = known.attempts + 1, last_attempt = clock_timestamp(), retry = false
"""


def release(connection: Connection, projection: Projection, subject: UUID) -> None:
    """Let a subject go whose events could be taken; what is skipped stays on record."""
    connection.execute(
        "DELETE FROM views.quarantine"
        " WHERE projection = %s AND subject = %s AND skipped_reason IS NULL",
        (projection.name, subject),
    )
    connection.execute(
        "UPDATE views.quarantine SET retry = false WHERE projection = %s AND subject = %s",
        (projection.name, subject),
    )


def release_before(connection: Connection, projection: Projection, moment: datetime | None) -> None:
    """Let events go that have not failed since a moment: the rows that count could take them."""
    connection.execute(
        "DELETE FROM views.quarantine"
        " WHERE projection = %s AND last_attempt < %s AND skipped_reason IS NULL",
        (projection.name, moment),
    )


def to_retry(connection: Connection, projection: Projection) -> list[UUID]:
    """Give the subjects for which somebody asked for another attempt."""
    query = "SELECT DISTINCT subject FROM views.quarantine WHERE projection = %s AND retry"
    return [subject for (subject,) in connection.execute(query, (projection.name,), prepare=True)]


def ask_to_retry(
    connection: Connection, projection: str | None = None, position: int | None = None
) -> int:
    """Ask the active runners to try events again; all of them, of one projection, or one.

    Returns:
        how many events are in question.
    """
    found = connection.execute(_RETRY, {"projection": projection, "position": position})
    connection.execute("SELECT pg_notify('journal', '')")
    return found.rowcount


_RETRY = """
UPDATE views.quarantine SET retry = true
WHERE skipped_reason IS NULL AND projection = coalesce(%(projection)s::text, projection)
    AND position = coalesce(%(position)s::bigint, position)
"""


def skip(connection: Connection, projection: str, position: int, reason: str) -> bool:
    """Decide that a view does without an event, and ask for the ones behind it to be tried.

    Returns:
        whether the event is in quarantine.
    """
    found = connection.execute(
        "UPDATE views.quarantine SET skipped_reason = %s, retry = true"
        " WHERE projection = %s AND position = %s",
        (reason, projection, position),
    )
    connection.execute("SELECT pg_notify('journal', '')")
    return found.rowcount == 1
