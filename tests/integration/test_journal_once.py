"""What is sent twice is recorded once, whoever sends it, and answered the same."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from journal.commands import Command, Line
from journal.refusals import OtherRequest
from tests.integration.committing import RESUMED, opened, told, two, versions
from tests.integration.journaling import (
    ANN,
    BOB,
    command,
    committer,
    note,
    organization,
    record,
    run,
)

if TYPE_CHECKING:
    from journal.round import Recording


# ── exactly once ─────────────────────────────────────────────────────────────────────────────────


def test_repeated_request_gets_the_same_answer(database: str) -> None:
    """The same key of the same principal gives the first recording and its warnings again."""
    opened(database)
    lines = (Line.read({**RESUMED, "data": {"details": "back"}}),)

    async def work() -> tuple[Recording, Recording]:
        async with two(database) as (here, there):
            first = await here.submit(Command.keyed(ANN, lines, "k1", b"request"))
            return first, await there.submit(Command.keyed(ANN, lines, "k1", b"request"))

    first, again = run(work())
    assert first.warnings
    assert (first.replayed, again.replayed) == (False, True)
    assert (again.rows, again.warnings) == (first.rows, first.warnings)


def test_key_of_another_request_is_refused(database: str) -> None:
    """The same key for another body is refused; another principal may use it."""
    opened(database)

    async def work() -> None:
        async with committer(database) as journal:
            lines = (Line.read(note("weride", "x")),)
            await journal.submit(Command.keyed(ANN, lines, "k1", b"request"))
            with pytest.raises(OtherRequest):
                await journal.submit(Command.keyed(ANN, lines, "k1", b"other"))
            await journal.submit(Command.keyed(BOB, lines, "k1", b"other"))

    run(work())
    assert versions(database, "weride") == [1, 2, 3]


def test_same_line_is_recorded_once_whoever_sends_it(database: str) -> None:
    """A line of a file is known by its content, over principals, processes and spellings."""
    document = organization("weride", "WeRide", home_country="CN")
    other_order = dict(reversed(document.items()))

    async def work() -> list[Recording]:
        async with two(database) as (here, there):
            lines = [(here, document, ANN), (there, other_order, BOB)] * 5
            waiting = [journal.submit(told(line, by)) for journal, line, by in lines]
            return await asyncio.gather(*waiting)

    recordings = run(work())
    assert sorted(recording.replayed for recording in recordings) == [False] + [True] * 9
    assert {recording.rows for recording in recordings} == {recordings[0].rows}


def test_line_whose_recording_was_retracted_counts_as_new(database: str) -> None:
    """It is recorded again, once for each retraction, however many send it at once."""
    line = note("weride", "seen in Munich")
    record(database, organization("weride"))

    async def work() -> list[int]:
        async with two(database) as (here, there):
            first = await here.submit(told(line))
            target = {"position": first.rows[0].position}
            retraction = {"target": target, "details": "no, in Zurich"}
            gone = {"type": "event.retracted", "kind": "organization", "subject": "weride"}
            await there.submit(command({**gone, "data": retraction, "reason": "wrong city"}))
            waiting = [journal.submit(told(line)) for journal in (here, there) for _ in range(3)]
            again = await asyncio.gather(*waiting)
        return [recording.rows[0].position for recording in (first, *again)]

    first, *again = run(work())
    assert (first, again) == (2, [4] * 6)


def test_line_with_a_key_of_its_own_goes_by_that(database: str) -> None:
    """The same content under two keys is two events."""
    record(database, organization("weride"))

    async def work() -> list[bool]:
        async with committer(database) as journal:
            lines = [note("weride", "x", idempotency_key=key) for key in ("a", "b", "a")]
            return [(await journal.submit(told(line))).replayed for line in lines]

    assert run(work()) == [False, False, True]
