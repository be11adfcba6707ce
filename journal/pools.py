"""Connections that requests share."""

import select
from typing import Any, TypeVar

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

from journal.database import Role, conninfo

C = TypeVar("C", bound=psycopg.AsyncConnection[Any])

# What is raised when the database cannot be asked, or gives no answer in time.
AWAY: tuple[type[Exception], ...] = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    PoolTimeout,
    PoolClosed,
)
# What is raised when the database cannot make sense of a value that it was given.
SENSELESS = psycopg.DataError
# Seconds to wait for a free connection. After as many a pool that cannot connect gives up, and the
# next request tries at once: left to itself it tries ever more rarely, for minutes.
PATIENCE = 5.0


class LivePool(AsyncConnectionPool[C]):
    """Hands out no connection that the server has ended, as all are after it was restarted.

    The `check` of the package waits for seconds between one such connection and the next.
    """

    async def getconn(self, timeout: float | None = None) -> C:  # noqa: ASYNC109 - as the package's
        """Give a connection; those that are of no use any more are replaced."""
        connection = await super().getconn(timeout)
        for _ in range(self.max_size):
            if not _has_ended(connection):
                break
            await connection.close()
            await self.putconn(connection)
            connection = await super().getconn(timeout)
        return connection


def _has_ended(connection: psycopg.AsyncConnection[Any]) -> bool:
    """Tell without asking the server, in 1 µs: nothing comes in when it is idle but its end."""
    if connection.closed:
        return True
    coming_in = select.poll()
    coming_in.register(connection.fileno(), select.POLLIN)
    return bool(coming_in.poll(0))


Pool = LivePool[psycopg.AsyncConnection[Any]]


def pool(url: str, *, most: int, autocommit: bool, role: Role = "farshore_app") -> Pool:
    """Make a pool of connections; open it as a context manager.

    Args:
        url: as in FARSHORE_DATABASE_URL.
        most: how many connections at once.
        autocommit: whether each statement stands for itself, which spares two round trips.
        role: with which they act.
    """
    return Pool(
        conninfo(url, role, program="farshore-api"),
        kwargs={"autocommit": autocommit},
        min_size=1,
        max_size=most,
        timeout=PATIENCE,
        reconnect_timeout=PATIENCE,
        open=False,
    )
