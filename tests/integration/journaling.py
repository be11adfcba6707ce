"""Short ways to say things to the journal, for its tests."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg

from journal.commands import Command, Line, Principal
from journal.committer import Committer
from journal.database import conninfo

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

    from journal.round import Recording

T = TypeVar("T")

ADMIN = Principal("admin-1", "admin")
ANN = Principal("ann", "contributor")
BOB = Principal("bob", "contributor")


def organization(key: str, name: str | None = None, **data: Any) -> dict[str, Any]:
    """Give a line that registers an organization."""
    return {
        "type": "organization.registered",
        "subject": key,
        "data": {"name": name or key.title(), **data},
    }


def partnership(key: str | None, *parties: str, **rest: Any) -> dict[str, Any]:
    """Give a line that forms a partnership."""
    named = [{"organization": party} for party in parties]
    data = {"parties": named, "mode": "platform_operator"}
    given = {"type": "partnership.formed", "occurred_on": "2025-11-14", "data": data}
    return given | ({"subject": key} if key else {}) | rest


def note(key: str, text: str, kind: str = "organization", **rest: Any) -> dict[str, Any]:
    """Give a line that adds a note to a subject."""
    data = {"details": text}
    return {"type": "note.added", "kind": kind, "subject": key, "data": data, **rest}


def command(*documents: dict[str, Any], by: Principal = ADMIN, **given: Any) -> Command:
    """Make one command of lines."""
    return Command(by, tuple(Line.read(document) for document in documents), **given)


@asynccontextmanager
async def committer(url: str) -> AsyncIterator[Committer]:
    """Open a committer on a migrated database."""
    async with Committer(conninfo(url, "farshore_app")) as opened:
        yield opened


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run asynchronous work to its end."""
    return asyncio.run(work)


def record(url: str, *documents: dict[str, Any], **given: Any) -> list[Recording]:
    """Record lines one after the other, each as a command of its own."""

    async def work() -> list[Recording]:
        async with committer(url) as journal:
            return [await journal.submit(command(one, **given)) for one in documents]

    return asyncio.run(work())


def app(url: str) -> psycopg.Connection[tuple[Any, ...]]:
    """Connect as the application."""
    return psycopg.connect(conninfo(url, "farshore_app"), autocommit=True)


def superuser(url: str) -> psycopg.Connection[tuple[Any, ...]]:
    """Connect as the one who may do everything, as far as a role decides."""
    return psycopg.connect(conninfo(url), autocommit=True)


def positions(url: str) -> list[int]:
    """Give all positions of the journal, in their order."""
    with app(url) as connection:
        found = connection.execute("SELECT position FROM journal.events ORDER BY position")
        return [position for (position,) in found]
