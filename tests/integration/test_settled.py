"""What a reader sees is of one position: of all views, in all statements, for ever."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import orjson
import psycopg
import pytest

from journal.database import conninfo
from projections import search, snapshot, state, timeline
from projections.catalogue import PROJECTIONS, named
from projections.kept import Kept
from projections.reading import VIEWS, Clocks, NotSeen, Views
from projections.runner import connect
from projections.step import Stepper
from projections.teller import Line, Memory, Stamp
from projections.tracking import enter
from tests.integration.asking import ask
from tests.integration.test_projection_merges import LINES, MERGED
from tests.integration.viewing import follow, record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from projections.projection import Projection
    from projections.reading import Page

DAY = date(2026, 11, 23)
NOW = Clocks(DAY, "null")
RENAMED = {
    "type": "organization.renamed",
    "subject": "uber",
    "occurred_on": "2020-01-01",
    "data": {"name": "Zenith"},
}


def _follow(url: str, projections: Sequence[Projection]) -> None:
    with connect(url) as connection:
        enter(connection, projections)
        stepper = Stepper(connection)
        while stepper.step(projections):
            pass


def _positions(page: Page) -> list[int]:
    return sorted(orjson.loads(item)["position"] for item in page.items)


def test_readers_look_at_every_view() -> None:
    """A view that is added is one that answers wait for."""
    assert {one.name for one in PROJECTIONS} == set(VIEWS)


def test_an_answer_knows_no_more_than_the_view_that_is_furthest_behind(database: str) -> None:
    """The timeline has seen a merge, the states have not: it is told when both have."""
    record(database, LINES[: MERGED - 1])
    follow(database)
    weride = timeline.Question(organization="weride")
    jingchi = timeline.Question(organization="jingchi")

    async def asking(views: Views) -> None:
        assert _positions(await timeline.page(views, jingchi, NOW)) == [2, 5]
        await asyncio.to_thread(record, database, LINES[MERGED - 1 : MERGED])
        await asyncio.to_thread(_follow, database, named(["timeline", "names"]))
        page = await timeline.page(views, weride, NOW)
        assert (_positions(page), page.position) == ([1, 4, 5], 5)
        with pytest.raises(NotSeen, match="the views are at 5"):
            await views.wait_for(MERGED, within=0.05)
        await asyncio.to_thread(_follow, database, named(["state"]))
        for question in (weride, jingchi):
            page = await timeline.page(views, question, NOW)
            assert (_positions(page), page.position) == ([1, 2, 4, 5, 6], 6)

    ask(database, asking)


def test_all_that_one_answer_tells_is_of_one_position(database: str) -> None:
    """What comes between its statements, a name too, is left to the next answer."""
    record(database, LINES[:4])
    follow(database)
    every, titled = timeline.Question(), state.Question(kind="partnership")

    async def asking(views: Views) -> None:
        before = await views.settled(NOW)
        await asyncio.to_thread(record, database, [RENAMED])
        await asyncio.to_thread(follow, database)
        page = await timeline.page(views, every, before)
        assert (_positions(page), page.position) == ([1, 2, 3, 4], 4)
        assert b"Zenith" not in b"".join(page.items)
        [one] = (await state.page(views, titled, before)).items
        assert orjson.loads(one)["title"] == "Weride and Uber"
        [one] = (await state.page(views, titled, NOW)).items
        assert orjson.loads(one)["title"] == "Weride and Zenith"

    ask(database, asking)


def test_an_answer_about_the_past_is_kept_until_something_is_rebuilt(database: str) -> None:
    """Later events cannot change it, so it is not read again; other rows can, so then it is."""
    record(database, LINES[:4])
    follow(database)
    past, question = replace(NOW, known_position=3, present=False), timeline.Question()

    async def asking(views: Views) -> None:
        first = await timeline.page(views, question, past)
        await asyncio.to_thread(record, database, [RENAMED])
        await asyncio.to_thread(follow, database)
        assert await timeline.page(views, question, past) is first
        with psycopg.connect(conninfo(database)) as connection:
            connection.execute(
                "UPDATE views.tracking SET build = build + 1 WHERE application_name = 'state'"
            )
        again = await timeline.page(views, question, past)
        assert again is not first
        assert again.items == first.items

    ask(database, asking)


def test_what_the_views_have_yet_to_see_is_not_kept(database: str) -> None:
    """An answer at a position that is still to come is of what there is, and read again."""
    record(database, LINES[:2])
    follow(database)
    later, question = replace(NOW, known_position=4), timeline.Question()

    async def asking(views: Views) -> None:
        assert _positions(await timeline.page(views, question, later)) == [1, 2]
        await asyncio.to_thread(record, database, LINES[2:4])
        await asyncio.to_thread(follow, database)
        assert _positions(await timeline.page(views, question, later)) == [1, 2, 3, 4]

    ask(database, asking)


def test_a_search_is_full_although_duplicates_are_folded(database: str) -> None:
    """Two records that are one take one place of a page, not two."""
    merge = {"type": "subject.merged", "kind": "partnership", "reason": "Told twice"}
    merges = [{**merge, "subject": one, "data": {"into": "a-deal"}} for one in ("b", "c")]
    deals = [{**LINES[3], "subject": key} for key in ("a-deal", "b", "c", "d-deal")]
    record(database, [*LINES[:3], *deals, *merges])
    follow(database)

    async def found(views: Views) -> list[str]:
        question = search.Question("carmaker", "partnership")
        page = await search.page(views, question, NOW, limit=2)
        return [orjson.loads(item)["subject"]["key"] for item in page.items]

    assert ask(database, found) == ["a-deal", "d-deal"]


def test_kept_answers_have_a_bound_in_bytes() -> None:
    """What was asked for last stays; what is too long never comes in."""
    kept = Kept(most=10_000)
    for number in range(10):
        kept.keep(number, "answer", 2_000)
        assert kept.get(0)
    assert [number for number in range(10) if kept.get(number)] == [0, 8, 9]
    kept.keep("long", "answer", 200_001)
    assert kept.get("long") is None


@pytest.mark.parametrize(("length", "remembered"), [(100, 1), (4_001, 0)])
def test_no_long_line_is_remembered(length: int, remembered: int) -> None:
    """Headlines are remembered with what they were told from; a payload of a page is not."""
    memory, data = Memory(), orjson.dumps({"details": "x" * length}).decode()
    line = Line("note.added", "permit", "{}", data, DAY)

    async def telling(connection: Any) -> int:  # noqa: ANN401 - nothing is looked up
        await memory.tell(connection, Stamp(0, 0), [line], 1)
        return len(memory._told)

    assert asyncio.run(telling(None)) == remembered


@pytest.mark.parametrize(("skipped", "expected"), [(None, [1]), ("Wrong", [1, 3])])
def test_what_is_computed_follows_the_states(
    database: str, skipped: str | None, expected: list[int]
) -> None:
    """What the states do without, or have yet to take, explains nothing and is no difference."""
    founded = {"type": "organization.renamed", "subject": "uber", "occurred_on": "2020-01-01"}
    names = [{**founded, "data": {"name": name}} for name in ("Second", "Third")]
    record(database, [LINES[2], *names])
    follow(database)
    with psycopg.connect(conninfo(database)) as connection:
        connection.execute(
            "INSERT INTO views.quarantine (projection, position, subject, key, type, error,"
            " skipped_reason) SELECT 'state', position, subject, key, type, 'Ill', %s"
            " FROM journal.events WHERE position = 2",
            [skipped],
        )

    async def histories(views: Views) -> list[int]:
        async with snapshot.snapshot(views, NOW) as now:
            subject = (await now.named("organization", ["uber"]))["uber"].id
            [history] = (await now.histories([subject])).values()
            return [one.position for one in history.recorded]

    assert ask(database, histories) == expected


def test_closing_lets_go_of_whoever_waits_for_a_look(database: str) -> None:
    """Nobody waits for ever for a process that ends."""

    async def closing(views: Views) -> None:
        waiting = [asyncio.create_task(views.settled(NOW)) for _ in range(2)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        waiting.append(asyncio.create_task(views.settled(NOW)))
        await asyncio.sleep(0)
        await views._looks.close()
        done, _ = await asyncio.wait(waiting, timeout=5)
        assert len(done) == len(waiting)
        assert (await views.settled(NOW)).known == 0

    ask(database, closing)
