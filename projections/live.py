"""What happens, as it is recorded: one follower per process, from whom all streams take."""

import asyncio
from bisect import bisect_right
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

import structlog

from journal.pools import AWAY
from projections import timeline
from projections.languages import LANGUAGES, Language
from projections.merging import records
from projections.reading import Clocks, Views, seen_with, split
from projections.teller import ALL
from projections.timeline import Question
from projections.words import tsquery

log = structlog.get_logger(__name__)

# How often the views are looked at while anybody listens, in seconds; a look reads three rows.
LOOK_EVERY = 0.1
# Events kept for listeners; whoever is further behind reads for himself.
MOST_KEPT = 2_000
# Events read at once.
CHUNK = 500
# What changes of which records an organization or a subject consists.
_MERGING = frozenset({"subject.merged", "subject.unmerged"})
_position = attrgetter("position")


class Happened(NamedTuple):
    """An event as the timeline tells it, and what it is found by."""

    position: int
    subject: UUID
    type: str
    day: date
    facets: frozenset[str]
    entries: Mapping[Language, bytes]


class Batch(NamedTuple):
    """Events up to a position.

    Attributes:
        rebuilt: whether what was told before may be told otherwise now.
    """

    upto: int
    happened: Sequence[Happened] = ()
    rebuilt: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events a listener wants.

    Attributes:
        groups: facets, of each group of which one must be said of an event.
        subjects: the records that it may be about; None for all.
        search: what its words must match, as Postgres writes it.
    """

    question: Question
    groups: Sequence[frozenset[str]]
    subjects: frozenset[UUID] | None
    search: str | None

    def takes(self, one: Happened) -> bool:
        """Tell whether an event is among them, but for the search."""
        asked = self.question
        return (
            not any(group.isdisjoint(one.facets) for group in self.groups)
            and (self.subjects is None or one.subject in self.subjects)
            and (asked.contested is not False or "contested" not in one.facets)
            and (asked.first is None or asked.first <= one.day)
            and (asked.last is None or one.day <= asked.last)
        )


@dataclass(slots=True)
class Live:
    """Follows the timeline while anybody listens; ended, it lets all listeners go.

    Attributes:
        ended: whether the process is about to stop.
        listeners: how many there are.
    """

    views: Views
    ended: bool = False
    listeners: int = 0
    _position: int = 0
    _build: int | None = None
    _kept: list[Happened] = field(default_factory=list)
    _kept_from: int = 0
    _moved: asyncio.Event = field(default_factory=asyncio.Event)
    _following: asyncio.Task[None] | None = None

    def end(self) -> None:
        """Let all listeners go."""
        self.ended = True
        self._wake()

    async def listen(self, question: Question, position: int, idle: float) -> AsyncIterator[Batch]:
        """Give what happens behind a position, as it happens.

        Args:
            question: which events.
            position: behind which to begin.
            idle: seconds after which an empty batch says that nothing happened.
        """
        wanted, build = await self._wanted(question), self._build
        with self._listening():
            while not self.ended:
                moved = self._moved
                if position >= self._position:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(moved.wait(), idle)
                found = await self._behind(position, wanted)
                taken = [one for one in found.happened if wanted.takes(one)]
                rebuilt = None not in (build, self._build) and build != self._build
                position, build = found.upto, self._build
                yield Batch(position, taken, rebuilt)
                if any(one.type in _MERGING for one in found.happened):
                    wanted = await self._wanted(question)

    async def _behind(self, position: int, wanted: Wanted) -> Batch:
        """Give what follows a position: what is kept, or what is read."""
        if position >= self._position:
            return Batch(position)
        if wanted.search is None and position >= self._kept_from:
            later = bisect_right(self._kept, position, key=_position)
            return Batch(self._position, self._kept[later:])
        return await read(self.views, position, self._position, wanted.search)

    async def _wanted(self, question: Question) -> Wanted:
        """Look up of which records the organization and the subject consist, and the words."""
        clocks = Clocks(date.max, "null")
        async with self.views.lines(walk=False) as connection:
            organization = await records(self.views, connection, question.organization, clocks)
            subject = await records(self.views, connection, question.subject, clocks)
            found = await connection.execute(_SUBJECTS, [list(subject)])
            subjects = frozenset(one for (one,) in await found.fetchall())
            search = question.q and await tsquery(connection, question.q, ALL)
        groups = [frozenset(group) for group in question.groups(organization)]
        return Wanted(question, groups, subjects if subject else None, search)

    # ── following ────────────────────────────────────────────────────────────────────────────────

    @contextmanager
    def _listening(self) -> Iterator[None]:
        self.listeners += 1
        if self._following is None:
            self._position, self._build = 0, None
            self._following = asyncio.create_task(self._follow())
        try:
            yield
        finally:
            self.listeners -= 1
            if not self.listeners and self._following is not None:
                self._following.cancel()
                self._following = None

    async def _follow(self) -> None:
        while True:
            try:
                await self._look()
            except AWAY:
                pass  # listeners hear nothing for as long as it is
            except Exception:  # the next look may do better, and others depend on it
                log.exception("what happens could not be read")
            await asyncio.sleep(LOOK_EVERY)

    async def _look(self) -> None:
        position, build = await self.views.progress("timeline", "names")
        if build != self._build:
            self._kept, self._kept_from = [], position
            self._position, self._build = position, build
            self._wake()
        while self._position < position:
            batch = await read(self.views, self._position, position)
            self._keep(batch)

    def _keep(self, batch: Batch) -> None:
        self._kept += batch.happened
        if len(self._kept) > MOST_KEPT:
            self._kept_from = self._kept[-MOST_KEPT - 1].position
            self._kept = self._kept[-MOST_KEPT:]
        self._position = batch.upto
        self._wake()

    def _wake(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()


_SUBJECTS = "SELECT subject FROM journal.names WHERE key = ANY(%s) AND alias IS NULL"


async def read(views: Views, after: int, upto: int, search: str | None = None) -> Batch:
    """Read the first events between two positions, as they now count.

    Args:
        views: to read.
        after: the position behind which to begin.
        upto: the last position.
        search: what their words must match; None for all.
    """
    day = datetime.now(UTC).date()
    async with views.lines(walk=True) as connection:
        found = await connection.execute(_EVENTS, (after, upto, search, search, CHUNK))
        seen, rows = split(await found.fetchall())
        tellers = [views.teller(Clocks(day, "null", language=one), seen) for one in LANGUAGES]
        told_in = [await timeline.told(one, connection, seen, rows, day) for one in tellers]
    entries = [dict(zip(LANGUAGES, told, strict=True)) for told in zip(*told_in, strict=True)]
    happened = [
        Happened(position, subject, type_, on, frozenset(facets), told)
        for (position, subject, facets, type_, *_, on, _), told in zip(rows, entries, strict=True)
    ]
    return Batch(happened[-1].position if len(happened) == CHUNK else upto, happened)


_EVENTS = seen_with(
    "timeline",
    "page.*",
    f"""SELECT t.position, t.subject, t.facets, {timeline.TOLD} FROM views.timeline t
        WHERE t.position > %s AND t.position <= %s AND t.known @> {ALL}::bigint
            AND (%s::text IS NULL OR t.words @@ %s::tsquery)
        ORDER BY t.position LIMIT %s""",
    "ORDER BY page.position",
)
