"""What proof costs: appends while sealing, the lag of the seal, proofs by size, verifying."""

from __future__ import annotations

import asyncio
import os
import random
import tempfile
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter, sleep
from typing import TYPE_CHECKING, Any

import psycopg
from rich.console import Console
from rich.table import Table

from bench import goals, places
from bench.appending import SECONDS, Series
from bench.board import Sample
from bench.load import Load
from bench.stage import furnished, post_lines
from journal.database import conninfo
from journal.pools import pool
from journal.seal import store
from journal.seal.log import Log
from journal.seal.notes import Signer, checkpoint, note
from journal.seal.pack import Pack, Proven
from journal.seal.tiles import Forest
from journal.seal.verifier import leaf_of, verify

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bench.places import Site
    from bench.stage import Stage

_ROUNDS = 5
_MOST = 8_000  # requests of one round
_PROOFS = 300
# Complete tiles, so that no events are needed to look proofs up: a thousand, 100 k, a million.
SIZES = (1_024, 100_096, 1_000_192)
_VERIFIED = 100_000
_ENTRY = 600  # bytes; what an entry of the example data takes


def measure(stage: Stage) -> None:
    """Measure all of it."""
    _appends(stage)
    _proofs(stage)
    _verifying(stage)


def _appends(stage: Stage) -> None:
    """Append with and without a sealer, in turns; then look how long the seal took."""
    with ExitStack() as open_:
        url = places.database(stage.server, "sealing", migrated=True)
        site = open_.enter_context(places.farshore(url, sealing=False))
        data = open_.enter_context(tempfile.TemporaryDirectory(prefix="farshore-bench-seal-"))
        furnished(site)
        series = Series(site, seed=23)
        post_lines(site, series.ground())

        def without() -> Sample:
            return _load(stage, site, series)

        def sealed() -> Sample:
            with places.sealer(url, data):
                _wait_until_sealed(url)
                return _load(stage, site, series)

        stage.board.rounds({goals.UNSEALED: without, goals.SEALED: sealed}, _ROUNDS)
        with places.sealer(url, data):
            _wait_until_sealed(url)
            first = _head(url)
            _load(stage, site, series)
            _wait_until_sealed(url)
        stage.board.note("append to sealed (under 1,000 ms)", _lag(url, first))


def _load(stage: Stage, site: Site, series: Series) -> Sample:
    return stage.send(Load(site.port, series.opening(_MOST), 64, SECONDS), site)


def _wait_until_sealed(url: str) -> None:
    """Wait until a sealer is there, and has sealed all there is."""
    with psycopg.connect(conninfo(url), autocommit=True) as connection:
        [(began,)] = connection.execute("SELECT now()").fetchall()
        while not _is_sealed(connection, began):
            sleep(0.05)


def _is_sealed(connection: psycopg.Connection[Any], began: datetime) -> bool:
    [(seen,)] = connection.execute("SELECT updated_at FROM seal.status").fetchall()
    newest = store.newest(connection)
    return seen > began and newest is not None and newest.size >= store.head(connection)


def _head(url: str) -> int:
    with psycopg.connect(conninfo(url)) as connection:
        return store.head(connection)


_LAG = """
SELECT 1e3 * percentile_cont(0.5) WITHIN GROUP (ORDER BY lag),
    1e3 * percentile_cont(0.99) WITHIN GROUP (ORDER BY lag)
FROM (SELECT extract(epoch FROM (
          SELECT c.signed_at FROM seal.checkpoints c WHERE c.epoch = 0 AND c.size >= e.position
          ORDER BY c.size, c.number LIMIT 1) - e.recorded_at) AS lag
      FROM journal.events e WHERE e.position > %s) of_each
"""


def _lag(url: str, first: int) -> Sample:
    with psycopg.connect(conninfo(url)) as connection:
        [(half, most)] = connection.execute(_LAG, (first,)).fetchall()
    return Sample(p50=float(half), p99=float(most))


def _proofs(stage: Stage, sizes: Sequence[int] = SIZES) -> None:
    """Look proofs up in trees of several sizes; tell how long they are."""
    table = Table("events", "hashes of a proof", "bytes", "p50 ms", "p99 ms", title="Proofs")
    for size in sizes:
        url = places.database(stage.server, f"tree_{size}", migrated=True)
        _planted(url, size)
        lengths, times = asyncio.run(_looked_up(url, size))
        times.sort()
        length = sum(lengths) / len(lengths)
        each = (f"{1e3 * times[len(times) * at // 100]:.2f}" for at in (50, 99))
        table.add_row(f"{size:,}", f"{length:.1f}", f"{32 * length:.0f}", *each)
    Console().print(table)


def _planted(url: str, size: int) -> None:
    """Store a tree over made-up leaves, with a head."""
    chance, forest = random.Random(size), Forest()  # noqa: S311 - the same tree at every run
    tiles = [tile for _ in range(size) for tile in forest.push(chance.randbytes(32))]
    signer = Signer.make("bench.example/log")
    signed = note(checkpoint(signer.name, size, forest.root()), [signer])
    with psycopg.connect(conninfo(url)) as connection:
        store.enter_key(connection, signer.key, None)
        store.publish(connection, 0, size, signed, tiles)


async def _looked_up(url: str, size: int) -> tuple[list[int], list[float]]:
    lengths, times = list[int](), list[float]()
    chance = random.Random(1)  # noqa: S311 - the same positions at every run
    async with pool(url, most=1, autocommit=True) as connections:
        log = Log(connections)
        head = await log.head()
        for _ in range(_PROOFS if head else 0):
            began = perf_counter()
            assert head  # noqa: S101 - for the type checker
            lengths.append(len(await log.inclusion(chance.randint(1, size), head)))
            times.append(perf_counter() - began)
    return lengths, times


def _verifying(stage: Stage) -> None:
    """Verify a pack of a whole journal, as an auditor does."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pack.zip"
        key = _packed(file)
        began = perf_counter()
        list(verify([key], [file]))
        rate = _VERIFIED / (perf_counter() - began)
    stage.board.note("verifier, events of a whole journal", Sample(rate))


def _packed(file: Path) -> str:
    """Write a pack over made-up entries; give the key."""
    signer, forest = Signer.make("bench.example/log"), Forest()
    tiles, label = list[str](), b"\0\0\0\x11farshore/event/v1\0\0\0\x10"
    with file.open("wb") as raw:
        pack = Pack(raw)
        pack.add("rows.ndjson", b"")
        with pack.writing("events.ndjson") as write:
            for position in range(1, _VERIFIED + 1):
                body = os.urandom(_ENTRY)
                entry = label + os.urandom(16) + len(body).to_bytes(4, "big") + body
                entry += b"\0\0\0\x08" + position.to_bytes(8, "big")
                leaf = leaf_of(entry)
                write([Proven(position, entry, leaf, None).line()])
                tiles += [tile.root.hex() for tile in forest.push(leaf) if tile.level == 0]
        signed = note(checkpoint(signer.name, _VERIFIED, forest.root()), [signer])
        manifest = {"complete": True, "size": _VERIFIED, "tiles": tiles}
        pack.close({**manifest, "checkpoint": signed, "successions": []})
    return signer.key
