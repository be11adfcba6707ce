"""How far each projection has come, and which process moves it on."""

import os
import socket
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from zlib import crc32

import psycopg

from projections.projection import Projection
from projections.tables import Connection

# The first half of our advisory locks; "view" in ASCII. The second tells the projection.
LOCKS = int.from_bytes(b"view")
# Whose lock a rebuild holds; no projection is called so.
BUILDER = "(rebuild)"


class Progress(NamedTuple):
    """Where a projection is.

    Attributes:
        position: every event up to it is in its rows, or in quarantine.
        version: of the code that wrote them; 0 for none.
        build: counts what changed rows other than the next event.
    """

    position: int
    version: int
    build: int


class Superseded(Exception):
    """The rows of {name} are of version {version}, and this code makes version {ours}."""

    def __init__(self, projection: Projection, version: int) -> None:
        told = {"name": projection.name, "version": version, "ours": projection.version}
        super().__init__((self.__doc__ or "").format_map(told))


def lock_of(name: str) -> int:
    """Give the second half of a projection's advisory lock."""
    return crc32(name.encode()) - 2**31


def acquire(connection: Connection, projections: Iterable[Projection]) -> list[Projection]:
    """Become the active runner of projections that have none; tell of which."""
    acquired = []
    for one in projections:
        query = "SELECT pg_try_advisory_lock(%s::int, %s::int)"
        if connection.execute(query, _lock(one.name)).fetchone() == (True,):
            acquired.append(one)
    enter(connection, acquired)
    connection.execute(_ACTIVE, (identity(), [one.name for one in acquired]))
    return acquired


def release(connection: Connection, projection: Projection) -> None:
    """Cease to be the active runner of a projection."""
    connection.execute("SELECT pg_advisory_unlock(%s::int, %s::int)", _lock(projection.name))


def acquire_build(connection: Connection, *, wait: bool) -> bool:
    """Become the one who builds projections anew; tell whether that worked.

    Args:
        connection: whose end gives it up.
        wait: until another one has ended, which takes as long as it takes.
    """
    if wait:
        connection.execute("SET lock_timeout = 0")
        connection.execute("SELECT pg_advisory_lock(%s::int, %s::int)", _lock(BUILDER))
        return True
    query = "SELECT pg_try_advisory_lock(%s::int, %s::int)"
    return connection.execute(query, _lock(BUILDER)).fetchone() == (True,)


def _lock(name: str) -> tuple[int, int]:
    return LOCKS, lock_of(name)


def enter(connection: Connection, projections: Iterable[Projection]) -> None:
    """Begin to keep track of projections, where nobody does so yet."""
    for one in projections:
        connection.execute(
            "INSERT INTO views.tracking (application_name, notification_id) VALUES (%s, 0)"
            " ON CONFLICT DO NOTHING",
            (one.name,),
        )


_ACTIVE = """
UPDATE views.tracking SET runner = %s, active_since = now() WHERE application_name = ANY(%s)
"""


def identity() -> str:
    """Name this process among all machines."""
    return f"{socket.gethostname()}:{os.getpid()}"


def progress(
    connection: Connection, projections: Iterable[Projection], *, lock: bool = False
) -> Mapping[str, Progress]:
    """Tell how far projections have come; with `lock` nobody else moves them until the end."""
    query = (
        "SELECT application_name, notification_id, version, build FROM views.tracking"
        " WHERE application_name = ANY(%s) ORDER BY application_name"
    )
    found = connection.execute(
        query + " FOR UPDATE" * lock, ([one.name for one in projections],), prepare=True
    )
    return {name: Progress(*rest) for name, *rest in found}


def is_ours(projection: Projection, known: Progress | None) -> bool:
    """Tell whether rows are such as this code makes, or there are none yet."""
    return known is None or known.version in (0, projection.version)


def is_outdated(projection: Projection, known: Progress | None) -> bool:
    """Tell whether rows are such as older code made; where newer code did, this one gives way."""
    return known is not None and 0 < known.version < projection.version


def move(connection: Connection, projection: Projection, position: int, *, changed: bool) -> None:
    """Enter that a projection has come to a position."""
    given = (position, projection.version, position if changed else 0, projection.name)
    connection.execute(_MOVE, given, prepare=True)


_MOVE = """
UPDATE views.tracking SET notification_id = %s, version = %s, changed = greatest(changed, %s),
    updated_at = clock_timestamp()
WHERE application_name = %s
"""


def rebuilt(connection: Connection, projection: Projection, position: int) -> None:
    """Enter that rows changed otherwise than by the next event, so that nobody trusts a copy."""
    given = (position, projection.version, position, projection.name)
    connection.execute(_REBUILT, given)


_REBUILT = """
UPDATE views.tracking SET notification_id = %s, version = %s, changed = %s, build = build + 1,
    updated_at = clock_timestamp()
WHERE application_name = %s
"""


def is_about_the_connection(fault: BaseException) -> bool:
    """Tell whether to try again, rather than to blame what was being written."""
    return isinstance(fault, _OF_CONNECTIONS)


_OF_CONNECTIONS = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.IdleInTransactionSessionTimeout,
)
