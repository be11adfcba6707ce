"""Merging duplicate subjects: what other subjects' histories allow, and what a name means then."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from domain.refusals import MergedAcrossKinds, MergedInCircle
from journal.refusals import AtLine, Unresolvable
from journal.round import Recording
from tests.integration.journaling import (
    command,
    committer,
    organization,
    partnership,
    positions,
    record,
    run,
)


def merge(one: str, into: str, **rest: Any) -> dict[str, Any]:
    """Give a line that says that an organization is a duplicate."""
    return about(one, "subject.merged", {"into": into}, **rest)


def about(one: str, name: str, data: dict[str, Any] | None = None, **rest: Any) -> dict[str, Any]:
    """Give a line about an organization, with a reason."""
    line = {"type": name, "kind": "organization", "subject": one, "reason": "The same firm"}
    return {**line, "data": data or {}, **rest}


def three(url: str) -> None:
    """Register three organizations, positions 1 to 3."""
    record(url, *(organization(key) for key in ("weride", "jingchi", "wenyuan")))


def test_a_circle_of_merges_is_refused_whoever_remembers_what(database: str) -> None:
    """A process that looked at the survivor before another merged it looks again."""
    three(database)

    async def work() -> None:
        async with committer(database) as here, committer(database) as there:
            await here.submit(command(merge("jingchi", "weride")))
            await there.submit(command(merge("wenyuan", "jingchi")))
            for one in (here, there):
                with pytest.raises(MergedInCircle) as refused:
                    await one.submit(command(merge("weride", "wenyuan")))
                assert refused.value.conflicting_positions == (4,)
            await there.submit(command(about("jingchi", "subject.unmerged")))
            await here.submit(command(merge("weride", "wenyuan")))

    run(work())
    assert positions(database) == [1, 2, 3, 4, 5, 6, 7]


def test_of_two_merges_at_once_that_close_a_circle_one_is_refused(database: str) -> None:
    """In one process or two, ten times over."""
    record(database, *(organization(f"o-{number}") for number in range(40)))

    async def work() -> list[Recording | BaseException]:
        async with committer(database) as here, committer(database) as there:
            await here.submit(command(organization("last")))
            pairs = [(f"o-{n}", f"o-{n + 1}") for n in range(0, 40, 2)]
            submitted = [
                who.submit(command(merge(*pair)))
                for one, other in pairs
                for who, pair in ((here, (one, other)), (there, (other, one)))
            ]
            return await asyncio.gather(*submitted, return_exceptions=True)

    outcomes = run(work())
    assert sum(isinstance(one, MergedInCircle) for one in outcomes) == 20
    assert sum(isinstance(one, Recording) for one in outcomes) == 20


def test_lines_of_one_command_are_held_against_each_other(database: str) -> None:
    """A circle within an array is refused with all of it."""
    three(database)
    with pytest.raises(AtLine, match=r"Line 2 .* duplicate of this record"):
        record_all(database, merge("jingchi", "weride"), merge("weride", "jingchi"))
    assert positions(database) == [1, 2, 3]


def record_all(url: str, *documents: dict[str, Any]) -> None:
    """Record lines as one command."""

    async def work() -> None:
        async with committer(url) as journal:
            await journal.submit(command(*documents))

    run(work())


def test_undoing_an_unmerge_closes_no_circle_either(database: str) -> None:
    """It merges again, and is held to the same."""
    three(database)
    record(database, merge("jingchi", "weride"), about("jingchi", "subject.unmerged"))
    record(database, merge("weride", "jingchi"))
    with pytest.raises(MergedInCircle):
        record(database, about("jingchi", "event.retracted", {"target": {"position": 5}}))


def test_what_comes_after_a_merge_in_a_file_waits_for_it(database: str) -> None:
    """A merge takes a round of its own; the lines after it keep their order."""
    three(database)

    async def work() -> list[Recording]:
        async with committer(database) as journal:
            lines = (
                merge("jingchi", "weride"),
                about("jingchi", "subject.unmerged"),
                merge("jingchi", "wenyuan"),
            )
            return await asyncio.gather(*(journal.submit(command(line)) for line in lines))

    assert [one.rows[0].position for one in run(work())] == [4, 5, 6]


def test_a_record_of_another_kind_is_no_survivor(database: str) -> None:
    """Even a trial tells so."""
    three(database)
    record(database, partnership("weride-jingchi", "weride", "jingchi"))
    for dry_run in (True, False):
        with pytest.raises(MergedAcrossKinds):
            record(database, merge("weride", "weride-jingchi"), dry_run=dry_run)


def test_a_name_of_two_records_of_one_organization_means_the_survivor(database: str) -> None:
    """Until they are parted; a key or id stays as it is given."""
    record(database, organization("weride", "WeRide"), organization("weride-2", "WeRide"))
    line = partnership(None, "WeRide", "weride-2")
    with pytest.raises(Unresolvable):
        record(database, line)
    record(database, merge("weride-2", "weride"))
    [recording] = record(database, line)
    parties = recording.rows[0].content()["data"]["parties"]
    assert [party["organization"] for party in parties] == ["weride", "weride-2"]
    record(database, about("weride-2", "subject.unmerged"))
    with pytest.raises(Unresolvable):
        record(database, line)
