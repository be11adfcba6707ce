"""Group commit: commands that wait at the same time are decided and appended together."""

import asyncio
from collections import deque
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Self

import psycopg
import structlog

from journal import lookup
from journal.append import APPEND, parameters, rulings
from journal.commands import Command
from journal.memory import Memory
from journal.refusals import Overtaken, Unavailable
from journal.round import HOLDING_FROM, Answer, Recording, Task, Wanted, play

MOST_EVENTS = 500  # in one call; measured: larger ones are no faster, and others wait for longer
MOST_WAITING = 20_000  # commands; beyond that a client should come back later
PATIENCE = 8.0  # seconds that a command waits for a database that is away
# Seconds that a round waits for those who were just answered: most ask again at once. Each round
# costs a millisecond whatever it holds; 8 clients lose no time and save a third of the computing.
_COMPANY = 0.002
_PAUSE = 0.1  # between two tries to reach it
_LONGEST_WAIT = 15.0  # for an answer
_LONGEST_ROUND = 35.0  # a little more than the server allows one statement

_AWAY = (
    OSError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.ReadOnlySqlTransaction,  # another server has taken over
)

_log = structlog.get_logger()


@dataclass(slots=True)
class _Waiting:
    task: Task
    answer: asyncio.Future[Recording]
    since: float = field(default_factory=monotonic)

    def settle(self) -> bool:
        """Tell the sender the outcome, if there is one."""
        outcome = self.task.outcome
        if self.answer.done():
            return True
        if isinstance(outcome, Recording):
            self.answer.set_result(outcome)
        elif outcome:
            self.answer.set_exception(outcome)
        return outcome is not None


