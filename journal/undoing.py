"""Undo a whole import: retract every event of it that still counts, in one append.

Each subject is decided on once, with all its retractions: what holds in the end is what matters,
since nobody ever sees the states in between. What was decided stays decided unless its subject
moves on, so that the second try, which lets nobody overtake it, holds others up for a moment only.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from uuid_utils.compat import uuid7

from domain.effective import Fact, Recorded
from domain.event import Event
from domain.history import History
from domain.merges import check_merge
from domain.refusals import Refused
from journal.append import APPEND, Proposal, parameters, rulings
from journal.commands import Command, Line
from journal.database import conninfo
from journal.decide import candidate, draft, renamed
from journal.names import Subject
from journal.refusals import BuiltUpon, NotYours, OtherRequest, Overtaken, UnknownBatch
from journal.rows import COLUMNS, Draft, Row

_CHUNK = 200  # subjects read at once: their histories take some MB
_BREATH = 50  # events folded, which takes some 10 ms, before others get their turn
_LONGEST = 300_000  # ms for a statement: 20,000 events are appended within seconds

# Who wants to see what undoing does to a subject: what is retracted, the history before and after.
Look = Callable[[Sequence[Fact], History, History], None]
_Connection = psycopg.AsyncConnection[tuple[Any, ...]]

_OF_BATCH = """
SELECT count(*), bool_and(recorded_by = %s), (SELECT position FROM journal.head)
FROM journal.events WHERE batch = %s
"""
_VERSIONS = """
SELECT own.subject, (SELECT max(e.version) FROM journal.events e WHERE e.subject = own.subject)
FROM (SELECT DISTINCT subject FROM journal.events WHERE batch = %s) own
"""
_ROWS = f"SELECT {COLUMNS} FROM journal.events WHERE subject = ANY(%s) ORDER BY subject, version"
_ROWS_BY_KEY = f"""
SELECT {COLUMNS} FROM journal.events WHERE subject = (
    SELECT subject FROM journal.names WHERE key = %s AND alias IS NULL
) ORDER BY version
"""
_ON_RECORD = """
SELECT count(*), max(position), (array_agg(batch))[1], (array_agg(fingerprint))[1]
FROM journal.events WHERE command = %s
"""


@dataclass(frozen=True, slots=True)
class Undone:
    """What became of a batch.

    Attributes:
        batch: that was undone.
        undone_by: the batch of the retractions, which can be undone in turn; None where nothing
            was written.
        retracted: how many events; 0 where none of them counted any more.
        position: of the last retraction.
        replayed: whether this command was on record before it came.
    """

    batch: UUID
    undone_by: UUID | None
    retracted: int
    position: int | None
    replayed: bool = False


async def undo(
    url: str, command: Command, batch: UUID, reason: str, look: Look | None = None
) -> Undone:
    """Retract what is left of a batch, all of it or nothing.

    Args:
        url: of the database.
        command: who asks, under which id, and whether it is a dry run; its lines are made here.
        batch: the import to undo.
        reason: why.
        look: is shown every subject that changes.

    Raises:
        UnknownBatch, NotYours, OtherRequest, BuiltUpon
    """
    dsn = conninfo(url, "farshore_app", program="farshore-undo", statement_timeout_ms=_LONGEST)
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        command = replace(command, batch=uuid7())
        undoing = _Undoing(connection, command, batch, reason, look)
        for hold in (False, True):
            async with connection.transaction() if hold else nullcontext():
                if hold:
                    await connection.execute("SELECT journal.hold()")
                if outcome := await undoing.tried(hold=hold):
                    return outcome
    raise Overtaken


class _Retraction(NamedTuple):
    of: int  # the position
    draft: Draft


class _Decided(NamedTuple):
    version: int  # of the subject, on which it was decided
    retractions: tuple[_Retraction, ...]
    refusals: tuple[Refused, ...]


@dataclass(slots=True)
class _Undoing:
    connection: _Connection
    command: Command
    batch: UUID
    reason: str
    look: Look | None
    decided: dict[UUID, _Decided] = field(default_factory=dict)
    merged: dict[str, History] = field(default_factory=dict)  # again, by key
    unmerged: dict[str, History] = field(default_factory=dict)
    position: int = 0

    async def tried(self, *, hold: bool) -> Undone | None:
        """Try once; None where somebody got in between, or where nobody may.

        Args:
            hold: whether nobody else can append.
        """
        if self.command.repeatable and (replayed := await self._on_record()):
            return replayed
        await self._check()
        await self._decide()
        if self.merged and not (hold or self.command.dry_run):
            return None
        refusals = [*chain.from_iterable(one.refusals for one in self.decided.values())]
        if refusals := refusals + [one async for one in self._circles()]:
            raise BuiltUpon(refusals)
        drafts = self._drafts()
        if self.command.dry_run or not drafts:
            return Undone(self.batch, None, len(drafts), None)
        return await self._append(drafts)

    async def _on_record(self) -> Undone | None:
        row = await self._one(_ON_RECORD, self.command.id)
        number, position, undone_by, fingerprint = row
        if not number:
            return None
        if fingerprint != self.command.fingerprint:
            raise OtherRequest
        return Undone(self.batch, undone_by, number, position, replayed=True)

    async def _check(self) -> None:
        """See whether there is such a batch, and whose it is."""
        principal = self.command.principal
        number, own, self.position = await self._one(_OF_BATCH, principal.id, self.batch)
        if not number:
            raise UnknownBatch(batch=self.batch)
        if principal.role == "contributor" and not own:
            raise NotYours

    async def _append(self, drafts: tuple[Draft, ...]) -> Undone | None:
        command = self.command
        proposal = Proposal(
            command.id, command.principal.id, drafts, command.fingerprint, command.batch
        )
        cursor = await self.connection.execute(APPEND, parameters([proposal]), binary=True)
        [ruling] = rulings([proposal], await cursor.fetchall())
        if ruling.verdict != "new":  # the next try finds out what came in between
            return None
        return Undone(self.batch, command.batch, len(drafts), ruling.rows[-1].position)

    async def _one(self, query: str, *given: object) -> tuple[Any, ...]:
        row = await (await self.connection.execute(query, given)).fetchone()
        return row or ()

    # ── deciding ─────────────────────────────────────────────────────────────────────────────────

    async def _decide(self) -> None:
        """Decide on every subject that has moved on since it was decided on, if it ever was."""
        found = await (await self.connection.execute(_VERSIONS, (self.batch,))).fetchall()
        known = {subject: one.version for subject, one in self.decided.items()}
        moved = [subject for subject, version in found if known.get(subject) != version]
        folded = 0
        for start in range(0, len(moved), _CHUNK):
            for rows in await self._histories(moved[start : start + _CHUNK]):
                self.decided[rows[0].subject] = self._decision(rows)
                folded += len(rows)
                if folded > _BREATH:
                    await asyncio.sleep(folded := 0)

    async def _histories(self, subjects: Sequence[UUID]) -> list[list[Row]]:
        found = await self.connection.execute(_ROWS, (subjects,), binary=True)
        rows: dict[UUID, list[Row]] = defaultdict(list)
        for row in map(Row._make, await found.fetchall()):
            rows[row.subject].append(row)
        return list(rows.values())

    def _decision(self, rows: Sequence[Row]) -> _Decided:
        for noted in (self.merged, self.unmerged):  # by an earlier try
            noted.pop(rows[0].key, None)
        before = History.of(row.recorded() for row in rows)
        targets = list(_left(before, self.batch))
        if not targets:
            return _Decided(before.version, (), ())
        made = [
            self._retraction(one, before.version + number) for number, one in enumerate(targets, 1)
        ]
        after = History.of((*before.recorded, *(recorded for _, recorded in made)))
        self._note_merge(before, after)
        if self.look:
            self.look(targets, before, after)
        last, aliases = len(made) - 1, renamed(before, after)
        drafts = (
            draft(line, recorded, aliases if number == last else None)
            for number, (line, recorded) in enumerate(made)
        )
        retractions = zip((one.position for one in targets), drafts, strict=True)
        refusals = tuple(_broken(before, after))
        return _Decided(before.version, tuple(map(_Retraction._make, retractions)), refusals)

    def _retraction(self, one: Fact, version: int) -> tuple[Line, Recorded]:
        """Give the same line of the generic door, and what would be on record."""
        of = one.recorded
        line = Line.read(
            {
                "type": "event.retracted",
                "kind": of.kind,
                "subject": of.key,
                "data": {"target": {"position": of.position}},
                "reason": self.reason,
            }
        )
        event = line.event
        assert isinstance(event, Event)  # noqa: S101 - for the type checker: the kind is given
        subject = Subject(of.subject, of.kind, of.key)
        position = self.position + version  # any that comes later: the append gives the real one
        return line, candidate(self.command, line, subject, event, version, position)

    def _note_merge(self, before: History, after: History) -> None:
        if before.merged_into != after.merged_into:
            noted = self.merged if after.merged_into else self.unmerged
            noted[after.recorded[-1].key] = after

    async def _circles(self) -> AsyncIterator[Refused]:
        """Hold what is merged again against the merges of other subjects."""
        beside = self.unmerged | self.merged
        for history in self.merged.values():
            while True:
                try:
                    check_merge(history, beside.__getitem__)
                except KeyError as missing:
                    [key] = missing.args
                    beside[key] = await self._history(key)
                except Refused as why:
                    yield why
                    break
                else:
                    break

    async def _history(self, key: str) -> History:
        found = await self.connection.execute(_ROWS_BY_KEY, (key,), binary=True)
        return History.of(Row._make(row).recorded() for row in await found.fetchall())

    def _drafts(self) -> tuple[Draft, ...]:
        """Give all retractions, that of the last event first."""
        retractions = chain.from_iterable(one.retractions for one in self.decided.values())
        return tuple(one.draft for one in sorted(retractions, key=itemgetter(0), reverse=True))


def _left(history: History, batch: UUID) -> Iterator[Fact]:
    """Give what is left of a batch, the last first; what the batch itself retracted is, too.

    To retract its retraction alone would let that count again.
    """
    undone: set[int] = set()
    for one in reversed(history.facts):
        if one.recorded.batch == batch and (not one.retracted_by or one.retracted_by in undone):
            undone.add(one.position)
            yield one


def _broken(before: History, after: History) -> Iterator[Refused]:
    """Give what would break a rule that it did not break before."""
    known = {(one.fact.position, type(why)) for one, why in before.contradictions()}
    for one, why in after.contradictions():
        if (one.fact.position, type(why)) not in known:
            yield after.explained(one, why, after.recorded[-1])
