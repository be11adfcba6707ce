"""A backup brings back every bit, and one that is too old is not passed off as the journal."""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from journal.backup import BackupFailed, backup, restore
from journal.seal.folder import Folder
from journal.seal.settling import order
from journal.seal.verifier import Invalid, check_checkpoint, verify
from tests.integration.journaling import app, superuser
from tests.integration.serving import served, token
from tests.integration.viewing import example_lines, follow, record, rows_of_all_tables
from tests.proof.sealed import more, seal

if TYPE_CHECKING:
    from pathlib import Path

SECRETS = "SELECT sha256 FROM access.tokens ORDER BY id"


def entries(url: str) -> list[tuple[bytes, bytes]]:
    """Give what is stored of every event, and its hash, which must be that of it."""
    with app(url) as connection:
        rows = connection.execute("SELECT entry, leaf FROM journal.events ORDER BY position")
        found = [(bytes(entry), bytes(leaf)) for entry, leaf in rows]
    assert all(sha256(b"\0" + entry).digest() == leaf for entry, leaf in found)
    return found


def asked(url: str, query: str) -> list[tuple[Any, ...]]:
    """Ask the database as the application may."""
    with app(url) as connection:
        return connection.execute(query.encode()).fetchall()


def test_what_comes_back_is_what_was_saved_and_goes_on(
    database: str, bare_database: str, tmp_path: Path
) -> None:
    """Events, leaves, views, tokens and the access record; appends, guards and rights as before."""
    record(database, example_lines()[:140])
    follow(database)
    with served(database) as client:
        reader = token(client, "reader")
        browser = {"token": reader["Authorization"].removeprefix("Bearer ")}
        assert client.post("/v1/session", json=browser).status_code == 201
    saved, views = entries(database), rows_of_all_tables(database)
    assert backup(database, tmp_path / "saved") == 140
    assert restore(bare_database, tmp_path / "saved") == 140
    assert entries(bare_database) == saved
    assert rows_of_all_tables(bare_database) == views
    assert asked(bare_database, SECRETS) == asked(database, SECRETS)
    assert asked(bare_database, "SELECT count(*) FROM access.sessions") == [(0,)]
    acts = "SELECT action, details FROM access.records ORDER BY number"
    before, after = asked(database, acts), asked(bare_database, acts)
    assert before[-1] == ("backed_up", {"position": 140})
    assert after == [*before[:-1], ("restored", {"position": 140})]
    record(bare_database, example_lines()[140:142])
    assert entries(bare_database)[:140] == saved
    with served(bare_database) as client:
        told = client.get("/v1/timeline", params={"min_position": 142}, headers=reader)
        assert told.json()["position"] == 142
    _is_guarded(bare_database)


