"""Over HTTP an auditor gets all that it takes to trust nobody."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from journal.seal.tiles import root_of, split
from journal.seal.verifier import Invalid, check_checkpoint, read_checkpoint, split_note, verify
from tests.integration.journaling import superuser
from tests.proof.sealed import fill, more

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient


def test_a_receipt_is_complete_in_itself(client: TestClient, database: str, tmp_path: Path) -> None:
    """Receipt and key are enough to check, offline, that an event is in the journal."""
    fill(database, 300)
    client.get("/v1/log/proof/inclusion/300").raise_for_status()
    key = _key(client)
    for position in (1, 2, 256, 257, 300):
        answer = client.get(f"/v1/log/proof/inclusion/{position}").raise_for_status()
        event = client.get(f"/v1/events/{position}").json()
        assert answer.json()["leaf"] == event["leaf"]
        file = tmp_path / "receipt.json"
        file.write_bytes(answer.content)
        assert any(f"position {position} is in" in line for line in verify([key], [file]))
        bad = answer.json() | {"entry": answer.json()["entry"].replace("A", "B", 1)}
        file.write_text(json.dumps(bad))
        with pytest.raises(Invalid, match=f"position {position}"):
            list(verify([key], [file]))


def test_two_checkpoints_prove_that_the_journal_only_grew(
    client: TestClient, database: str, tmp_path: Path
) -> None:
    """With the proof between them; without it nothing is said to be proven."""
    fill(database, 5)
    old = client.get("/v1/log/proof/inclusion/5").json()["checkpoint"]
    more(database, 300)
    client.get("/v1/log/proof/inclusion/305").raise_for_status()
    key = _key(client)
    grown = client.get("/v1/log/proof/consistency", params={"from": 5}).json()
    assert (grown["from"], grown["to"]) == (5, 305)
    assert client.get("/v1/log/checkpoint", params={"size": 5}).text == old
    a, b, c = (tmp_path / name for name in ("old.txt", "proof.json", "new.txt"))
    a.write_text(old)
    b.write_text(json.dumps(grown))
    c.write_text(client.get("/v1/log/checkpoint").text)
    assert any("begins with that of" in line for line in verify([key], [a, b]))
    with pytest.raises(Invalid, match="no proof is here"):
        list(verify([key], [a, c]))
    b.write_text(json.dumps(grown | {"proof": grown["proof"][::-1]}))
    with pytest.raises(Invalid, match=r"does not begin|length"):
        list(verify([key], [a, b]))


def test_the_tiles_make_the_tree(client: TestClient, database: str) -> None:
    """From the tiles alone, as C2SP tlog-tiles lays them out, the signed root follows."""
    fill(database, 300)
    client.get("/v1/log/proof/inclusion/300").raise_for_status()
    full, part = (client.get(f"/v1/log/tile/0/{name}") for name in ("000", "001.p/44"))
    above = client.get("/v1/log/tile/1/000.p/1")
    head = check_checkpoint(client.get("/v1/log/checkpoint").text, _key(client))
    assert root_of(split(full.content + part.content)) == head.root
    assert above.content == root_of(split(full.content))
    for tile in (full, part, above):
        assert "immutable" in tile.headers["cache-control"]
        assert tile.headers["content-type"] == "application/octet-stream"
    assert "immutable" not in client.get("/v1/log/checkpoint").headers["cache-control"]


def test_an_old_head_can_be_kept_for_ever(client: TestClient, database: str) -> None:
    """A head by its size, once no witness adds to it any more; the newest one never.

    A witness may first be asked for the newest one days later, where nothing is recorded meanwhile.
    """
    fill(database, 5)
    client.get("/v1/log/proof/inclusion/5").raise_for_status()

    def kept(**query: int) -> str:
        answer = client.get("/v1/log/checkpoint", params=query).raise_for_status()
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        return str(answer.headers["cache-control"])

    def age() -> None:
        with superuser(database) as connection:
            connection.execute("ALTER TABLE seal.checkpoints DISABLE TRIGGER ALL")
            connection.execute(
                "UPDATE seal.checkpoints SET signed_at = signed_at - interval '2 hours'"
            )

    age()
    assert "immutable" not in kept(size=5)
    more(database, 1)
    client.get("/v1/log/proof/inclusion/6").raise_for_status()
    assert "immutable" not in kept(size=5)
    age()
    assert "immutable" in kept(size=5)
    assert "immutable" not in kept(size=6)
    assert "immutable" not in kept()


def test_an_event_is_sealed_within_a_second(client: TestClient, database: str) -> None:
    """The best of ten, for the machine of a test may be busy; the measurement tells of all."""
    for number in range(10):
        fill(database, 1, f"at-{number}")
        client.get(f"/v1/log/proof/inclusion/{number + 1}").raise_for_status()
    with superuser(database) as connection:
        query = (
            "SELECT min(c.signed_at - e.recorded_at) FROM journal.events e"
            " JOIN seal.checkpoints c ON c.size = e.position"
        )
        [(lag,)] = connection.execute(query).fetchall()
    assert timedelta(0) < lag < timedelta(seconds=1)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("tile/0/001", 404),
        ("tile/0/001.p/45", 404),
        ("tile/0/x001/067", 404),
        ("tile/0/x001/067.p/5", 404),
        ("tile/0/1", 422),
        ("tile/64/000", 422),
        ("tile/0/000.p/0", 422),
        ("tile/0/000.p/256", 422),
        ("tile/0/001/067", 422),
        ("proof/inclusion/301", 404),
        ("proof/inclusion/0", 404),
        ("proof/inclusion/x", 422),
        ("proof/consistency?from=301", 422),
        ("proof/consistency?from=1&to=7", 422),
        ("proof/consistency?to=7", 422),
        ("checkpoint?size=0", 422),
        ("checkpoint?size=1000", 404),
        ("key?x=1", 422),
    ],
)
def test_what_is_not_there_is_told(few: TestClient, address: str, status: int) -> None:
    """Never a 500, never half an answer."""
    assert few.get(f"/v1/log/{address}").status_code == status


def _key(client: TestClient) -> str:
    key: str = client.get("/v1/log/key").json()["key"]
    return key


def test_heads_name_the_log(client: TestClient, database: str) -> None:
    """A log of which nobody said the name has one of its own."""
    fill(database, 2)
    note = client.get("/v1/log/proof/inclusion/2").json()["checkpoint"]
    head = read_checkpoint(split_note(note)[0])
    assert head.origin == client.get("/v1/log/key").json()["origin"]
    assert head.origin.startswith("farshore-")
