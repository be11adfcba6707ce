"""Group commit: many at once, each exactly once, whatever breaks in between."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from domain.refusals import Refused
from journal import committer as committing
from journal.commands import Command, Line, Principal
from journal.memory import Memory
from journal.refusals import OtherRequest, Outdated, Unavailable
from tests.integration.journaling import (
    ADMIN,
    ANN,
    BOB,
    app,
    command,
    committer,
    note,
    organization,
    partnership,
    positions,
    record,
    run,
    superuser,
)
from tests.integration.writers import write

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from journal.committer import Committer
    from journal.round import Recording

SUSPENDED = {"type": "partnership.suspended", "subject": "weride-uber", "occurred_on": "2025-12-01"}
RESUMED = {"type": "partnership.resumed", "subject": "weride-uber", "occurred_on": "2025-12-15"}
AGAIN = {"type": "partnership.suspended", "subject": "weride-uber", "occurred_on": "2026-01-01"}


def told(document: dict[str, Any], by: Principal = ADMIN) -> Command:
    """Make the command of a line of a file."""
    return Command.told(by, (Line.read(document),))


def opened(url: str) -> None:
    """Record two organizations and their partnership."""
    record(url, organization("weride"), organization("uber"))
    record(url, partnership("weride-uber", "weride", "uber"))


def versions(url: str, key: str) -> list[int]:
    """Give the versions of a subject in the order of recording."""
    with app(url) as connection:
        query = "SELECT version FROM journal.events WHERE key = %s ORDER BY position"
        return [version for (version,) in connection.execute(query, [key])]


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


@contextlib.asynccontextmanager
async def two(url: str) -> AsyncIterator[tuple[Committer, Committer]]:
    """Open two committers that know nothing of each other, like two processes."""
    async with committer(url) as here, committer(url) as there:
        yield here, there


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
    record(database, organization("weride"))

    async def work() -> None:
        async with two(database) as pair:
            sent = [one.submit(command(note("weride", str(n)))) for n in range(20) for one in pair]
            await asyncio.gather(*sent)

    run(work())
    assert versions(database, "weride") == list(range(1, 42))


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
