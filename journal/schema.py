"""Bring the schema up to date, apart from what only connects: Alembic takes 0.3 s to import."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import NullPool, create_engine, text

import migrations
from journal.database import conninfo

if TYPE_CHECKING:
    from collections.abc import Callable

# Any fixed number that no other program on the same database uses: "farshore" in ASCII.
_MIGRATING = int.from_bytes(b"farshore")


def migrate(url: str, revision: str = "heads") -> None:
    """Bring the schema up to a revision; of several processes at once one works, others wait.

    A login that may not migrate can call it as well, as long as there is nothing to do.
    """
    if revision != "heads" or pending(url):
        _alembic(url, lambda config: command.upgrade(config, revision))


def unmigrate(url: str, revision: str = "base") -> None:
    """Take the schema down to a revision, with all data that only later ones can hold."""
    _alembic(url, lambda config: command.downgrade(config, revision))


def pending(url: str) -> bool:
    """Tell whether there are migrations that this database has not seen."""
    with psycopg.connect(conninfo(url)) as connection:
        try:
            seen = {
                head for (head,) in connection.execute("SELECT version_num FROM alembic_version")
            }
        except psycopg.errors.UndefinedTable:
            return True
    return seen != set(ScriptDirectory.from_config(_config()).get_heads())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    return config


def _alembic(url: str, change: Callable[[Config], None]) -> None:
    dsn = conninfo(url, program="farshore-migrate", statement_timeout_ms=0)
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(dsn), poolclass=NullPool
    )
    config = _config()
    with engine.connect() as connection:
        connection.execute(text("SET lock_timeout = '10min'"))
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _MIGRATING})
        connection.execute(text("RESET lock_timeout"))
        connection.commit()
        config.attributes["connection"] = connection
        change(config)
        connection.execute(text("GRANT SELECT ON alembic_version TO PUBLIC"))
        connection.commit()
