"""The sealer signs what is recorded, once, and refuses what is not what it signed."""

from __future__ import annotations

import shutil
import threading
import time
from typing import TYPE_CHECKING

import pytest

from journal.seal import settling
from journal.seal.folder import Folder, OtherName
from journal.seal.notes import Signer
from journal.seal.sealer import Sealer
from journal.seal.sealing import Sealing, acquire, connect
from journal.seal.tiles import root_of
from journal.seal.verifier import check_checkpoint, leaf_of, read_checkpoint, signed_text
from tests.integration.journaling import superuser
from tests.proof.sealed import ORIGIN, fill, more, seal
from tests.proof.tampering import CHEATS, UNLOCK

if TYPE_CHECKING:
    from pathlib import Path


def _notes(url: str) -> list[str]:
    with superuser(url) as connection:
        rows = connection.execute("SELECT note FROM seal.checkpoints ORDER BY number").fetchall()
    return [note for (note,) in rows]


def _cheat(url: str, *statements: str) -> None:
    with superuser(url) as connection:
        for statement in (*UNLOCK, *statements):
            connection.execute(statement.encode())


def _rolled_back(url: str, kept: int) -> None:
    """Go back to an older state, as a restored backup does."""
    _cheat(
        url,
        f"DELETE FROM journal.events WHERE position > {kept}",  # noqa: S608 - a number of ours
        f"DELETE FROM seal.checkpoints WHERE size > {kept}",  # noqa: S608 - as above
    )


def test_what_is_recorded_is_sealed_and_signed(database: str, tmp_path: Path) -> None:
    """The head's root is that over the stored bytes of all events, and it grows with them."""
    fill(database, 300)
    assert seal(database, tmp_path / "seal") is None
    more(database, 5)
    assert seal(database, tmp_path / "seal") is None
    with superuser(database) as connection:
        rows = connection.execute("SELECT entry FROM journal.events ORDER BY position").fetchall()
    key = Folder(tmp_path / "seal").signer(None).key
    heads = [check_checkpoint(note, key) for note in _notes(database)]
    over = [leaf_of(entry) for (entry,) in rows]
    assert [(one.size, one.root) for one in heads] == [
        (300, root_of(over[:300])),
        (305, root_of(over)),
    ]
    assert {one.origin for one in heads} == {ORIGIN}


def test_of_any_number_of_sealers_one_seals(database: str, tmp_path: Path) -> None:
    """No head is signed twice, and when the one that seals ends, another one takes over."""
    sealers = [Sealing(database, Folder(tmp_path / "seal"), ORIGIN) for _ in range(3)]
    threads = [threading.Thread(target=one.run) for one in sealers]
    for thread in threads:
        thread.start()
    try:
        for round_ in range(2):
            began = time.monotonic()
            fill(database, 1, f"round-{round_}")
            while round_ + 1 not in _sizes(database):
                assert time.monotonic() < began + 30
                time.sleep(0.02)
            for one in sealers[: 2 * (1 - round_)]:
                one.stop()
    finally:
        for one in sealers:
            one.stop()
        for thread in threads:
            thread.join()
    assert [size for size in _sizes(database) if size] == [1, 2]


def _sizes(url: str) -> list[int]:
    return [read_checkpoint(_text(note)).size for note in _notes(url)]


def _text(note: str) -> str:
    return note.partition("\n\n")[0] + "\n"


def test_key_and_memory_are_for_their_owners_eyes(database: str, tmp_path: Path) -> None:
    """Nobody else can read the key, and no part of it is in the database."""
    folder = Folder(tmp_path / "seal")
    fill(database, 1)
    assert seal(database, folder.path) is None
    modes = {one.name: one.stat().st_mode & 0o777 for one in folder.path.iterdir()}
    assert modes == {"key": 0o600, "checkpoint": 0o600}
    assert folder.path.stat().st_mode & 0o777 == 0o700
    with pytest.raises(OtherName):
        folder.signer("another.example/log")


def test_a_lost_memory_is_no_reason_to_sign(database: str, tmp_path: Path) -> None:
    """Neither a sealer with another folder nor one with another key goes on by itself."""
    fill(database, 3)
    assert seal(database, tmp_path / "seal") is None
    more(database, 1)
    assert "what was signed last is not on this machine" in (
        seal(database, tmp_path / "other") or ""
    )
    Folder(tmp_path / "seal").forget("checkpoint")
    assert "what was signed last" in (seal(database, tmp_path / "seal") or "")
    assert len(_notes(database)) == 1


