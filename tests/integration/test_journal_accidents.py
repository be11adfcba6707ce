"""Whatever breaks while commands are on their way: none is lost, and none recorded twice."""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from journal import committer as committing
from journal import round as deciding
from journal.memory import Memory
from journal.refusals import Unavailable
from tests.integration.committing import two, versions
from tests.integration.journaling import (
    app,
    command,
    committer,
    note,
    organization,
    positions,
    record,
    run,
    superuser,
)

if TYPE_CHECKING:
    from pathlib import Path

    from journal.round import Recording


# ── accidents ────────────────────────────────────────────────────────────────────────────────────


class DeafProxy:
    """Stands before the server; after an append is sent, it swallows the reply and hangs up."""

    def __init__(self, server: str, folder: Path) -> None:
        self._server = server
        self._folder = folder
        self.swallowed = 0
        self._serving: list[asyncio.Task[Any]] = []

    async def __aenter__(self) -> str:
        """Listen, and give the URL to connect to."""
        self._listening = await asyncio.start_unix_server(
            self._serve, self._folder / ".s.PGSQL.5432"
        )
        given = conninfo_to_dict(self._server)
        return make_conninfo("", **{**given, "host": str(self._folder), "port": 5432})

    async def __aexit__(self, *_: object) -> None:
        """Stop to listen, when everybody has hung up."""
        self._listening.close()
        await asyncio.gather(*self._serving)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._serving += filter(None, [asyncio.current_task()])
        given = conninfo_to_dict(self._server)
        socket = f"{given['host']}/.s.PGSQL.{given.get('port', 5432)}"
        there, here = await asyncio.open_unix_connection(socket)
        deaf = asyncio.Event()
        answers = asyncio.create_task(self._answer(there, writer, deaf))
        while data := await reader.read(65536):
            if b"journal.append(" in data and not self.swallowed:
                deaf.set()
            here.write(data)
        here.close()
        await answers
        await here.wait_closed()

    async def _answer(
        self, there: asyncio.StreamReader, writer: asyncio.StreamWriter, deaf: asyncio.Event
    ) -> None:
        while data := await there.read(65536):
            if deaf.is_set():
                self.swallowed += 1
                await asyncio.sleep(0.2)
                break
            writer.write(data)
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize("holding_from", [0, 2])
def test_lost_reply_is_no_lost_command_and_no_double(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, holding_from: int
) -> None:
    """When the connection dies before the reply, with COMMIT or without, the truth is told."""
    monkeypatch.setattr(committing, "HOLDING_FROM", holding_from)

    async def work() -> list[Recording]:
        proxy = DeafProxy(database, tmp_path)
        async with proxy as url, committer(url) as journal:
            sent = [journal.submit(command(organization(f"org-{n}"))) for n in range(5)]
            recordings = await asyncio.gather(*sent)
        assert proxy.swallowed == 1
        return recordings

    recordings = run(work())
    assert sorted(recording.rows[0].position for recording in recordings) == [1, 2, 3, 4, 5]
    assert not any(recording.replayed for recording in recordings)
    assert positions(database) == [1, 2, 3, 4, 5]


def test_killed_connection_is_replaced(database: str) -> None:
    """A committer whose connection was ended goes on with another one."""

    async def work() -> None:
        async with committer(database) as journal:
            await journal.submit(command(organization("weride")))
            with superuser(database) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            await journal.submit(command(note("weride", "x")))

    run(work())
    assert positions(database) == [1, 2]


def test_cancelled_sender_cancels_no_commit(database: str) -> None:
    """A command under way is recorded though nobody waits for it, and the next one after it."""

    async def work() -> None:
        async with committer(database) as journal:
            sent = asyncio.create_task(journal.submit(command(organization("weride"))))
            await asyncio.sleep(0)
            sent.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sent
            await journal.submit(command(note("weride", "x")))

    run(work())
    assert positions(database) == [1, 2]


def test_end_waits_for_what_is_pending(database: str) -> None:
    """Closing a committer finishes what it took."""

    async def work() -> list[Any]:
        async with committer(database) as journal:
            sent = [journal.enqueue(command(organization(f"org-{n}"))) for n in range(9)]
        return [one.result() for one in sent]

    assert len(run(work())) == 9
    assert positions(database) == list(range(1, 10))


def test_database_away_is_told(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for ever for a database that cannot be reached."""
    monkeypatch.setattr(committing, "PATIENCE", 0.3)
    nowhere = make_conninfo(database, host=str(tmp_path))

    async def work() -> None:
        async with committer(nowhere) as journal:
            with pytest.raises(Unavailable):
                await journal.submit(command(organization("weride")))

    run(work())


def test_journal_is_held_while_a_round_decides(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever was overtaken holds the journal, and is not overtaken again."""
    monkeypatch.setattr(committing, "HOLDING_FROM", 0)
    monkeypatch.setattr(deciding, "MOST_TRIES", 2)  # once on what it remembers of before it held
    record(database, organization("weride"))

    async def work() -> None:
        async def writing(journal: committing.Committer) -> None:
            for number in range(40):
                await journal.submit(command(note("weride", str(number))))

        async with two(database) as pair:
            await asyncio.gather(*map(writing, pair))

    run(work())
    assert versions(database, "weride") == list(range(1, 82))


def test_whoever_holds_the_journal_brings_along_what_leans_on_it(database: str) -> None:
    """300 events of one subject are recorded while others get in between a few times alone."""
    record(database, organization("weride"))

    async def work() -> int:
        async with two(database) as (one, other):
            sent = [one.enqueue(command(note("weride", f"many {n}"))) for n in range(300)]
            between = 0
            while not all(answer.done() for answer in sent):
                await other.submit(command(note("weride", f"between {between}")))
                between += 1
            await asyncio.gather(*sent)
        return between

    between = run(work())
    assert versions(database, "weride") == list(range(1, 302 + between))
    assert between < 30


def test_held_journal_is_waited_for(database: str) -> None:
    """While somebody else holds the head, commands wait, and then go through."""

    async def work() -> None:
        async with committer(database) as journal:
            with app(database) as holding, holding.transaction():
                holding.execute("SELECT journal.hold()")
                sent = [asyncio.create_task(journal.submit(command(organization("weride"))))]
                await asyncio.sleep(0.3)
                assert not sent[0].done()
            await asyncio.gather(*sent)

    run(work())
    assert positions(database) == [1]


def test_a_command_may_need_more_histories_than_are_remembered(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was looked up for it stays known until it is decided, whatever the memory forgets."""
    monkeypatch.setattr(committing, "Memory", partial(Memory, histories=3))
    keys = [f"firm-{number}" for number in range(10)]

    async def work() -> list[int]:
        async with committer(database) as journal:
            await journal.submit(command(*map(organization, keys)))
            for _ in "12":  # by keys that are new to the memory, and by subjects that are not
                noted = await journal.submit(command(*(note(key, "again") for key in keys)))
        async with committer(database) as journal:
            again = await journal.submit(command(*(note(key, "again") for key in keys)))
        return [row.version for row in (*noted.rows, *again.rows)]

    assert run(work()) == [3] * 10 + [4] * 10
