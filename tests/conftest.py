"""Give tests a real PostgreSQL: one server per session, a migrated database of its own per test."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql

from journal.database import conninfo
from journal.postgres import Embedded
from journal.schema import migrate
from tests.folders import open_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from xdist.workermanage import WorkerController

_TEMPLATE = "template_of_tests"
_MAKING_TEMPLATE = 1
_SERVER = pytest.StashKey[Embedded]()
# Each test makes a database and drops it, and both wait for the disk: 3.5 s together where three
# suites run at once, 1.2 s without. What outlives a crash is tested on servers of the tests' own.
QUICK = {"fsync": "off", "full_page_writes": "off"}


def pytest_configure() -> None:
    """Forget the developer's own settings: no test may reach a real journal."""
    for name in [name for name in os.environ if name == "PORT" or name.startswith("FARSHORE_")]:
        del os.environ[name]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: WorkerController) -> None:
    """Tell each worker of a parallel run where the one server is."""
    node.workerinput["postgres"] = _server(node.config).url


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> str:
    """Give the superuser's URL of the session's server."""
    told: dict[str, str] = getattr(request.config, "workerinput", {})
    return told.get("postgres") or _server(request.config).url


@pytest.fixture(scope="session")
def template(server: str) -> str:
    """Name a migrated database that nobody connects to; the first worker makes it."""
    with _superuser(server) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [_MAKING_TEMPLATE])
        known = connection.execute("SELECT FROM pg_database WHERE datname = %s", [_TEMPLATE])
        if known.fetchone() is None:
            _create(connection, "draft_of_tests")
            migrate(_named(server, "draft_of_tests"))
            connection.execute(f"ALTER DATABASE draft_of_tests RENAME TO {_TEMPLATE}")
    return _TEMPLATE


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Give a folder to which every account has the way, instead of pytest's closed one."""
    with open_folder() as folder:
        yield folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Name a data folder that is not yet made."""
    return tmp_path / "data"


@pytest.fixture
def database(server: str, template: str) -> Iterator[str]:
    """Give the superuser's URL of a migrated, empty database of the test's own."""
    with fresh(server, template) as url:
        yield url


@pytest.fixture
def bare_database(server: str) -> Iterator[str]:
    """Give the superuser's URL of a database without any schema: for migrations."""
    with fresh(server, "template0") as url:
        yield url


@contextlib.contextmanager
def fresh(server: str, template: str) -> Iterator[str]:
    """Make a database of its own, and drop it in the end."""
    name = f"test_{os.urandom(6).hex()}"
    with _superuser(server) as connection:
        _create(connection, name, template)
    try:
        yield _named(server, name)
    finally:
        with _superuser(server) as connection:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)")
            connection.execute(drop.format(sql.Identifier(name)))


def _server(config: pytest.Config) -> Embedded:
    """Start the session's server at the first call; it ends with the session."""
    if _SERVER not in config.stash:
        stack = contextlib.ExitStack()
        config.add_cleanup(stack.close)
        folder = stack.enter_context(open_folder())
        config.stash[_SERVER] = stack.enter_context(Embedded(folder, QUICK))
    return config.stash[_SERVER]


def _create(connection: psycopg.Connection[Any], name: str, template: str = "template0") -> None:
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
    connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))


def _superuser(url: str) -> psycopg.Connection[Any]:
    return psycopg.connect(conninfo(url), autocommit=True)


def _named(url: str, database: str) -> str:
    """Address another database of the same server."""
    return url.replace("/postgres?", f"/{database}?")
