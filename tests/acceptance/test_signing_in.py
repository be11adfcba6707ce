"""The first start: a link to sign in with, and a secret that is in no log."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import httpx2
import pytest

from tests.acceptance.running import Farshore
from tests.folders import open_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module")
def fresh() -> Iterator[tuple[Farshore, Path]]:
    """Start on a new folder, without a token in the settings."""
    with open_folder() as folder:
        farshore = Farshore(folder, workers=2)
        del farshore.environment["FARSHORE_ADMIN_TOKEN"]
        with farshore:
            _wait_until_told(folder)
            yield farshore, folder


def _wait_until_told(folder: Path) -> None:
    """It is ready a moment before it says so."""
    deadline = time.monotonic() + 60
    while "Ctrl-C stops it" not in (folder / "log").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _link(folder: Path) -> tuple[str, str]:
    found = re.search(r"(http://\S+)/#token=(\S+)", (folder / "log").read_text())
    assert found
    return found[1], found[2]


def test_the_link_signs_in(fresh: tuple[Farshore, Path]) -> None:
    """What the page does with it: post what is behind the #, and go on with the cookie."""
    farshore, folder = fresh
    address, secret = _link(folder)
    assert address == farshore.url
    with httpx2.Client(base_url=address) as browser:
        answer = browser.post("/v1/session", json={"token": secret}, headers=HERE)
        assert answer.status_code == 201
        assert browser.get("/v1/me").json()["role"] == "admin"  # of either process
        body = {"key": "weride", "data": {"name": "WeRide"}}
        made = browser.post("/v1/organizations/register", json=body, headers=HERE)
        assert made.status_code == 201
        foreign = browser.post("/v1/organizations/register", json=body)
        assert foreign.status_code == 403
        assert browser.delete("/v1/session", headers=HERE).status_code == 204
        assert browser.get("/v1/me").status_code == 401


def test_the_secret_is_in_no_log(fresh: tuple[Farshore, Path]) -> None:
    """It was shown once on the terminal; the database's log and the database do not know it."""
    _, folder = fresh
    _, secret = _link(folder)
    terminal, *_ = (folder / "log").read_text().split("Ctrl-C stops it.")
    assert (folder / "log").read_text().count(secret) == terminal.count(secret) == 2
    holding = [
        path.name
        for path in (folder / "data").rglob("*")
        if path.is_file() and secret.encode() in path.read_bytes()
    ]
    assert holding == ["admin.token"]


def test_the_command_line_tells_who_looked_and_erases(fresh: tuple[Farshore, Path]) -> None:
    """`farshore access` lists what was done; `farshore principal erase` takes a name away."""
    farshore, _ = fresh
    _say(farshore, "token", "create", "Mei Example", "--role", "auditor")
    listed = _say(farshore, "principals")
    found = re.search(r"(p[0-9a-f]{16})\s+Mei Example", listed)
    assert found
    told = _say(farshore, "principal", "erase", found[1], "--yes")
    assert found[1] in told
    acts = _say(farshore, "access", "--limit", "5")
    assert "principal_erased" in acts
    assert "Mei Example" not in acts + _say(farshore, "principals") + _say(
        farshore, "token", "list"
    )
    assert "token_made" in _say(farshore, "access", "--action", "token_made", "--ndjson")


def _say(farshore: Farshore, *arguments: str) -> str:
    done = subprocess.run(
        (sys.executable, "-m", "cli", *arguments),
        env=farshore.environment | {"COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
