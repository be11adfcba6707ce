"""A digest of the rows of each view, by which two servers, or two days, can be compared.

The text of a row is what PostgreSQL writes of its columns as one row, in the order in which the
view declares them, the range of positions at which it is known included, days in ISO form. Its
hash is the SHA-256 of that text in UTF-8. A table is told by the SHA-256 of the hashes of all its
rows, put one behind the other in ascending order: so the order of rows does not matter. A view is
told by the SHA-256 of one line for each of its tables, as `sha256sum` writes them: the digest of
the table in lower-case hexadecimal digits, two spaces, the name of the table, a line feed.
"""

from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from typing import NamedTuple

from projections.catalogue import PROJECTIONS, TABLES
from projections.projection import Projection, Table
from projections.reading import AsyncConnection, Views
from projections.tables import Connection
from projections.tracking import LOCKS, lock_of

# Two computing at once would only slow each other down; no projection is called so.
_DIGESTING = "(digest)"
# A million events have about eleven million rows; to hash them takes a minute or two.
_LONGEST = "5min"


class DigestBusy(Exception):
    """The rows are being read for somebody else's digest; ask again in a minute."""

    retry_after = 60

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class Digest(NamedTuple):
    """What all rows of a view come to.

    Attributes:
        position: up to which they tell everything.
        version: of the code that made them.
        rows: how many there are.
        sha256: in hexadecimal digits.
    """

    position: int
    version: int
    rows: int
    sha256: str


async def digests(
    views: Views, projections: Iterable[Projection] = PROJECTIONS
) -> dict[str, Digest]:
    """Give the digest of each view, all of one moment.

    Raises:
        DigestBusy: another one is being computed.
    """
    async with views.moment(TABLES, walk=False) as connection:
        busy = await connection.execute(_TAKE_TURN, (LOCKS, lock_of(_DIGESTING)))
        if await busy.fetchone() != (True,):
            raise DigestBusy
        await connection.execute(_PREPARE)
        found = await connection.execute(_PROGRESS)
        known = {name: rest for name, *rest in await found.fetchall()}
        return {
            one.name: _digest(one, known.get(one.name), await _tables(connection, one))
            for one in projections
        }


async def _tables(connection: AsyncConnection, projection: Projection) -> list[tuple[int, str]]:
    found = [await connection.execute(_statement(table)) for table in projection.tables]
    return [(rows, told) for one in found for rows, told in await one.fetchall()]


def digest(connection: Connection, projection: Projection) -> Digest:
    """Give the digest of a view, as the transaction of a connection sees it."""
    connection.execute("SET LOCAL DateStyle = 'ISO'")
    known = {name: rest for name, *rest in connection.execute(_PROGRESS)}
    found = [connection.execute(_statement(table)).fetchall()[0] for table in projection.tables]
    return _digest(projection, known.get(projection.name), found)


def _digest(
    projection: Projection, known: list[int] | None, tables: Iterable[tuple[int, str]]
) -> Digest:
    position, version = known or (0, 0)
    rows, told = zip(*tables, strict=True)
    lines = (f"{one}  {table.name}\n" for table, one in zip(projection.tables, told, strict=True))
    return Digest(position, version, sum(rows), sha256("".join(lines).encode()).hexdigest())


_TAKE_TURN = "SELECT pg_try_advisory_xact_lock(%s::int, %s::int)"
_PREPARE = f"SET LOCAL DateStyle = 'ISO'; SET LOCAL statement_timeout = '{_LONGEST}'"
_PROGRESS = "SELECT application_name, notification_id, version FROM views.tracking"


@cache
def _statement(table: Table) -> str:
    return f"""
        SELECT count(*), encode(sha256(coalesce(string_agg(hash, '' ORDER BY hash), '')), 'hex')
        FROM (SELECT sha256(convert_to(ROW({table.columns})::text, 'UTF8')) AS hash
              FROM views.{table.name}) rows"""
