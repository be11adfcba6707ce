"""Connections that requests share."""

from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

from journal.database import Role, conninfo

Pool = AsyncConnectionPool[psycopg.AsyncConnection[Any]]

# What is raised when the database cannot be asked, or gives no answer in time.
AWAY: tuple[type[Exception], ...] = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    PoolTimeout,
    PoolClosed,
)
# What is raised when the database cannot make sense of a value that it was given.
SENSELESS = psycopg.DataError
_PATIENCE = 5.0  # seconds to wait for a free connection


def pool(url: str, *, most: int, autocommit: bool, role: Role = "farshore_app") -> Pool:
    """Make a pool of connections; open it as a context manager.

    Args:
        url: as in FARSHORE_DATABASE_URL.
        most: how many connections at once.
        autocommit: whether each statement stands for itself, which spares two round trips.
        role: with which they act.
    """
    return AsyncConnectionPool(
        conninfo(url, role, program="farshore-api"),
        kwargs={"autocommit": autocommit},
        min_size=1,
        max_size=most,
        timeout=_PATIENCE,
        open=False,
    )
