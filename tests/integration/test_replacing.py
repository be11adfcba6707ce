"""New code replaces the rows of old code under load: nobody waits, nobody sees a part of it."""

from __future__ import annotations

from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import orjson
import psycopg
import pytest

from journal.database import conninfo
from projections import parts, rebuild, timeline
from projections.names import Names
from projections.runner import Runner, connect, following
from projections.state import State
from projections.status import status
from projections.step import Stepper
from projections.timeline import Timeline
from projections.tracking import Superseded, acquire, progress
from tests.integration.asking import ask
from tests.integration.running import all_at, followed, organizations, until
from tests.integration.test_rebuild import NOW
from tests.integration.viewing import example_lines, follow, record, rows_of_all_tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.history import History
    from projections.projection import Row, Since
    from projections.reading import Views


class Newer(Timeline):
    """The timeline of later code, which tells a status of its own."""

    version = Timeline.version + 1

    def rows(self, history: History, since: Since) -> Sequence[Sequence[Row]]:
        """Give rows that differ from those of older code in every line."""
        lines, facets = super().rows(history, since)
        return [_marked(line) for line in lines], facets


def _marked(line: Row) -> Row:
    *front, entry, words = line
    return *front, entry.replace('"type":', '"newer":1,"type":', 1), words


OLD, NEW = (State(), Timeline(), Names()), (State(), Newer(), Names())


def version(url: str) -> int:
    """Tell which version of the timeline is read."""
    with psycopg.connect(conninfo(url)) as connection:
        return progress(connection, NEW)["timeline"].version


def test_a_raised_version_takes_over_under_load(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every page is whole and of one version; positions and versions never go back.

    While the new rows are made, the old code goes on with the old ones.
    """
    monkeypatch.setattr(parts, "PART", 50)
    monkeypatch.setattr(rebuild, "FEW", 5)
    lines = example_lines()
    record(database, lines[:200])
    indexed, done = rebuild.Build.index, Event()

    def index(self: rebuild.Build) -> None:
        assert self.position < 240
        record(database, lines[240:300])
        until(lambda: followed(database, 300))
        assert version(database) == Timeline.version
        [one] = [one for one in ask(database, status) if one["name"] == "timeline"]
        assert (one["version"], one["lag"]) == (Timeline.version, 0)
        indexed(self)

    monkeypatch.setattr(rebuild.Build, "index", index)

    async def reading(views: Views) -> list[tuple[int, int]]:
        seen: list[tuple[int, int]] = []
        while not done.is_set():
            page = await timeline.page(views, timeline.Question(), NOW, limit=500)
            items: list[dict[str, Any]] = [orjson.loads(item) for item in page.items]
            [told] = {item.get("newer", 0) for item in items}
            assert len(items) == page.position
            seen.append((told, page.position))
        return seen

    pages: list[list[tuple[int, int]]] = []
    with following(database, OLD):
        until(lambda: all_at(database, 200))
        reader = Thread(target=lambda: pages.append(ask(database, reading)))
        reader.start()
        with following(database, NEW):
            record(database, lines[200:240])
            until(lambda: version(database) == Newer.version, 60)
            record(database, lines[300:])
            until(lambda: all_at(database, 356))
            done.set()
            reader.join()
    [seen] = pages
    assert seen == sorted(seen)
    assert {told for told, _ in seen} == {0, 1}
    assert len({position for _, position in seen}) > 5
    kept = rows_of_all_tables(database)
    monkeypatch.undo()
    rebuild.rebuild(database, NEW)
    assert rows_of_all_tables(database) == kept


def test_old_code_gives_way_to_new_rows(database: str) -> None:
    """Whoever follows with old code writes nothing into rows of a newer version, and lets go."""
    record(database, organizations(2))
    follow(database)
    with connect(database) as connection:
        acquire(connection, OLD)
        stepper = Stepper(connection)
        rebuild.rebuild(database, NEW)
        record(database, organizations(1, "late"))
        with pytest.raises(Superseded, match=f"of version {Newer.version}, and this code makes"):
            stepper.step(OLD)
    with following(database, OLD), following(database, NEW):
        until(lambda: all_at(database, 3))
    assert version(database) == Newer.version


def test_old_code_takes_its_rows_back_only_when_told(database: str) -> None:
    """A deployment is taken back by a rebuild with old code; new code replaces it again."""
    record(database, organizations(2))
    rebuild.rebuild(database, NEW)
    rebuild.rebuild(database, OLD)
    assert version(database) == Timeline.version
    with following(database, NEW):
        until(lambda: version(database) == Newer.version, 30)


def test_a_runner_ends_although_it_builds(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked to stop, it gives the build up at once, whatever statement is under way."""
    record(database, organizations(2))
    rebuild.rebuild(database, OLD)
    begun = Event()

    def index(self: rebuild.Build) -> None:
        begun.set()
        self.connection.execute("SELECT pg_sleep(60)")

    monkeypatch.setattr(rebuild.Build, "index", index)
    runner = Runner(database, NEW)
    thread = Thread(target=runner.run)
    thread.start()
    assert begun.wait(20)
    runner.stop()
    thread.join(5)
    assert not thread.is_alive()
    assert version(database) == Timeline.version


def test_a_view_that_is_replaced_is_told_to_be_rebuilt(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Health tells of the rebuild, also where nobody follows the old rows any more."""
    record(database, organizations(2))
    rebuild.rebuild(database, OLD)
    monkeypatch.setattr(Timeline, "version", Newer.version)
    states: list[str] = []
    indexed = rebuild.Build.index

    def index(self: rebuild.Build) -> None:
        states.extend(one["state"] for one in ask(database, status))
        indexed(self)

    monkeypatch.setattr(rebuild.Build, "index", index)
    with following(database):
        until(lambda: version(database) == Newer.version, 20)
    assert states == ["current", "rebuilding", "current"]
