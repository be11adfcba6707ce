"""Who asks: from the `Authorization` header to a principal."""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from fastapi import Request
from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

from api.refusals import NotSignedIn, TooManyAttempts
from journal.commands import Principal

Look = Callable[[str], Awaitable[Principal | None]]

# A revoked token works for as long as this in processes that just saw it. Looking up each request
# would cost a third of the reads (one more round trip to the database).
REMEMBERED_FOR = 5.0  # seconds
_MOST_REMEMBERED = 10_000

FAILURES = (
    "30/minute"  # per address and process; a person mistypes a few, a program tries thousands
)


class _Known(NamedTuple):
    principal: Principal
    until: float


class SignIn:
    """Knows who a token stands for, and slows down whoever tries tokens out."""

    def __init__(self, look: Look, failures: str = FAILURES) -> None:
        """Take the one that knows.

        Args:
            look: gives the principal of a token; None for one that is unknown, revoked or expired.
            failures: how many failed attempts one address has, as the `limits` package writes it.
        """
        self._look = look
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._limit = parse(failures)
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    async def principal(self, authorization: str | None, address: str) -> Principal:
        """Give who asks.

        Raises:
            NotSignedIn: there is no token, or it is not valid.
            TooManyAttempts: neither was it often before.
        """
        known = self._known.get(authorization or "")
        if known and known.until > time.monotonic():
            return known.principal
        principal = await self._look(_secret(authorization))
        if principal is None:
            raise await self._failed(address)
        self._remember(authorization or "", principal)
        return principal

    def _remember(self, authorization: str, principal: Principal) -> None:
        self._known[authorization] = _Known(principal, time.monotonic() + REMEMBERED_FOR)
        if len(self._known) > _MOST_REMEMBERED:
            self._known.popitem(last=False)

    async def _failed(self, address: str) -> Exception:
        if await self._limiter.hit(self._limit, address):
            return NotSignedIn(fault="unknown, revoked or expired")
        ends, _ = await self._limiter.get_window_stats(self._limit, address)
        return TooManyAttempts(max(1, round(ends - time.time())))


def principal(request: Request) -> Principal:
    """Give who asks, as the gate found out."""
    asking: Principal = request.scope["principal"]
    return asking


def _secret(authorization: str | None) -> str:
    scheme, _, secret = (authorization or "").partition(" ")
    if not authorization:
        raise NotSignedIn(fault="missing")
    if scheme.lower() != "bearer" or not secret.strip():
        raise NotSignedIn(fault="not of that form")
    return secret.strip().encode("latin-1").decode(errors="replace")
