"""The views are looked after on the command line: verified, built anew, freed of what fails."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import psycopg
import pytest

from journal.database import conninfo
from tests.acceptance.running import TOKEN
from tests.conftest import QUICK
from tests.integration.running import ill_and_well
from tests.integration.viewing import follow, record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def run(database: str, folder: Path) -> Callable[..., tuple[int, str]]:
    """Give what runs `farshore` on the database of the test."""
    environment = {"FARSHORE_DATABASE_URL": database, "FARSHORE_DATA": str(folder)}
    environment |= {"FARSHORE_ADMIN_TOKEN": TOKEN, "COLUMNS": "200"}
    environment["FARSHORE_ALLOW_UNSAFE"] = ",".join(QUICK)

    def farshore(*arguments: str) -> tuple[int, str]:
        said = subprocess.run(
            (sys.executable, "-m", "cli", *arguments),
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return said.returncode, said.stdout

    return farshore


def change(url: str, statement: str) -> None:
    """Do something as a superuser."""
    with psycopg.connect(conninfo(url)) as connection:
        connection.execute(statement)


def test_verify_tells_by_its_exit_code(database: str, run: Callable[..., tuple[int, str]]) -> None:
    """0 where all rows follow from the journal; 1 where one does not, and which it is."""
    record(database, ill_and_well())
    follow(database)
    code, said = run("verify", "--views")
    assert code == 0, said
    assert "follow from the journal up to position 6." in said
    change(database, "UPDATE views.names SET name = 'Acne' WHERE organization = 'ill'")
    code, said = run("verify", "--views")
    assert code == 1
    assert "views.names of ill" in said
    assert "name is Acne and should be Acme" in said
    assert run("verify", "--views", "timeline")[0] == 0
    code, said = run("verify", "--views", "nonsense")
    assert (code, "no projection nonsense" in said) == (1, True)
    assert run("verify")[0] == 1


# With what is there, more than a page of them.
_FIVE_HUNDRED_MORE = """
INSERT INTO views.quarantine (projection, position, subject, key, type, error)
SELECT 'timeline', n, gen_random_uuid(), 'x', 'note.added', 'not before ' || n
FROM generate_series(1001, 1600) n
"""


def test_a_rebuild_that_leaves_something_out_fails(
    database: str, run: Callable[..., tuple[int, str]]
) -> None:
    """What it could not take is told, listed, skipped with a reason, and tried again."""
    record(database, ill_and_well())
    change(database, "ALTER TABLE views.timeline ADD CONSTRAINT no_three CHECK (position <> 3)")
    code, said = run("rebuild")
    assert code == 1
    assert "timeline could not take 2 events." in said
    code, said = run("quarantine", "list")
    assert code == 0
    assert "no_three" in said
    assert "waits behind position 3" in said
    change(database, _FIVE_HUNDRED_MORE)
    assert "not before 1600" in run("quarantine", "list")[1]
    change(database, "DELETE FROM views.quarantine WHERE position > 1000")
    assert run("quarantine", "skip", "timeline", "3")[0] == 2  # typer's, for a missing option
    code, said = run("quarantine", "skip", "timeline", "3", "--reason", "Sent twice")
    assert code == 0, said
    assert run("rebuild", "timeline")[0] == 0
    assert "Sent twice" in run("quarantine", "list")[1]
    change(database, "ALTER TABLE views.timeline DROP CONSTRAINT no_three")
    code, said = run("quarantine", "retry", "timeline", "3")
    assert code == 0, said
    assert run("rebuild")[0] == 0
    assert "Every view could take every event." in run("quarantine", "list")[1]
    assert run("verify", "--views")[0] == 0
