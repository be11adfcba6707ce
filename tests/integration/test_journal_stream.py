"""Streams of lines: each for itself, in order, once, and told by its number."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import orjson
import pytest
from psycopg.conninfo import make_conninfo

from domain.refusals import Refused
from journal import committer, wire
from journal.journal import Journal, Told
from journal.refusals import Malformed, Unavailable, Unresolvable
from journal.round import Recording
from tests.integration.journaling import (
    ADMIN,
    app,
    command,
    note,
    organization,
    partnership,
    positions,
    run,
)
from tests.integration.viewing import example_lines

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from pathlib import Path


async def _lines(lines: Iterable[bytes]) -> AsyncIterator[bytes]:
    for line in lines:
        yield line


def stream(url: str, *lines: dict[str, Any] | bytes) -> list[Told]:
    """Stream lines through a journal, and give what became of them."""
    raw = [line if isinstance(line, bytes) else orjson.dumps(line) for line in lines]

    async def work() -> list[Told]:
        async with Journal(url) as journal:
            batch = uuid4()
            return [told async for told in journal.stream(ADMIN, _lines(raw), batch)]

    return run(work())


def refusals(told: list[Told]) -> dict[int, type]:
    """Give the refused lines with the reason's type."""
    return {one.number: type(one.outcome) for one in told if not isinstance(one.outcome, Recording)}


def test_example_data_is_accepted_and_the_second_time_replayed(database: str) -> None:
    """All 356 lines, in the order of the files; again, nothing is recorded."""
    lines = example_lines()
    first, again = stream(database, *lines), stream(database, *lines)
    assert refusals(first) == refusals(again) == {}
    assert all(one.outcome.replayed for one in again if isinstance(one.outcome, Recording))
    assert positions(database) == list(range(1, 357))


def test_refused_line_stops_no_other(database: str) -> None:
    """Each fault is told with the number of its line; blank lines count."""
    told = stream(
        database,
        organization("weride"),
        b"",
        b"{",
        b'{"type":"note.added","type":"x"}',
        {"type": "note.addde"},
        organization("uber"),
        partnership("weride-uber", "weride", "nobody"),
        {"type": "partnership.ended", "subject": "weride-uber", "data": {}},
        b'"' + b"x" * wire.MOST_BYTES + b'"',
        note("weride", "x"),
    )
    assert refusals(told) == {
        3: wire.Unreadable,
        4: wire.Hostile,
        5: Malformed,
        7: Unresolvable,
        8: refusals(told)[8],
        9: wire.TooLarge,
    }
    assert issubclass(refusals(told)[8], Refused)
    assert positions(database) == [1, 2, 3]


def test_line_may_refer_to_what_comes_later(database: str) -> None:
    """What is not known yet is tried again at the end, also over several steps."""
    told = stream(
        database,
        partnership("a-b", "a", "b"),
        organization("a", parents=["b"]),
        organization("b", parents=["c"]),
        organization("c"),
        organization("d", parents=["nobody"]),
    )
    assert refusals(told) == {5: Unresolvable}
    with app(database) as connection:
        query = "SELECT key FROM journal.events ORDER BY position"
        keys = [key for (key,) in connection.execute(query)]
    assert keys == ["c", "b", "a", "a-b"]


def test_long_stream_keeps_its_order(database: str) -> None:
    """Over many calls, lines on one subject are recorded in the order in which they came."""
    texts = [f"note {number}" for number in range(1_200)]
    told = stream(database, organization("weride"), *[note("weride", text) for text in texts])
    assert refusals(told) == {}
    with app(database) as connection:
        query = "SELECT body FROM journal.events WHERE type = 'note.added' ORDER BY position"
        bodies = [orjson.loads(body) for (body,) in connection.execute(query)]
    assert [body["data"]["details"] for body in bodies] == texts


def test_stream_carries_its_batch(database: str) -> None:
    """All lines of a stream are of one batch."""
    stream(database, organization("a"), organization("b"))
    with app(database) as connection:
        query = "SELECT count(DISTINCT batch), count(batch) FROM journal.events"
        assert connection.execute(query).fetchone() == (1, 2)


def test_cancelled_stream_harms_no_other(database: str) -> None:
    """What was taken is recorded, and the journal goes on, when a stream is given up."""

    async def work() -> None:
        async with Journal(database) as journal:
            lines = [orjson.dumps(organization(f"org-{number}")) for number in range(20)]

            async def consume() -> None:
                async for _ in journal.stream(ADMIN, _lines(lines)):
                    pass

            consumer = asyncio.create_task(consume())
            await asyncio.sleep(0.02)
            consumer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await consumer
            await journal.submit(command(organization("last")))

    run(work())
    found = positions(database)
    assert found == list(range(1, len(found) + 1))


def test_stream_ends_when_the_database_is_away(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is no fault of the lines."""
    monkeypatch.setattr(committer, "PATIENCE", 0.3)
    with pytest.raises(Unavailable):
        stream(make_conninfo(database, host=str(tmp_path)), organization("weride"))
