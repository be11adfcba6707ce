"""A rebuild gives what following gave, while everything can be read."""

from __future__ import annotations

import asyncio
import time
from datetime import date
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import orjson
import psycopg
import pytest

from journal.database import conninfo
from projections import attestation, parts, rebuild, snapshot, state, timeline
from projections.catalogue import PROJECTIONS, NoSuchProjection, named
from projections.decisions import skip
from projections.reading import Clocks, Views
from projections.runner import connect, following
from projections.timeline import Timeline
from projections.tracking import is_about_the_connection
from tests.integration.asking import ask
from tests.integration.running import (
    all_at,
    decide,
    ill_and_well,
    organizations,
    shown,
    until,
)
from tests.integration.viewing import example_lines, follow, record, rows_of_all_tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.history import History
    from projections.projection import Projection, Row, Since
    from projections.reading import AsyncConnection

NOW = Clocks(date(2026, 11, 23), "null")

AMENDMENTS = [
    ("service", "weride-uber-dubai", "event.disputed", {"target": {"position": 342}}),
    ("service", "weride-uber-dubai", "event.retracted", {"target": {"position": 342}}),
    (
        "organization",
        "tusimple",
        "event.corrected",
        {"target": {"position": 224}, "occurred_on": "2024-11"},
    ),
    ("partnership", "pony-ai-uber", "note.added", {"details": "Still talking"}),
]


def amendments() -> list[dict[str, Any]]:
    """Give lines that put something right about the example data."""
    return [
        {"type": type_, "kind": kind, "subject": subject, "data": data, "reason": "It was wrong"}
        for kind, subject, type_, data in AMENDMENTS
    ]