def _is_guarded(url: str) -> None:
    for delete in (b"DELETE FROM journal.events", b"DELETE FROM access.records"):
        with app(url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(delete)
        with superuser(url) as connection:
            connection.execute("SET session_replication_role = replica")
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
                connection.execute(delete)


def test_the_newest_backup_goes_on_under_the_same_seal(
    database: str, bare_database: str, tmp_path: Path
) -> None:
    """With the sealer's own folder beside it, nobody has to settle anything."""
    more(database, 300)
    assert seal(database, tmp_path / "seal") is None
    backup(database, tmp_path / "saved")
    restore(bare_database, tmp_path / "saved")
    more_of_it(bare_database, 5)
    assert seal(bare_database, tmp_path / "seal") is None
    assert heads(bare_database, tmp_path / "seal")[-1][0] == 305


def more_of_it(url: str, events: int) -> None:
    """Record events that nobody has recorded before."""
    record(url, example_lines()[:events])


def heads(url: str, folder: Path) -> list[tuple[int, bytes]]:
    """Give the sizes and roots of all signed heads, their signatures checked."""
    key = Folder(folder).signer(None).key
    notes = asked(url, "SELECT note FROM seal.checkpoints ORDER BY number")
    return [(one.size, one.root) for one in (check_checkpoint(note, key) for (note,) in notes)]


def newest(url: str) -> str:
    """Give the newest head, as an auditor is handed it."""
    [*_, (note,)] = asked(url, "SELECT note FROM seal.checkpoints ORDER BY number")
    return str(note)


def verified(folder: Path, *notes: str) -> list[str]:
    """Check heads against one another, as an auditor does."""
    files = [folder / f"head-{number}.txt" for number, _ in enumerate(notes)]
    for file, note in zip(files, notes, strict=True):
        file.write_text(note)
    return list(verify([Folder(folder / "seal").signer(None).key], files))


def test_an_old_backup_is_refused_until_a_person_answers_for_it(
    database: str, bare_database: str, tmp_path: Path
) -> None:
    """The sealer misses what it signed; an auditor's old head fits nothing; both heads are told."""
    more(database, 300)
    seal(database, tmp_path / "seal")
    backup(database, tmp_path / "old")
    more_of_it(database, 5)
    seal(database, tmp_path / "seal")
    [*_, kept_by_an_auditor] = heads(database, tmp_path / "seal")
    kept = newest(database)

    restore(bare_database, tmp_path / "old")
    refusal = seal(bare_database, tmp_path / "seal")
    assert refusal == "305 events were sealed and 300 are there: those behind are missing"
    assert heads(bare_database, tmp_path / "seal")[-1][0] == 300
    with pytest.raises(Invalid, match="no proof is here that the journal of 305 grew from 300"):
        verified(tmp_path, kept, newest(bare_database))

    record(bare_database, example_lines()[10:15])  # others than those that were lost
    refusal = seal(bare_database, tmp_path / "seal")
    assert refusal is not None
    assert "305" in refusal

    order(Folder(tmp_path / "seal"), "Ann", "The disk broke; restored what was saved at noon")
    assert seal(bare_database, tmp_path / "seal") is None
    [*_, now] = heads(bare_database, tmp_path / "seal")
    assert now[0] == kept_by_an_auditor[0] == 305
    assert now[1] != kept_by_an_auditor[1]
    with pytest.raises(Invalid, match="two histories of 305 events, both signed"):
        verified(tmp_path, kept, newest(bare_database))
    [[statement]] = asked(bare_database, "SELECT statement FROM seal.breaks")
    assert "restored what was saved at noon" in statement
    assert statement.count("305") >= 2


def test_a_new_machine_without_the_sealers_folder_signs_nothing(
    database: str, bare_database: str, tmp_path: Path
) -> None:
    """Whoever has the backup alone cannot go on under the name of the journal."""
    more(database, 10)
    seal(database, tmp_path / "seal")
    backup(database, tmp_path / "saved")
    restore(bare_database, tmp_path / "saved")
    refusal = seal(bare_database, tmp_path / "another")
    assert refusal is not None
    assert "what was signed last is not on this machine" in refusal


def test_a_backup_replaces_nothing_and_is_private(database: str, tmp_path: Path) -> None:
    """A file that is there stays; nobody else reads the new one; no draft is left."""
    file = tmp_path / "saved"
    backup(database, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(BackupFailed, match="is there already"):
        backup(database, file)
    assert [one.name for one in tmp_path.iterdir()] == ["saved"]


def test_a_backup_that_fails_leaves_nothing(database: str, tmp_path: Path) -> None:
    """A login that may not read all of it gets no half of it."""
    with superuser(database) as connection:
        connection.execute("CREATE ROLE weak LOGIN PASSWORD 'weak' IN ROLE farshore_app")
    try:
        weak = psycopg.conninfo.make_conninfo(database, user="weak", password="weak")
        with pytest.raises(BackupFailed, match="permission denied"):
            backup(weak, tmp_path / "saved")
    finally:
        with superuser(database) as connection:
            connection.execute("DROP ROLE weak")
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_restored_over_a_journal_or_from_what_is_none(
    database: str, bare_database: str, tmp_path: Path
) -> None:
    """And what is refused changes nothing."""
    record(database, example_lines()[:3])
    before = entries(database)
    backup(database, tmp_path / "saved")
    with pytest.raises(BackupFailed, match="there is a journal already"):
        restore(database, tmp_path / "saved")
    assert entries(database) == before
    (tmp_path / "half").write_bytes((tmp_path / "saved").read_bytes()[:20_000])
    (tmp_path / "text").write_text("Dear all")
    for name in ("half", "text"):
        with pytest.raises(BackupFailed):
            restore(bare_database, tmp_path / name)
    with superuser(bare_database) as connection:
        found = connection.execute("SELECT FROM pg_namespace WHERE nspname = 'journal'")
        assert found.rowcount == 0
    assert restore(bare_database, tmp_path / "saved") == 3


def test_the_command_line_saves_and_brings_back(tmp_path: Path) -> None:
    """With the embedded database: into a new data folder, to which the sealer's folder is moved."""
    first, second, file = tmp_path / "first", tmp_path / "second", tmp_path / "saved"
    lines = tmp_path / "lines.ndjson"
    lines.write_bytes(b"\n".join(example_lines()[:5]))
    _farshore(first, "import", str(lines))
    assert "up to position 5" in _farshore(first, "backup", str(file))
    assert "up to position 5" in _farshore(second, "restore", str(file))
    if (first / "seal").exists():
        shutil.copytree(first / "seal", second / "seal", dirs_exist_ok=True)
    again = _farshore(second, "import", str(lines))
    assert "0 recorded, 5 already there" in again


def _farshore(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        (sys.executable, "-m", "cli", "--data", str(folder), *arguments),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return " ".join(done.stdout.split())
