"""Tokens: shown once, stored as a hash, ended at once."""

from __future__ import annotations

import asyncio
import stat
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from psycopg_pool import AsyncConnectionPool
from pydantic import SecretStr

from journal.access import Access, first_token
from journal.commands import Principal
from journal.database import conninfo
from journal.settings import Settings
from tests.integration.journaling import app, run, superuser

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@asynccontextmanager
async def access(url: str) -> AsyncIterator[Access]:
    """Open the tokens of a migrated database."""
    async with AsyncConnectionPool(conninfo(url, "farshore_app"), open=False) as pool:
        yield Access(pool)


def look(url: str, secret: str) -> Principal | None:
    """Look a secret up."""

    async def work() -> Principal | None:
        async with access(url) as tokens:
            return await tokens.look(secret)

    return run(work())


def test_secret_stands_for_its_principal_until_it_is_revoked(database: str) -> None:
    """A token works from its making to its end, and both show in the list."""

    async def work() -> None:
        async with access(database) as tokens:
            token, secret = await tokens.create("contributor", "Ann")
            assert await tokens.look(secret) == Principal(token.principal, "contributor")
            assert await tokens.revoke(token.id)
            assert not await tokens.revoke(token.id)
            assert await tokens.look(secret) is None
            [listed] = await tokens.tokens()
            assert (listed.id, listed.display_name, listed.role) == (token.id, "Ann", "contributor")
            assert listed.revoked_at is not None
            assert secret.startswith(listed.prefix)

    run(work())


def test_expired_token_stands_for_nobody(database: str) -> None:
    """A token ends by itself at its time."""

    async def work() -> None:
        async with access(database) as tokens:
            past, future = (datetime.now(UTC) + timedelta(minutes=m) for m in (-1, 1))
            _, old = await tokens.create("reader", "old", expires_at=past)
            _, young = await tokens.create("reader", "young", expires_at=future)
            assert await tokens.look(old) is None
            assert await tokens.look(young) is not None

    run(work())


def test_secret_is_stored_nowhere(database: str) -> None:
    """What the database holds does not let anybody in."""

    async def work() -> str:
        async with access(database) as tokens:
            return (await tokens.create("admin", "root"))[1]

    secret = run(work())
    with app(database) as connection:
        [row] = connection.execute("SELECT t::text, sha256 FROM access.tokens t").fetchall()
    assert secret not in row[0]
    assert row[1] == sha256(secret.encode()).digest()


def test_person_keeps_the_principal_over_tokens(database: str) -> None:
    """A second token may stand for the same principal, but for none that is unknown."""

    async def work() -> None:
        async with access(database) as tokens:
            first, _ = await tokens.create("reader", "Ann")
            second, _ = await tokens.create("contributor", "Ann", principal=first.principal)
            assert first.principal == second.principal
            with pytest.raises(LookupError):
                await tokens.create("reader", "Ann", principal="nobody")

    run(work())


def test_principal_tells_nothing_of_the_person(database: str) -> None:
    """What goes into the journal is no name; the name can be changed beside it."""

    async def work() -> str:
        async with access(database) as tokens:
            return (await tokens.create("reader", "Ann Example"))[0].principal

    assert "ann" not in run(work()).lower()


# ── the first one ────────────────────────────────────────────────────────────────────────────────


def test_first_token_is_made_once_and_kept_private(database: str, tmp_path: Path) -> None:
    """It lets an admin in, is the same at every start, and only its owner can read the file."""
    settings = Settings(data=tmp_path / "new")
    assert settings.kept_token() is None
    secret = first_token(database, settings)
    assert first_token(database, settings) == settings.kept_token() == secret
    found = look(database, secret)
    assert found is not None
    assert found.role == "admin"
    [file] = (tmp_path / "new").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_first_token_may_be_given(database: str, tmp_path: Path) -> None:
    """The settings name it, and then no file is written."""
    secret = "s" * 32
    settings = Settings(data=tmp_path, admin_token=SecretStr(secret))
    assert first_token(database, settings) == secret
    assert look(database, secret) is not None
    assert list(tmp_path.iterdir()) == []


def test_processes_that_start_at_once_keep_one_token(database: str, tmp_path: Path) -> None:
    """Of several first starts on one folder, all give the same secret."""

    async def work() -> set[str]:
        settings = Settings(data=tmp_path)
        starts = [asyncio.to_thread(first_token, database, settings) for _ in range(8)]
        return set(await asyncio.gather(*starts))

    assert len(run(work())) == 1
    assert len(list(tmp_path.iterdir())) == 1


def test_revoked_first_token_stays_revoked(database: str, tmp_path: Path) -> None:
    """A restart does not let back in whom somebody shut out."""
    settings = Settings(data=tmp_path)
    secret = first_token(database, settings)
    with superuser(database) as connection:
        connection.execute("UPDATE access.tokens SET revoked_at = now()")
    first_token(database, settings)
    assert look(database, secret) is None
