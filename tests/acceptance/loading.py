"""A Farshore that runs with the example data, for tests, pictures and measurements."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from tests.acceptance.asking import see
from tests.acceptance.running import Farshore
from tests.folders import open_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx2

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
        see(client, position)
        yield client


def load(client: httpx2.Client, lines: bytes) -> int:
    """Import lines of which none may be refused; give the last position."""
    summary = client.post(
        "/v1/events", content=lines, headers={"Content-Type": "application/x-ndjson"}
    ).json()
    assert summary["errors"] == []
    return int(summary["position"])
