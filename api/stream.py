"""Import: lines of any number, recorded as they come in, each for itself or all together."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
from fastapi import Request, Response
from uuid_utils.compat import uuid7

from api import bodies, problems
from api.parameters import flag, only
from api.resources import resources
from api.writing import principal
from domain.refusals import Refused
from journal import wire
from journal.commands import Command, Line
from journal.committer import Committer
from journal.refusals import AtLine, Declined, Overtaken, Unavailable
from journal.round import Recording

MOST_ERRORS = 1_000  # told one by one; the rest is counted

# Lines on their way at once: enough that every commit is a full one while the next is read and
# checked; the sender waits for the oldest, so that memory stays constant.
_AHEAD = 1_500

_REFUSALS = (Refused, Declined, wire.Unreadable, wire.TooLarge, wire.Hostile)


@dataclass(slots=True)
class Tally:
    """What became of the lines so far."""

    batch: UUID
    accepted: int = 0
    replayed: int = 0
    refused: int = 0
    position: int | None = None
    errors: list[dict[str, Any]] = field(default_factory=list)

    def count(self, recording: Recording) -> None:
        """Count what is on record."""
        if recording.replayed:
            self.replayed += len(recording.rows)
        else:
            self.accepted += len(recording.rows)
            self.position = max(self.position or 0, recording.rows[-1].position)

    def refuse(self, line: int, error: Exception) -> None:
        """Count a refusal, and keep the first ones."""
        self.refused += 1
        if len(self.errors) < MOST_ERRORS:
            self.errors.append({"line": line, **problems.told(error)})

    def answer(self) -> Response:
        """Answer with it."""
        headers = {} if self.position is None else {"Farshore-Position": str(self.position)}
        return Response(orjson.dumps(self), 200, headers, bodies.JSON)


async def record(request: Request) -> Response:
    """Record the lines of a body."""
    only(request, "atomic", "dry_run")
    tally = Tally(uuid7())
    if flag(request, "atomic"):
        await _together(request, tally)
    else:
        await _each(request, tally)
    return tally.answer()


async def _numbered(request: Request) -> AsyncIterator[tuple[int, bytes | None]]:
    """Give the lines that are not blank, with their numbers from 1."""
    number = 0
    async for line in bodies.lines(request):
        number += 1
        if line is None or (not line.isspace() and line):
            yield number, line


def _read(line: bytes | None) -> Line:
    if line is None:
        raise wire.TooLarge
    return Line.read(wire.loads(line))


# ── each for itself ──────────────────────────────────────────────────────────────────────────────


async def _each(request: Request, tally: Tally) -> None:
    """Submit many lines at a time, in order: a later one may name what an earlier one opened."""
    journal, dry = resources(request).journal, flag(request, "dry_run")
    under_way: deque[tuple[int, asyncio.Task[Recording]]] = deque()
    try:
        async for number, raw in _numbered(request):
            try:
                command = Command.told(principal(request), _read(raw), tally.batch)
            except _REFUSALS as error:
                tally.refuse(number, error)
                continue
            command = replace(command, dry_run=dry, warn=False)
            under_way.append((number, asyncio.create_task(journal.submit(command))))
            while len(under_way) >= _AHEAD or (under_way and under_way[0][1].done()):
                await _settle(tally, *under_way.popleft())
        while under_way:
            await _settle(tally, *under_way.popleft())
    finally:
        for _, task in under_way:
            task.cancel()


async def _settle(tally: Tally, number: int, task: asyncio.Task[Recording]) -> None:
    """Wait for one line.

    Raises:
        Unavailable: the database is away, so that there is no sense in going on.
    """
    try:
        tally.count(await task)
    except _REFUSALS as error:
        if isinstance(error, Unavailable) and not isinstance(error, Overtaken):
            raise
        tally.refuse(number, error)


# ── all together ─────────────────────────────────────────────────────────────────────────────────


async def _together(request: Request, tally: Tally) -> None:
    """Read all lines, then record all or none; what they say names the command."""
    lines: dict[int, Line] = {}
    content = sha256()
    async for number, raw in _numbered(request):
        try:
            lines[number] = _read(raw)
            content.update(sha256(wire.canonical(lines[number].document)).digest())
        except _REFUSALS as error:
            tally.refuse(number, error)
    if lines and not tally.refused:
        command = _whole(request, tuple(lines.values()), content.digest(), tally.batch)
        await _submit(resources(request).journal, command, list(lines), tally)


def _whole(request: Request, lines: tuple[Line, ...], content: bytes, batch: UUID) -> Command:
    asking = principal(request)
    key = request.headers.get("idempotency-key", content.hex())
    keyed = Command.keyed(asking, lines, key, content)
    return replace(keyed, batch=batch, dry_run=flag(request, "dry_run"), warn=False)


async def _submit(journal: Committer, command: Command, numbers: list[int], tally: Tally) -> None:
    try:
        tally.count(await journal.submit(command))
    except AtLine as error:
        tally.refuse(numbers[error.index], error.cause)
    except Refused as error:
        tally.refuse(numbers[0], error)
