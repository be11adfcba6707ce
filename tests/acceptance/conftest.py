"""One Farshore with the example data, for all tests that only read it."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.running import Farshore
from tests.folders import open_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx2

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="session")
def examples() -> Iterator[httpx2.Client]:
    """Give the example data to all tests that read them, or add records of their own."""
    with _loaded() as client:
        yield client


@pytest.fixture(scope="module")
def expendable() -> Iterator[httpx2.Client]:
    """Give the example data to tests that may do anything to the server, tokens included."""
    with _loaded() as client:
        yield client


@contextlib.contextmanager
def _loaded() -> Iterator[httpx2.Client]:
    """Run a server, import both files, and wait until all of it is seen."""
    with open_folder() as folder, Farshore(folder) as farshore, farshore.client() as client:
        for name in ("organizations", "events"):
            summary = client.post(
                "/v1/events",
                content=(EXAMPLES / f"{name}.ndjson").read_bytes(),
                headers={"Content-Type": "application/x-ndjson"},
            ).json()
            assert summary["errors"] == []
        position = summary["position"]
        client.get("/v1/timeline", params={"min_position": position}).raise_for_status()
        yield client
