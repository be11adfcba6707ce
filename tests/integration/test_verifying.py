"""`verify` finds whatever anybody changed in the views, and nothing else."""

from __future__ import annotations

from threading import Event, Thread
from typing import TYPE_CHECKING

import psycopg
import pytest

from journal.database import conninfo
from projections import parts
from projections.catalogue import PROJECTIONS
from projections.rebuild import rebuild
from projections.runner import following
from projections.timeline import Timeline
from projections.tracking import Superseded
from projections.verifying import verify
from tests.integration.running import (
    Fragile,
    all_at,
    ill_and_well,
    organizations,
    until,
)
from tests.integration.test_rebuild import amendments
from tests.integration.viewing import example_lines, follow, record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from projections.verifying import Verified

TABLES = [table.name for one in PROJECTIONS for table in one.tables]


@pytest.fixture(autouse=True)
def _in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART", 100)


@pytest.fixture
def examples(database: str) -> str:
    """Give a database with the example data, amended, in views that were followed."""
    record(database, [*example_lines(), *amendments()])
    follow(database)
    return database


def tamper(url: str, statement: str) -> None:
    """Change exactly one row, as a superuser."""
    with psycopg.connect(conninfo(url)) as connection:
        assert connection.execute(statement).rowcount == 1


def told(found: Verified) -> list[str]:
    """Give the differences as they are told."""
    return [str(one) for one in found.comparison.differences]


def test_untouched_views_pass(examples: str) -> None:
    """Every row of every table is compared, by one process or two, followed or rebuilt."""
    reports: list[tuple[str, int, int]] = []
    found = verify(examples, report=lambda *at: reports.append(at), workers=1)
    assert (found.position, found.comparison.different, told(found)) == (360, 0, [])
    with psycopg.connect(conninfo(examples)) as connection:
        counts = {
            name: connection.execute(f"SELECT count(*) FROM views.{name}").fetchall()[0][0]  # noqa: S608 - our own
            for name in TABLES
        }
    assert dict(found.comparison.rows) == counts
    assert reports[-1] == ("events", 360, 360)
    assert len(reports) > 2
    rebuild(examples)
    again = verify(examples, workers=2)
    assert (again.comparison.different, again.digests) == (0, found.digests)


_SAUDI = "facet = 'country:SA' AND position = (SELECT min(position) FROM views.timeline_facets"
_ONE = f"{_SAUDI} WHERE facet = 'country:SA')"
_FACET = f"""INSERT INTO views.timeline_facets
    SELECT 'country:XX', effective_day, rank, position, known FROM views.timeline_facets
    WHERE {_ONE}"""  # noqa: S608 - our own
_NAME = """INSERT INTO views.names
    SELECT 'nobody', 0, gen_random_uuid(), 'N', 'n', true, day, kind, known FROM views.names
    LIMIT 1"""
_GHOST = """INSERT INTO views.subjects
    SELECT gen_random_uuid(), kind, 'ghost', 1, 1, NULL, known FROM views.subjects LIMIT 1"""
_ENTRY = "UPDATE views.timeline SET entry = replace(entry, '2025', '2024') WHERE position = 281"
_DAY = f"UPDATE views.timeline_facets SET effective_day = '2020-01-01' WHERE {_ONE}"  # noqa: S608 - our own
TAMPERED = {
    "UPDATE views.subjects SET version = 9 WHERE key = 'weride'": "views.subjects of weride",
    "UPDATE views.state SET known = int8range(lower(known), 300) WHERE key = 'grab'": "of grab",
    "DELETE FROM views.state WHERE key = 'grab'": "views.state of grab",
    "DELETE FROM views.state_facets WHERE key = 'grab' AND facet = 'country:SG'": "of grab",
    _ENTRY: "views.timeline of ",
    "DELETE FROM views.timeline WHERE position = 281": "views.timeline of ",
    _DAY: "effective_day is 2020-01-01 and should be",
    _FACET: "facet country:XX, position",
    "UPDATE views.names SET name = 'WeRode' WHERE name = 'WeRide'": "name is WeRode and should",
    _NAME: "organization nobody, ordinal 0",
    _GHOST: "should not be there",
}


@pytest.mark.parametrize(("statement", "expected"), TAMPERED.items())
def test_whatever_was_changed_is_named(examples: str, statement: str, expected: str) -> None:
    """A row of any table that was changed, removed or added, with its subject."""
    tamper(examples, statement)
    found = verify(examples, workers=1)
    assert found.comparison.different >= 1
    assert expected in "\n".join(told(found))


def test_it_passes_while_events_come_in(database: str) -> None:
    """All is seen as of one moment, whatever the runner writes meanwhile."""
    lines = example_lines()
    record(database, lines[:150])
    done = Event()

    def recording() -> None:
        record(database, lines[150:])
        done.set()

    positions = []
    with following(database):
        until(lambda: all_at(database, 150))
        writer = Thread(target=recording)
        writer.start()
        while not done.is_set():
            found = verify(database, workers=1)
            assert (found.comparison.different, told(found)) == (0, [])
            positions.append(found.position)
        writer.join()
    assert positions[0] < positions[-1]


@pytest.fixture
def poisoned() -> Iterator[Fragile]:
    """Give a timeline that cannot take position 3."""
    Fragile.poison = {3}
    yield Fragile()
    Fragile.poison = set()


def test_what_is_in_quarantine_is_left_out_and_told(database: str, poisoned: Fragile) -> None:
    """The rows are right without it; whoever lets it go without taking it is found."""
    record(database, ill_and_well())
    rebuild(database, (poisoned,), workers=1)
    found = verify(database, (poisoned,), workers=1)
    assert (found.comparison.different, dict(found.quarantined)) == (0, {"timeline": 2})
    with psycopg.connect(conninfo(database)) as connection:
        connection.execute("DELETE FROM views.quarantine")
    [fault] = told(verify(database, (poisoned,), workers=1))[:1]
    assert "ill" in fault
    Fragile.poison = set()
    missing = verify(database, (poisoned,), workers=1).comparison.different
    assert missing == 8  # two lines, each with a kind, a type and an organization to find it by


def test_rows_of_other_code_are_not_compared(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What this code would make says nothing about them."""
    record(database, organizations(1))
    follow(database)
    written = Timeline.version
    monkeypatch.setattr(Timeline, "version", written + 1)
    with pytest.raises(Superseded, match=f"timeline are of version {written}"):
        verify(database)
