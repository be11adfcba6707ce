"""`farshore serve`: the database, the server processes and the projections, kept alive together."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING

import httpx2
import structlog

from cli.beacon import announced
from journal.access import first_token
from journal.access_record import note_settings
from journal.lifeline import die_with
from journal.postgres import running
from journal.schema import migrate
from journal.seal.sealing import sealing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from journal.settings import Settings

log = structlog.get_logger(__name__)

_READY_WITHIN = 120.0
_PATIENCE = 2.0
_SAY_EVERY = 10.0
_STOP_WITHIN = 10.0
_POLL = 0.1
# A process that dies at once is not started over and over.
_RESTART_AFTER = 0.5


@dataclass(slots=True)
class Child:
    """A process of ours that is started again when it ends unasked."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] = field(init=False)

    def start(self) -> None:
        """Start it; it dies with us."""
        self.process = subprocess.Popen(  # noqa: S603  # our own program, no shell
            (sys.executable, *self.command),
            env={**os.environ, **self.environment},
            preexec_fn=die_with(os.getpid(), signal.SIGTERM),  # noqa: PLW1509  # one system call
        )

    def revive(self) -> None:
        """Start it again if it has ended."""
        if (code := self.process.poll()) is not None:
            log.warning("a process ended and is started again", command=self.command, code=code)
            time.sleep(_RESTART_AFTER)
            self.start()

    def stop(self) -> None:
        """Let it finish what it is at, but not for ever."""
        self.process.terminate()
        try:
            self.process.wait(_STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class NotReady(Exception):
    """Farshore did not become ready: {why}."""

    def __init__(self, why: str) -> None:
        super().__init__((self.__doc__ or "").format(why=why))


def serve(settings: Settings, when_ready: Callable[[str, str | None], None]) -> None:
    """Serve until a signal comes.

    Args:
        settings: where and how.
        when_ready: called once, with the address and the admin token if that was just made.

    Raises:
        NotReady: the port is taken, the server ended, or it did not answer in time.
    """
    stopping = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    _refuse_taken(settings.host, settings.port)
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(running(settings))
        migrate(url)
        known = settings.admin_token or settings.kept_token()
        token = first_token(url, settings)
        note_settings(url, settings)
        if settings.sealing:
            stack.enter_context(sealing(url, settings))
        children = _children(settings, url)
        for child in children:
            child.start()
            stack.callback(child.stop)
        address = f"http://{settings.host}:{settings.port}"
        _await(address, children, stopping, views=settings.projections)
        stack.enter_context(announced(settings.data, address))
        if not stopping.is_set():
            when_ready(address, None if known else token)
        while not stopping.wait(_POLL):
            for child in children:
                child.revive()


def _refuse_taken(host: str, port: int) -> None:
    """Refuse to share a port: two servers on one would each get a part of the requests.

    Raises:
        NotReady: another program listens there, or the address is not one of this machine.
    """
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do
            probe.bind(address)
    except OSError as error:
        why = f"{host}:{port} cannot be listened on ({error.strerror}); FARSHORE_PORT=… is another"
        raise NotReady(why) from error


def _children(settings: Settings, url: str) -> list[Child]:
    environment = {"FARSHORE_DATABASE_URL": url}
    server = (
        *("-m", "granian", "--interface", "asgi", "--factory", "cli.worker:application"),
        *("--host", settings.host, "--port", str(settings.port)),
        *("--workers", str(settings.workers), "--loop", "uvloop", "--no-ws"),
        *("--respawn-failed-workers", "--workers-kill-timeout", "3", "--log-level", "warning"),
    )
    projections = [Child(("-m", "projections"), environment)] if settings.projections else []
    return [Child(server, environment), *projections]


def _await(address: str, children: list[Child], stopping: Event, *, views: bool) -> None:
    """Wait until the server answers that it is ready, however long views take to be built.

    Args:
        address: of the server.
        children: none of which may end.
        stopping: ends the wait.
        views: whether ours are among the children; of others it is said that they are waited for.

    Raises:
        NotReady: it does not answer in time, or it ended.
    """
    deadline, say = time.monotonic() + _READY_WITHIN, 0.0
    while not stopping.wait(_POLL):
        if (faults := _faults(address)) is not None:
            if not faults or not views:
                if faults:
                    log.warning("not ready for reads; run `python -m projections`", faults=faults)
                return
            deadline = time.monotonic() + _READY_WITHIN
            if time.monotonic() > say:
                log.info("not ready yet", faults=faults)
                say = time.monotonic() + _SAY_EVERY
        ended = [child.command for child in children if child.process.poll() is not None]
        if ended or time.monotonic() > deadline:
            raise NotReady(f"{ended[0][1]} ended at once" if ended else "it does not answer")


def _faults(address: str) -> list[str] | None:
    """Give what the server lacks to be ready; None where it does not answer."""
    try:
        answer = httpx2.get(f"{address}/readyz", timeout=_PATIENCE)
        faults: list[str] = answer.json()["faults"]
    except (httpx2.HTTPError, ValueError, KeyError):
        return None
    return faults
