"""A refusal to sign is loud, stays, and is settled in public; the verifier is short."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from journal.seal import settling, verifier
from journal.seal.folder import Folder
from journal.seal.verifier import signed_text
from tests.integration.journaling import superuser
from tests.proof.sealed import fill
from tests.proof.tampering import CHEATS, UNLOCK

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi.testclient import TestClient


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_refusal_is_told_everywhere_until_a_person_settles_it(
    client: TestClient, database: str, tmp_path: Path
) -> None:
    """`/readyz` is 503 with the reason, a metric is 1; both heads and the reason are published."""
    fill(database, 20)
    client.get("/v1/log/proof/inclusion/20").raise_for_status()
    key = client.get("/v1/log/key").json()["key"]
    assert "farshore_seal_refused 0.0" in client.get("/metrics").text
    with superuser(database) as connection:
        for statement in (*UNLOCK, *CHEATS["delete_the_last"](None, 20)):  # type: ignore[arg-type]  # unused
            connection.execute(statement.encode())
    _until(lambda: client.get("/readyz").status_code == 503)
    told = "the sealer refuses to sign: 20 events were sealed and 19 are there"
    assert told in client.get("/readyz").json()["faults"][0]
    assert "farshore_seal_refused 1.0" in client.get("/metrics").text
    settling.order(Folder(tmp_path / "seal"), "mei", "Ticket 231")
    _until(lambda: client.get("/readyz").status_code == 200)
    [item] = client.get("/v1/log/breaks").json()["items"]
    assert "reason Ticket 231" in signed_text(item["statement"], key)
    assert signed_text(item["before"], key).splitlines()[1] == "20"
    assert client.get("/v1/log/proof/inclusion/19").json()["size"] == 19


def test_the_verifier_is_short_and_needs_nothing() -> None:
    """Fewer than 300 lines, blank ones too, and no import but of the standard library."""
    lines = Path(verifier.__file__).read_text().splitlines()
    assert len(lines) < 300
    imports = {line.split()[1] for line in lines if line.startswith(("import ", "from "))}
    assert imports == {
        *("base64", "hashlib", "json", "re", "sys", "zipfile"),
        *("collections.abc", "itertools", "pathlib", "typing"),
    }
