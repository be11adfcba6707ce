"""Who asks: from the `Authorization` header, or the cookie of a session, to a principal."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import suppress
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import NamedTuple

from fastapi import Request
from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

from api.refusals import NotSignedIn, SessionOver, TooManyAttempts
from api.resources import Resources
from journal.access_record import Act
from journal.commands import Principal
from journal.sessions import Opened

# A revoked token works for as long as this in processes that just saw it. Looking up each request
# would cost a third of the reads (one more round trip to the database).
REMEMBERED_FOR = 5.0  # seconds
_MOST_REMEMBERED = 10_000
# A program signs in with each request; on record is the first one in a while.
_ON_RECORD_FOR = 3_600.0  # seconds

FAILURES = (
    "30/minute"  # per address and process; a person mistypes a few, a program tries thousands
)


class _Known(NamedTuple):
    principal: Principal
    until: float


class SignIn:
    """Knows who a token or a session stands for, and slows down whoever tries tokens out."""

    def __init__(self, stored: Callable[[], Resources], failures: str = FAILURES) -> None:
        """Take the one that knows.

        Args:
            stored: gives what is stored of tokens and sessions, once the application runs.
            failures: how many failed attempts one address has, as the `limits` package writes it.
        """
        self._stored = stored
        self._known: OrderedDict[Hashable, _Known] = OrderedDict()
        self._on_record: OrderedDict[Principal, float] = OrderedDict()
        self._limit = parse(failures)
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    async def by_token(self, authorization: str | None, address: str) -> Principal:
        """Give who asks with an `Authorization` header.

        Raises:
            NotSignedIn: there is no token, or it is not valid.
            TooManyAttempts: neither was it often before.
        """
        known = self._known.get(authorization or "")
        if known and known.until > time.monotonic():
            return known.principal
        principal = await self._stored().access.look(_secret(authorization))
        if principal is None:
            raise await self._failed(address)
        await self._note(principal)
        self._remember(authorization, principal)
        return principal

    async def by_session(self, secret: str) -> Principal:
        """Give who asks with the cookie of a session.

        A session that is over is no failed attempt: browsers send its cookie of themselves.

        Raises:
            SessionOver: it is, or never was one.
        """
        known = self._known.get(("session", secret))
        if known and known.until > time.monotonic():
            return known.principal
        principal = await self._stored().sessions.look(secret)
        if principal is None:
            raise SessionOver
        self._remember(("session", secret), principal)
        return principal

    async def open(self, token: str, address: str) -> Opened:
        """Open a session for a token.

        Raises:
            NotSignedIn, TooManyAttempts: as for a token in a header.
        """
        opened = await self._stored().sessions.open(token)
        if opened is None:
            raise await self._failed(address)
        return opened

    def forget(self, secret: str) -> None:
        """Know a session no longer."""
        self._known.pop(("session", secret), None)

    def _remember(self, shown: Hashable, principal: Principal) -> None:
        self._known[shown] = _Known(principal, time.monotonic() + REMEMBERED_FOR)
        if len(self._known) > _MOST_REMEMBERED:
            self._known.popitem(last=False)

    async def _note(self, principal: Principal) -> None:
        if self._on_record.get(principal, 0.0) > time.monotonic():
            return
        await self._stored().record.note(Act("signed_in", principal, details={"by": "token"}))
        self._on_record[principal] = time.monotonic() + _ON_RECORD_FOR
        if len(self._on_record) > _MOST_REMEMBERED:
            self._on_record.popitem(last=False)

    async def _failed(self, address: str) -> Exception:
        client = neighbourhood(address)
        if await self._limiter.hit(self._limit, client):
            await self._stored().record.note(Act("sign_in_refused", details={"address": address}))
            return NotSignedIn(fault="unknown, revoked or expired")
        ends, _ = await self._limiter.get_window_stats(self._limit, client)
        return TooManyAttempts(max(1, round(ends - time.time())))


def principal(request: Request) -> Principal:
    """Give who asks, as the gate found out."""
    asking: Principal = request.scope["principal"]
    return asking


def neighbourhood(address: str) -> str:
    """Give what one client has: an address or, of version 6, the /64 that it may choose from."""
    with suppress(ValueError):
        known = ip_address(address)
        if isinstance(known, IPv6Address) and not known.ipv4_mapped:
            return str(IPv6Network((known.packed, 64), strict=False))
        return str(getattr(known, "ipv4_mapped", None) or known)
    return address


def _secret(authorization: str | None) -> str:
    scheme, _, secret = (authorization or "").partition(" ")
    if not authorization:
        raise NotSignedIn(fault="missing")
    if scheme.lower() != "bearer" or not secret.strip():
        raise NotSignedIn(fault="not of that form")
    return secret.strip().encode("latin-1").decode(errors="replace")
