"""A Farshore that runs with the example data, for tests, pictures and measurements."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2

from tests.acceptance.running import Farshore
from tests.folders import open_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = Path(__file__).parents[2] / "examples"


@contextlib.contextmanager
def loaded(workers: int = 2) -> Iterator[httpx2.Client]:
    """Run a server, import both files, and wait until all of it is seen."""
    with (
        open_folder() as folder,
        Farshore(folder, workers) as farshore,
        farshore.client() as client,
    ):
        for name in ("organizations", "events"):
            position = load(client, (EXAMPLES / f"{name}.ndjson").read_bytes())
        wait_for(client, position)
        yield client


def load(client: httpx2.Client, lines: bytes) -> int:
    """Import lines of which none may be refused; give the last position."""
    summary = client.post(
        "/v1/events", content=lines, headers={"Content-Type": "application/x-ndjson"}
    ).json()
    assert summary["errors"] == []
    return int(summary["position"])


def wait_for(client: httpx2.Client, position: int) -> None:
    """Wait until the timeline has seen a position."""
    for _ in range(60):  # each waits for five seconds
        answer = client.get("/v1/timeline", params={"min_position": position, "limit": 1})
        if answer.status_code != httpx2.codes.SERVICE_UNAVAILABLE:
            break
    answer.raise_for_status()
