"""A person can be erased, and everything that was proven of what they recorded stays proven."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journal.seal.verifier import verify
from tests.integration.journaling import superuser
from tests.integration.serving import token

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient


def test_every_proof_still_verifies_when_a_person_is_erased(
    client: TestClient, database: str, tmp_path: Path
) -> None:
    """Receipts and packs of before and after, the same bytes and key; what they kept is gone."""
    name = "Mei Example of Shanghai"
    theirs = token(client, "contributor", name=name)
    body = {"key": "weride", "data": {"name": "WeRide"}}
    client.post("/v1/organizations/register", json=body, headers=theirs).raise_for_status()
    before = client.get("/v1/log/proof/inclusion/1").raise_for_status()
    why = {"purpose": "To have it from before"}
    packs = [client.get("/v1/log/export", params=why).raise_for_status()]
    key = client.get("/v1/log/key").json()["key"]
    who = client.get("/v1/events/1").json()["recorded_by"]
    saved = {"query": "/timeline?organization=weride"}
    client.put("/v1/saved-views/Mei's", json=saved, headers=theirs).raise_for_status()

    client.delete(f"/v1/principals/{who}").raise_for_status()

    after = client.get("/v1/log/proof/inclusion/1").raise_for_status()
    packs.append(client.get("/v1/log/export", params=why).raise_for_status())
    for number, receipt in enumerate((before, after)):
        file = tmp_path / f"{number}.json"
        file.write_bytes(receipt.content)
        assert any("position 1 is in" in line for line in verify([key], [file]))
    for number, pack in enumerate(packs):
        file = tmp_path / f"{number}.zip"
        file.write_bytes(pack.content)
        assert any("each event is what was sealed" in line for line in verify([key], [file]))
        assert name.encode() not in pack.content
    kept = [tmp_path / f"{number}.{kind}" for number in (0, 1) for kind in ("json", "zip")]
    assert len([line for line in verify([key], kept) if "begins with that of" in line]) == 3
    for member in ("entry", "leaf"):
        assert before.json()[member] == after.json()[member]
    assert client.get("/v1/log/key").json()["key"] == key
    assert who in client.get("/v1/principals").text
    assert name not in client.get("/v1/principals").text
    with superuser(database) as connection:
        assert connection.execute("SELECT FROM access.kept_views").rowcount == 0
