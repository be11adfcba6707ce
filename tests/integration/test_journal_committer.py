"""Group commit: many at once, and two processes that know nothing of each other."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from domain.refusals import NotOpened, Refused
from journal import committer as committing
from journal.commands import Command, Line, Principal
from journal.refusals import KeyTaken, Outdated, Unresolvable
from tests.integration.committing import AGAIN, RESUMED, SUSPENDED, opened, two, versions
from tests.integration.journaling import (
    ADMIN,
    command,
    committer,
    note,
    organization,
    partnership,
    positions,
    record,
    run,
)
from tests.integration.writers import write

if TYPE_CHECKING:
    from journal.committer import Committer
    from journal.round import Recording


# ── many at once ─────────────────────────────────────────────────────────────────────────────────


def test_64_writers_on_one_subject_leave_no_gap_and_no_double(database: str) -> None:
    """Each is told a position of its own; positions and versions leave no number out."""
    record(database, organization("weride"))
    told_ = run(write(database, "weride", 64, 5))
    assert sorted(told_) == list(range(2, 322))
    assert positions(database) == list(range(1, 322))
    assert versions(database, "weride") == list(range(1, 322))


def test_what_comes_in_one_after_the_other_is_appended_at_once(database: str) -> None:
    """A round begins when nothing more arrives: ten commands in ten turns are one call."""
    record(database, organization("weride"))

    async def later(one: Committer, turns: int) -> Recording:
        for _ in range(turns):
            await asyncio.sleep(0)
        return await one.submit(command(note("weride", f"Note {turns}")))

    async def main() -> list[Recording]:
        async with committer(database) as one:
            return await asyncio.gather(*(later(one, turns) for turns in range(10)))

    assert len({recording.rows[0].recorded_at for recording in run(main())}) == 1


def test_those_who_are_answered_together_are_waited_for(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three ask again, each a little later than the one before: that is one call, not three."""
    monkeypatch.setattr(committing, "_COMPANY", 20.0)
    record(database, organization("weride"))

    async def twice(one: Committer, pause: float) -> Recording:
        await one.submit(command(note("weride", "First")))
        await asyncio.sleep(pause)
        return await one.submit(command(note("weride", "Second")))

    async def main() -> list[Recording]:
        async with committer(database) as one:
            return await asyncio.gather(*(twice(one, pause) for pause in (0, 0.05, 0.1)))

    assert len({recording.rows[0].recorded_at for recording in run(main())}) == 1


