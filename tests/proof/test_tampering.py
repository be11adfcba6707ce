"""Whatever a database administrator does to the journal is detected, and said where.

Each way of cheating has its control: the untouched journal passes the same checks. The cheats are
made, and looked at, in transactions that are undone.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import shutil
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
import pytest

from journal.database import conninfo
from journal.seal.folder import Folder
from journal.seal.notes import Signer, checkpoint, note
from journal.seal.sealer import Sealer
from journal.seal.tiles import root_of
from journal.seal.verifier import Invalid, leaf_of, verify
from tests.folders import open_folder
from tests.integration.journaling import superuser
from tests.proof.auditing import Auditor
from tests.proof.sealed import ORIGIN, fill, more, seal
from tests.proof.tampering import CHEATS, UNLOCK, recompute

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

SIZE = 600
_ROUND = 4  # steps in which the sealer looks at two tiles, at what is behind them, and at the tree
CASES = int(os.environ.get("TESTS_TAMPERING", "40"))  # 10,000 in `make soak`


class Sealed(NamedTuple):
    """A sealed journal, the sealer's folder, and an auditor who kept its heads."""

    url: str
    folder: Path
    auditor: Auditor


@pytest.fixture(scope="module")
def sealed(server: str, template: str) -> Iterator[Sealed]:
    """Seal 600 events in two steps; the auditor keeps both heads."""
    from tests.conftest import fresh  # noqa: PLC0415 - a database for a whole module

    with fresh(server, template) as url, open_folder() as where:
        fill(url, SIZE - 70)
        assert seal(url, where / "seal") is None
        auditor = Auditor(where, Folder(where / "seal").signer(None).key)
        more(url, 70)
        assert seal(url, where / "seal") is None
        with superuser(url) as connection:
            heads = connection.execute("SELECT note FROM seal.checkpoints ORDER BY number")
            auditor.keep(*(note for (note,) in heads))
        yield Sealed(url, where / "seal", auditor)


