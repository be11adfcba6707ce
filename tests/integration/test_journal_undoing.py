"""Undoing a batch while others write, and one that is large."""

from __future__ import annotations

import asyncio
from time import process_time
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest

from journal import undoing
from journal.commands import Command
from journal.refusals import BuiltUpon, NotYours, UnknownBatch
from tests.integration.journaling import (
    ADMIN,
    ANN,
    BOB,
    command,
    committer,
    note,
    organization,
    run,
)

if TYPE_CHECKING:
    from journal.commands import Principal
    from journal.undoing import Undone

BATCH = UUID(int=7)
WHY = "The wrong file"


async def undo(url: str, by: Principal = ADMIN) -> Undone:
    """Undo the batch."""
    return await undoing.undo(url, Command(by, ()), BATCH, WHY)


async def imported(url: str, number: int, by: Principal = ANN) -> None:
    """Import organizations, and a note on each, as one batch."""
    keys = [f"firm-{one}" for one in range(number)]
    lines = [*map(organization, keys), *(note(key, "x") for key in keys)]
    async with committer(url) as journal:
        await journal.submit(command(*lines, by=by, batch=BATCH, warn=False))


def test_two_who_undo_at_once_undo_once(database: str) -> None:
    """What one retracts, the other finds retracted."""

    async def both() -> list[int]:
        await imported(database, 20)
        done = await asyncio.gather(undo(database), undo(database))
        return sorted(one.retracted for one in done)

    assert run(both()) == [0, 40]


def test_who_writes_meanwhile_is_heard(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was logged after the decision and before the append is decided on as well."""
    decided = undoing._Undoing._append
    written: list[str] = []

    async def overtaken(self: undoing._Undoing, *drafts: object) -> object:
        if not written:
            async with committer(database) as journal:
                await journal.submit(command(note("firm-3", "meanwhile", occurred_on="2026-01-01")))
            written.append("firm-3")
        return await decided(self, *drafts)  # type: ignore[arg-type]  # as it was called

    async def story() -> None:
        await imported(database, 5)
        with pytest.raises(BuiltUpon) as refused:
            await undo(database)
        assert refused.value.conflicting_positions == (11,)

    monkeypatch.setattr(undoing._Undoing, "_append", overtaken)
    run(story())
    assert written


def test_whose_batch_it_is_counts_for_contributors(database: str) -> None:
    """Only what all of it the same principal recorded."""

    async def story() -> int:
        await imported(database, 2)
        with pytest.raises(NotYours):
            await undo(database, BOB)
        with pytest.raises(UnknownBatch):
            await undoing.undo(database, Command(ADMIN, ()), uuid4(), WHY)
        return (await undo(database, ANN)).retracted

    assert run(story()) == 4


def test_what_is_merged_again_closes_no_circle(database: str) -> None:
    """A batch that parted two records is undone, unless they were merged the other way since."""
    merge = {"type": "subject.merged", "kind": "organization", "reason": "The same firm"}
    parted = {**merge, "type": "subject.unmerged", "subject": "a"}

    async def story() -> tuple[int, ...]:
        async with committer(database) as journal:
            await journal.submit(command(organization("a"), organization("b")))
            await journal.submit(command({**merge, "subject": "a", "data": {"into": "b"}}))
            await journal.submit(command(parted, batch=BATCH))
            await journal.submit(command({**merge, "subject": "b", "data": {"into": "a"}}))
            with pytest.raises(BuiltUpon) as refused:
                await undo(database)
            parted_too = {**parted, "subject": "b"}
            await journal.submit(command(parted_too))
        assert (await undo(database)).retracted == 1
        return refused.value.conflicting_positions

    assert run(story()) == (5,)


def test_a_batch_of_thousands_of_events_lets_others_work_meanwhile(database: str) -> None:
    """While it is decided nobody in the same process waits for long."""
    pauses: list[float] = []

    async def beat() -> None:
        loop = asyncio.get_running_loop()
        while True:
            began, cpu = loop.time(), process_time()
            await asyncio.sleep(0.001)
            pauses.append(min(loop.time() - began, process_time() - cpu))

    async def story() -> int:
        await imported(database, 2_000)
        beating = asyncio.create_task(beat())
        retracted = (await undo(database)).retracted
        beating.cancel()
        return retracted

    assert run(story()) == 4_000
    assert sorted(pauses)[-3] < 0.5
