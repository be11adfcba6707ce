"""Fill a journal and look at the views of it, for the tests of projections."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import psycopg

from journal.commands import Command, Line, Principal
from journal.database import conninfo
from journal.ledger import Ledger
from journal.refusals import Unresolvable
from projections.catalogue import PROJECTIONS
from projections.runner import connect
from projections.step import Stepper
from projections.tracking import acquire

if TYPE_CHECKING:
    from collections.abc import Iterable

EXAMPLES = Path(__file__).parents[2] / "examples"
SOMEBODY = Principal("somebody", "admin")


def example_lines() -> list[bytes]:
    """Give all lines of the example data in their order."""
    files = ("organizations.ndjson", "events.ndjson")
    return [line for name in files for line in (EXAMPLES / name).read_bytes().splitlines()]


def record(url: str, lines: Iterable[bytes | dict[str, Any]]) -> None:
    """Record lines of the generic door, each for itself; all of them must be accepted.

    One that names what only a later line opens is taken up again after the others.
    """
    later = []
    with Ledger(conninfo(url, "farshore_app")) as ledger:
        for line in lines:
            document = line if isinstance(line, dict) else orjson.loads(line)
            try:
                ledger.submit(Command(SOMEBODY, (Line.read(document),)))
            except Unresolvable:
                later.append(document)
        for document in later:
            ledger.submit(Command(SOMEBODY, (Line.read(document),)))


def follow(url: str) -> None:
    """Bring all projections up to the end of the journal, here and now."""
    with connect(url) as connection:
        assert len(acquire(connection, PROJECTIONS)) == len(PROJECTIONS)
        stepper = Stepper(connection)
        while stepper.step(PROJECTIONS):
            pass


def rows_of_all_tables(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Give every row of every table of the projections, in a fixed order."""
    with psycopg.connect(conninfo(url)) as connection:
        return {
            table.name: sorted(
                connection.execute(f"SELECT {_readable(table.columns)} FROM views.{table.name}"),  # noqa: S608 - our own
                key=str,
            )
            for one in PROJECTIONS
            for table in one.tables
        }


def _readable(columns: str) -> str:
    """Let Postgres write every column: Python has no day called infinity."""
    return ", ".join(f"{name}::text" for name in columns.split(", "))