def test_an_older_memory_is_held_against_what_was_published_since(
    database: str, tmp_path: Path
) -> None:
    """With a folder of yesterday the sealer goes on, but not over what it published after that."""
    folder = Folder(tmp_path / "seal")
    fill(database, 3)
    assert seal(database, folder.path) is None
    yesterday = folder.read("checkpoint") or ""
    for events in (2, 4):
        fill(database, events, f"day-{events}")
        assert seal(database, folder.path) is None
        folder.write("checkpoint", yesterday)
    _cheat(database, "DELETE FROM journal.events WHERE position > 7")
    assert seal(database, folder.path) == (
        "9 events were sealed and 7 are there: those behind are missing"
    )


@pytest.mark.parametrize("place", ["folder", "database"])
def test_a_damaged_head_is_refused(database: str, tmp_path: Path, place: str) -> None:
    """A head that cannot even be read is a reason to refuse, not to try again and again."""
    folder = Folder(tmp_path / "seal")
    fill(database, 3)
    assert seal(database, folder.path) is None
    if place == "folder":
        folder.write("checkpoint", (folder.read("checkpoint") or "")[:-3] + "\n")
    else:
        _cheat(database, "UPDATE seal.checkpoints SET note = left(note, -3) || chr(10)")
    assert seal(database, folder.path)
    assert folder.read("refusal")


def test_a_restored_backup_is_refused_until_a_person_settles_it(
    database: str, tmp_path: Path
) -> None:
    """The refusal outlives restarts; settling it publishes both heads, who and why."""
    folder = Folder(tmp_path / "seal")
    fill(database, 300)
    assert seal(database, folder.path) is None
    before = folder.read("checkpoint") or ""
    _rolled_back(database, 280)
    expected = "300 events were sealed and 280 are there: those behind are missing"
    assert seal(database, folder.path) == expected
    fill(database, 40, "later")
    assert seal(database, folder.path) == expected
    assert _notes(database) == []
    settling.order(folder, "mei", "Restored last night's\nbackup after the disk failed")
    assert seal(database, folder.path) is None
    with superuser(database) as connection:
        row = connection.execute("SELECT epoch, statement, refusal, before FROM seal.breaks")
        [(epoch, statement, refusal, kept)] = row.fetchall()
    text = signed_text(statement, folder.signer(None).key).splitlines()
    assert (epoch, refusal, kept) == (1, expected, before)
    assert text[1] == f"before 300 {before.splitlines()[2]}"
    assert text[2].startswith("after 320 ")
    assert text[4:] == ["by mei", "reason Restored last night's backup after the disk failed"]
    more(database, 5)
    assert seal(database, folder.path) is None
    assert read_checkpoint(_text(_notes(database)[-1])).size == 325


def test_a_log_goes_on_with_another_key_where_an_old_one_was_restored(
    database: str, tmp_path: Path
) -> None:
    """A replaced key that is back with its folder signs no more; a new line of keys begins."""
    folder, old = Folder(tmp_path / "seal"), Folder(tmp_path / "old")
    fill(database, 3)
    assert seal(database, folder.path) is None
    shutil.copytree(folder.path, old.path)
    folder.write("key.next", Signer.make(ORIGIN).secret + "\n")
    assert seal(database, folder.path) is None
    assert "not with this one" in (seal(database, old.path) or "")
    settling.order(old, "mei", "The folder is that of last week")
    assert seal(database, old.path) is None
    more(database, 1)
    assert seal(database, old.path) is None
    with superuser(database) as connection:
        query = "SELECT key, succession FROM seal.keys ORDER BY number"
        *_, (key, succession) = connection.execute(query).fetchall()
    assert (key, succession) == (old.signer(None).key, None)
    assert check_checkpoint(_notes(database)[-1], key).size == 4


def test_keys_begin_anew_where_the_journal_forgot_how_they_followed(
    database: str, tmp_path: Path
) -> None:
    """After a restore from before a rotation the key in use is the first that is told."""
    folder = Folder(tmp_path / "seal")
    fill(database, 3)
    assert seal(database, folder.path) is None
    folder.write("key.next", Signer.make(ORIGIN).secret + "\n")
    assert seal(database, folder.path) is None
    _cheat(database, "DELETE FROM seal.keys WHERE number > 1")
    assert "not with this one" in (seal(database, folder.path) or "")
    settling.order(folder, "mei", "Restored the backup of noon")
    assert seal(database, folder.path) is None
    assert folder.read("first") is None
    assert check_checkpoint(_notes(database)[-1], folder.signer(None).key).size == 3


