"""Sessions of browsers: a cookie that stands for a token, without telling it.

A cookie holds a secret of its own, of which the database keeps the SHA-256; a session ends by
itself, when somebody signs out, and with its token.
"""

from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any, NamedTuple

from psycopg.rows import args_row
from psycopg_pool import AsyncConnectionPool

from journal.access import LIVE, hashed
from journal.access_record import Act, note_within
from journal.commands import Principal

LASTS = timedelta(days=7)  # a page is kept open over days, and a lost computer not found for some

_OPEN = f"""
INSERT INTO access.sessions (sha256, token, expires_at)
SELECT %s, t.id, least(now() + %s, coalesce(t.expires_at, 'infinity'))
FROM access.tokens t WHERE t.sha256 = %s AND {LIVE}
RETURNING token, expires_at
"""
_WHO = "SELECT principal, role FROM access.tokens WHERE id = %s"
_SWEEP = "DELETE FROM access.sessions WHERE expires_at <= now()"
_LOOK = f"""
SELECT t.principal, t.role FROM access.sessions s JOIN access.tokens t ON t.id = s.token
WHERE s.sha256 = %s AND s.expires_at > now() AND {LIVE}
"""
_CLOSE = "DELETE FROM access.sessions WHERE sha256 = %s"


class Opened(NamedTuple):
    """A session just opened; its secret is kept nowhere but in the cookie."""

    secret: str
    principal: Principal
    expires_at: datetime


class Sessions:
    """Opens sessions, looks them up and closes them."""

    def __init__(self, pool: AsyncConnectionPool[Any]) -> None:
        """Take connections with the role farshore_app from a pool."""
        self._pool = pool

    async def open(self, token: str) -> Opened | None:
        """Open a session for a token; None where that is unknown, revoked or expired."""
        secret = token_urlsafe(32)
        async with self._pool.connection() as connection:
            await connection.execute(_SWEEP)
            given = [hashed(secret), LASTS, hashed(token)]
            made = await (await connection.execute(_OPEN, given)).fetchone()
            if made is None:
                return None
            cursor = connection.cursor(row_factory=args_row(Principal))
            [who] = await (await cursor.execute(_WHO, made[:1])).fetchall()
            details = {"by": "session", "token": str(made[0])}
            await note_within(connection, Act("signed_in", who, details=details))
        return Opened(secret, who, made[1])

    async def look(self, secret: str) -> Principal | None:
        """Give whom a session stands for; None where it is unknown or over."""
        async with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=args_row(Principal)) as cursor,
        ):
            await cursor.execute(_LOOK, [hashed(secret)], prepare=True)
            found: Principal | None = await cursor.fetchone()
            return found

    async def close(self, secret: str, who: Principal) -> None:
        """End a session, if it is one."""
        async with self._pool.connection() as connection:
            if (await connection.execute(_CLOSE, [hashed(secret)])).rowcount:
                await note_within(connection, Act("signed_out", who))
