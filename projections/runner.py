"""Keep the projections up with the journal, from any number of processes at once.

Whoever holds a projection's advisory lock moves it on; the others ask for the lock twice a second,
so one of them takes over as soon as the server notices that the holder is gone. The position is
kept, and checked, in the transaction that writes the rows: even two at work at once would take no
event twice.
"""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from threading import Event, Thread

import psycopg
import structlog

from journal.database import conninfo
from projections.catalogue import PROJECTIONS
from projections.projection import Projection
from projections.rebuild import rebuild
from projections.step import Stepper
from projections.tables import Connection, with_options
from projections.tracking import acquire, progress

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
        while not self._stopping.is_set():
            mine += self._taken_over(connection, set(self._projections) - set(mine))
            while mine and not self._stopping.is_set() and stepper.step(mine):
                pass
            if not sum(stepper.retry(one) for one in mine):
                next(connection.notifies(timeout=POLL, stop_after=1), None)

    def _taken_over(self, connection: Connection, wanted: Iterable[Projection]) -> list[Projection]:
        acquired = acquire(connection, wanted)
        for one in acquired:
            log.info("following", projection=one.name)
            if progress(connection, [one])[one.name].version not in (0, one.version):
                rebuild(self._url, [one])
        return acquired


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
