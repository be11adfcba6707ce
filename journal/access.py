"""Who may do what: principals, which the journal names, and tokens, which prove who asks.

A secret is shown once and stored as its SHA-256: it has too much entropy to be guessed from that.
"""

import os
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from secrets import token_hex, token_urlsafe
from typing import Any, Literal, NamedTuple, TypeVar
from uuid import UUID

import psycopg
from psycopg.rows import args_row
from psycopg_pool import AsyncConnectionPool

from journal.access_record import Act, note, note_within
from journal.commands import Principal, Role
from journal.database import conninfo
from journal.settings import Settings

Row = TypeVar("Row", bound=tuple[Any, ...])

_PREFIX = 8  # characters of a secret that are stored, to tell tokens apart

_COLUMNS = (
    "t.id, t.prefix, t.principal, p.display_name, t.role, t.name,"
    " t.created_at, t.expires_at, t.revoked_at"
)
LIVE = "t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())"
_LOOK = f"SELECT t.principal, t.role FROM access.tokens t WHERE t.sha256 = %s AND {LIVE}"
_TOKENS = f"""
SELECT {_COLUMNS} FROM access.tokens t JOIN access.principals p ON p.id = t.principal
ORDER BY t.created_at, t.id
"""
_PRINCIPALS = """
SELECT id, kind, display_name, created_at, erased_at FROM access.principals ORDER BY created_at, id
"""
_NAME = "SELECT display_name FROM access.principals WHERE id = %s"
_NEW_PRINCIPAL = """
INSERT INTO access.principals (id, kind, display_name) VALUES (%s, %s, %s)
"""
_NEW_TOKEN = f"""
WITH t AS (
    INSERT INTO access.tokens (prefix, sha256, principal, role, name, expires_at)
    VALUES (%s, %s, %s, %s, %s, %s) RETURNING *
)
SELECT {_COLUMNS} FROM t JOIN access.principals p ON p.id = t.principal
"""
_NOT_ERASED = "SELECT FROM access.principals WHERE id = %s AND erased_at IS NULL FOR SHARE"
_REVOKE = """
UPDATE access.tokens SET revoked_at = now() WHERE id = %s AND revoked_at IS NULL
"""
_ERASE = """
UPDATE access.principals SET display_name = NULL, erased_at = now()
WHERE id = %s AND erased_at IS NULL
"""
_ERASE_TOKENS = """
UPDATE access.tokens SET name = NULL, revoked_at = coalesce(revoked_at, now())
WHERE principal = %s
"""
_ERASE_VIEWS = "DELETE FROM access.kept_views WHERE principal = %s"  # called as people like


class Token(NamedTuple):
    """What is known of a token; not its secret."""

    id: UUID
    prefix: str
    principal: str
    display_name: str | None
    role: Role
    name: str | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class Known(NamedTuple):
    """Whom the id of a principal stands for; a name that was erased is None."""

    id: str
    kind: Literal["person", "program"]
    display_name: str | None
    created_at: datetime
    erased_at: datetime | None


