"""Nothing acknowledged is lost and nothing is doubled, whatever is killed in the middle."""

from __future__ import annotations

import random
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx2
import orjson
import pytest

from tests.acceptance.running import Farshore
from tests.folders import open_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CHUNK = 40  # lines in one request: many requests are under way when something is killed
_BETWEEN = 0.4  # seconds of further work, at most, before the next kill


def _lines(number: int) -> Iterator[bytes]:
    for one in range(number):
        yield orjson.dumps(
            {
                "type": "note.added",
                "kind": "organization",
                "subject": f"company-{one % 7}",
                "occurred_on": "2026-01-05",
                "data": {"details": f"Note {one}"},
                "sources": [],
                "ref": f"N{one}",
            }
        )


class _Importer(threading.Thread):
    """Imports without end; what broke is sent again, as a person would run the import again."""

    def __init__(self, farshore: Farshore) -> None:
        super().__init__(daemon=True)
        self.farshore = farshore
        self.enough = threading.Event()
        self.fault: Exception | None = None
        self.sent = 0

    def wait_for_more(self) -> None:
        """Wait until it has got on: whatever is killed next is killed at work."""
        wanted, deadline = self.sent + _CHUNK, time.monotonic() + 60
        while self.sent < wanted and not self.fault:
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def run(self) -> None:
        """Send chunk after chunk."""
        try:
            lines = list(_lines(200_000))
            with self.farshore.client() as client:
                while not self.enough.is_set():
                    chunk = lines[self.sent : self.sent + _CHUNK]
                    self._send(client, chunk)
                    self.sent += len(chunk)
        except Exception as fault:  # noqa: BLE001  # told by the test
            self.fault = fault

    def _send(self, client: httpx2.Client, chunk: list[bytes]) -> None:
        while True:
            try:
                answer = client.post(
                    "/v1/events",
                    content=b"\n".join(chunk),
                    headers={"Content-Type": "application/x-ndjson"},
                )
            except httpx2.TransportError:
                time.sleep(0.05)
                continue
            if answer.status_code == 503:
                time.sleep(0.05)
                continue
            told = answer.json()
            assert answer.status_code == 200, told
            if told["refused"]:
                assert all(one["status"] == 503 for one in told["errors"]), told
                continue
            assert told["accepted"] + told["replayed"] == len(chunk), told
            return


@pytest.mark.timeout(900)
def test_twenty_five_kills_lose_and_double_nothing() -> None:
    """After 25 times kill -9 of a part or the whole, every line is on record exactly once."""
    chance = random.Random(25)  # noqa: S311  # repeatable, not secret
    with open_folder() as folder, Farshore(folder, workers=1) as farshore:
        _open_companies(farshore)
        importer = _Importer(farshore)
        importer.start()
        for kill in _kills(farshore, chance):
            importer.wait_for_more()
            time.sleep(chance.random() * _BETWEEN)
            kill()
            farshore.wait_until_ready()
        importer.enough.set()
        importer.join(60)
        assert importer.fault is None
        _check_ledger(farshore, importer.sent)


def _open_companies(farshore: Farshore) -> None:
    with farshore.client() as client:
        for number in range(7):
            body = {"key": f"company-{number}", "data": {"name": f"Company {number}"}}
            assert client.post("/v1/organizations/register", json=body).status_code == 201


@pytest.mark.timeout(300)
def test_an_import_that_broke_off_is_run_again() -> None:
    """Killed half-way, the command says what to do; done, every line is on record exactly once."""
    number = 8_000
    with open_folder() as folder, Farshore(folder, workers=1) as farshore:
        _open_companies(farshore)
        file = folder / "lines.ndjson"
        file.write_bytes(b"\n".join(_lines(number)))
        with ThreadPoolExecutor(1) as pool, farshore.client() as client:
            importing = pool.submit(farshore.command, "import", str(file))
            while not client.get("/v1/events", params={"after": 500, "limit": 1}).json()["items"]:
                assert not importing.done()
                time.sleep(0.02)
            farshore.kill_all()
            code, said = importing.result()
        assert (code, "Run the import again" in said) == (1, True), said
        farshore.start()
        code, said = farshore.command("import", str(file))
        recorded, there = map(_count, re.findall(r"([\d,]+) (?:recorded|already there)", said))
        assert (code, recorded + there) == (0, number), said
        assert 0 < recorded < number
        _check_ledger(farshore, number)


def _count(told: str) -> int:
    return int(told.replace(",", ""))


def _kills(farshore: Farshore, chance: random.Random) -> list[Callable[[], None]]:
    def whole() -> None:
        farshore.kill_all()
        farshore.start()

    parts: list[Callable[[], None]] = [
        whole,
        lambda: farshore.kill_one("postgres"),
        lambda: farshore.kill_one("granian"),
        lambda: farshore.kill_one("granian", newest=True),
        lambda: farshore.kill_one("projections"),
    ]
    kills = parts * 5
    chance.shuffle(kills)
    return kills


def _check_ledger(farshore: Farshore, sent: int) -> None:
    events: list[dict[str, object]] = []
    with farshore.client() as client:
        while page := client.get("/v1/events", params={"after": len(events), "limit": 500}).json()[
            "items"
        ]:
            events.extend(page)
    assert [event["position"] for event in events] == list(range(1, len(events) + 1))
    notes = [str(event["ref"]) for event in events if event["type"] == "note.added"]
    assert sorted(notes) == sorted(f"N{one}" for one in range(sent))