def test_what_has_a_gap_cannot_be_settled(database: str, tmp_path: Path) -> None:
    """A missing position stays a fault, whatever a person says."""
    folder = Folder(tmp_path / "seal")
    fill(database, 5)
    assert seal(database, folder.path) is None
    _cheat(database, "DELETE FROM journal.events WHERE position = 3")
    assert seal(database, folder.path) == "position 3 is missing"
    settling.order(folder, "mei", "It does not matter")
    assert seal(database, folder.path) == "position 3 is missing"


def test_a_rotated_key_is_vouched_for_by_the_old_one(database: str, tmp_path: Path) -> None:
    """Whoever knows the first key takes what the second one signs."""
    folder = Folder(tmp_path / "seal")
    fill(database, 3)
    assert seal(database, folder.path) is None
    first = folder.signer(None)
    second = Signer.make(ORIGIN)
    folder.write("key.next", second.secret + "\n")
    assert seal(database, folder.path) is None
    assert folder.read("key.next") is None
    assert folder.signer(None).key == second.key
    assert folder.read("first") == first.key
    more(database, 1)
    assert seal(database, folder.path) is None
    *_, succession, newest = _notes(database)
    assert check_checkpoint(newest, second.key).size == 4
    assert check_checkpoint(newest, first.key, [succession]).size == 4
    with superuser(database) as connection:
        acts = connection.execute("SELECT action, target FROM access.records").fetchall()
    assert acts == [("key_rotated", second.key)]


def test_a_crash_between_publishing_and_adopting_a_key_is_mended(
    database: str, tmp_path: Path
) -> None:
    """The next start adopts the key that was announced, and still knows the first one."""
    folder = Folder(tmp_path / "seal")
    fill(database, 3)
    assert seal(database, folder.path) is None
    old = folder.read("key") or ""
    second = Signer.make(ORIGIN)
    folder.write("key.next", second.secret + "\n")
    assert seal(database, folder.path) is None
    folder.write("key.next", folder.read("key") or "")
    folder.write("key", old)
    folder.forget("first")
    more(database, 1)
    assert seal(database, folder.path) is None
    assert folder.signer(None).key == second.key
    assert folder.read("first") == Signer.read(old).key


def test_a_crash_between_remembering_and_publishing_is_mended(
    database: str, tmp_path: Path
) -> None:
    """A head that was signed and never published is no other history."""
    folder = Folder(tmp_path / "seal")
    fill(database, 300)
    assert seal(database, folder.path) is None
    with superuser(database) as connection:
        connection.execute("ALTER TABLE seal.checkpoints DISABLE TRIGGER ALL")
        connection.execute("ALTER TABLE seal.tiles DISABLE TRIGGER ALL")
        connection.execute("DELETE FROM seal.checkpoints")
        connection.execute("DELETE FROM seal.tiles")
    assert seal(database, folder.path) is None
    assert read_checkpoint(_text(_notes(database)[-1])).size == 300
    with superuser(database) as connection:
        assert connection.execute("SELECT count(*) FROM seal.tiles").fetchone() == (1,)


def test_only_one_holds_the_lock(database: str) -> None:
    """A second sealer waits; it takes over when the first one's connection ends."""
    with connect(database) as second:
        with connect(database) as first:
            assert acquire(first)
            assert not acquire(second)
        deadline = time.monotonic() + 10
        while not acquire(second):
            assert time.monotonic() < deadline


def test_nothing_of_the_seal_can_be_changed_by_those_who_use_it(
    database: str, tmp_path: Path
) -> None:
    """Not even by the owner of the tables, without switching off what guards them."""
    fill(database, 300)
    assert seal(database, tmp_path / "seal") is None
    for table in ("tiles", "checkpoints", "keys", "breaks", "cosignatures", "timestamps"):
        for statement in (f"DELETE FROM seal.{table}", f"TRUNCATE seal.{table} CASCADE"):  # noqa: S608 - ours
            with superuser(database) as connection, pytest.raises(Exception, match="append-only"):
                connection.execute(statement.encode())


def test_old_events_are_compared_again_and_again(database: str, tmp_path: Path) -> None:
    """A change far behind the head is found by the sealer at rest, without a restart."""
    fill(database, 600)
    folder = Folder(tmp_path / "seal")
    with connect(database) as connection:
        sealer = Sealer(connection, folder, ORIGIN)
        for _ in range(5):
            assert sealer.step() in {True, False}
        _cheat(database, *CHEATS["delete_the_first"](None, 600))  # type: ignore[arg-type]  # unused
        for _ in range(5):
            sealer.step()
        assert sealer.refusal == "position 1 is missing"
