"""Import: lines of any number, recorded as they come in, each for itself or all together."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import orjson
from fastapi import Request, Response
from uuid_utils.compat import uuid7

from api import bodies, previewing, problems, reading
from api.parameters import flag, only
from api.refusals import BadParameters
from api.resources import resources
from api.signin import principal
from domain.refusals import Refused
from journal import wire
from journal.commands import Command, Line
from journal.refusals import (
    Declined,
    Overtaken,
    Unavailable,
    Unresolvable,
)
from journal.round import Recording

MOST_ERRORS = 1_000  # told one by one; the rest is counted
MOST_TRIED = 10_000  # lines of a dry run, which are kept together while they are judged

_REFUSALS = (Refused, Declined, wire.Unreadable, wire.TooLarge, wire.Hostile)


@dataclass(slots=True)
class Tally:
    """What became of the lines so far.

    Attributes:
        position: the last one at which any of the lines is on record.
    """

    batch: UUID
    accepted: int = 0
    replayed: int = 0
    refused: int = 0
    position: int | None = None
    errors: list[dict[str, Any]] = field(default_factory=list)

    def take(self, line: int, outcome: Recording | Exception) -> None:
        """Take note of an outcome.

        Raises:
            Unavailable: the database is away, so that there is no sense in going on.
        """
        if isinstance(outcome, Recording):
            self._count(outcome)
        elif isinstance(outcome, Unavailable) and not isinstance(outcome, Overtaken):
            raise outcome
        else:
            self._refuse(line, outcome)

    def _count(self, recording: Recording) -> None:
        if recording.replayed:
            self.replayed += len(recording.rows)
        else:
            self.accepted += len(recording.rows)
        self.position = max(self.position or 0, recording.rows[-1].position)

    def _refuse(self, line: int, error: Exception) -> None:
        self.refused += 1
        if len(self.errors) < MOST_ERRORS:
            self.errors.append({"line": line, **problems.told(error)})

    def answer(self, subjects: list[dict[str, Any]] | None = None) -> Response:
        """Answer with it; of a dry run, with the subjects that would change."""
        self.errors.sort(key=lambda error: error["line"])
        told = orjson.dumps(self)
        headers = {} if self.position is None else {"Farshore-Position": str(self.position)}
        if subjects is not None:
            told = b"".join((told[:-1], b',"subjects":', orjson.dumps(subjects), b"}"))
        return Response(told, 200, headers, bodies.JSON)


async def record(request: Request) -> Response:
    """Record the lines of a body, or say what would become of them."""
    only(request, "atomic", "dry_run")
    if "if-match" in request.headers:
        raise BadParameters.one("If-Match", "it belongs to one subject: send its event by itself")
    tally = Tally(uuid7())
    atomic, dry = flag(request, "atomic"), flag(request, "dry_run")
    if dry:
        lines = await _read(request, tally, limit=MOST_TRIED)
        recording, _ = await tried(request, tally, lines)
        tally.accepted = len(recording.rows) if recording else 0
        return tally.answer(await _changes(request, recording) if recording else [])
    if atomic:
        await _together(request, tally)
    else:
        journal = resources(request).journal
        async for told in journal.stream(principal(request), bodies.lines(request), tally.batch):
            tally.take(told.number, told.outcome)
    return tally.answer()


async def _changes(request: Request, recording: Recording) -> list[dict[str, Any]]:
    return await previewing.whole(resources(request).views, recording, reading.today())


async def _together(request: Request, tally: Tally) -> None:
    """Record all lines or none."""
    lines = await _read(request, tally)
    if tally.refused or not lines or await _recorded(request, tally, lines):
        return
    _, lines = await tried(request, tally, lines)  # tells all that is wrong, or a better order
    if not tally.errors and not await _recorded(request, tally, lines):
        raise Overtaken


async def _recorded(request: Request, tally: Tally, lines: Mapping[int, Line]) -> bool:
    try:
        recording = await resources(request).journal.submit(_command(request, lines, tally))
    except Unavailable:
        raise
    except (Refused, Declined):
        return False
    tally.take(0, recording)
    return True


async def tried(
    request: Request, tally: Tally, lines: dict[int, Line]
) -> tuple[Recording | None, dict[int, Line]]:
    """Say of each line whether it would be recorded; what refers to later ones is tried behind.

    Returns:
        what would be recorded, and the lines of that in their order.
    """
    deferred: list[int] = []
    while lines:
        command = replace(_command(request, lines, tally), dry_run=True, tolerant=True)
        recording = await resources(request).journal.submit(command)
        numbers = list(lines)
        refused = {numbers[one.index]: one.cause for one in recording.refused}
        later = [at for at, why in refused.items() if isinstance(why, Unresolvable)]
        again = [] if deferred else later
        for number in sorted(refused.keys() - set(again)):
            tally.take(number, refused[number])
        kept = [number for number in numbers if number not in refused]
        lines = {number: lines[number] for number in (*kept, *again)}
        if not again:
            return recording, lines
        deferred = again
    return None, lines


def _command(request: Request, lines: Mapping[int, Line], tally: Tally) -> Command:
    return Command.told(principal(request), tuple(lines.values()), tally.batch, warn=False)


async def _read(request: Request, tally: Tally, limit: int | None = None) -> dict[int, Line]:
    """Read and check all lines; give those that could be recorded, by their numbers."""
    lines: dict[int, Line] = {}
    async for number, raw in _numbered(request):
        if limit is not None and number > limit:
            raise BadParameters.one("dry_run", f"of a stream it takes at most {limit:,} lines")
        try:
            lines[number] = Line.read(wire.loads(raw))
        except _REFUSALS as error:
            tally.take(number, error)
    return lines


async def _numbered(request: Request) -> AsyncIterator[tuple[int, bytes]]:
    """Give the lines that are not blank, with their numbers from 1."""
    number = 0
    async for line in bodies.lines(request):
        number += 1
        if line and not line.isspace():
            yield number, line
