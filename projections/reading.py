"""What every reader works with: connections that may only read, the names, and how far we are."""

import asyncio
from collections.abc import AsyncIterator, Hashable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, Self

import psycopg
from psycopg.rows import TupleRow, tuple_row

from journal.database import conninfo
from journal.memory import Recent
from journal.pools import AWAY, PATIENCE, LivePool
from projections.cursor import BadCursor as BadCursor  # noqa: PLC0414 - what reading may raise
from projections.kept import Kept
from projections.languages import LANGUAGES, Language
from projections.looks import Looks
from projections.projection import Table
from projections.tables import with_options
from projections.teller import ALL, Memory, Stamp, Teller

AsyncConnection = psycopg.AsyncConnection[TupleRow]

# What one process can keep busy; more would only wait inside the database.
MOST_CONNECTIONS = 16
# A key or an id means the same subject for ever; to look it up again was a fifth of a page.
MOST_EXACT = 50_000
# How much alike two names must be, by the measure of `pg_trgm`: more than any two names are, less
# than one slip of the pen makes of a name of six letters.
_OPTIONS = "-c pg_trgm.word_similarity_threshold=0.4 -c plan_cache_mode=force_custom_plan"
# A plan that walks an index is as good for one value as for another: it is made once.
_WALKING = (
    "-c plan_cache_mode=force_generic_plan -c enable_sort=off -c enable_incremental_sort=off"
    " -c enable_bitmapscan=off -c enable_seqscan=off -c enable_hashjoin=off"
    " -c enable_mergejoin=off -c enable_material=off -c enable_memoize=off"
    " -c max_parallel_workers_per_gather=0"
)
# Of a page. Where one row in n is known, a walk passes n for each line; to gather and sort what is
# known takes one in n of all rows. With a million, a page at position 37,630 took 0.7 and 196 ms.
LINES = 50
# Whoever reads depends on all of them: an answer of two views must know the same of both.
VIEWS = ("state", "timeline", "names")
# Readers who wait for a position look this often, in seconds; they share their looks.
LOOK_EVERY = 0.004


class NotSeen(Exception):
    """Position {position} is not visible yet; the views are at {seen}."""

    def __init__(self, position: int, seen: int) -> None:
        super().__init__((self.__doc__ or "").format(position=position, seen=seen))


class Seen(NamedTuple):
    """What a reader saw: with the same position and build, every answer is the same.

    Attributes:
        position: up to which the rows tell everything.
        build: counts what else changed them.
        names: tells when names changed.
    """

    position: int
    build: int
    names: Stamp


