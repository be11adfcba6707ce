"""What people keep for the next time: mappings of spreadsheets, and views by a name."""

from datetime import datetime
from typing import Any, NamedTuple

from psycopg.rows import args_row
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from journal.refusals import Declined

# Of one person, and of mappings in all; a list that is longer helps nobody.
MOST = 500


class KeptView(NamedTuple):
    """A view that somebody keeps.

    Attributes:
        query: the address that shows it, without the server.
    """

    name: str
    query: str
    kept_at: datetime


class KeptMapping(NamedTuple):
    """A mapping, which all share."""

    name: str
    mapping: dict[str, Any]
    kept_by: str
    kept_at: datetime


class TooMany(Declined):
    """As many are kept already as there may be: 500; give one up first."""


class Shelf:
    """Keeps, gives and gives up."""

    def __init__(self, pool: AsyncConnectionPool[Any]) -> None:
        """Take connections with the role farshore_app from a pool."""
        self._pool = pool

    async def views(self, principal: str) -> list[KeptView]:
        """Give the views of a person, by name."""
        async with self._pool.connection() as connection:
            cursor = connection.cursor(row_factory=args_row(KeptView))
            found: list[KeptView] = await (await cursor.execute(_VIEWS, [principal])).fetchall()
            return found

    async def keep_view(self, principal: str, name: str, query: str) -> KeptView:
        """Keep a view, in the place of one that had its name.

        Raises:
            TooMany
        """
        async with self._pool.connection() as connection:
            cursor = connection.cursor(row_factory=args_row(KeptView))
            given = [principal, name, query, principal, name, MOST]
            kept: KeptView | None = await (await cursor.execute(_KEEP_VIEW, given)).fetchone()
        if kept is None:
            raise TooMany
        return kept

    async def drop_view(self, principal: str, name: str) -> bool:
        """Give a view up; tell whether there was one."""
        async with self._pool.connection() as connection:
            done = await connection.execute(_DROP_VIEW, [principal, name])
            return bool(done.rowcount)

    async def mappings(self) -> list[KeptMapping]:
        """Give all mappings, by name."""
        async with self._pool.connection() as connection:
            cursor = connection.cursor(row_factory=args_row(KeptMapping))
            found: list[KeptMapping] = await (await cursor.execute(_MAPPINGS)).fetchall()
            return found

    async def mapping(self, name: str) -> KeptMapping | None:
        """Give a mapping; None where none has the name."""
        return next((one for one in await self.mappings() if one.name == name), None)

    async def keep_mapping(self, name: str, mapping: dict[str, Any], by: str) -> KeptMapping:
        """Keep a mapping, in the place of one that had its name.

        Raises:
            TooMany
        """
        async with self._pool.connection() as connection:
            cursor = connection.cursor(row_factory=args_row(KeptMapping))
            given = [name, Jsonb(mapping), by, name, MOST]
            kept: KeptMapping | None = await (await cursor.execute(_KEEP_MAPPING, given)).fetchone()
        if kept is None:
            raise TooMany
        return kept

    async def drop_mapping(self, name: str) -> bool:
        """Give a mapping up; tell whether there was one."""
        async with self._pool.connection() as connection:
            return bool((await connection.execute(_DROP_MAPPING, [name])).rowcount)


_VIEWS = "SELECT name, query, kept_at FROM access.kept_views WHERE principal = %s ORDER BY name"
_KEEP_VIEW = """
INSERT INTO access.kept_views (principal, name, query)
SELECT %s, %s, %s WHERE (
    SELECT count(*) FROM access.kept_views WHERE principal = %s AND name <> %s) < %s
ON CONFLICT (principal, name) DO UPDATE SET query = excluded.query, kept_at = now()
RETURNING name, query, kept_at
"""
_DROP_VIEW = "DELETE FROM access.kept_views WHERE principal = %s AND name = %s"
_MAPPINGS = "SELECT name, mapping, kept_by, kept_at FROM access.mappings ORDER BY name"
_KEEP_MAPPING = """
INSERT INTO access.mappings (name, mapping, kept_by)
SELECT %s, %s, %s WHERE (SELECT count(*) FROM access.mappings WHERE name <> %s) < %s
ON CONFLICT (name) DO UPDATE SET
    mapping = excluded.mapping, kept_by = excluded.kept_by, kept_at = now()
RETURNING name, mapping, kept_by, kept_at
"""
_DROP_MAPPING = "DELETE FROM access.mappings WHERE name = %s"
