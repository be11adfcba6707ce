"""A server without projections of its own serves, and says that it waits for them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.running import Farshore
from tests.folders import open_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx2


class Alone(Farshore):
    """A server that nobody keeps views for."""

    def wait_until_ready(self) -> None:
        """Wait until it says that it serves."""
        deadline = time.monotonic() + 60
        while "Farshore is ready at" not in self._log.read_text():
            assert time.monotonic() < deadline, self._log.read_text()
            time.sleep(0.05)

    @property
    def said(self) -> str:
        """What it printed."""
        return self._log.read_text()


@pytest.fixture
def alone() -> Iterator[Alone]:
    """Run it."""
    with open_folder() as folder:
        farshore = Alone(folder, workers=1)
        farshore.environment["FARSHORE_PROJECTIONS"] = "false"
        with farshore:
            yield farshore


def test_a_server_alone_takes_events_and_is_not_ready_for_reads(alone: Alone) -> None:
    """It does not give up; once `python -m projections` runs, it is ready without a restart."""
    assert "run `python -m projections`" in alone.said
    with alone.client() as client:
        assert client.get("/healthz").status_code == 200
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["faults"] == [
            f"{name} is not built yet" for name in ("state", "timeline", "names")
        ]
        body = {"key": "weride", "data": {"name": "WeRide"}}
        assert client.post("/v1/organizations/register", json=body).status_code == 201
        environment = {**os.environ, **alone.environment}
        with subprocess.Popen((sys.executable, "-m", "projections"), env=environment) as views:
            try:
                _wait_until_ready(client)
                found = client.get("/v1/organizations/weride", params={"min_position": 1})
                assert found.status_code == 200
            finally:
                views.terminate()


def _wait_until_ready(client: httpx2.Client) -> None:
    deadline = time.monotonic() + 30
    while not client.get("/readyz").is_success:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_second_server_does_not_share_a_port(alone: Alone) -> None:
    """It ends at once and says why; sharing would split the requests between two journals."""
    with open_folder() as folder:
        second = {**os.environ, **alone.environment, "FARSHORE_DATA": str(folder / "data")}
        command = (sys.executable, "-m", "cli", "serve")
        ended = subprocess.run(command, env=second, capture_output=True, text=True, check=False)
    assert ended.returncode != 0
    assert "cannot be listened on (Address already in use)" in " ".join(ended.stderr.split())
