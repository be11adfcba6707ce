"""Keep the projections up with the journal, from any number of processes at once.

Whoever holds a projection's advisory lock moves it on; the others ask for the lock twice a second,
so one of them takes over as soon as the server notices that the holder is gone. The position is
kept, and checked, in the transaction that writes the rows: even two at work at once would take no
event twice.

A runner follows only rows of the version that its own code makes. Those of an older version it
replaces beside whoever follows them; to those of a newer version it gives way.
"""

import contextlib
from collections.abc import Iterator, Sequence
from threading import Event, Thread

import psycopg
import structlog

from journal.database import conninfo
from projections.catalogue import PROJECTIONS
from projections.projection import Projection
from projections.replacing import Replacing
from projections.step import Stepper
from projections.tables import Connection, with_options
from projections.tracking import Superseded, acquire, is_ours, is_outdated, progress, release

log = structlog.get_logger(__name__)

# A notification wakes a runner at once; this is for a lost one, for locks and for stopping.
POLL = 0.5
# What a crash loses, rows and position together, is computed again: no wait for the disk. And the
# server gives up in seconds on a runner whose machine is gone; a killed one it notices at once.
_OPTIONS = (
    "-c synchronous_commit=off"
    " -c client_connection_check_interval=1000 -c tcp_user_timeout=3000"
    " -c tcp_keepalives_idle=1 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=2"
)


class Runner:
    """Follows the journal with those of the projections that no other process follows with.

    Args:
        url: of the database.
        projections: that it may become the active runner of.
    """

    def __init__(self, url: str, projections: Sequence[Projection] = PROJECTIONS) -> None:
        self._url = url
        self._projections = projections
        self._stopping = Event()

    def stop(self) -> None:
        """Ask it to end after the present batch."""
        self._stopping.set()

    def run(self) -> None:
        """Follow until asked to stop; a lost connection is made again."""
        while not self._stopping.is_set():
            try:
                with connect(self._url) as connection:
                    self._follow(connection)
            except psycopg.OperationalError as error:
                log.warning("the database is away", error=str(error).strip())
                self._stopping.wait(POLL)

    def _follow(self, connection: Connection) -> None:
        connection.execute("LISTEN journal")
        stepper, mine = Stepper(connection), list[Projection]()
        with Replacing.on(self._url) as replacing:
            while not self._stopping.is_set():
                others = [one for one in self._projections if one not in mine]
                mine += _taken_over(connection, others, replacing)
                try:
                    self._go_on(stepper, mine)
                except Superseded as superseded:
                    log.info("giving way", why=str(superseded))
                    mine = _still_ours(connection, mine)

    def _go_on(self, stepper: Stepper, mine: Sequence[Projection]) -> None:
        """Take all that there is, and wait for more."""
        while mine and not self._stopping.is_set() and stepper.step(mine):
            pass
        if not sum(stepper.retry(one) for one in mine):
            next(stepper.connection.notifies(timeout=POLL, stop_after=1), None)


def _taken_over(
    connection: Connection, wanted: Sequence[Projection], replacing: Replacing
) -> list[Projection]:
    """Become the active runner of what nobody else moves on, and replace what is outdated."""
    if not wanted:
        return []
    known = progress(connection, wanted)
    replacing.begin([one for one in wanted if is_outdated(one, known.get(one.name))])
    acquired = acquire(connection, [one for one in wanted if is_ours(one, known.get(one.name))])
    for one in acquired:
        log.info("following", projection=one.name)
    return acquired


def _still_ours(connection: Connection, mine: Sequence[Projection]) -> list[Projection]:
    """Let go of the projections that other code has built anew."""
    known = progress(connection, mine)
    kept = [one for one in mine if is_ours(one, known.get(one.name))]
    for one in mine:
        if one not in kept:
            release(connection, one)
    return kept


def connect(url: str) -> Connection:
    """Connect so that the server soon notices when we are gone."""
    impatient = with_options(url, _OPTIONS)
    dsn = conninfo(impatient, "farshore_projector", program="farshore-projections")
    return psycopg.connect(dsn, autocommit=True)


@contextlib.contextmanager
def following(url: str, projections: Sequence[Projection] = PROJECTIONS) -> Iterator[Runner]:
    """Follow the journal in a thread while the block lasts."""
    runner = Runner(url, projections)
    thread = Thread(target=runner.run, name="projections")
    thread.start()
    try:
        yield runner
    finally:
        runner.stop()
        thread.join()
