"""What requests work with: opened once per process, reached from any request."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from fastapi import Request

from journal.access import Access
from journal.journal import Journal
from journal.pools import pool
from journal.settings import Settings


@dataclass(frozen=True, slots=True)
class Resources:
    """The parts of a running server."""

    journal: Journal
    access: Access


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Resources]:
    """Open everything, and close it in the reverse order."""
    url = settings.database_url.get_secret_value() if settings.database_url else ""
    async with AsyncExitStack() as stack:
        journal = await stack.enter_async_context(Journal(url))
        writers = await stack.enter_async_context(pool(url, most=2, autocommit=False))
        yield Resources(journal, Access(writers))


def resources(request: Request) -> Resources:
    """Give them to a request."""
    opened_: Resources = request.app.state.resources
    return opened_
