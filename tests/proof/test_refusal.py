"""A refusal to sign is loud and settled in public; keys follow keys; the verifier is short."""

from __future__ import annotations

import getpass
import os
import subprocess
import sys
import time
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from journal.seal import verifier
from journal.seal.verifier import Invalid, read_checkpoint, signed_text, verify
from tests.conftest import QUICK
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


def _farshore(database: str, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command as the operator does."""
    more = {"FARSHORE_DATABASE_URL": database, "FARSHORE_DATA": str(folder)}
    more["FARSHORE_ALLOW_UNSAFE"] = ",".join(QUICK)
    command = (sys.executable, "-m", "cli", *words)
    return subprocess.run(
        command, env=os.environ | more, capture_output=True, text=True, check=False
    )


def test_a_refusal_is_told_everywhere_until_a_person_settles_it(
    client: TestClient, database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In `/readyz` (503), metrics and log with the reason; lifted by a command that wants one.

    Both heads, the refusal, who and why are published and on the access record.
    """
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
    logged = capsys.readouterr().out
    assert "the sealer refuses to sign" in logged
    assert "20 events were sealed and 19 are there" in logged
    for words in ((), ("--reason", " ")):
        assert _farshore(database, tmp_path, "seal", "settle", *words).returncode != 0
    assert client.get("/readyz").status_code == 503
    done = _farshore(database, tmp_path, "seal", "settle", "--reason", "Ticket 231")
    assert done.returncode == 0, done.stderr
    _until(lambda: client.get("/readyz").status_code == 200)
    assert "farshore_seal_refused 0.0" in client.get("/metrics").text
    [item] = client.get("/v1/log/breaks").json()["items"]
    statement = signed_text(item["statement"], key)
    before = read_checkpoint(signed_text(item["before"], key))
    after = read_checkpoint(client.get("/v1/log/checkpoint").text.partition("\n\n")[0] + "\n")
    for name, head in (("before", before), ("after", after)):
        assert f"{name} {head.size} {b64encode(head.root).decode()}\n" in statement
    assert (before.size, after.size) == (20, 19)
    assert f"by {getpass.getuser()}\nreason Ticket 231\n" in statement
    assert client.get("/v1/log/proof/inclusion/19").json()["size"] == 19
    records = client.get("/v1/access-records", params={"action": "sealing_resumed"}).json()
    assert records["items"][0]["details"]["reason"] == "Ticket 231"
    nothing = _farshore(database, tmp_path, "seal", "settle", "--reason", "Again")
    assert (nothing.returncode, "refuses nothing" in nothing.stderr) == (1, True)


def test_whoever_has_the_first_key_checks_what_the_next_ones_signed(
    client: TestClient, database: str, tmp_path: Path
) -> None:
    """Receipts, growth, bare heads, packs of before and after, offline; and never the reverse."""
    fill(database, 20)
    files = [tmp_path / name for name in ("old.json", "old.txt", "new.json", "growth.json", "key")]
    old, head, new, growth, keys = files
    old.write_bytes(client.get("/v1/log/proof/inclusion/20").raise_for_status().content)
    head.write_text(client.get("/v1/log/checkpoint").text)
    first = client.get("/v1/log/key").json()["key"]
    for number in (1, 2):
        done = _farshore(database, tmp_path, "seal", "rotate")
        assert done.returncode == 0, done.stderr
        fill(database, 10, f"after-{number}")
    new.write_bytes(client.get("/v1/log/proof/inclusion/40").raise_for_status().content)
    growth.write_bytes(client.get("/v1/log/proof/consistency", params={"from": 20}).content)
    keys.write_bytes(client.get("/v1/log/key").content)
    told = client.get("/v1/log/key").json()
    assert (told["key"], len(told["keys"]), len(told["successions"])) == (first, 3, 2)
    assert _farshore(database, tmp_path, "seal", "key").stdout.strip() == first
    pack = tmp_path / "journal.zip"
    asked = {"purpose": "To see whether the keys lead on"}
    pack.write_bytes(client.get("/v1/log/export", params=asked).raise_for_status().content)
    lines = list(verify([first], [*files, pack]))
    assert len([line for line in lines if "begins with that of" in line]) == 4
    for alone in (new, growth, pack):
        assert list(verify([first], [alone]))
    last = told["keys"][-1]["key"]
    assert list(verify([last], [new]))
    with pytest.raises(Invalid, match="not signed"):
        list(verify([last], [head, keys]))


def test_the_verifier_is_short_and_needs_nothing() -> None:
    """Fewer than 300 lines, blank ones too, and no import but of the standard library."""
    lines = Path(verifier.__file__).read_text().splitlines()
    assert len(lines) < 300
    imports = {line.split()[1] for line in lines if line.startswith(("import ", "from "))}
    assert imports == {
        *("base64", "hashlib", "json", "re", "sys", "zipfile"),
        *("collections.abc", "itertools", "pathlib", "typing"),
    }
