"""Whoever mistypes is told what is wrong and what is meant, never shown a trace."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from cli import beacon
from journal.postgres import Embedded
from tests.acceptance.running import Farshore
from tests.folders import open_folder

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def farshore() -> Iterator[Farshore]:
    """Serve once, with one firm on record."""
    with open_folder() as folder, Farshore(folder, workers=1) as served:
        assert served.command("organization", "register", "--name", "Acme")[0] == 0
        yield served


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("timelin", "Did you mean 'timeline'?"),
        ("timeline --from 2025-02-30", "from: '2025-02-30' is no day in the calendar"),
        ("timeline --from yesterday", "from: write a day as 2025-11-14"),
        ("timeline --kind partnershp", "did you mean partnership"),
        ("list partnrships", "'partnrships' is no kind of record; did you mean partnerships"),
        ("list companies", "there are incidents, indicators"),
        ("list services --stage lauched", "'lauched' is no stage; did you mean launched"),
        ("list partnerships --stage formed", "Nothing to show."),
        ("timeline --country AE", "Nothing to show."),
        (
            "partnership form --parties organisation=x",
            "'organisation=' means nothing here; did you mean organization",
        ),
        ("permit grant --jurisdictions country=AE", "'country=' means nothing here"),
        ("correct 1 --reason x", "the request: a correction gives"),
        ("export timeline -o /nowhere/timeline.csv", "/nowhere/timeline.csv cannot be written"),
        ("--token nonsense timeline", "Send a valid token"),
        ("import deals.xlsx", "deals.xlsx is a spreadsheet: say with --map"),
    ],
)
def test_a_mistake_is_told(farshore: Farshore, tmp_path: Path, typed: str, told: str) -> None:
    """One line says what is wrong, and where one word is near what was typed, that word."""
    (tmp_path / "deals.xlsx").touch()
    words = typed.replace("deals.xlsx", f"{tmp_path}/deals.xlsx").split()
    code, said = farshore.command(*words)
    assert told in " ".join(said.replace("│", "").split())
    assert (code == 0) == (told == "Nothing to show.")
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("FARSHORE_PORT", "80a", "FARSHORE_PORT: Input should be a valid integer"),
        ("FARSHORE_WORKERS", "0", "FARSHORE_WORKERS: Input should be greater than"),
        ("FARSHORE_HOST", "192.0.2.1", "192.0.2.1"),
        ("FARSHORE_DATA", "/proc/nowhere", "data folder /proc/nowhere cannot be used"),
        ("FARSHORE_DATABASE_URL", "postgresql://me:pw@127.0.0.1:1/x", "Connection refused"),
        ("FARSHORE_DATABASE_URL", "my password", "it is no address such as"),
    ],
)
def test_a_wrong_setting_is_told(tmp_path: Path, variable: str, value: str, told: str) -> None:
    """A server that cannot start says so in one sentence, without the password."""
    never = Farshore(tmp_path)
    never.environment[variable] = value
    code, said = never.command("serve")
    assert code == 1
    assert told in said
    assert "Traceback" not in said
    assert "pw" not in said
    assert "my password" not in said


@pytest.mark.parametrize("command", ["serve", "migrate", "rebuild", "timeline"])
def test_a_database_that_may_lose_events_is_told_and_left_alone(command: str) -> None:
    """Every command says what is wrong with it and what to do, before it makes anything there."""
    with open_folder() as folder, Embedded(folder / "unsafe", {"fsync": "off"}) as server:
        never = Farshore(folder)
        never.environment["FARSHORE_DATABASE_URL"] = server.url
        code, said = never.command(command)
        with psycopg.connect(server.url) as connection:
            made = connection.execute("SELECT FROM pg_namespace WHERE nspname = 'journal'").rowcount
    assert (code, made) == (1, 0)
    assert "fsync is off (turn it on, or name it in FARSHORE_ALLOW_UNSAFE)" in said
    assert "Traceback" not in said


def test_without_a_server_a_wrong_token_is_told(tmp_path: Path) -> None:
    """The application inside the command asks for a valid token as any server does."""
    alone = Farshore(tmp_path)
    assert alone.command("import", "--example")[0] == 0
    code, said = alone.command("--token", "nonsense", "timeline")
    assert code == 1
    assert "Send a valid token" in said


@pytest.mark.parametrize("role", [None, "reader"])
def test_a_large_import_that_may_not_be_is_told_so(
    farshore: Farshore, tmp_path: Path, role: str | None
) -> None:
    """A server that refuses it at once, and reads no further, is heard all the same."""
    token = "nonsense"
    if role:
        with farshore.client() as client:
            made = client.post("/v1/tokens", json={"role": role, "name": "Somebody"})
        token = made.json()["secret"]
    line = '{"type": "note.added", "kind": "organization", "subject": "acme", "data": {}}\n'
    (tmp_path / "lines.ndjson").write_text(line * 200_000)
    code, said = farshore.command("--token", token, "import", f"{tmp_path}/lines.ndjson")
    assert code == 1
    assert ("The role reader may not do this" if role else "Send a valid token") in said


def test_the_hundredth_line_is_told_by_its_number(farshore: Farshore, tmp_path: Path) -> None:
    """What stands between colons is no picture."""
    (tmp_path / "lines.ndjson").write_text("\n" * 99 + "no JSON\n")
    assert (
        "lines.ndjson:100: Unreadable" in farshore.command("import", f"{tmp_path}/lines.ndjson")[1]
    )


def test_a_second_server_that_ends_hides_no_first(farshore: Farshore) -> None:
    """Two serve one data folder; after the one is gone, the command line finds the other."""
    folder = Path(farshore.environment["FARSHORE_DATA"])
    with Farshore(folder.parent, workers=1) as second:
        assert second.command("timeline")[0] == 0
    assert beacon.found(folder) == farshore.url
