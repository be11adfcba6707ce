"""The command line does for people what the API does for programs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from cli import recording, words
from domain.event import event_class, events, kinds
from domain.universal import Amendment
from journal.cluster import Cluster
from tests.acceptance.asking import see
from tests.acceptance.running import TOKEN, Farshore
from tests.folders import open_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.subject import Kind


@pytest.fixture(scope="module")
def farshore() -> Iterator[Farshore]:
    """Serve once for all stories of this file."""
    with open_folder() as folder, Farshore(folder, workers=1) as served:
        yield served


def test_a_deal_is_logged_shown_and_mended(farshore: Farshore) -> None:
    """A new user opens records, mends a typing mistake by the message alone, and sees the deal."""
    for key, name in (("weride", "WeRide"), ("grab", "Grab")):
        code, said = farshore.command("organization", "register", "--key", key, "--name", name)
        assert code == 0, said
    form = ["partnership", "form", "--key", "weride-grab", "--occurred-on", "2025-08"]
    form += ["--mode", "platform_operator", "--parties", "organization=weride,role=developer"]
    code, said = farshore.command(*form, "--parties", "organization=grabb,role=platform")
    assert code == 1
    assert "/data/parties/1/organization" in said
    assert "did you mean grab?" in said
    code, said = farshore.command(*form, "--parties", "organization=grab,role=platform")
    assert code == 0, said
    assert "Recorded: partnership.formed of weride-grab" in said
    code, said = farshore.command("timeline", "--organization", "Grab")
    assert "WeRide and Grab work together" in said
    code, said = farshore.command("show", "weride-grab")
    assert "platform_operator" in said


def test_what_contradicts_the_record_is_refused_with_what_it_contradicts(
    farshore: Farshore,
) -> None:
    """The position that stands against it is named, and what is possible instead."""
    assert farshore.command("organization", "register", "--key", "gone", "--name", "Gone")[0] == 0
    code, said = farshore.command("organization", "close", "gone", "--occurred-on", "2020-01-01")
    assert code == 0, said
    position = said.partition("position ")[2].partition(",")[0]
    code, said = farshore.command("organization", "list", "gone", "--occurred-on", "2021-01-01")
    assert code == 1
    assert f"position {position}" in said
    assert "add-note" in said


def test_what_was_logged_wrongly_is_put_right(farshore: Farshore) -> None:
    """Corrected, doubted and taken back by its position, each after a look at what would change."""
    register = ["organization", "register", "--key", "mistyped", "--name", "Wride"]
    code, said = farshore.command(*register)
    position = said.partition("position ")[2].partition(",")[0]
    correct = ["correct", position, "--reason", "Typing mistake", "--data", '{"name": "WeRide"}']
    code, said = farshore.command(*correct, "--dry-run")
    assert code == 0, said
    assert "Would be recorded: event.corrected of mistyped" in said
    assert "name: Wride → WeRide" in said
    assert f"position {position}: status: current → corrected" in said
    assert farshore.command(*correct)[0] == 0
    assert "WeRide" in farshore.command("show", "mistyped")[1]
    dispute = ["dispute", position, "--reason", "One page only", "--source", "title=A page"]
    assert farshore.command(*dispute, "--if-version", "2")[0] == 0
    code, said = farshore.command(*dispute, "--if-version", "2")
    assert code == 1
    assert "version 3, not 2" in said
    code, said = farshore.command("correct", position, "--reason", "x", "--occurred-on", "unknown")
    assert code == 0, said
    alter = ["correct", position, "--reason", "Its page", "--set", "website=https://www.weride.ai"]
    code, said = farshore.command(*alter, "--set", "roles=developer", "--dry-run")
    assert code == 0, said
    assert "website: nothing → https://www.weride.ai" in said
    assert 'roles: nothing → ["developer"]' in said
    assert "name:" not in said, "what is not set stays, as it was corrected before"
    assert farshore.command(*alter)[0] == 0
    assert "website: https://www.weride.ai → nothing" in farshore.command(
        *alter[:-1], "website=", "--dry-run"
    )[1].replace("\n", " ")
    code, said = farshore.command(*alter[:-1], "colour=red")
    assert code == 1
    assert "has the fields" in said
    code, said = farshore.command("retract", "999999", "--reason", "x")
    assert code == 1
    assert "/v1/events/999999" in said


def test_an_import_is_taken_back_as_a_whole(farshore: Farshore, tmp_path: Path) -> None:
    """Its number is told by the import; what would change is shown before, what to do after."""
    firm = {"type": "organization.registered", "data": {"name": "Wrong"}}
    lines = [{**firm, "subject": f"wrong-{n}"} for n in range(3)]
    file = tmp_path / "wrong.ndjson"
    file.write_bytes(b"\n".join(map(orjson.dumps, lines)))
    said = farshore.command("import", str(file))[1]
    batch = said.partition("farshore undo ")[2].split()[0]
    undo = ["undo", batch, "--reason", "The wrong file"]
    code, said = farshore.command(*undo, "--dry-run")
    assert code == 0, said
    assert "Would be retracted: 3 events" in said
    assert "Would change: wrong-2" in said
    code, said = farshore.command(*undo)
    assert code == 0, said
    assert "3 events retracted" in said
    assert "nothing to undo" in farshore.command(*undo)[1]
    assert batch in farshore.command("batches")[1]
    back = said.partition("farshore undo ")[2].split()[0]
    assert "3 events retracted" in farshore.command("undo", back, "--reason", "It was right")[1]


def test_the_server_and_the_command_line_append_at_once(tmp_path: Path) -> None:
    """The command decides and appends in its own process: no position is lost, none given twice."""
    line = {"type": "note.added", "kind": "organization", "subject": "acme"}
    texts = [f"Note {number}" for number in range(400)]
    file = tmp_path / "notes.ndjson"
    file.write_bytes(b"\n".join(orjson.dumps({**line, "data": {"details": t}}) for t in texts))
    with Farshore(tmp_path) as served, served.client() as client:
        for name in ("Acme", "Umbra"):
            assert served.command("organization", "register", "--name", name)[0] == 0
        beside = {"FARSHORE_DATABASE_URL": Cluster(Path(served.environment["FARSHORE_DATA"])).url}
        beside["FARSHORE_DATA"] = str(tmp_path / "beside")
        with ThreadPoolExecutor(1) as pool:
            importing = pool.submit(served.command, "import", str(file), **beside)
            posted = 0
            while not importing.done():
                note = {"data": {"details": f"Meanwhile {posted}"}}
                answer = client.post("/v1/organizations/umbra/add-note", json=note)
                posted += answer.raise_for_status().status_code == 201
        assert "400 recorded" in importing.result()[1]
        events: list[dict[str, Any]] = []
        while page := client.get("/v1/events", params={"after": len(events), "limit": 500}).json()[
            "items"
        ]:
            events += page
    assert [one["position"] for one in events] == list(range(1, 2 + 400 + posted + 1))
    assert len({one["data"].get("details") for one in events}) == 1 + 400 + posted
    assert posted > 0


def test_an_import_tells_refused_lines_and_is_safe_to_repeat(
    farshore: Farshore, tmp_path: Path
) -> None:
    """Refused lines are named by number, all others recorded; again, only what was mended is."""
    lines = [
        {"type": "organization.registered", "subject": f"firm-{n}", "data": {"name": f"Firm {n}"}}
        for n in range(5)
    ]
    lines[3]["data"] = {"nome": "Firm 3"}
    file = tmp_path / "firms.ndjson"
    file.write_bytes(b"\n".join(map(orjson.dumps, lines)))
    code, said = farshore.command("import", str(file), "--dry-run")
    assert code == 1
    assert farshore.command("timeline", "--subject", "firm-0")[0] == 1, "a dry run writes nothing"
    code, said = farshore.command("import", str(file))
    assert code == 1
    assert "firms.ndjson:4:" in said
    assert "/data/nome" in said
    assert "4 recorded, 0 already there, 1 refused" in said
    lines[3]["data"] = {"name": "Firm 3"}
    file.write_bytes(b"\n".join(map(orjson.dumps, lines)))
    code, said = farshore.command("import", str(file))
    assert code == 0, said
    assert "1 recorded, 4 already there, 0 refused" in said


def test_without_a_server_the_command_works_by_itself(tmp_path: Path) -> None:
    """With nothing running, an import starts the database, records, and leaves nothing behind."""
    alone = Farshore(tmp_path, workers=1)
    code, said = alone.command("import", "--example")
    assert code == 0, said
    assert "the last of them at position 356" in said
    code, said = alone.command("import", "--example")
    assert "0 recorded, 225 already there" in said
    code, said = alone.command("rebuild")
    assert "Rebuilt up to position 356" in said
    code, said = alone.command("list", "rd-centers", "--country", "DE", "--ndjson")
    keys = {orjson.loads(line)["subject"]["key"] for line in said.splitlines()}
    assert keys == {"nio-schoenefeld", "xpeng-munich"}


def test_an_export_holds_every_line(farshore: Farshore, tmp_path: Path) -> None:
    """More lines than a page has arrive in the file."""
    file = tmp_path / "notes.ndjson"
    lines = [
        {
            "type": "note.added",
            "kind": "organization",
            "subject": "noted",
            "data": {"details": f"Note {n}"},
        }
        for n in range(700)
    ]
    opening = {"type": "organization.registered", "subject": "noted", "data": {"name": "Noted"}}
    file.write_bytes(b"\n".join(map(orjson.dumps, [opening, *lines])))
    assert farshore.command("import", str(file))[0] == 0
    with farshore.client() as client:  # a file shows what the views have seen
        position = client.get("/v1/events", params={"limit": 1}).json()["position"]
        see(client, position)
    saved = tmp_path / "saved.csv"
    arguments = ("export", "timeline", "-f", "subject=noted", "-o", str(saved))
    assert farshore.command(*arguments)[0] == 0
    assert len(saved.read_text().splitlines()) == 1 + 701


def test_a_wrong_token_is_told(farshore: Farshore) -> None:
    """Without a valid token the command says so, and fails."""
    code, said = farshore.command("timeline", FARSHORE_TOKEN="not a token")
    assert code == 1
    assert "token" in said.lower()
    assert TOKEN not in said


def test_an_empty_token_is_no_token(farshore: Farshore) -> None:
    """A script whose variable is unset does not become admin."""
    code, said = farshore.command("--token", "", "timeline")
    assert code == 1, said


def test_a_token_is_shown_once_and_ends(farshore: Farshore) -> None:
    """A reader's token reads, does not write, is listed without its secret, and can be revoked."""
    code, secret = farshore.command("token", "create", "Deal desk", "--role", "reader")
    assert code == 0, secret
    secret = secret.strip()
    assert farshore.command("timeline", FARSHORE_TOKEN=secret)[0] == 0
    command = ("organization", "register", "--key", "reader-s", "--name", "Reader's")
    assert farshore.command(*command, FARSHORE_TOKEN=secret)[0] == 1
    code, listed = farshore.command("token", "list")
    assert "Deal desk" in listed
    assert secret not in listed
    behind_the_name = listed.partition("Deal desk")[2].splitlines()[1]
    assert farshore.command("token", "revoke", behind_the_name.split()[0])[0] == 0