@contextmanager
def _undone(url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(conninfo(url)) as connection:
        yield connection
        connection.rollback()


@asynccontextmanager
async def _undone_async(url: str) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    async with await psycopg.AsyncConnection.connect(conninfo(url)) as connection:
        yield connection
        await connection.rollback()


def _refusals(sealed: Sealed, folder: Path, statements: list[str], *, hashes: bool) -> list[Any]:
    """Give what a sealer that runs meanwhile says of a cheat, and one that starts after it."""
    shutil.copytree(sealed.folder, folder)
    with _undone(sealed.url) as connection:
        running = Sealer(connection, Folder(folder), ORIGIN)
        _cheat(connection, statements, hashes=hashes)
        for _ in range(_ROUND):
            running.step()
        Folder(folder).forget("refusal")
        starting = Sealer(connection, Folder(folder), ORIGIN)
        for _ in range(_ROUND):
            starting.step()
        return [running.refusal, starting.refusal]


def _cheat(connection: psycopg.Connection[Any], statements: list[str], *, hashes: bool) -> None:
    for statement in (*UNLOCK, *statements) if statements else ():
        connection.execute(statement.encode())
    if hashes:
        recompute(connection)


async def _audit(sealed: Sealed, statements: list[str], *, hashes: bool = False) -> str | None:
    """Give what an auditor finds."""
    async with _undone_async(sealed.url) as connection:
        for statement in (*UNLOCK, *statements) if statements else ():
            await connection.execute(statement.encode())
        if hashes:
            await connection.execute("DELETE FROM seal.tiles")
            found = await connection.execute("SELECT leaf FROM journal.events ORDER BY position")
            await _refill(connection, [leaf for (leaf,) in await found.fetchall()])
        return await sealed.auditor.look(connection)


async def _refill(connection: psycopg.AsyncConnection[Any], leaves: list[bytes]) -> None:
    from tests.proof.tampering import tiles_over  # noqa: PLC0415 - beside its twin

    for tile in tiles_over(leaves):
        await connection.execute("INSERT INTO seal.tiles VALUES (0, %s, %s, %s, %s)", tile)


def test_the_untouched_journal_passes(sealed: Sealed, tmp_path: Path) -> None:
    """The control of all that follows: nobody refuses, nobody finds anything."""
    assert _refusals(sealed, tmp_path / "seal", [], hashes=False) == [None, None]
    assert _refusals(sealed, tmp_path / "again", [], hashes=True) == [None, None]
    assert asyncio.run(_audit(sealed, [])) is None


@pytest.mark.parametrize("hashes", [False, True], ids=["tree kept", "tree recomputed"])
@pytest.mark.parametrize("name", CHEATS)
def test_sealer_and_auditor_detect(
    sealed: Sealed,
    tmp_path: Path,
    name: str,
    hashes: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """A sealer that runs, one that starts, and an auditor with an old checkpoint: all three."""
    statements = CHEATS[name](random.Random(name), SIZE)  # noqa: S311 - the same at every run
    running, starting = _refusals(sealed, tmp_path / "seal", statements, hashes=hashes)
    assert running
    assert starting
    assert asyncio.run(_audit(sealed, statements, hashes=hashes))


async def _first_wrong(sealed: Sealed, statements: list[str]) -> int:
    """Give the first position at which there is not the event any more that there was."""
    query = "SELECT entry FROM journal.events WHERE position = "
    async with _undone_async(sealed.url) as connection:
        found = await connection.execute("SELECT entry FROM journal.events ORDER BY position")
        before = [entry for (entry,) in await found.fetchall()]
        for statement in (*UNLOCK, *statements):
            await connection.execute(statement.encode())
        for position, entry in enumerate(before, 1):
            row = await (await connection.execute(f"{query}{position}".encode())).fetchone()
            if row != (entry,):
                return position
    return 0


def _named(said: str) -> int:
    """Give the position of which it is said that it is wrong."""
    if shorter := re.match(
        r"\d+ events were sealed and (\d+) are there: those behind are miss", said
    ):
        return int(shorter[1]) + 1
    found = re.match(r"position (\d+)(?: is |: it|: its)", said)
    return int(found[1]) if found else 0


@pytest.mark.parametrize("name", CHEATS)
def test_what_and_where_is_said_of_every_cheat(sealed: Sealed, tmp_path: Path, name: str) -> None:
    """A sealer that starts and an auditor name the first wrong position, one that runs a wrong one.

    Where nothing is left that the log signed, the auditor is told that.
    """
    statements = CHEATS[name](random.Random(name), SIZE)  # noqa: S311 - the same at every run
    first = asyncio.run(_first_wrong(sealed, statements))
    running, starting = _refusals(sealed, tmp_path / "seal", statements, hashes=False)
    found = asyncio.run(_audit(sealed, statements)) or ""
    assert _named(starting) == first > 0
    assert _named(running) >= first
    if name == "restore_an_old_backup":
        assert found == "there is no signed head any more"
    else:
        assert _named(found) == first


class _There(random.Random):
    """Chance that always takes one position."""

    def __init__(self, position: int) -> None:
        super().__init__(position)
        self._position = position

    def randint(self, a: int, b: int) -> int:
        """Give the position where one is asked for."""
        return self._position if b == SIZE else super().randint(a, b)


@pytest.mark.parametrize("position", [1, 300, 512, 513, 600])
@pytest.mark.parametrize("name", ["change_a_payload", "change_a_date", "change_an_actor"])
def test_it_is_said_which_event_was_changed(
    sealed: Sealed, tmp_path: Path, name: str, position: int
) -> None:
    """The sealer names the very event; the auditor, too, or the last few where the tree ends."""
    statements = CHEATS[name](_There(position), SIZE)
    running, _ = _refusals(sealed, tmp_path / "seal", statements, hashes=False)
    assert running == f"position {position} is not what was sealed"
    found = asyncio.run(_audit(sealed, statements)) or ""
    assert found.startswith(f"position {position}:" if position <= 512 else "positions 513 to 600:")


@pytest.mark.timeout(max(120, CASES // 2))
def test_random_cheats_are_detected(sealed: Sealed) -> None:
    """At random places, with the tree left as it was or made to fit: every one is found."""
    chance = random.Random(os.environ.get("TESTS_SEED", "1"))  # noqa: S311 - the same cases again

    async def work() -> list[tuple[str, list[str]]]:
        undetected = []
        for _ in range(CASES):
            name = chance.choice(list(CHEATS))
            statements = CHEATS[name](chance, SIZE)
            if await _audit(sealed, statements, hashes=chance.random() < 0.5) is None:
                undetected.append((name, statements))
        return undetected

    assert asyncio.run(work()) == []


# ── two histories ────────────────────────────────────────────────────────────────────────────────


def _signed_by_a_thief(sealed: Sealed, size: int) -> str:
    """Sign another history with the log's own key."""
    signer = Folder(sealed.folder).signer(None)
    other = root_of(leaf_of(f"never {at}".encode()) for at in range(size))
    return note(checkpoint(ORIGIN, size, other), [signer])


def test_a_fork_is_found_when_two_readers_meet(sealed: Sealed, tmp_path: Path) -> None:
    """Two heads of one size, or of two without a proof between them, both signed."""
    with superuser(sealed.url) as connection:
        heads = connection.execute("SELECT size, note FROM seal.checkpoints ORDER BY size")
        notes = dict(heads.fetchall())
    files = tmp_path / "one.txt", tmp_path / "other.txt"
    files[0].write_text(notes[SIZE])
    for size, why in ((SIZE, "two histories"), (SIZE - 1, "no proof")):
        files[1].write_text(_signed_by_a_thief(sealed, size))
        with pytest.raises(Invalid, match=why):
            list(verify([sealed.auditor.key], files))
    files[1].write_text(notes[SIZE])
    assert list(verify([sealed.auditor.key], files))


async def _taken_from_a_thief(sealed: Sealed, folder: Path) -> str | None:
    """Rewrite all with the stolen key; give what the auditor says, and leave a newcomer's pack."""
    rewritten = CHEATS["replace_the_table"](random.Random(1), SIZE)  # noqa: S311 - fixed
    async with _undone_async(sealed.url) as connection:
        for statement in (*UNLOCK, *rewritten):
            await connection.execute(statement.encode())
        await connection.execute("DELETE FROM seal.tiles")
        found = await connection.execute("SELECT leaf FROM journal.events ORDER BY position")
        leaves = [leaf for (leaf,) in await found.fetchall()]
        await _refill(connection, leaves)
        text = checkpoint(ORIGIN, SIZE, root_of(leaves))
        signed = note(text, [Folder(sealed.folder).signer(None)])
        await connection.execute("DELETE FROM seal.checkpoints")
        await connection.execute(
            "INSERT INTO seal.checkpoints (epoch, size, note) VALUES (0, %s, %s)", (SIZE, signed)
        )
        newcomer = Auditor(folder, sealed.auditor.key)
        newcomer.keep(signed)
        assert await newcomer.look(connection) is None
        return await sealed.auditor.look(connection)


def test_a_stolen_key_cannot_unsay_an_old_checkpoint(sealed: Sealed, tmp_path: Path) -> None:
    """A thief rewrites all, recomputes every hash and signs it: whoever kept a head knows."""
    assert "two histories" in (asyncio.run(_taken_from_a_thief(sealed, tmp_path)) or "")


async def _restored(sealed: Sealed, kept: int, auditor: Auditor) -> str | None:
    """Go back to an older journal; give what an auditor says of it."""
    async with _undone_async(sealed.url) as connection:
        for statement in (*UNLOCK, *CHEATS["restore_an_old_backup"](_There(kept), SIZE + 1)):
            await connection.execute(statement.encode())
        return await auditor.look(connection)


@pytest.mark.parametrize("kept", [SIZE - 70, SIZE - 36, SIZE - 1])
def test_a_backup_between_two_kept_heads_proves_no_growth(sealed: Sealed, kept: int) -> None:
    """A whole journal that fits the older head says nothing of the newer one."""
    found = asyncio.run(_restored(sealed, kept, sealed.auditor)) or ""
    assert "no proof is here that the journal of 600 grew from 530" in found


def test_packs_of_two_histories_are_found_in_either_order(sealed: Sealed, tmp_path: Path) -> None:
    """Each is right by itself, of another past; which is read first makes no difference."""
    honest = Auditor(tmp_path / "honest", sealed.auditor.key)
    thief = tmp_path / "thief"
    for folder in (honest.folder, thief):
        folder.mkdir()
    assert asyncio.run(_restored(sealed, SIZE - 70, honest)) is None
    asyncio.run(_taken_from_a_thief(sealed, thief))
    packs = honest.folder / "pack.zip", thief / "pack.zip"
    for files in (packs, packs[::-1]):
        with pytest.raises(Invalid, match=f"two histories of {SIZE - 70}"):
            list(verify([sealed.auditor.key], files))


def test_another_key_signs_nothing(sealed: Sealed, tmp_path: Path) -> None:
    """Without the log's key a rewritten history has no head at all."""
    thief = Signer.make(ORIGIN)
    file = tmp_path / "head.txt"
    file.write_text(note(checkpoint(ORIGIN, 1, bytes(32)), [thief]))
    with pytest.raises(Invalid, match="not signed"):
        list(verify([sealed.auditor.key], [file]))
