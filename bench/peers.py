"""What others do on the same database server: the package's stock parts, and pgbench."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict

from bench.places import ROOT
from journal.binaries import Account, find
from journal.database import conninfo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BODY = os.urandom(290).hex().encode()  # as long as a stored event of the example data: 580 bytes


# ── the package's recorder ───────────────────────────────────────────────────────────────────────


def stock_appends(url: str, threads: int, seconds: float) -> float:
    """Give the events a second that the package's recorder appends, in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_stock_appends, url, threads, seconds).result()


def _stock_appends(url: str, threads: int, seconds: float) -> float:
    with stock_recorder(url, threads) as recorder, ThreadPoolExecutor(threads) as pool:
        start = perf_counter()
        writers = [pool.submit(_append, recorder, start + seconds) for _ in range(threads)]
        return sum(one.result() for one in writers) / (perf_counter() - start)


def _append(recorder: PostgresApplicationRecorder, until: float) -> int:
    for number in count():
        recorder.insert_events([StoredEvent(uuid4(), 1, "partnership.formed", BODY)])
        if perf_counter() > until:
            return number + 1
    raise AssertionError


@contextmanager
def stock_recorder(url: str, threads: int) -> Iterator[PostgresApplicationRecorder]:
    """Give the package's recorder with its table made, as it comes."""
    with stock_datastore(url, threads) as datastore:
        recorder = PostgresApplicationRecorder(datastore, events_table_name="stored_events")
        recorder.create_table()
        yield recorder


@contextmanager
def stock_datastore(url: str, connections: int) -> Iterator[PostgresDatastore]:
    """Give the package's pool of connections."""
    given = conninfo_to_dict(url)
    with ExitStack() as stack:
        datastore = PostgresDatastore(
            str(given["dbname"]),
            str(given["host"]),
            str(given.get("port", "5432")),
            str(given["user"]),
            str(given["password"]),
            pool_size=connections,
            max_overflow=connections,
        )
        stack.callback(datastore.close)
        yield datastore


# ── pgbench ──────────────────────────────────────────────────────────────────────────────────────


def inserter(url: str) -> Callable[[int, float], float]:
    """Prepare a table; give what measures single-row INSERTs a second by clients and seconds."""
    with psycopg.connect(conninfo(url)) as connection:
        connection.execute("CREATE TABLE single (id bigserial PRIMARY KEY, body text NOT NULL)")
    program = find(Account(os.geteuid(), os.getegid()), ROOT) / "pgbench"

    def inserts(clients: int, seconds: float) -> float:
        with tempfile.TemporaryDirectory() as folder:
            script = Path(folder) / "insert.sql"
            script.write_text(f"INSERT INTO single (body) VALUES ('{BODY.decode()}');\n")
            options = f"-n -M prepared -c {clients} -j {min(clients, 2)} -T {seconds:.0f}"
            command = [str(program), *options.split(), "-f", str(script), url]
            answer = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own
        return float(re.findall(r"tps = ([\d.]+)", answer.stdout)[-1])

    return inserts
