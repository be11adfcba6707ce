"""What requests work with: opened once per process, reached from any request."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from fastapi import Request

from journal.committer import Committer
from journal.database import conninfo
from journal.settings import Settings


@dataclass(frozen=True, slots=True)
class Resources:
    """The parts of a running server."""

    journal: Committer


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Resources]:
    """Open everything, and close it in the reverse order."""
    dsn = conninfo(settings.database_url.get_secret_value(), "farshore_app")
    async with AsyncExitStack() as stack:
        journal = await stack.enter_async_context(Committer(dsn))
        yield Resources(journal)


def resources(request: Request) -> Resources:
    """Give them to a request."""
    opened_: Resources = request.app.state.resources
    return opened_
