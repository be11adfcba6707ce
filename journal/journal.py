"""The journal as the server uses it: one command, or a stream of lines of any length."""

import asyncio
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple, Self
from uuid import UUID

from domain.refusals import Refused
from journal import wire
from journal.commands import Command, Line, Principal
from journal.committer import MOST_EVENTS, Committer
from journal.database import conninfo
from journal.refusals import Declined, Overtaken, Unavailable, Unresolvable, plain
from journal.round import Recording

_IN_FLIGHT = 2  # chunks that are decided and appended while the next one is read
_BREATH = 50  # lines read before others get their turn

Refusal = Refused | Declined | wire.Unreadable | wire.Hostile | wire.TooLarge
_REFUSALS = (Refused, Declined, wire.Unreadable, wire.Hostile, wire.TooLarge)


class Told(NamedTuple):
    """What became of one line of a stream; `number` counts from 1, blank lines too."""

    number: int
    outcome: Recording | Refusal


class _Sent(NamedTuple):
    number: int
    command: Command | None  # None where there is none to be read
    answer: "asyncio.Future[Recording]"


class Journal(AbstractAsyncContextManager["Journal"]):
    """One per process. Use as an asynchronous context manager."""

    def __init__(self, url: str) -> None:
        """Connect to nothing yet; `url` is as in FARSHORE_DATABASE_URL."""
        self._committer = Committer(conninfo(url, "farshore_app", program="farshore-journal"))

    async def __aenter__(self) -> Self:
        """Start to work."""
        await self._committer.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Finish what is pending."""
        await self._committer.__aexit__()

    async def submit(self, command: Command) -> Recording:
        """Record a command, once, or say why not.

        Raises:
            Refused, Declined: what speaks against it.
        """
        return await self._committer.submit(command)

    async def stream(
        self, principal: Principal, lines: AsyncIterable[bytes], batch: UUID | None = None
    ) -> AsyncIterator[Told]:
        """Record lines, each for itself, in their order.

        A line that refers to something unknown is tried again after all others, since that may
        come later in the same file.

        Raises:
            Unavailable: the database is away; sent again, what is recorded is not recorded twice.
        """
        under_way: deque[list[_Sent]] = deque()
        early: list[_Sent] = []
        async for chunk in self._chunks(principal, lines, batch):
            under_way.append(chunk)
            if len(under_way) > _IN_FLIGHT:
                for told in await _told(under_way.popleft(), early):
                    yield told
        for chunk in under_way:
            for told in await _told(chunk, early):
                yield told
        while early:
            again, early = [self._again(sent) for sent in early], []
            settled = await _told(again, early)
            if not settled:  # nothing they wait for is still to come
                settled, early = await _told(again), []
            for told in settled:
                yield told

    async def _chunks(
        self, principal: Principal, lines: AsyncIterable[bytes], batch: UUID | None
    ) -> AsyncIterator[list[_Sent]]:
        chunk: list[_Sent] = []
        number = 0
        async for raw in lines:
            number += 1
            if not raw.strip():
                continue
            chunk.append(self._send(number, principal, raw, batch))
            if len(chunk) % _BREATH == 0:
                await asyncio.sleep(0)
            if len(chunk) == MOST_EVENTS:
                yield chunk
                chunk = []
        yield chunk

    def _send(self, number: int, principal: Principal, raw: bytes, batch: UUID | None) -> _Sent:
        try:
            lines = (Line.read(wire.loads(raw)),)
        except _REFUSALS as refusal:
            answer: asyncio.Future[Recording] = asyncio.get_running_loop().create_future()
            answer.set_exception(plain(refusal))
            return _Sent(number, None, answer)
        command = Command.told(principal, lines, batch, warn=False)
        return _Sent(number, command, self._committer.enqueue(command))

    def _again(self, sent: _Sent) -> _Sent:
        assert sent.command  # noqa: S101 - for the type checker: only what was read can be early
        return sent._replace(answer=self._committer.enqueue(sent.command))


async def _told(chunk: list[_Sent], early: list[_Sent] | None = None) -> list[Told]:
    """Wait for a chunk; what refers to something unknown goes to `early`, where that is given."""
    if chunk:  # not by gather(), which would cancel the answers when its caller is cancelled
        await asyncio.wait([sent.answer for sent in chunk])
    told = []
    for sent in chunk:
        failure = sent.answer.exception()
        if early is not None and sent.command and isinstance(failure, Unresolvable):
            early.append(sent)
        elif isinstance(failure, _REFUSALS) and not _is_away(failure):
            told.append(Told(sent.number, failure))
        else:
            told.append(Told(sent.number, sent.answer.result()))
    return told


def _is_away(failure: Exception) -> bool:
    return isinstance(failure, Unavailable) and not isinstance(failure, Overtaken)