def test_a_workbook_is_saved_by_the_name_of_the_file(farshore: Farshore, tmp_path: Path) -> None:
    """What ends in .xlsx is a workbook, without saying so twice."""
    file = tmp_path / "organizations.xlsx"
    assert farshore.command("export", "organizations", "-o", str(file))[0] == 0
    assert file.read_bytes().startswith(b"PK")


def test_a_folder_without_a_journal_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    """Asked in the wrong folder, it says so, and begins nothing there."""
    code, said = Farshore(tmp_path).command("timeline")
    assert code == 1
    assert "FARSHORE_DATA" in said
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("kind", kinds().values(), ids=lambda kind: kind.name)
def test_every_event_type_has_a_command(kind: Kind) -> None:
    """Each event that a kind can have is a command of its own, with its docstring as help."""
    app = recording.commands(kind, lambda _: None)
    told = {command.name: command.help for command in app.registered_commands}
    for name, event in events().items():
        if event.kind in (None, kind) and not issubclass(event, Amendment):
            assert told[event.verb] == event_class(name, kind.name).__doc__


def test_options_take_plain_words_pairs_and_json() -> None:
    """An option's value is read by the shape of its field."""
    schema = event_class("service.launched", "service").model_json_schema()

    def read(field: str, given: str | list[str]) -> object:
        return words.parsed(schema, schema["properties"][field], given)

    assert read("operators", ["weride", "mention=A firm, unnamed"]) == [
        "weride",
        {"mention": "A firm, unnamed"},
    ]
    assert read("places", ["country=AE,city=Abu Dhabi"]) == [{"country": "AE", "city": "Abu Dhabi"}]
    assert read("partners", ["uber"]) == [{"organization": "uber"}]
    assert read("fleet", "value=50,unit=vehicles") == {"value": 50, "unit": "vehicles"}
    assert read("fleet", '{"value": 50, "unit": "vehicles"}') == {"value": 50, "unit": "vehicles"}
    assert read("route_km", "3.3") == 3.3
    assert read("level", "L4") == "L4"
