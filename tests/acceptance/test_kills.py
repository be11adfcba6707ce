"""Nothing acknowledged is lost and nothing is doubled, whatever is killed in the middle."""

from __future__ import annotations

import random
import threading
import time
from typing import TYPE_CHECKING

import httpx2
import orjson
import pytest

from tests.acceptance.running import Farshore
from tests.folders import open_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CHUNK = 40  # lines in one request: many requests are under way when something is killed
_BETWEEN = 0.4  # seconds of work between two kills


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
        self.acknowledged: dict[str, int] = {}
        self.enough = threading.Event()
        self.fault: Exception | None = None
        self.sent = 0

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
            return


@pytest.mark.timeout(900)
def test_twenty_five_kills_lose_and_double_nothing() -> None:
    """After 25 times kill -9 of a part or the whole, every line is on record exactly once."""
    chance = random.Random(25)  # noqa: S311  # repeatable, not secret
    with open_folder() as folder, Farshore(folder, workers=1) as farshore:
        with farshore.client() as client:
            for number in range(7):
                body = {"key": f"company-{number}", "data": {"name": f"Company {number}"}}
                assert client.post("/v1/organizations/register", json=body).status_code == 201
        importer = _Importer(farshore)
        importer.start()
        for kill in _kills(farshore, chance):
            time.sleep(_BETWEEN)
            kill()
            farshore.wait_until_ready()
        importer.enough.set()
        importer.join(60)
        assert importer.fault is None
        _check_ledger(farshore, importer.sent)


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