NOTHING_SEEN = Seen(0, 0, Stamp(0, 0))


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines of a list.

    Attributes:
        items: JSON, one document each.
        next_cursor: where the next page begins; None at the end.
    """

    items: Sequence[bytes]
    next_cursor: str | None
    seen: Seen

    @property
    def position(self) -> int:
        """The position up to which the list tells everything."""
        return self.seen.position

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        return sum(map(len, self.items)) + 50 * len(self.items)


@dataclass(frozen=True, slots=True)
class Clocks:
    """What to look at, and with which knowledge.

    Attributes:
        effective_at: the day in the world.
        known_at: the instant of knowledge as it is told, as JSON.
        known_position: what was recorded later is not known; None for all that the views hold.
        present: whether nobody chose a clock.
        language: in which titles and headlines are told.
    """

    effective_at: date
    known_at: str
    known_position: int | None = None
    present: bool = True
    language: Language = "en"

    @property
    def known(self) -> int:
        """The position to ask rows for."""
        return ALL if self.known_position is None else self.known_position

    @property
    def at(self) -> tuple[date, int]:
        """The day and the position to ask rows for."""
        return self.effective_at, self.known

    def told(self, position: int) -> bytes:
        """Give the clocks as the last members of a JSON object."""
        return f',"effective_at":"{self.effective_at}"'.encode() + self.knowledge(position)

    def knowledge(self, position: int) -> bytes:
        """Give the clock of knowledge as the last members of a JSON object."""
        return f',"known_at":{self.known_at},"known_position":{self.position(position)}}}'.encode()

    def position(self, seen: int) -> int:
        """Tell up to which position an answer tells everything; later ones are not let on."""
        return seen if self.known_position is None else self.known_position


@dataclass(frozen=True, slots=True)
class Settled(Clocks):
    """Clocks that know a position, and what of the views is seen there.

    The rows of a position stay as they are when later ones come: whatever is read at settled clocks
    is of one knowledge, also in several statements. Only a build can change it.

    Attributes:
        head: the last position that all views have seen.
    """

    seen: Seen = NOTHING_SEEN
    head: int = 0

    @property
    def walks(self) -> bool:
        """Whether to walk an index that tells positions besides.

        It passes what was not known yet; where that is more than what was, there is a better way.
        """
        return self.present or self.known**2 > LINES * self.head


class Views(AbstractAsyncContextManager["Views"]):
    """All that is read, for one process. Use as an asynchronous context manager.

    Attributes:
        pool: connections for any statement.
        walking: connections for pages of which an index holds the lines in the right order.
        exact: keys of subjects by key or id and kind, each with the position that opened it.
        instants: when positions were recorded.
    """

    def __init__(self, url: str, *, most_connections: int = MOST_CONNECTIONS) -> None:
        """Connect to nothing yet; `url` is as in FARSHORE_DATABASE_URL."""
        self._told = {language: Memory(language) for language in LANGUAGES}
        self._kept = Kept()
        self.exact: dict[tuple[str, str | None], tuple[str, int]] = {}
        self.instants: Recent[Hashable, Any] = Recent(MOST_EXACT)
        self.pool = _pool(url, _OPTIONS, most_connections // 2)
        self.walking = _pool(url, _WALKING, most_connections)
        self._looks = Looks(self.walking)

    async def __aenter__(self) -> Self:
        """Connect, as soon as there is somebody to connect to."""
        await self.pool.open()
        await self.walking.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Let go of all connections."""
        await self._looks.close()
        await self.pool.close()
        await self.walking.close()

    def lines(self, *, walk: bool) -> AbstractAsyncContextManager[AsyncConnection]:
        """Give a connection for the lines of a list.

        Args:
            walk: whether an index holds them in the order of the list. Postgres mistakes how many
                there are, gathers them all and sorts them; here it is not allowed to.
        """
        return (self.walking if walk else self.pool).connection()

    @asynccontextmanager
    async def moment(
        self, tables: Iterable[Table], *, walk: bool, level: str = "REPEATABLE READ"
    ) -> AsyncIterator[AsyncConnection]:
        """Give a connection of which all statements see the same moment.

        A rebuild that ends in between would leave tables whose rows are of a later moment, and so
        not there at all: it has to wait for us.

        Args:
            tables: that will be read; held before the moment begins.
            walk: as for `lines`.
            level: READ COMMITTED where it is enough that a cursor sees one moment.
        """
        names = ", ".join(f"views.{table.name}" for table in tables)
        async with self.lines(walk=walk) as connection, connection.transaction():
            await connection.execute(_MOMENT.format(level=level, tables=names), prepare=False)
            yield connection

    def teller(self, clocks: Clocks, seen: Seen) -> Teller:
        """Give what tells titles and headlines with the names that were known."""
        return Teller(self._told[clocks.language], clocks.position(seen.position))

    def remember_exact(self, text: str, kind: str | None, key: str, opened: int) -> None:
        """Keep the key of the subject that a key or an id means."""
        if len(self.exact) >= MOST_EXACT:
            self.exact.clear()
        self.exact[text, kind] = key, opened

    async def wait_for(self, position: int, within: float = 5) -> None:
        """Wait until a position is visible in all views.

        Raises:
            NotSeen: it is not, in time.
        """
        seen = 0
        try:
            async with asyncio.timeout(within):
                while seen < position:
                    with suppress(*AWAY):  # whoever waits is told when the time is over
                        seen = (await self._look()).position
                    if seen < position:
                        await asyncio.sleep(LOOK_EVERY)
        except TimeoutError:
            raise NotSeen(position, seen) from None

    async def settled(self, clocks: Clocks) -> Settled:
        """Settle what is known: all that every view has seen, where nobody chose a position."""
        if isinstance(clocks, Settled):
            return clocks
        seen = await self._look()
        known, head = clocks.position(seen.position), seen.position
        seen = seen._replace(position=min(known, head))
        told = clocks.present, clocks.language, seen, head
        return Settled(clocks.effective_at, clocks.known_at, known, *told)

    async def _look(self) -> Seen:
        """Tell what all views have seen."""
        tracks = await self._looks.look()
        if not tracks.keys() >= set(VIEWS):
            return NOTHING_SEEN
        there, names = [tracks[name] for name in VIEWS], tracks["names"]
        position, build = min(one.position for one in there), sum(one.build for one in there)
        return Seen(position, build, Stamp(names.build, names.changed))

    async def progress(self, *projections: str) -> tuple[int, int]:
        """Give the position that all of some projections have seen, and how often they changed."""
        tracks = await self._looks.look()
        there = [tracks[name] for name in projections if name in tracks]
        if len(there) < len(projections):
            return 0, 0
        return min(one.position for one in there), sum(one.build for one in there)

    def kept(self, asked: Hashable, clocks: Settled) -> Any:  # noqa: ANN401 - whatever was kept
        """Give an answer that was kept; None where there is none, or something was rebuilt."""
        return self._kept.get((asked, clocks.at, clocks.language, clocks.seen.build))

    def keep(self, asked: Hashable, answer: object, clocks: Settled, size: int) -> None:
        """Keep an answer of some bytes, unless the views have yet to see what it is to know."""
        if clocks.known == clocks.seen.position:
            kept_as = asked, clocks.at, clocks.language, clocks.seen.build
            self._kept.keep(kept_as, answer, size)


_MOMENT = """
SET TRANSACTION ISOLATION LEVEL {level}, READ ONLY;
LOCK TABLE {tables} IN ACCESS SHARE MODE
"""


def _pool(url: str, options: str, most: int) -> LivePool[AsyncConnection]:
    return LivePool[AsyncConnection](
        conninfo(with_options(url, options), "farshore_app", program="farshore-views"),
        kwargs={"autocommit": True, "row_factory": tuple_row, "prepare_threshold": 2},
        min_size=1,
        max_size=most,
        timeout=PATIENCE,
        reconnect_timeout=PATIENCE,
        open=False,
    )


# For readers that follow one view as it moves: one row, whether or not there is anything to read.
def seen_with(projection: str, select: str, page: str, order: str = "") -> str:
    """Put a statement together that tells, of one moment, what is seen and what there is."""
    return f"""
        SELECT seen.notification_id, seen.build, names.build, names.changed, {select}
        FROM views.tracking seen
        JOIN views.tracking names ON names.application_name = 'names'
        LEFT JOIN LATERAL ({page}) page ON true
        WHERE seen.application_name = '{projection}' {order}"""


def split(rows: Sequence[tuple[Any, ...]]) -> tuple[Seen, list[tuple[Any, ...]]]:
    """Part the answer of such a statement into what was seen and the lines of the page."""
    if not rows:
        return NOTHING_SEEN, []
    position, build, *stamp = rows[0][:4]
    seen = Seen(position, build, Stamp(*stamp))
    return seen, [] if rows[0][4] is None else [row[4:] for row in rows]
