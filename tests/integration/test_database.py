"""Connections end every wait, act as one role, and go only to a server fit for the journal."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

import migrations
from journal import database as subject
from journal.database import UnfitServer, conninfo, refuse_unfit
from journal.postgres import Embedded
from journal.schema import migrate, unmigrate
from tests.integration.viewing import example_lines, follow, record

OWN_SCHEMAS = "SELECT nspname FROM pg_namespace WHERE nspname IN ('journal', 'access', 'views')"


def _shown(dsn: str, name: str) -> str:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
        return str(row[0]) if row else ""


@pytest.mark.parametrize(
    "name", ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"]
)
def test_every_wait_in_the_server_ends(database: str, name: str) -> None:
    """No statement, lock or idle transaction lasts for ever."""
    assert _shown(conninfo(database), name) != "0"


def test_every_wait_for_the_network_ends(database: str) -> None:
    """Neither connecting nor a vanished server can hold a process for ever."""
    said = conninfo(database).split()
    assert {"connect_timeout=10", "tcp_user_timeout=15000"} <= set(said)


def test_a_slow_statement_is_ended(database: str) -> None:
    """The time given to a statement is all that it gets."""
    dsn = conninfo(database, statement_timeout_ms=50)
    with (
        psycopg.connect(dsn) as connection,
        pytest.raises(psycopg.errors.QueryCanceled, match="statement timeout"),
    ):
        connection.execute("SELECT pg_sleep(10)")


def test_what_the_url_says_of_connecting_wins(database: str) -> None:
    """An operator's own choice in the URL is kept, the role is still ours."""
    url = f"{database}&connect_timeout=3&application_name=mine&options=-c%20work_mem%3D1MB"
    dsn = conninfo(url, "farshore_app")
    assert "connect_timeout=3" in dsn
    assert _shown(dsn, "application_name") == "mine"
    assert _shown(dsn, "work_mem") == "1MB"
    assert _shown(dsn, "role") == "farshore_app"


def test_a_role_does_only_what_it_may(database: str) -> None:
    """A connection as the application cannot create a table, were its login a superuser."""
    with (
        psycopg.connect(conninfo(database, "farshore_app")) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("CREATE TABLE journal.more ()")


def test_a_fit_server_is_accepted(folder: Path) -> None:
    """Our own embedded server passes the check it is held to."""
    with Embedded(folder) as server:
        refuse_unfit(server.url)


def test_a_server_that_may_lose_events_is_refused(folder: Path) -> None:
    """Each setting that risks acknowledged events is named, unless it is allowed by name."""
    unsafe = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
    with Embedded(folder, unsafe) as server:
        for name in unsafe:
            with pytest.raises(UnfitServer, match=f"{name} is off"):
                refuse_unfit(server.url, unsafe.keys() - {name})
        refuse_unfit(server.url, unsafe.keys())


def test_a_login_that_may_lose_events_is_refused(database: str) -> None:
    """Durability turned off for one database only is found as well."""
    with psycopg.connect(database, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = off".encode())
    with pytest.raises(UnfitServer, match="synchronous_commit is off"):
        refuse_unfit(database)


def test_another_version_is_refused(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server of another major version is refused, with both numbers."""
    monkeypatch.setattr(subject, "MAJOR", 17)
    with pytest.raises(UnfitServer, match="it is version 18 and must be 17"):
        refuse_unfit(database)


def test_migrating_at_once_from_many_processes_is_safe(bare_database: str) -> None:
    """Four that migrate at the same moment all succeed, and the last step is there once."""
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate, [bare_database] * 4))
    with psycopg.connect(bare_database) as connection:
        applied = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    assert applied == [(head,) for head in _history().get_heads()]


def test_migrations_form_one_line() -> None:
    """There is one newest migration, so the order is the same everywhere."""
    assert len(_history().get_heads()) == 1


def test_migrations_go_down_and_up_again(bare_database: str) -> None:
    """Each migration undoes all that it did, and can be applied again."""
    migrate(bare_database)
    unmigrate(bare_database)
    with psycopg.connect(bare_database) as connection:
        assert connection.execute(OWN_SCHEMAS).fetchall() == []
    migrate(bare_database)


def test_a_journal_of_the_first_release_is_upgraded(bare_database: str) -> None:
    """Its events stay as they were, and the new views tell what was known at each of them."""
    migrate(bare_database, "0003")
    record(bare_database, example_lines()[:140])
    entries = "SELECT position, entry, leaf FROM journal.events ORDER BY position"
    with psycopg.connect(conninfo(bare_database)) as connection:
        before = connection.execute(entries).fetchall()
    migrate(bare_database)
    with psycopg.connect(conninfo(bare_database)) as connection:
        assert connection.execute(entries).fetchall() == before
    record(bare_database, example_lines()[140:150])
    follow(bare_database)
    query = "SELECT count(*) FROM views.subjects WHERE known @> %s::bigint"
    with psycopg.connect(conninfo(bare_database)) as connection:
        assert connection.execute(query, (131,)).fetchone() == (131,)
        assert connection.execute("SELECT max(position) FROM views.timeline").fetchone() == (150,)


@pytest.mark.parametrize(
    "path",
    sorted((Path(migrations.__file__).parent / "versions").glob("*.py")),
    ids=lambda p: p.stem,
)
def test_no_migration_waits_long_for_a_lock(path: Path) -> None:
    """Each migration bounds its wait for locks, so that it cannot stop a running server."""
    assert "lock_timeout" in path.read_text()


def _history() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    return ScriptDirectory.from_config(config)
