"""How far the views are: one look at a time, shared by all who ask for it before it begins."""

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple

from psycopg_pool import AsyncConnectionPool

_QUERY = "SELECT application_name, notification_id, build, changed FROM views.tracking"


class Track(NamedTuple):
    """Where a projection is.

    Attributes:
        position: up to which its rows tell everything.
        build: counts what else changed them.
        changed: the position with which they last changed.
    """

    position: int
    build: int
    changed: int


Tracks = Mapping[str, Track]


class Looks:
    """Looks for many at once: a look costs as much as a request that finds its answer kept."""

    def __init__(self, pool: AsyncConnectionPool[Any]) -> None:
        """Take connections from a pool."""
        self._pool = pool
        self._next: asyncio.Future[Tracks] | None = None
        self._taken: asyncio.Future[Tracks] | None = None
        self._looking: asyncio.Task[None] | None = None

    async def look(self) -> Tracks:
        """Give where each projection is, as seen by a look that begins after this call.

        Raises:
            psycopg.Error, psycopg_pool.PoolTimeout: the database is away.
        """
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
            self._looking = self._looking or asyncio.create_task(self._work())
        return await asyncio.shield(self._next)

    async def close(self) -> None:
        """Look no more; whoever still waits for a look is let go."""
        looking, self._looking = self._looking, None
        waiting, self._next = (self._taken, self._next), None
        if looking:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
        for one in waiting:
            if one:
                one.cancel()

    async def _work(self) -> None:
        while self._next is not None:
            self._taken = None
            try:
                async with self._pool.connection() as connection:
                    while self._next is not None:
                        self._taken, self._next = self._next, None
                        found = await (await connection.execute(_QUERY)).fetchall()
                        self._taken.set_result({name: Track(*rest) for name, *rest in found})
            except Exception as error:  # noqa: BLE001 - whoever asked shall hear of it
                for one in (self._taken, self._next):
                    if one and not one.done():
                        one.set_exception(error)
                        one.exception()  # the one who asked may have gone
                self._next = None
        self._looking = None
