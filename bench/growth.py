"""The same load on a small journal and on a large one: what it costs must not grow."""

from __future__ import annotations

from contextlib import ExitStack
from time import perf_counter
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from bench import goals, places
from bench.appending import SECONDS, Series
from bench.filling import fill
from bench.load import Load
from bench.reading import pairs, reads
from bench.stage import wait_until_seen
from projections.rebuild import rebuild

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.board import Contenders, Sample
    from bench.places import Site
    from bench.stage import Stage

_CLIENTS = 8  # latency is compared: as many as two cores serve without a queue
_LEAST, _AIM = 1.2, 1.0


def measure(stage: Stage, sizes: Sequence[int]) -> None:
    """Fill a journal for each size and measure all in turns; the last also at pairs of dates."""
    with ExitStack() as open_:
        contenders: dict[str, Callable[[], Sample]] = {}
        for size in sizes:
            url = places.database(stage.server, f"events_{size}", migrated=True)
            _filled(url, size)
            site = open_.enter_context(places.farshore(url))
            open_.enter_context(places.projections(url))
            for name, one in _contenders(stage, site).items():
                contenders[f"{size:,} events: {name}"] = one
        stage.board.rounds(contenders)
        stage.board.rounds(pairs(stage, site, _CLIENTS))
    _show(stage, sizes)
    stage.board.show((*goals.FRESH, *goals.PAIRS))


def _filled(url: str, size: int) -> None:
    """Append that many events, and build the views of them."""
    start = perf_counter()
    fill(url, size)
    appended = perf_counter() - start
    rebuild(url)
    built = perf_counter() - start - appended
    Console(stderr=True).print(
        f"{size:,} events: appended in {appended:.0f} s, views built in {built:.0f} s"
        f" ({size / built:,.0f} events/s)"
    )


def _contenders(stage: Stage, site: Site) -> Contenders:
    series = Series(site)

    def append() -> Sample:
        sample = stage.send(Load(site.port, series.opening(2_000), _CLIENTS, SECONDS), site)
        wait_until_seen(site)
        return sample

    return {"append": append, **reads(stage, site, _CLIENTS)}


def _show(stage: Stage, sizes: Sequence[int]) -> None:
    """Print latency, and what was computed for one request, beside those of the smallest."""
    table = Table(title="By events in the journal: latency in ms (p50 / p99), and CPU in µs")
    for column in ("what", *(f"{size:,}" for size in sizes), "ratio", "at most", "aim", ""):
        table.add_column(column, justify="left" if column == "what" else "right")
    for name in ("append", *goals.READS):
        samples = [stage.board.middle(f"{size:,} events: {name}") for size in sizes]
        latency = [f"{one.p50:.2f} / {one.p99:.2f}" for one in samples]
        table.add_row(name, *latency, *_judged([one.p50 or 0.0 for one in samples]))
        computed = [one.cpu["server"] + one.cpu["postgres"] for one in samples]
        table.add_row("  computed", *(f"{one:.0f}" for one in computed), *_judged(computed))
    Console(width=None if Console().is_terminal else 160).print(table)


def _judged(figures: Sequence[float]) -> tuple[str, ...]:
    ratio = figures[-1] / figures[0]
    words = "[green]ok[/green]" if ratio <= _LEAST else "[red]short[/red]"
    return f"{ratio:.2f}", f"{_LEAST}", f"{_AIM}", words
