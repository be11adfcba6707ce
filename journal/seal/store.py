"""What the sealer reads and writes in the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from journal.seal.tiles import HEIGHT, WIDTH, Forest, Tile
from journal.seal.verifier import leaf_of, position_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import psycopg

    Connection = psycopg.Connection[tuple[object, ...]]

# Entries read at once: some megabytes, some tens of milliseconds.
BATCH = 4_096


class Published(NamedTuple):
    """A checkpoint that the database holds."""

    epoch: int
    size: int
    note: str


class Broken(Exception):
    """The journal is not what was sealed; the message says what and where."""


def head(connection: Connection) -> int:
    """Give the last position."""
    return _number(connection, "SELECT coalesce(max(position), 0) FROM journal.events")


def epoch(connection: Connection) -> int:
    """Count the breaks that persons have settled."""
    return _number(connection, "SELECT coalesce(max(epoch), 0) FROM seal.breaks")


def newest(connection: Connection) -> Published | None:
    """Give the last checkpoint that was published."""
    query = "SELECT epoch, size, note FROM seal.checkpoints ORDER BY number DESC LIMIT 1"
    row = connection.execute(query).fetchone()
    return Published(*row) if row else None  # type: ignore[arg-type]  # as the table has them


def keys(connection: Connection) -> list[str]:
    """Give all public keys that there were, the newest last."""
    rows = connection.execute("SELECT key FROM seal.keys ORDER BY number")
    return [str(key) for (key,) in rows]


def leaves(connection: Connection, after: int, until: int) -> Iterator[bytes]:
    """Hash the stored bytes of events anew, those behind a position up to another one.

    Raises:
        Broken: one is missing, or does not stand where it says.
    """
    expected = after
    with connection.cursor(binary=True) as cursor:
        cursor.execute(_ENTRIES, (after, until))
        for position, entry in cursor:
            expected += 1
            if position != expected:
                raise Broken(f"position {expected} is missing")
            if (own := position_of(entry)) != position:  # type: ignore[arg-type]  # bytes
                raise Broken(f"position {position} holds the content of position {own}")
            yield leaf_of(entry)  # type: ignore[arg-type]  # bytes
    if expected != until:
        raise Broken(f"position {expected + 1} is missing")


_ENTRIES = """
SELECT position, entry FROM journal.events
WHERE position > %s AND position <= %s ORDER BY position
"""


def forest(connection: Connection, epoch: int, size: int) -> Forest:
    """Give the tree over as much of a size as complete tiles tell."""
    query = "SELECT count(*) FROM seal.tiles WHERE epoch = %s AND level = 0 AND index < %s"
    whole = _number(connection, query, epoch, size >> HEIGHT)
    levels: list[list[bytes]] = [[]]
    while whole:
        first = whole // WIDTH * WIDTH
        rows = connection.execute(_ROOTS, (epoch, len(levels) - 1, first, whole), binary=True)
        levels.append([bytes(root) for (root,) in rows])  # type: ignore[call-overload]  # bytes
        whole //= WIDTH
    return Forest(levels)


_ROOTS = """
SELECT root FROM seal.tiles WHERE epoch = %s AND level = %s AND index >= %s AND index < %s
ORDER BY index
"""


def hashes(connection: Connection, epoch: int, index: int) -> bytes | None:
    """Give a complete tile of leaves."""
    row = connection.execute(_HASHES, (epoch, index), binary=True).fetchone()
    return bytes(row[0]) if row else None  # type: ignore[call-overload]  # bytes


_HASHES = "SELECT hashes FROM seal.tiles WHERE epoch = %s AND level = 0 AND index = %s"


def publish(
    connection: Connection, epoch: int, size: int, note: str, tiles: Iterable[Tile]
) -> None:
    """Make a checkpoint known, with the tiles that it completed."""
    rows = [(epoch, *tile) for tile in tiles]
    if rows:
        connection.cursor().executemany(_TILE, rows)
    connection.execute(
        "INSERT INTO seal.checkpoints (epoch, size, note) VALUES (%s, %s, %s)", (epoch, size, note)
    )
    connection.execute(_STATUS, {"size": size, "refusal": None, "checked": None})


_TILE = """
INSERT INTO seal.tiles (epoch, level, index, hashes, root) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT DO NOTHING
"""


def enter_key(connection: Connection, key: str, succession: str | None) -> None:
    """Make a public key known, with the checkpoint in which the one before it names it."""
    connection.execute(
        "INSERT INTO seal.keys (key, succession) VALUES (%s, %s) ON CONFLICT DO NOTHING",
        (key, succession),
    )


def enter_break(
    connection: Connection, epoch: int, statement: str, refusal: str, before: str
) -> None:
    """Make known that a person settled a break."""
    connection.execute(
        "INSERT INTO seal.breaks (epoch, statement, refusal, before) VALUES (%s, %s, %s, %s)",
        (epoch, statement, refusal, before),
    )


def tell(connection: Connection, size: int, checked: int, refusal: str | None) -> None:
    """Say that somebody seals, and how that goes."""
    connection.execute(_STATUS, {"size": size, "refusal": refusal, "checked": checked})


_STATUS = """
UPDATE seal.status SET size = %(size)s, checked = coalesce(%(checked)s, checked),
    refusal = %(refusal)s, sealer = inet_client_addr()::text || ' ' || pg_backend_pid(),
    updated_at = clock_timestamp()
"""


def _number(connection: Connection, query: str, *given: object) -> int:
    row = connection.execute(query, given).fetchone()
    return int(str(row[0])) if row else 0
