"""What requests work with: opened once per process, reached from any request."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from fastapi import Request

from journal.access import Access
from journal.access_record import AccessRecord
from journal.journal import Journal
from journal.kept import Shelf
from journal.lifeline import at_stop
from journal.names import is_id, is_key
from journal.pools import pool
from journal.refusals import Unknown
from journal.seal.log import Log
from journal.sessions import Sessions
from journal.settings import Settings
from projections.live import Live
from projections.reading import Views

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Resources:
    """The parts of a running server.

    Attributes:
        url: of the database.
    """

    url: str
    journal: Journal
    access: Access
    sessions: Sessions
    record: AccessRecord
    views: Views
    live: Live
    log: Log
    shelf: Shelf
    _unfinished: set[asyncio.Task[Any]] = field(default_factory=set)

    async def finish(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something to its end, even when whoever asked for it goes away."""
        task = asyncio.create_task(work)
        self._unfinished.add(task)
        task.add_done_callback(self._unfinished.discard)
        return await asyncio.shield(task)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Resources]:
    """Open everything, and close it in the reverse order."""
    url = settings.database_url.get_secret_value() if settings.database_url else ""
    async with AsyncExitStack() as stack:
        journal = await stack.enter_async_context(Journal(url))
        writers = await stack.enter_async_context(pool(url, most=2, autocommit=False))
        accesses = Access(writers), Sessions(writers), AccessRecord(writers)
        views = await stack.enter_async_context(Views(url))
        live = Live(views)
        stack.callback(live.end)
        log = Log(await stack.enter_async_context(pool(url, most=4, autocommit=True)))
        with at_stop(live.end):
            yield Resources(url, journal, *accesses, views, live, log, Shelf(writers))


def resources(request: Request) -> Resources:
    """Give them to a request."""
    opened_: Resources = request.app.state.resources
    return opened_


def addressed(request: Request) -> str:
    """Give the subject that the address names.

    Raises:
        Unknown: it is neither an id nor a key.
    """
    name: str = request.path_params["id"]
    if not is_id(name) and not is_key(name):
        raise Unknown(subject=name)
    return name