def test_who_comes_alone_waits_for_nobody(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long company would be waited for, one client after the other is served at once."""
    monkeypatch.setattr(committing, "_COMPANY", 60.0)
    lines = [organization("weride"), note("weride", "First"), note("weride", "Second")]
    assert [one.rows[0].position for one in record(database, *lines)] == [1, 2, 3]


def test_processes_that_write_at_once_leave_no_gap_and_no_double(database: str) -> None:
    """The same over several processes, where each decides on a history that goes on under it."""
    record(database, organization("weride"))
    arguments = [sys.executable, "-m", "tests.integration.writers", database, "weride", "16", "10"]
    writers = [
        subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    told_: list[int] = []
    for writer in writers:
        out, err = writer.communicate(timeout=100)
        assert writer.returncode == 0, err
        told_ += json.loads(out)
    assert sorted(told_) == list(range(2, 482))
    assert versions(database, "weride") == list(range(1, 482))


def test_commands_of_one_batch_build_on_each_other(database: str) -> None:
    """What one command opens, the next one of the same batch may name."""

    async def work() -> list[Recording]:
        async with committer(database) as journal:
            lines = [
                organization("weride", names=[{"name": "文远知行"}]),
                organization("uber"),
                partnership("weride-uber", "文远知行", "uber"),
                SUSPENDED,
                RESUMED,
            ]
            return await asyncio.gather(*[journal.submit(command(line)) for line in lines])

    recordings = run(work())
    assert [recording.rows[0].position for recording in recordings] == [1, 2, 3, 4, 5]
    content = recordings[2].rows[0].content()
    assert content["data"]["parties"][0] == {"organization": "weride"}


def test_a_refused_command_stops_no_other(database: str) -> None:
    """A contradiction in a batch is refused alone, naming what it contradicts."""
    opened(database)

    async def work() -> list[Any]:
        async with committer(database) as journal:
            lines = [SUSPENDED, AGAIN, note("weride", "x")]
            sent = [journal.submit(command(line)) for line in lines]
            return await asyncio.gather(*sent, return_exceptions=True)

    first, refused, last = run(work())
    assert isinstance(refused, Refused)
    assert refused.conflicting_positions == (first.rows[0].position,)
    assert last.rows[0].position == first.rows[0].position + 1


def test_a_command_that_breaks_the_round_breaks_it_alone(database: str) -> None:
    """A fault that nobody foresaw is told to its sender, and the others are recorded once."""
    broken = Principal("a\0b", "admin")

    async def work() -> list[Any]:
        async with committer(database) as journal:
            sent = [command(organization(f"org-{number}")) for number in range(3)]
            sent.insert(1, command(organization("broken"), by=broken))
            waiting = [journal.submit(one) for one in sent]
            return await asyncio.gather(*waiting, return_exceptions=True)

    outcomes = run(work())
    assert isinstance(outcomes[1], Exception)
    assert sorted(one.rows[0].position for one in outcomes if one is not outcomes[1]) == [1, 2, 3]
    assert positions(database) == [1, 2, 3]


# ── two processes ────────────────────────────────────────────────────────────────────────────────


def test_refusal_on_a_remembered_history_is_decided_again(database: str) -> None:
    """What another process recorded meanwhile counts, though this one remembers otherwise."""
    opened(database)

    async def work() -> None:
        async with two(database) as (here, there):
            await here.submit(command(SUSPENDED))
            await there.submit(command(RESUMED))
            await here.submit(command(AGAIN))

    run(work())
    assert versions(database, "weride-uber") == [1, 2, 3, 4]


def test_conflict_is_decided_again_by_the_rules(database: str) -> None:
    """After another process suspended it, a second suspension is refused and not appended."""
    opened(database)

    async def work() -> None:
        async with two(database) as (here, there):
            await here.submit(command(note("weride-uber", "x", "partnership")))
            await there.submit(command(SUSPENDED))
            with pytest.raises(Refused):
                await here.submit(command(AGAIN))

    run(work())
    assert versions(database, "weride-uber") == [1, 2, 3]


def test_expected_version_that_has_passed_is_outdated(database: str) -> None:
    """If-Match holds against what this process remembers, and what another one recorded."""
    opened(database)

    async def work() -> None:
        async with two(database) as (here, there):
            about = "weride-uber", "x", "partnership"
            await here.submit(command(note(*about), expected_version=1))
            with pytest.raises(Outdated):
                await here.submit(command(note(*about), expected_version=1))
            await there.submit(command(note(*about), expected_version=2))
            with pytest.raises(Outdated):
                await here.submit(command(note(*about), expected_version=2))
            await here.submit(command(note(*about), expected_version=3))

    run(work())
    assert versions(database, "weride-uber") == [1, 2, 3, 4]


def test_key_opened_by_another_process_is_written_to(database: str) -> None:
    """A line of the generic door that would open a subject goes to the one that is there."""

    async def work() -> None:
        async with two(database) as (here, there):
            await asyncio.gather(
                *[
                    journal.submit(command(organization("weride", f"WeRide {number}")))
                    for number in range(20)
                    for journal in (here, there)
                ]
            )

    run(work())
    assert versions(database, "weride") == list(range(1, 41))


def opening(document: dict[str, Any]) -> Command:
    """Make a command that must open its subject."""
    return Command(ADMIN, (Line.read(document, opens=True),))


def test_what_is_to_be_opened_is_found_taken_when_it_is_appended(database: str) -> None:
    """A key that another process took meanwhile is refused by its name, and nothing is written."""
    record(database, organization("weride"), organization("uber"))

    async def work() -> None:
        async with two(database) as (here, there):
            await here.submit(opening(partnership("first", "weride", "uber")))
            await there.submit(opening(partnership("second", "weride", "uber")))
            with pytest.raises(KeyTaken, match="'second' is that of another partnership"):
                await here.submit(opening(partnership("second", "weride", "uber")))

    run(work())
    assert positions(database) == [1, 2, 3, 4]


def test_no_refusal_rests_on_a_key_that_was_only_taken_to_be_free(database: str) -> None:
    """What lacks the fields of a first event is told so only where its key really is free."""
    record(database, organization("weride"))

    async def work() -> None:
        async with two(database) as (here, there):
            await there.submit(command(organization("uber")))
            for key, refusal in (("weride", KeyTaken), ("uber", KeyTaken), ("lyft", NotOpened)):
                with pytest.raises(refusal):
                    await here.submit(opening({**SUSPENDED, "subject": key}))

    run(work())
    assert positions(database) == [1, 2]


def test_a_refusal_holds_nothing_of_its_round(database: str) -> None:
    """It knows no frame in which it was raised: else each would keep hundreds of others alive."""

    async def work() -> BaseException | None:
        async with committer(database) as one:
            answer = one.enqueue(command(partnership("weride-uber", "weride", "nobody")))
            await asyncio.wait([answer])
            return answer.exception()

    refused = run(work())
    assert isinstance(refused, Unresolvable)
    assert (refused.__traceback__, refused.__context__) == (None, None)
