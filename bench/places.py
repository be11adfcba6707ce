"""Where the contenders run: one database server, a database each, and HTTP servers alike."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from journal.database import conninfo
from journal.postgres import Embedded
from journal.schema import migrate
from journal.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parents[1]
TOKEN = "a-token-for-nothing-but-measuring-speed"  # noqa: S105 - it opens a database that is thrown away
_READY_WITHIN = 60.0


class NotReady(Exception):
    """A server that was to be measured did not start."""


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """Run the embedded PostgreSQL on a folder that is thrown away; give its URL."""
    folder = Path(tempfile.mkdtemp(prefix="farshore-bench-"))
    folder.chmod(0o755)
    try:
        with Embedded(folder) as server:
            yield server.url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def database(server: str, name: str, *, migrated: bool = False) -> str:
    """Make a database on the server, anew; give its URL."""
    with psycopg.connect(conninfo(server), autocommit=True) as connection:
        for statement in ("DROP DATABASE IF EXISTS {} WITH (FORCE)", "CREATE DATABASE {}"):
            connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
    url = server.replace("/postgres?", f"/{quote(name)}?")
    if migrated:
        migrate(url)
    return url


def settle(url: str) -> None:
    """Write out what earlier contenders left to be written, so that the next one need not."""
    with psycopg.connect(conninfo(url, statement_timeout_ms=0), autocommit=True) as connection:
        connection.execute("CHECKPOINT")


@dataclass(frozen=True, slots=True)
class Site:
    """An HTTP server that runs."""

    port: int
    process: psutil.Process

    def cpu(self) -> float:
        """Give the seconds that it and its children have computed."""
        family = [self.process, *self.process.children(recursive=True)]
        return sum(sum(one.cpu_times()[:2]) for one in family)


@contextlib.contextmanager
def farshore(url: str, *, sealing: bool = True) -> Iterator[Site]:
    """Run `farshore serve` on a database, all but the projections and, if so said, the sealer."""
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="farshore-bench-data-") as data:
        environment = {
            "FARSHORE_DATABASE_URL": url,
            "FARSHORE_DATA": data,
            "FARSHORE_PORT": str(port),
            "FARSHORE_ADMIN_TOKEN": TOKEN,
            "FARSHORE_PROJECTIONS": "false",
            "FARSHORE_SEALING": str(sealing),
        }
        with _running(("-m", "cli", "serve"), environment) as process:
            with projections(url):  # without them it never is ready
                _await(port, "/readyz", process)
            yield Site(port, psutil.Process(process.pid))


@contextlib.contextmanager
def projections(url: str) -> Iterator[None]:
    """Keep the projections up to date while the block lasts."""
    with _running(("-m", "projections"), {"FARSHORE_DATABASE_URL": url}):
        yield


@contextlib.contextmanager
def sealer(url: str, data: str) -> Iterator[None]:
    """Keep the journal sealed while the block lasts; the key is in a folder."""
    with _running(
        ("-m", "cli", "seal", "run"), {"FARSHORE_DATABASE_URL": url, "FARSHORE_DATA": data}
    ):
        yield


@contextlib.contextmanager
def empty() -> Iterator[Site]:
    """Run the empty application with as many processes as ours has, and the same options."""
    port = _free_port()
    command = (
        *("-m", "granian", "--interface", "asgi", "bench.empty:app"),
        *("--host", "127.0.0.1", "--port", str(port), "--workers", str(Settings().workers)),
        *("--loop", "uvloop", "--no-ws", "--log-level", "warning"),
    )
    with _running(command, {}) as process:
        _await(port, "/", process)
        yield Site(port, psutil.Process(process.pid))


@contextlib.contextmanager
def _running(
    command: tuple[str, ...], environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    inherited = {name: value for name, value in os.environ.items() if "FARSHORE" not in name}
    process = subprocess.Popen(  # noqa: S603 - our own programs, no shell
        (sys.executable, *command),
        env={**inherited, **environment},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(port: int, path: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _READY_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            connection = HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", path)
            if connection.getresponse().status == 200:  # noqa: PLR2004 - it is ready
                return
        time.sleep(0.05)
    raise NotReady(f"nothing answers {path} on port {port}")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
