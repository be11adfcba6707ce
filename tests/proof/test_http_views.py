"""What the views come to can be worked out by others, and is told with the journal's own root."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from journal.seal.verifier import check_checkpoint
from projections.catalogue import PROJECTIONS
from tests.acceptance.asking import see
from tests.integration.journaling import superuser
from tests.integration.serving import served
from tests.proof.sealed import fill

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from projections.projection import Projection

EVENTS = 300


def test_a_digest_is_told_with_the_root_of_the_sealed_journal(
    client: TestClient, database: str
) -> None:
    """Of each view at its position: the root is that of the checkpoint over so many events."""
    fill(database, EVENTS)
    see(client, EVENTS)
    client.get(f"/v1/log/proof/inclusion/{EVENTS}").raise_for_status()
    key = client.get("/v1/log/key").json()["key"]
    head = check_checkpoint(client.get("/v1/log/checkpoint").text, key)
    told = client.get("/v1/projections", params={"digest": "true"}).raise_for_status().json()
    digests = {one["name"]: one["digest"] for one in told["items"]}
    for projection in PROJECTIONS:
        digest = digests[projection.name]
        assert (digest["position"], digest["version"]) == (head.size, projection.version)
        assert digest["root"] == head.root.hex()
        assert (digest["rows"], digest["sha256"]) == _worked_out(database, projection)
    assert all("digest" not in one for one in client.get("/v1/projections").json()["items"])


def _worked_out(url: str, projection: Projection) -> tuple[int, str]:
    """Give the rows and the digest of a view as the API page says."""
    rows, lines = 0, ""
    for table in projection.tables:
        with superuser(url) as connection:
            query = f"SELECT ROW({table.columns})::text FROM views.{table.name}"  # noqa: S608 - our own
            found = [text for (text,) in connection.execute(query)]
        hashes = b"".join(sorted(sha256(text.encode()).digest() for text in found))
        rows += len(found)
        lines += f"{sha256(hashes).hexdigest()}  {table.name}\n"
    return rows, sha256(lines.encode()).hexdigest()


def test_what_is_not_sealed_yet_has_no_root(database: str) -> None:
    """The rows come to what they come to all the same."""
    fill(database, 3)
    with served(database) as client:
        see(client, 3)
        told = client.get("/v1/projections", params={"digest": "true"}).json()
    assert {one["digest"]["root"] for one in told["items"]} == {None}
