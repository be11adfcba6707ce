"""What is read of the seal: checkpoints, tiles, proofs, keys, and what was settled."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, NamedTuple

from journal.refusals import Declined
from journal.seal.pack import Proven
from journal.seal.tiles import (
    HEIGHT,
    WIDTH,
    Span,
    complete,
    consistency,
    inclusion,
    joined,
    place,
    root_of,
    split,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from datetime import datetime

    import psycopg

    from journal.pools import Pool

# An event is sealed within a second; whoever asks for its proof at once waits for that.
_PATIENCE, _POLL = 5.0, 0.05


class NotSealed(Declined):
    """Position {position} is not sealed yet; {size} are."""

    retry_after = 1


class Head(NamedTuple):
    """A checkpoint that was published, with those who signed it as well.

    Attributes:
        number: counts the checkpoints.
        signed: as the log alone signed it.
        note: signed by witnesses, too.
    """

    number: int
    epoch: int
    size: int
    signed: str
    note: str
    signed_at: datetime


class Key(NamedTuple):
    """A public key of the log.

    Attributes:
        succession: the checkpoint in which the one before names it; None for the first, and for
            one that followed without a word of the one before.
    """

    key: str
    succession: str | None
    since: datetime


class Break(NamedTuple):
    """What a person settled when the sealer refused."""

    epoch: int
    statement: str
    refusal: str
    before: str
    settled_at: datetime


class Status(NamedTuple):
    """How the seal is.

    Attributes:
        position: the last one of the journal.
        lag: seconds since the first event that is not sealed was recorded; 0 if all are.
        refusal: why the sealer refuses to sign; None if it does not.
        updated_at: when a sealer last said that it is there.
    """

    position: int
    size: int
    checked: int
    lag: float
    refusal: str | None
    updated_at: datetime


class Stamp(NamedTuple):
    """What an authority said of a checkpoint, RFC 3161."""

    size: int
    note: str
    authority: str
    token: bytes
    received_at: datetime


class Log:
    """Reads the seal; every answer is of one epoch, the present one unless said."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def head(self, size: int = 0) -> Head | None:
        """Give the first checkpoint over at least a size; the newest for 0."""
        async with self._pool.connection() as connection:
            found = await connection.execute(_OF_SIZE if size else _NEWEST, {"size": size})
            row = await found.fetchone()
        return Head(*row) if row else None

    async def followed_at(self, head: Head) -> datetime | None:
        """Tell when the next checkpoint was signed; None where there is none yet."""
        query = "SELECT signed_at FROM seal.checkpoints WHERE number > %s ORDER BY number LIMIT 1"
        rows = await self._rows(query, head.number)
        return rows[0][0] if rows else None

    async def sealing(self, position: int) -> Head:
        """Give a checkpoint over a position, the newest; wait a moment for it.

        Raises:
            NotSealed
        """
        deadline = asyncio.get_running_loop().time() + _PATIENCE
        while (head := await self.head()) is None or head.size < position:
            if asyncio.get_running_loop().time() > deadline:
                raise NotSealed(position=position, size=head.size if head else 0)
            await asyncio.sleep(_POLL)
        return head

    async def keys(self) -> list[Key]:
        """Give all public keys there were, the newest last."""
        query = "SELECT key, succession, since FROM seal.keys ORDER BY number"
        return [Key(*row) for row in await self._rows(query)]

    async def chain(self) -> tuple[str, list[str]]:
        """Give the first key of the present line, and how each next one was named."""
        keys = await self.keys()
        begin = max((at for at, one in enumerate(keys) if one.succession is None), default=0)
        return keys[begin].key, [one.succession for one in keys[begin:] if one.succession]

    async def breaks(self) -> list[Break]:
        """Give what persons have settled, the oldest first."""
        query = (
            "SELECT epoch, statement, refusal, before, settled_at FROM seal.breaks ORDER BY epoch"
        )
        return [Break(*row) for row in await self._rows(query)]

    async def timestamps(self) -> list[Stamp]:
        """Give what authorities said of checkpoints, the oldest first."""
        return [Stamp(*row) for row in await self._rows(_TIMESTAMPS)]

    async def status(self) -> Status:
        """Tell how the seal is."""
        [row] = await self._rows(_STATUS)
        return Status(*row)

    async def _rows(self, query: str, *given: object) -> list[tuple[Any, ...]]:
        async with self._pool.connection() as connection:
            return await (await connection.execute(query.encode(), given)).fetchall()

    async def tile(self, level: int, number: int, width: int = WIDTH) -> bytes | None:
        """Give a tile; None where the tree has none of that width yet."""
        head = await self.head()
        if head is None or (number * WIDTH + width) << HEIGHT * level > head.size:
            return None
        async with self._pool.connection() as connection:
            nodes = Nodes(connection, head.epoch)
            return b"".join(await nodes.hashes(level, number * WIDTH, width))

    async def inclusion(self, position: int, head: Head) -> list[bytes]:
        """Prove that an event is in the journal of a checkpoint."""
        return await self._roots(inclusion(position - 1, head.size), head.epoch)

    async def consistency(self, old: int, head: Head) -> list[bytes]:
        """Prove that the journal of a checkpoint begins with an older one."""
        return await self._roots(consistency(old, head.size), head.epoch)

    async def root(self, size: int) -> bytes | None:
        """Give the root over so many first events; None where not all of them are sealed."""
        head = await self.head()
        if head is None or not 0 < size <= head.size:
            return None
        [root] = await self._roots([(0, size)], head.epoch)
        return root

    async def _roots(self, spans: list[Span], epoch: int) -> list[bytes]:
        async with self._pool.connection() as connection:
            nodes = Nodes(connection, epoch)
            return [await nodes.root(span) for span in spans]

    async def leaf(self, position: int, head: Head) -> bytes:
        """Give the leaf that was sealed, where it is in a complete tile; else that of the event."""
        async with self._pool.connection() as connection:
            [leaf] = await Nodes(connection, head.epoch).hashes(0, position - 1, 1)
        return leaf

    async def whole(self, head: Head) -> AsyncIterator[list[Proven]]:
        """Give all events of a checkpoint, some hundreds at a time, each with its sealed leaf."""
        async with self._pool.connection() as connection:
            nodes = Nodes(connection, head.epoch)
            for begin in range(0, head.size, WIDTH):
                given = (begin, min(begin + WIDTH, head.size))
                found = await connection.execute(_ENTRIES, given, binary=True)
                rows = await found.fetchall()
                sealed = await nodes.complete(begin // WIDTH)
                yield [
                    Proven(at, entry, sealed[at - begin - 1] if sealed else leaf, None)
                    for at, entry, leaf in rows
                ]

    async def some(self, positions: Sequence[int], head: Head) -> AsyncIterator[list[Proven]]:
        """Give some events in the order of positions, each with its proof."""
        async with self._pool.connection() as connection:
            nodes = Nodes(connection, head.epoch)
            for at in range(0, len(positions), WIDTH):
                asked = [list(positions[at : at + WIDTH])]
                found = await connection.execute(_SOME, asked, binary=True)
                yield [await nodes.proven(row, head.size) for row in await found.fetchall()]

    async def tiles(self, head: Head) -> list[bytes]:
        """Give the roots of the complete tiles of leaves that a checkpoint covers."""
        rows = await self._rows(_ROOTS, head.epoch, head.size // WIDTH)
        return [bytes(root) for (root,) in rows]

    async def last_position(self) -> int:
        """Give the last position of the journal."""
        [(position,)] = await self._rows("SELECT position FROM journal.head")
        return int(position)

    async def entry(self, position: int) -> bytes | None:
        """Give the stored bytes of an event."""
        rows = await self._rows("SELECT entry FROM journal.events WHERE position = %s", position)
        return bytes(rows[0][0]) if rows else None


class Nodes:
    """Looks up hashes of the tree; each tile once."""

    def __init__(self, connection: psycopg.AsyncConnection[Any], epoch: int) -> None:
        self._connection, self._epoch = connection, epoch
        self._tiles: dict[tuple[int, int], list[bytes]] = {}

    async def root(self, span: Span) -> bytes:
        """Give the root of a subtree."""
        parts = [await self.hashes(*place(one)) for one in complete(span)]
        return joined([root_of(one) for one in parts])

    async def hashes(self, level: int, first: int, number: int) -> list[bytes]:
        """Give some hashes of one tile.

        Raises:
            NotSealed: some are missing: the stored tree is damaged.
        """
        at = level, first // WIDTH
        if at not in self._tiles:
            self._tiles[at] = await self._tile(*at)
        begin = first % WIDTH
        found = self._tiles[at][begin : begin + number]
        if len(found) < number:
            raise NotSealed(position=(first + len(found)) << HEIGHT * level, size=0)
        return found

    async def complete(self, number: int) -> list[bytes]:
        """Give the hashes of a tile of leaves; none where it is not complete."""
        given = {"epoch": self._epoch, "level": 0, "number": number}
        rows = await (await self._connection.execute(_TILE, given, binary=True)).fetchall()
        return split(bytes(rows[0][0])) if rows else []

    async def proven(self, row: tuple[int, bytes, bytes], size: int) -> Proven:
        """Prove that an event is in a tree of a size; its leaf is the sealed one."""
        position, entry, _ = row
        proof = [await self.root(span) for span in inclusion(position - 1, size)]
        [leaf] = await self.hashes(0, position - 1, 1)
        return Proven(position, entry, leaf, proof)

    async def _tile(self, level: int, number: int) -> list[bytes]:
        """Give a tile, or as much of it as there is."""
        given = {"epoch": self._epoch, "level": level, "number": number}
        given |= {"first": number * WIDTH, "last": (number + 1) * WIDTH}
        for query in (_TILE, _BELOW if level else _LEAVES):
            found = await self._connection.execute(query.encode(), given, binary=True)
            if rows := await found.fetchall():
                return split(b"".join(bytes(one) for (one,) in rows))
        return []


_COSIGNED = """
SELECT c.number, c.epoch, c.size, c.note, c.note || coalesce(
    (SELECT string_agg(line, '' ORDER BY witness) FROM seal.cosignatures s
     WHERE s.checkpoint = c.number), ''), c.signed_at
FROM seal.checkpoints c
"""
_NEWEST = _COSIGNED + "ORDER BY c.number DESC LIMIT 1"
_OF_SIZE = (
    _COSIGNED
    + """
WHERE c.epoch = (SELECT coalesce(max(epoch), 0) FROM seal.breaks) AND c.size >= %(size)s
ORDER BY c.size, c.number LIMIT 1
"""
)
_TILE = """
SELECT hashes FROM seal.tiles WHERE epoch = %(epoch)s AND level = %(level)s AND index = %(number)s
"""
_BELOW = """
SELECT root FROM seal.tiles WHERE epoch = %(epoch)s AND level = %(level)s - 1
    AND index >= %(first)s AND index < %(last)s ORDER BY index
"""
_LEAVES = """
SELECT leaf FROM journal.events
WHERE position > %(first)s AND position <= %(last)s ORDER BY position
"""
_ENTRIES = """
SELECT position, entry, leaf FROM journal.events WHERE position > %s AND position <= %s
ORDER BY position
"""
_SOME = """
SELECT position, entry, leaf FROM journal.events WHERE position = ANY(%s::bigint[])
ORDER BY position
"""
_ROOTS = """
SELECT root FROM seal.tiles WHERE epoch = %s AND level = 0 AND index < %s ORDER BY index
"""
_TIMESTAMPS = """
SELECT c.size, c.note, t.authority, t.token, t.received_at
FROM seal.timestamps t JOIN seal.checkpoints c ON c.number = t.checkpoint ORDER BY t.received_at
"""
_STATUS = """
SELECT (SELECT coalesce(max(position), 0) FROM journal.events),
    coalesce((SELECT size FROM seal.checkpoints ORDER BY number DESC LIMIT 1), 0), s.checked,
    coalesce(extract(epoch FROM now() - (
        SELECT e.recorded_at FROM journal.events e
        WHERE e.position = 1 + coalesce(
            (SELECT size FROM seal.checkpoints ORDER BY number DESC LIMIT 1), 0)))::float8, 0),
    s.refusal, s.updated_at
FROM seal.status s
"""
