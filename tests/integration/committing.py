"""Commands and what became of them, for the tests of group commit."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from journal.commands import Command, Line, Principal
from tests.integration.journaling import (
    ADMIN,
    app,
    committer,
    organization,
    partnership,
    record,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from journal.committer import Committer

SUSPENDED = {"type": "partnership.suspended", "subject": "weride-uber", "occurred_on": "2025-12-01"}
RESUMED = {"type": "partnership.resumed", "subject": "weride-uber", "occurred_on": "2025-12-15"}
AGAIN = {"type": "partnership.suspended", "subject": "weride-uber", "occurred_on": "2026-01-01"}


def told(document: dict[str, Any], by: Principal = ADMIN) -> Command:
    """Make the command of a line of a file."""
    return Command.told(by, (Line.read(document),))


def opened(url: str) -> None:
    """Record two organizations and their partnership."""
    record(url, organization("weride"), organization("uber"))
    record(url, partnership("weride-uber", "weride", "uber"))


def versions(url: str, key: str) -> list[int]:
    """Give the versions of a subject in the order of recording."""
    with app(url) as connection:
        query = "SELECT version FROM journal.events WHERE key = %s ORDER BY position"
        return [version for (version,) in connection.execute(query, [key])]


@contextlib.asynccontextmanager
async def two(url: str) -> AsyncIterator[tuple[Committer, Committer]]:
    """Open two committers that know nothing of each other, like two processes."""
    async with committer(url) as here, committer(url) as there:
        yield here, there
