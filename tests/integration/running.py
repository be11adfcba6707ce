"""Lines, waiting, and a view that fails, for the tests of whatever moves the views on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, ClassVar

import psycopg

from journal.database import conninfo
from projections.catalogue import PROJECTIONS
from projections.timeline import Timeline
from projections.tracking import progress
from tests.integration.asking import ask
from tests.integration.viewing import rows_of_all_tables

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from domain.history import History
    from projections.projection import Row, Since
    from projections.reading import Views


ORGANIZATION: dict[str, Any] = {"type": "organization.registered", "data": {"name": "Acme"}}


def organizations(count: int, prefix: str = "acme") -> list[dict[str, Any]]:
    """Give lines that each open a subject."""
    return [{**ORGANIZATION, "subject": f"{prefix}-{number}"} for number in range(count)]


def until(reached: Callable[[], object], within: float = 60) -> float:
    """Wait for something and tell how long it took."""
    start = time.monotonic()
    while not reached():
        assert time.monotonic() - start < within, "it never came"
        time.sleep(0.01)
    return time.monotonic() - start


def positions(url: str) -> list[int]:
    """Tell where each projection is."""
    with psycopg.connect(conninfo(url)) as connection:
        found = progress(connection, PROJECTIONS)
    return [one.position for one in found.values()]


def all_at(url: str, position: int) -> bool:
    """Tell whether all projections are there."""
    return positions(url) == [position] * len(PROJECTIONS)


def followed(url: str, position: int) -> bool:
    """Tell whether all projections are there, or further."""
    return min(positions(url), default=0) >= position


class Fragile(Timeline):
    """A timeline that cannot take every event."""

    poison: ClassVar[set[int]] = set()

    def rows(self, history: History, since: Since) -> Sequence[Sequence[Row]]:
        """Fail as long as the history holds poison."""
        if self.poison & {one.position for one in history.recorded}:
            message = "cannot take it"
            raise ZeroDivisionError(message)
        return super().rows(history, since)


def ill_and_well() -> list[dict[str, Any]]:
    """Give lines of two subjects in turn, of which one is to fail at position 3."""
    note = {"type": "note.added", "kind": "organization", "data": {"details": "So it is"}}
    ill, well = {**note, "subject": "ill"}, {**note, "subject": "well"}
    opened = [{**ORGANIZATION, "subject": key} for key in ("ill", "well")]
    return [*opened, ill, well, ill, well]


def decide(url: str, decision: Callable[..., Awaitable[object]], *given: object) -> None:
    """Decide something about events that the timeline could not take."""

    async def decided(views: Views) -> None:
        await decision(views, "timeline", *given)

    ask(url, decided)


def shown(url: str) -> list[int]:
    """Give the positions that the timeline shows."""
    return sorted(int(row[0]) for row in rows_of_all_tables(url)["timeline"])
