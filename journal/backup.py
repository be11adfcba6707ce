"""Save the whole database to a file and bring it back, by PostgreSQL's own programs.

What is outside the database stays outside: the key that signs, and what was signed last. A backup
that held them could be brought back so that nobody notices what is missing.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from journal.access_record import Act, note_at
from journal.binaries import Account, find
from journal.database import Role, conninfo
from journal.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

_POSITION = "SELECT position FROM journal.head"
_JOURNAL = "SELECT FROM pg_namespace WHERE nspname = 'journal'"
_MAKE_ROLE = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {role}) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN', {role});
    END IF;
    IF NOT pg_has_role(current_user, {role}, 'SET') THEN
        EXECUTE format('GRANT %I TO current_user', {role});
    END IF;
END $$
"""
_IN_LIST = " SCHEMA - journal "  # how `pg_restore --list` tells it


class BackupFailed(Exception):
    """{why}."""

    def __init__(self, why: str) -> None:
        super().__init__((self.__doc__ or "").format(why=why.strip().rstrip(".")))


def backup(url: str, file: Path) -> int:
    """Save everything as of one moment, while the server goes on; returns the last position saved.

    Args:
        url: of the database, with a login that may read all of it.
        file: that is not there yet; it appears when it is complete, for its owner only.

    Raises:
        BackupFailed: saying why.
    """
    if file.exists():
        raise BackupFailed(f"{file} is there already; a backup replaces nothing")
    with _draft(file) as draft, psycopg.connect(conninfo(url, statement_timeout_ms=0)) as moment:
        moment.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        moment.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        snapshot, position = _one(moment, f"SELECT pg_export_snapshot(), ({_POSITION})")
        _run("pg_dump", url, "--format=custom", f"--snapshot={snapshot}", f"--file={draft}")
        os.link(draft, file)
    note_at(url, Act("backed_up", details={"position": position}))
    return int(position)


def restore(url: str, file: Path) -> int:
    """Bring everything back into an empty database, all or nothing; returns the last position.

    Sessions of browsers end. Tokens are as they were when the backup was made.

    Args:
        url: of the database, with a login that may make roles, or for which they are made.
        file: as `backup` wrote it, of this or an earlier release.

    Raises:
        BackupFailed: there is a journal already, the file holds none, or PostgreSQL refused.
    """
    if _IN_LIST not in _run("pg_restore", None, "--list", str(file)):
        raise BackupFailed(f"{file} is no backup of a journal")
    with psycopg.connect(conninfo(url)) as connection:
        if connection.execute(_JOURNAL).rowcount:
            raise BackupFailed("there is a journal already: name an empty database or folder")
        for role in get_args(Role):  # they belong to the server, not to the database
            connection.execute(sql.SQL(_MAKE_ROLE).format(role=role))
    _run("pg_restore", url, "--single-transaction", "--exit-on-error", str(file))
    migrate(url)
    with psycopg.connect(conninfo(url, statement_timeout_ms=0)) as connection:
        connection.execute("DELETE FROM access.sessions")
        connection.execute("ANALYZE")
        [position] = _one(connection, _POSITION)
    note_at(url, Act("restored", details={"position": position}))
    return int(position)


@contextmanager
def _draft(file: Path) -> Iterator[Path]:
    """Name a file beside another one, for nobody else to read, that is gone in the end."""
    handle, name = tempfile.mkstemp(prefix=f"{file.name}.", dir=file.parent)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink()


def _run(program: str, url: str | None, *arguments: str) -> str:
    """Run a program of PostgreSQL; the password goes where no list of processes shows it."""
    folder = find(Account(os.geteuid(), os.getegid()), Path(tempfile.gettempdir()))
    given: dict[str, Any] = conninfo_to_dict(url or "")
    environment = {**os.environ, "PGPASSWORD": str(given.pop("password", ""))}
    target = [f"--dbname={make_conninfo(**given)}", "--no-password"] if url else []
    done = subprocess.run(  # noqa: S603  # our own program, no shell
        [folder / program, *target, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BackupFailed(done.stderr or f"{program} ended with {done.returncode}")
    return done.stdout


def _one(connection: psycopg.Connection[Any], query: str) -> tuple[Any, ...]:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None  # noqa: S101 - for the type checker: such queries give one row
    found: tuple[Any, ...] = row
    return found
