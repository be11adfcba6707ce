"""Cut the journal by subject into parts, and let several processes work on them."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    as_completed,
    wait,
)
from contextlib import ExitStack, contextmanager
from itertools import groupby
from multiprocessing import get_context
from queue import SimpleQueue
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import psycopg

from journal.collector import look_seldom
from journal.database import conninfo
from journal.rows import COLUMNS, Row
from projections.tables import Connection

T = TypeVar("T")

# A part is one transaction: large enough for COPY, and for its connection (7 ms) to vanish, small
# enough for all processes to end together, and for Python not to look for garbage in it.
PART = 1_000

Report = Callable[[str, int, int], None]  # of what, how many are done, how many there are


def silent(what: str, done: int, total: int) -> None:
    """Report to nobody."""


def cores() -> int:
    """Tell how many processes can work at once."""
    return os.cpu_count() or 1


def connect(url: str) -> Connection:
    """Connect for work that takes as long as it takes."""
    dsn = conninfo(url, "farshore_projector", program="farshore-rebuild", statement_timeout_ms=0)
    connection = psycopg.connect(dsn, autocommit=True)
    # A part is folded while its transaction is open, which a busy machine does slowly.
    connection.execute("SET idle_in_transaction_session_timeout = 0")
    return connection


class Part(NamedTuple):
    """The events of some subjects: those with an id from `first` on and below `end`."""

    first: UUID
    end: UUID
    until: int


END = UUID(int=2**128 - 1)  # above every id, whose version is not 15


def cut(connection: Connection, position: int) -> Iterator[Part]:
    """Cut the journal up to a position into parts of about the same size."""
    share = min(1.0, PART / max(1, position))
    cuts = [share * n for n in range(1, int(1 / share) + 1) if share * n < 1]
    query = "SELECT percentile_disc(%s::float8[]) WITHIN GROUP (ORDER BY subject)"
    found = connection.execute(query + " FROM journal.events", (cuts,)).fetchone()
    bounds = sorted(set(found[0] or ())) if found and cuts else []
    starts = [UUID(int=0), *bounds]
    for first, end in zip(starts, [*bounds, END], strict=True):
        yield Part(first, end, position)


def read(connection: Connection, part: Part) -> list[list[Row]]:
    """Give the events of a part, subject by subject."""
    with connection.cursor(binary=True) as cursor:
        rows = map(Row._make, cursor.execute(OF_PART, part))
        return [list(of_one) for _, of_one in groupby(rows, lambda row: row.subject)]


OF_PART = f"""
SELECT {COLUMNS} FROM journal.events
WHERE subject >= %s AND subject < %s AND position <= %s
ORDER BY subject, version
"""


def spread(
    work: Callable[[Part], T], parts: Iterable[Part], workers: int, *, here: bool = True
) -> Iterator[T]:
    """Do something with all parts, and give what comes of each as soon as it is there.

    Args:
        work: what is done, in any process.
        parts: to do it with.
        workers: how many processes.
        here: whether this one is among them; it begins while the others start.
    """
    waiting, running = deque(parts), set[Future[T]]()
    here |= len(waiting) == 1  # another process would take longer to start
    others = workers - here if len(waiting) > 1 else 0
    with _pool(max(1, others)) as pool, giving_up(pool):
        while waiting or running:
            while len(waiting) > here and len(running) < 2 * others:
                running.add(pool.submit(work, waiting.popleft()))
            if waiting and here:
                yield work(waiting.popleft())
            done, running = wait(running, 0 if waiting and here else None, FIRST_COMPLETED)
            yield from (one.result() for one in done)


def _pool(processes: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(processes, get_context("spawn"), initializer=look_seldom)


def side_by_side(url: str, statement: str, given: Iterable[Sequence[Any]]) -> Iterator[None]:
    """Execute a statement with each of the given parameters, on as many connections as cores.

    Yields:
        each time that one has ended.
    """
    idle: SimpleQueue[Connection] = SimpleQueue()

    def execute(parameters: Sequence[Any]) -> None:
        connection = idle.get()
        try:
            connection.execute(statement, parameters)
        finally:
            idle.put(connection)

    with ExitStack() as open_, ThreadPoolExecutor(cores()) as pool, giving_up(pool):
        for _ in range(cores()):
            idle.put(connection := open_.enter_context(connect(url)))
            connection.execute(_ALONGSIDE)
        for one in as_completed([pool.submit(execute, parameters) for parameters in given]):
            yield one.result()


# Nobody waits for the disk: a crash loses what the next build makes anew anyhow, and the commit of
# the exchange, which waits, makes all that was committed before it last as well.
LASTS_LATER = "SET synchronous_commit = off"
# Each waits for the others as long as it takes, and leaves the other cores to them.
_ALONGSIDE = f"{LASTS_LATER}; SET lock_timeout = 0; SET max_parallel_maintenance_workers = 0"


@contextmanager
def giving_up(pool: Executor) -> Iterator[None]:
    """Begin nothing more once something has failed."""
    try:
        yield
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
