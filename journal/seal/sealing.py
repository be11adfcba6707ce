"""Keep the journal sealed, from any number of processes at once: one of them does it."""

from __future__ import annotations

import contextlib
import time
from threading import Event, Thread
from typing import TYPE_CHECKING

import psycopg
import structlog

from journal.database import conninfo
from journal.seal import store
from journal.seal.folder import Folder
from journal.seal.outside import Outside
from journal.seal.sealer import Sealer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from journal.seal.store import Connection
    from journal.settings import Settings

log = structlog.get_logger(__name__)

# Our advisory lock; "seal" in ASCII, twice.
_LOCK = int.from_bytes(b"sealseal")
# An event is sealed within a second: this long, and what a batch takes.
POLL = 0.4
_HEARTBEAT = 5.0
_REMIND_EVERY = 60.0


class Sealing:
    """Seals whenever nobody else does, until told to stop.

    Args:
        url: of the database.
        folder: what is kept outside it.
        origin: the name of the log; None for that of its key.
    """

    def __init__(self, url: str, folder: Folder, origin: str | None = None) -> None:
        self._url, self._folder, self._origin = url, folder, origin
        self._stopping = Event()

    def stop(self) -> None:
        """Ask it to end after the present batch."""
        self._stopping.set()

    def run(self) -> None:
        """Seal until asked to stop; a lost connection is made again."""
        while not self._stopping.is_set():
            try:
                with connect(self._url) as connection:
                    self._follow(connection)
            except psycopg.Error as error:
                log.warning("the seal waits for the database", error=str(error).strip())
            except Exception:
                # The next attempt may do better; `/readyz` tells of the lag meanwhile.
                log.exception("the seal cannot be kept")
            self._stopping.wait(POLL)

    def _follow(self, connection: Connection) -> None:
        while not acquire(connection):
            if self._stopping.wait(POLL):
                return
        sealer = Sealer(connection, self._folder, self._origin)
        told = reminded = 0.0
        while True:
            ending = self._stopping.is_set()
            busy = sealer.step()
            if time.monotonic() > told + _HEARTBEAT:
                store.tell(connection, sealer.size, sealer.checked, sealer.refusal)
                told = time.monotonic()
            if sealer.refusal and time.monotonic() > reminded + _REMIND_EVERY:
                log.error("the sealer refuses to sign", why=sealer.refusal)
                reminded = time.monotonic()
            if ending:
                return
            if not busy:
                self._stopping.wait(POLL)


def connect(url: str) -> Connection:
    """Connect as the one who seals."""
    return psycopg.connect(
        conninfo(url, "farshore_sealer", program="farshore-seal"), autocommit=True
    )


def acquire(connection: Connection) -> bool:
    """Become the one who seals, as long as the connection lasts; tell whether that worked."""
    query = "SELECT pg_try_advisory_lock(%s::bigint)"
    return connection.execute(query, (_LOCK,)).fetchone() == (True,)


@contextlib.contextmanager
def sealing(url: str, settings: Settings) -> Iterator[Sealing]:
    """Seal in a thread while the block lasts, and once more at its end."""
    folder = Folder.of(settings)
    folder.signer(settings.log_origin)  # so that what is wrong with it is said at the start
    runner, stopping = Sealing(url, folder, settings.log_origin), Event()
    threads = [Thread(target=runner.run, name="seal")]
    if outside := Outside.of(url, settings):
        threads.append(Thread(target=outside.run, args=(stopping,), name="witnesses"))
    for thread in threads:
        thread.start()
    try:
        yield runner
    finally:
        runner.stop()
        stopping.set()
        for thread in threads:
            thread.join()
