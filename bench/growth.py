"""The same load on a small journal and on a large one: what it costs must not grow."""

from __future__ import annotations

from contextlib import ExitStack
from itertools import islice
from time import perf_counter
from typing import TYPE_CHECKING

import orjson
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench import goals, places
from bench.appending import SECONDS, Series
from bench.load import Load
from bench.reading import reads
from bench.stage import post_lines, wait_until_seen
from bench.stories import lines

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.board import Contenders, Sample
    from bench.places import Site
    from bench.stage import Stage

_PART = 20_000  # lines imported in one request
_CLIENTS = 8  # latency is compared: as many as two cores serve without a queue
_LEAST, _AIM = 1.2, 1.0


def measure(stage: Stage, sizes: Sequence[int]) -> None:
    """Fill a journal for each size, then measure all of them in turns."""
    with ExitStack() as open_:
        contenders: dict[str, Callable[[], Sample]] = {}
        for size in sizes:
            url = places.database(stage.server, f"events_{size}", migrated=True)
            site = open_.enter_context(places.farshore(url))
            open_.enter_context(places.projections(url))
            filled(site, size)
            for name, one in _contenders(stage, site).items():
                contenders[f"{size:,} events: {name}"] = one
        stage.board.rounds(contenders)
    _show(stage, sizes)


def filled(site: Site, size: int) -> None:
    """Import that many events, and wait until the views show them."""
    told, start = lines(seed=3), perf_counter()
    with Progress() as progress:
        task = progress.add_task(f"{size:,} events", total=size)
        while part := list(islice(told, min(_PART, size - int(progress.tasks[0].completed)))):
            spelled = [orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in part]
            post_lines(site, spelled)
            progress.advance(task, len(part))
    taken = perf_counter() - start
    wait_until_seen(site)
    Console(stderr=True).print(
        f"{size:,} events: imported in {taken:.0f} s, seen {perf_counter() - start - taken:.0f} s"
        " later"
    )


def _contenders(stage: Stage, site: Site) -> Contenders:
    series = Series(site)

    def append() -> Sample:
        sample = stage.send(Load(site.port, series.opening(2_000), _CLIENTS, SECONDS), site)
        wait_until_seen(site)
        return sample

    return {"append": append, **reads(stage, site, _CLIENTS)}


def _show(stage: Stage, sizes: Sequence[int]) -> None:
    """Print the latencies of all sizes beside those of the smallest."""
    table = Table(title="Latency in ms (p50 / p99) by events in the journal")
    for column in ("what", *(f"{size:,}" for size in sizes), "ratio of p50", "at most", "aim", ""):
        table.add_column(column, justify="left" if column == "what" else "right")
    for name in ("append", *goals.READS):
        samples = [stage.board.middle(f"{size:,} events: {name}") for size in sizes]
        ratio = (samples[-1].p50 or 0) / (samples[0].p50 or 1)
        cells = [f"{one.p50:.2f} / {one.p99:.2f}" for one in samples]
        words = "[green]ok[/green]" if ratio <= _LEAST else "[red]short[/red]"
        table.add_row(name, *cells, f"{ratio:.2f}", f"{_LEAST}", f"{_AIM}", words)
    Console(width=None if Console().is_terminal else 160).print(table)