class Committer:
    """One per process: takes what is pending, decides it, appends it in one call, tells everybody.

    Use as an asynchronous context manager; what is pending at its end is still appended.
    """

    def __init__(self, conninfo: str) -> None:
        """Connect to nothing yet.

        Args:
            conninfo: with the role farshore_app.
        """
        self._conninfo = conninfo
        self._memory = Memory()
        self._pending: deque[_Waiting] = deque()
        self._wake = asyncio.Event()
        self._closing = False
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._worker: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Start to work."""
        self._worker = asyncio.create_task(self._work(), name="committer")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Finish what is pending."""
        self._closing = True
        self._wake.set()
        if self._worker:
            await self._worker
        await self._disconnect()

    @property
    def position(self) -> int:
        """The last position heard of."""
        return self._memory.position

    async def submit(self, command: Command) -> Recording:
        """Record a command, once, or say why not.

        A sender who is cancelled gets no answer, and the command takes its course.

        Raises:
            Refused, Declined: what speaks against it.
        """
        answer = self.enqueue(command)
        late = answer.get_loop().call_later(_LONGEST_WAIT, _give_up, answer)
        try:
            return await answer
        finally:
            late.cancel()

    def enqueue(self, command: Command) -> asyncio.Future[Recording]:
        """Take a command, after all taken before; cancelling its future changes nothing."""
        answer: asyncio.Future[Recording] = asyncio.get_running_loop().create_future()
        answer.add_done_callback(_retrieve)
        if self._closing or len(self._pending) >= MOST_WAITING:
            answer.set_exception(Unavailable())
        else:
            self._pending.append(_Waiting(Task(command), answer))
            self._wake.set()
        return answer

    async def _work(self) -> None:
        expected = 0
        while self._pending or not self._closing:
            if not self._pending:
                self._wake.clear()
                await self._wake.wait()
                continue
            await self._gather(expected)
            batch = self._take()
            await self._play(batch)
            expected = min(len(batch) + len(self._pending), MOST_EVENTS)
            again = [one for one in batch if not one.settle()]
            again.sort(key=_is_contested, reverse=True)
            self._pending.extendleft(reversed(again))

    async def _gather(self, expected: int) -> None:
        """Let others come in: those who are at the door, and those who were just answered."""
        known = 0
        while known < len(self._pending) < MOST_EVENTS:
            known = len(self._pending)
            await asyncio.sleep(0)
        with suppress(TimeoutError):
            async with asyncio.timeout(_COMPANY):
                while len(self._pending) < expected and not self._closing:
                    self._wake.clear()
                    await self._wake.wait()

    def _take(self) -> list[_Waiting]:
        """Take what goes into one round; who holds up others for it, alone with his like."""
        batch: list[_Waiting] = []
        room, contested = MOST_EVENTS, _is_contested(self._pending[0])
        while self._pending and _is_contested(self._pending[0]) is contested:
            if batch and room < len(self._pending[0].task.command.lines):
                break
            batch.append(self._pending.popleft())
            room -= len(batch[-1].task.command.lines)
        return batch

    async def _play(self, batch: list[_Waiting]) -> None:
        """Play one round; after an accident everybody has an outcome, or gets another round."""
        try:
            async with asyncio.timeout(_LONGEST_ROUND):
                await self._round([one.task for one in batch])
        except psycopg.errors.LockNotAvailable:  # somebody appends for long; nothing was written
            for one in batch:
                if monotonic() - one.since > PATIENCE:
                    one.task.outcome = Overtaken()
        except _AWAY as error:
            await self._forget(batch)
            _log.warning("database_away", error=str(error), commands=len(batch))
            for one in batch:
                if monotonic() - one.since > PATIENCE:
                    one.task.outcome = Unavailable()
            await asyncio.sleep(_PAUSE)
        except Exception as error:  # noqa: BLE001 - a fault of ours must not stop the others
            await self._forget(batch)
            await self._isolate(batch, error)

    async def _round(self, tasks: list[Task]) -> None:
        connection = await self._connected()
        hold = tasks[0].tries >= HOLDING_FROM
        async with connection.transaction() if hold else nullcontext():
            if hold:
                await connection.execute("SELECT journal.hold()")
            game = play(self._memory, tasks)
            with suppress(StopIteration):
                wanted = next(game)
                while True:
                    wanted = game.send(await _perform(connection, wanted))

    async def _forget(self, batch: list[_Waiting]) -> None:
        """Trust nothing of a round whose end nobody saw: all of it is looked up again."""
        self._memory = Memory()
        await self._disconnect()
        for one in batch:
            one.task.outcome = None
            one.task.perhaps_recorded = True

    async def _isolate(self, batch: list[_Waiting], error: Exception) -> None:
        """Let a command that breaks the round break it alone."""
        if len(batch) > 1:
            for one in batch:
                await self._play([one])
            return
        _log.error("command_failed", exc_info=error)
        if not batch[0].answer.done():
            batch[0].answer.set_exception(error)

    # ── the connection ───────────────────────────────────────────────────────────────────────────

    async def _connected(self) -> psycopg.AsyncConnection[Any]:
        if self._connection is None:
            self._connection = await psycopg.AsyncConnection.connect(
                self._conninfo, autocommit=True
            )
            await self._connection.execute(lookup.SETTINGS)
        return self._connection

    async def _disconnect(self) -> None:
        if self._connection:
            await self._connection.close()
            self._connection = None


def _is_contested(waiting: _Waiting) -> bool:
    """Tell whether others came in between so often that they must wait for it now."""
    return waiting.task.tries >= HOLDING_FROM


async def _perform(connection: psycopg.AsyncConnection[Any], wanted: Wanted) -> Answer:
    if wanted is None:
        await asyncio.sleep(0)
        return None
    if isinstance(wanted, list):
        cursor = await connection.execute(APPEND, parameters(wanted), prepare=True, binary=True)
        return rulings(wanted, await cursor.fetchall())
    queries = lookup.queries(wanted)
    async with connection.pipeline() if len(queries) > 1 else nullcontext():
        asked = {
            name: await connection.execute(*query, prepare=True, binary=True)
            for name, query in queries.items()
        }
    return lookup.found(**{name: await cursor.fetchall() for name, cursor in asked.items()})


def _give_up(answer: asyncio.Future[Recording]) -> None:
    """Let nobody wait for ever; the command may still be recorded."""
    if not answer.done():
        answer.set_exception(Unavailable())


def _retrieve(answer: asyncio.Future[Recording]) -> None:
    """Take note of an exception whose sender has gone."""
    if not answer.cancelled():
        answer.exception()