class Access:
    """Manages tokens and looks them up."""

    def __init__(self, pool: AsyncConnectionPool[Any]) -> None:
        """Take connections with the role farshore_app from a pool."""
        self._pool = pool

    async def look(self, secret: str) -> Principal | None:
        """Give whom a secret stands for; None where it is unknown, revoked or expired."""
        async with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=args_row(Principal)) as cursor,
        ):
            await cursor.execute(_LOOK, [hashed(secret)], prepare=True)
            found: Principal | None = await cursor.fetchone()
            return found

    async def tokens(self) -> list[Token]:
        """Give every token there ever was, the oldest first."""
        return await self._all(_TOKENS, Token)

    async def principals(self) -> list[Known]:
        """Give everybody who ever had a token, the first one first."""
        return await self._all(_PRINCIPALS, Known)

    async def _all(self, query: str, of: type[Row]) -> list[Row]:
        async with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=args_row(of)) as cursor,
        ):
            found: list[Row] = await (await cursor.execute(query)).fetchall()
            return found

    async def create(
        self,
        role: Role,
        name: str,
        *,
        principal: str | None = None,
        expires_at: datetime | None = None,
        by: Principal | None = None,
    ) -> tuple[Token, str]:
        """Make a token, and give it with its secret, which is kept nowhere.

        Args:
            role: what it allows.
            name: whose it is, or what for.
            principal: the id of one who has tokens already; None for a new one.
            expires_at: None for never.
            by: who makes it, for the access record.

        Raises:
            LookupError: there is no such principal, or the person was erased.
        """
        secret = f"fs_{token_urlsafe(32)}"
        async with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=args_row(Token)) as cursor,
        ):
            if principal is None:
                principal = _new_id()
                await cursor.execute(_NEW_PRINCIPAL, [principal, "person", name])
            elif not (await connection.execute(_NOT_ERASED, [principal])).rowcount:
                raise LookupError(principal)
            given = [secret[:_PREFIX], hashed(secret), principal, role, name, expires_at]
            token = await (await cursor.execute(_NEW_TOKEN, given)).fetchone()
            assert token is not None  # noqa: S101 - for the type checker: RETURNING gives one
            await note_within(connection, _made(token.id, principal, role, by))
        return token, secret

    async def revoke(self, token: UUID, *, by: Principal | None = None) -> bool:
        """End a token now, with its sessions; tell whether it was live."""
        async with self._pool.connection() as connection:
            revoked: int = (await connection.execute(_REVOKE, [token])).rowcount
            if revoked:
                await note_within(connection, Act("token_revoked", by, str(token)))
            return revoked == 1

    async def name(self, principal: str) -> str | None:
        """Give the name of somebody; None where it was erased."""
        async with self._pool.connection() as connection:
            row = await (await connection.execute(_NAME, [principal])).fetchone()
            return str(row[0]) if row and row[0] else None

    async def erase(self, principal: str, *, by: Principal) -> bool:
        """Forget somebody's names and end their tokens; tell whether there was anything to forget.

        What they recorded keeps the id, which then stands for nobody.
        """
        async with self._pool.connection() as connection:
            if not (await connection.execute(_ERASE, [principal])).rowcount:
                return False
            await connection.execute(_ERASE_TOKENS, [principal])
            await connection.execute(_ERASE_VIEWS, [principal])
            await note_within(connection, Act("principal_erased", by, principal))
            return True


def _made(token: UUID, principal: str, role: str, by: Principal | None) -> Act:
    return Act("token_made", by, str(token), {"principal": principal, "role": role})


# ── the first one ────────────────────────────────────────────────────────────────────────────────


def first_token(url: str, settings: Settings) -> str:
    """Let there be an admin: give the secret of the settings, or one made and kept in the folder.

    Args:
        url: of the database.
        settings: with the data folder.
    """
    if settings.admin_token:
        secret = settings.admin_token.get_secret_value()
    else:
        secret = settings.kept_token() or _kept(settings.token_file)
    with (
        psycopg.connect(conninfo(url, "farshore_app")) as connection,
        suppress(psycopg.errors.UniqueViolation),  # it is known, be it revoked, or just made
    ):
        principal = _new_id()
        connection.execute(_NEW_PRINCIPAL, [principal, "person", "First admin"])
        given = [secret[:_PREFIX], hashed(secret), principal, "admin", "First admin", None]
        [made] = connection.execute(_NEW_TOKEN, given)
        note(connection, _made(made[0], principal, "admin", None))
    return secret


def _kept(file: Path) -> str:
    """Make a secret and keep it; of several processes at once, one makes it for all."""
    draft = file.with_name(f"{file.name}.{token_hex(4)}")
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as written:
        written.write(f"fs_{token_urlsafe(32)}")
    with suppress(FileExistsError):
        os.link(draft, file)
    draft.unlink()
    return file.read_text()


def hashed(secret: str) -> bytes:
    """Give what is stored of a secret."""
    return sha256(secret.encode()).digest()


def _new_id() -> str:
    return f"p{token_hex(8)}"
