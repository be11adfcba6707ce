"""Run a PostgreSQL of our own, so that Farshore needs nothing but Python.

The first process that asks starts the server and owns it; others attach. The owner starts it
again when it dies, and it shuts down cleanly with its owner, even when that one is killed.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from threading import Event, Thread
from typing import TYPE_CHECKING, Self

import psycopg
import structlog

from journal.cluster import Cluster, ServerFailed
from journal.database import refuse_unfit, refuse_unreachable
from journal.lifeline import die_with

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from journal.settings import Settings

log = structlog.get_logger(__name__)

# A cold start takes 0.8 s; this is for recovery after a crash with max_wal_size to replay.
_READY_WITHIN = 120.0
_POLL = 0.02
# A server that dies at once, again and again, is started ever more rarely.
_AT_ONCE = 1.0
_RESTART_AFTER, _RESTART_AT_LAST = 0.2, 15.0

# For many small transactions on a machine that does other work too; everything that keeps an
# acknowledged event (fsync, full_page_writes, synchronous_commit) stays as the server has it.
_TUNING = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    # Rarer checkpoints write fewer full pages: the log is append-only, recovery stays short.
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    # Every statement is short; compiling one costs more than running it.
    "jit": "off",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_lock_waits": "on",
}


@contextlib.contextmanager
def running(settings: Settings) -> Iterator[str]:
    """Give the URL of a PostgreSQL 18 while the block lasts: the configured one, or our own.

    Raises:
        Unreachable, UnfitServer: the configured one cannot be used.
    """
    if settings.database_url is not None:
        url = settings.database_url.get_secret_value()
        refuse_unreachable(url)
        refuse_unfit(url, settings.allow_unsafe)
        yield url
        return
    with Embedded(settings.data) as server:
        yield server.url


class Embedded:
    """Keep one PostgreSQL running on a folder, or attach to the one that another process keeps.

    Args:
        folder: the data folder, made when missing.
        parameters: server parameters that win over ours; only the owner's count.
    """

    def __init__(self, folder: Path, parameters: Mapping[str, str] | None = None) -> None:
        self.cluster = Cluster(folder)
        self._parameters = _TUNING | dict(parameters or {})
        self._ready = Event()
        self._stopping = Event()
        self._keeper: Thread | None = None
        self._lock: int | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Address the server over its socket, password included."""
        return self.cluster.url

    @property
    def owned(self) -> bool:
        """Tell whether this process started the server, and ends it."""
        return self._lock is not None

    def stop(self) -> None:
        """End the server as a fast shutdown does, if it is ours; a second time does nothing."""
        self._stopping.set()
        if self._keeper is not None:
            _interrupt(self._process)
            self._keeper.join()
            self._keeper = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _start(self) -> None:
        """Become the owner or wait for the owner's server, whichever comes first."""
        deadline = time.monotonic() + _READY_WITHIN
        while (lock := self.cluster.lock()) is None:
            if (refusal := self._refusal()) is None:
                return
            self._wait(deadline, f"another process owns it, but {refusal}")
        self._lock = lock
        command = self._prepare()
        self._keeper = Thread(target=self._keep, args=[command], name="postgres", daemon=True)
        self._keeper.start()
        while refusal := self._refusal():
            if not self._keeper.is_alive():
                raise ServerFailed("it ended at once", self.cluster.log)
            self._wait(deadline, refusal)
        self._ready.set()

    def _prepare(self) -> list[str]:
        """Wait until nobody else works on the cluster, and give the command for our server."""
        deadline = time.monotonic() + _READY_WITHIN
        while workers := self.cluster.workers():
            self._wait(deadline, f"processes {workers}, which are not ours, work in the folder")
        parameters = (f"--{name}={value}" for name, value in self._parameters.items())
        return [*self.cluster.ready(), *parameters]

    def _wait(self, deadline: float, why: str) -> None:
        if time.monotonic() > deadline:
            raise ServerFailed(why, self.cluster.log)
        time.sleep(_POLL)

    def _refusal(self) -> str | None:
        """Say why the server takes no connection; None when it does."""
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except (psycopg.OperationalError, FileNotFoundError) as error:
            return str(error)
        return None

    def _keep(self, command: list[str]) -> None:
        """Run the server and, once it has been ready, run it again whenever it dies."""
        pause = _RESTART_AFTER
        try:
            self._serve(command)
            while self._ready.is_set() and not self._stopping.wait(pause):
                lived = self._serve(self._prepare())
                steady = lived > _AT_ONCE
                pause = _RESTART_AFTER if steady else min(2 * pause, _RESTART_AT_LAST)
        except Exception:
            log.exception("PostgreSQL cannot be started again", log=str(self.cluster.log))

    def _serve(self, command: list[str]) -> float:
        """Run the server to its end; returns the seconds that it lived."""
        began = time.monotonic()
        self._process = self._launch(command)
        if self._stopping.is_set():
            _interrupt(self._process)
        code = self._process.wait()
        if not self._stopping.is_set():
            log.error("PostgreSQL ended", code=code, log=str(self.cluster.log))
        return time.monotonic() - began

    def _launch(self, command: list[str]) -> subprocess.Popen[bytes]:
        with os.fdopen(self.cluster.open_log(), "ab") as output:
            return subprocess.Popen(  # noqa: S603  # our own program, no shell
                command,
                **self.cluster.account.identity,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=die_with(os.getpid(), signal.SIGINT),  # noqa: PLW1509  # one call
            )


def _interrupt(process: subprocess.Popen[bytes] | None) -> None:
    """Ask for a fast shutdown: sessions end, what they had not committed is undone."""
    if process is not None and process.poll() is None:
        process.send_signal(signal.SIGINT)
