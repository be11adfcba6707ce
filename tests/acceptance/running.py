"""A Farshore that really runs: `farshore serve` in a process of its own, on a folder of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Self

import httpx2
import psutil

from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOKEN = "a token for tests that opens nothing else"
_PATIENCE = 100.0  # machines of tests are busy, but a test has 120 seconds


class Farshore:
    """Start, kill and start again."""

    def __init__(self, folder: Path, workers: int = 2) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.environment = {
            "FARSHORE_DATA": str(folder / "data"),
            "FARSHORE_PORT": str(port),
            "FARSHORE_WORKERS": str(workers),
            "FARSHORE_ADMIN_TOKEN": TOKEN,
        }
        self._log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it and wait until it is ready."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                (sys.executable, "-m", "cli", "serve"),
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=log,
            )
        try:
            self.wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def wait_until_ready(self) -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx2.HTTPError):
                if httpx2.get(f"{self.url}/readyz", timeout=2).is_success:
                    return
            if self._process and self._process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(self._log.read_text())

    def stop(self) -> None:
        """Stop it as a person would."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(_PATIENCE)

    def log(self) -> str:
        """Give what it has said."""
        return self._log.read_text()

    def kill_all(self) -> None:
        """Kill the supervisor; everything it started must go with it."""
        assert self._process
        started = psutil.Process(self._process.pid).children(recursive=True)
        self._process.kill()
        self._process.wait()
        _, alive = psutil.wait_procs(started, timeout=_PATIENCE)
        assert not alive, f"orphans: {alive}"

    def kill_one(self, mark: str, *, newest: bool = False) -> None:
        """Kill the oldest, or newest, process whose command line has a mark; the rest goes on."""
        deadline = time.monotonic() + _PATIENCE
        while not (found := sorted(self._started(mark))):  # one just killed is not back at once
            assert time.monotonic() < deadline, f"no process is {mark}"
            time.sleep(0.05)
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(found[-1 if newest else 0][-1]).kill()

    def _started(self, mark: str) -> Iterator[tuple[float, int]]:
        """Give birth and number of each of its processes whose command line has a mark."""
        assert self._process
        for child in psutil.Process(self._process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                if mark in " ".join(child.cmdline()) and child.status() != psutil.STATUS_ZOMBIE:
                    yield child.create_time(), child.pid

    def command(self, *arguments: str, **environment: str) -> tuple[int, str]:
        """Run `farshore` as a person would; give its exit code and all it said."""
        said = subprocess.run(
            (sys.executable, "-m", "cli", *arguments),
            env={**os.environ, **self.environment, "COLUMNS": "200", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return said.returncode, said.stdout

    def client(self) -> httpx2.Client:
        """Give a client that is signed in as admin."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        return httpx2.Client(base_url=self.url, headers=headers, timeout=30)