def indexes(url: str) -> list[tuple[Any, ...]]:
    """Give the definition of every index of the views."""
    with psycopg.connect(conninfo(url)) as connection:
        query = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'views' ORDER BY 1"
        return connection.execute(query).fetchall()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_rebuild_gives_what_following_gave(
    database: str, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row for row and index for index, after corrections, retractions and disputes too."""
    monkeypatch.setattr(parts, "PART", 100)
    record(database, [*example_lines(), *amendments()])
    follow(database)
    live, indexed = rows_of_all_tables(database), indexes(database)
    told: list[tuple[str, int, int]] = []
    total = 356 + len(AMENDMENTS)
    assert rebuild.rebuild(database, report=lambda *at: told.append(at), workers=workers) == total
    assert rows_of_all_tables(database) == live
    assert indexes(database) == indexed
    events, made = ([one for one in told if one[0] == what] for what in ("events", "indexes"))
    assert told == sorted(events) + sorted(made)
    assert len(events) > 2
    assert events[-1] == ("events", total, total)
    count = len(indexed) - 3  # those of progress and quarantine are not made anew
    assert made[-1] == ("indexes", count, count)


def test_a_part_reads_no_events_but_its_own(database: str) -> None:
    """Both its ends are found in an index, and so the last one costs no more than the first."""
    record(database, organizations(40))
    with parts.connect(database) as connection:
        one, *_ = parts.cut(connection, 40)
        part = one._replace(first=parts.read(connection, one)[-1][0].subject)
        connection.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
        plan = connection.execute(f"EXPLAIN (ANALYZE) {parts.OF_PART}", part).fetchall()
        assert len(parts.read(connection, part)) == 1
    told = "\n".join(line for (line,) in plan)
    assert "Index Cond: ((subject >=" in told
    assert "AND (subject <" in told
    assert "Rows Removed" not in told


def test_a_rebuild_takes_as_long_as_it_takes(database: str) -> None:
    """On a busy machine too: a part that is folded slowly is not given up for being idle.

    Where the server ends a connection for that, no event is to blame.
    """
    record(database, organizations(1))
    with parts.connect(database) as connection, connection.transaction():
        for setting in ("statement_timeout", "idle_in_transaction_session_timeout"):
            assert connection.execute(f"SHOW {setting}").fetchone() == ("0",)
    with connect(database) as connection:
        connection.execute("SET idle_in_transaction_session_timeout = '1ms'")
        connection.execute("BEGIN")
        time.sleep(0.5)
        with pytest.raises(psycopg.Error) as ended:
            connection.execute("SELECT 1")
    assert is_about_the_connection(ended.value)


def test_a_rebuild_needs_nothing_but_the_journal(database: str) -> None:
    """Where nothing followed the journal, a rebuild makes all views, and following goes on."""
    record(database, [*example_lines(), *amendments()])
    rebuild.rebuild(database)
    anew = rows_of_all_tables(database)
    assert all_at(database, 360)
    record(database, organizations(1))
    follow(database)
    assert len(rows_of_all_tables(database)["timeline"]) == len(anew["timeline"]) + 1


def test_an_empty_journal_can_be_rebuilt(database: str) -> None:
    """There is nothing to do, and nothing breaks."""
    assert rebuild.rebuild(database) == 0
    record(database, organizations(1))
    follow(database)
    assert rebuild.rebuild(database, named(["names"])) == 1
    with pytest.raises(NoSuchProjection, match="no projection nonsense"):
        named(["nonsense"])


def test_a_rebuild_under_way_disturbs_nobody(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While events come in and pages are read, tables change places and no answer is wrong."""
    monkeypatch.setattr(parts, "PART", 50)
    lines = example_lines()
    record(database, lines[:200])
    done = Event()

    async def reading(views: Views) -> int:
        question, seen, answers = timeline.Question(), 0, 0
        while not done.is_set():
            page = await timeline.page(views, question, NOW, limit=500)
            assert [orjson.loads(one)["position"] for one in page.items]
            assert len(page.items) == page.position >= seen
            seen, answers = page.position, answers + 1
        return answers

    counts: list[int] = []
    with following(database):
        until(lambda: all_at(database, 200))
        reader = Thread(target=lambda: counts.append(ask(database, reading)))
        reader.start()
        rebuilder = Thread(target=lambda: [rebuild.rebuild(database, workers=1) for _ in range(3)])
        rebuilder.start()
        record(database, lines[200:])
        rebuilder.join()
        until(lambda: all_at(database, 356))
        done.set()
        reader.join()
    assert counts[0] > 10
    kept = rows_of_all_tables(database)
    rebuild.rebuild(database)
    assert rows_of_all_tables(database) == kept


def test_what_went_on_in_the_meantime_is_done_again(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events that were taken while the fresh tables were filled are in them after the exchange."""
    lines = example_lines()
    record(database, lines[:300])
    follow(database)
    filled = rebuild.Build.index

    def index(self: rebuild.Build) -> None:
        record(database, lines[300:])
        follow(database)
        filled(self)

    monkeypatch.setattr(rebuild, "FEW", 5)
    monkeypatch.setattr(rebuild.Build, "index", index)
    assert rebuild.rebuild(database) == 356
    kept = rows_of_all_tables(database)
    monkeypatch.undo()
    rebuild.rebuild(database)
    assert rows_of_all_tables(database) == kept


def test_a_reader_who_takes_long_does_not_block_the_others(database: str) -> None:
    """The exchange waits for a long export without letting anybody wait behind it."""
    record(database, organizations(3))
    follow(database)

    async def exporting(views: Views) -> None:
        question = state.Question(kind="organization")
        export = state.stream(views, question, NOW)
        first = await anext(export)
        rebuilding = asyncio.create_task(asyncio.to_thread(rebuild.rebuild, database))
        for _ in range(8):
            await asyncio.sleep(0.2)
            async with asyncio.timeout(2):
                assert (await state.page(views, question, NOW)).items[0] == first
        assert not rebuilding.done()
        assert len([one async for one in export]) == 2
        await rebuilding

    ask(database, exporting)


async def _rebuilt_meanwhile(url: str) -> asyncio.Task[int]:
    """Begin a rebuild, and give it the time that it takes when nobody is in its way."""
    rebuilding = asyncio.create_task(asyncio.to_thread(rebuild.rebuild, url, workers=1))
    await asyncio.wait([rebuilding], timeout=1.5)
    return rebuilding


def test_a_snapshot_is_whole_while_tables_are_exchanged(database: str) -> None:
    """Whoever looks at many tables finds the rows of one moment in all of them."""
    record(database, organizations(3))
    follow(database)

    async def looking(views: Views) -> None:
        async with snapshot.snapshot(views, NOW):
            pass  # which records are of one subject is known from now on
        async with snapshot.snapshot(views, NOW) as now:
            rebuilding = await _rebuilt_meanwhile(database)
            found = await now.walk(snapshot.Among(kind="organization"), ("", ""), 10)
            assert len(found) == 3
        assert await rebuilding == 3

    ask(database, looking)


def test_a_digest_is_whole_while_tables_are_exchanged(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The digest of a view tells all rows of the moment in which it began."""
    record(database, organizations(3))
    follow(database)
    tables = attestation._tables

    async def digesting(views: Views) -> None:
        before = await attestation.digests(views)
        tasks: list[asyncio.Task[int]] = []

        async def late(
            connection: AsyncConnection, projection: Projection
        ) -> list[tuple[int, str]]:
            if not tasks:
                tasks.append(await _rebuilt_meanwhile(database))
            return await tables(connection, projection)

        monkeypatch.setattr(attestation, "_tables", late)
        assert await attestation.digests(views) == before
        assert await tasks[0] == 3

    ask(database, digesting)


def test_an_exchange_that_has_to_wait_lets_others_go_first(database: str) -> None:
    """While a long reader is in its way, others read most of the time."""
    record(database, organizations(3))
    follow(database)

    async def reading(views: Views) -> None:
        async with snapshot.snapshot(views, NOW):
            rebuilding = await _rebuilt_meanwhile(database)
            waited, begun = 0.0, time.monotonic()
            with psycopg.connect(conninfo(database), autocommit=True) as connection:
                while (now := time.monotonic()) < begun + 2:
                    await asyncio.to_thread(connection.execute, "SELECT FROM views.state")
                    waited += time.monotonic() - now
                    await asyncio.sleep(0.01)
            assert not rebuilding.done()
        await rebuilding
        assert waited < 1

    ask(database, reading)


def test_a_raised_version_is_rebuilt_by_whoever_takes_over(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New code meets rows of old code: it makes them anew before it goes on."""
    record(database, organizations(3))
    follow(database)
    with psycopg.connect(conninfo(database)) as connection:
        connection.execute("UPDATE views.timeline SET entry = 'of old code'")
    follow(database)
    assert {row[-3] for row in rows_of_all_tables(database)["timeline"]} == {"of old code"}
    monkeypatch.setattr(Timeline, "version", Timeline.version + 1)
    with following(database):
        until(lambda: "of old code" not in str(rows_of_all_tables(database)["timeline"]))


class Fussy(Timeline):
    """A timeline that cannot take position 3, under the name of the real one."""

    def rows(self, history: History, since: Since) -> Sequence[Sequence[Row]]:
        """Fail as long as the history holds it."""
        if 3 in {one.position for one in history.recorded}:
            message = "cannot take it"
            raise ZeroDivisionError(message)
        return super().rows(history, since)


def test_a_rebuild_sets_aside_what_it_cannot_take(database: str) -> None:
    """A poison event ends up in quarantine as it does live; a rebuild with mended code frees it."""
    record(database, ill_and_well())
    follow(database)
    fussy: tuple[Projection, ...] = (Fussy(),)
    rebuild.rebuild(database, fussy, workers=1)
    assert shown(database) == [1, 2, 4, 6]
    assert _held(database) == [3, 5]
    rebuild.rebuild(database)
    assert shown(database) == [1, 2, 3, 4, 5, 6]
    assert _held(database) == []


def test_a_rebuild_leaves_out_what_is_skipped(database: str) -> None:
    """What a person decided stays decided."""
    record(database, ill_and_well())
    follow(database)
    fussy: tuple[Projection, ...] = (Fussy(),)
    rebuild.rebuild(database, fussy, workers=1)
    decide(database, skip, 3, "written by a test", "somebody")
    for _ in range(2):
        rebuild.rebuild(database, fussy, workers=1)
        assert shown(database) == [1, 2, 4, 5, 6]
    assert _skipped(database) == [(3, "written by a test", "somebody")]


def _skipped(url: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(conninfo(url)) as connection:
        query = (
            "SELECT position, skipped_reason, skipped_by FROM views.quarantine"
            " WHERE skipped_reason IS NOT NULL"
        )
        return connection.execute(query).fetchall()


def _held(url: str) -> list[int]:
    with psycopg.connect(conninfo(url)) as connection:
        query = "SELECT position FROM views.quarantine ORDER BY position"
        return [position for (position,) in connection.execute(query)]


def test_every_projection_is_in_the_catalogue() -> None:
    """Names are unique, and so are tables."""
    tables = [table.name for one in PROJECTIONS for table in one.tables]
    assert len(set(tables)) == len(tables)
    assert named([]) == PROJECTIONS
