"""Write and read without a pause, to see what only time shows: growth, leaks, stalls."""

from __future__ import annotations

from itertools import count
from time import monotonic
from typing import TYPE_CHECKING

from rich.console import Console

from bench import places
from bench.appending import Series
from bench.load import Load
from bench.reading import reads
from bench.stage import furnished, wait_until_seen

if TYPE_CHECKING:
    from bench.places import Site
    from bench.stage import Stage

_ROUND = 5.0


def measure(stage: Stage, seconds: int) -> None:
    """Go on for that long, or until stopped; tell rates, latencies and memory of each round."""
    url = places.database(stage.server, "soak", migrated=True)
    with places.farshore(url) as site, places.projections(url):
        furnished(site)
        wait_until_seen(site)
        series, until, console = Series(site), monotonic() + (seconds or 10**9), Console()
        for number in count(1):
            write = stage.send(Load(site.port, series.opening(20_000), 32, _ROUND), site)
            read = [one() for one in reads(stage, site).values()]
            console.print(
                f"{number:>5}: {write.rate:,.0f} appends/s (p99 {write.p99:.1f} ms), reads "
                + ", ".join(f"{one.rate:,.0f}/s" for one in read)
                + f", memory {_memory(site):,.0f} MiB"
            )
            if monotonic() > until:
                return


def _memory(site: Site) -> float:
    family = [site.process, *site.process.children(recursive=True)]
    return float(sum(one.memory_info().rss for one in family)) / 2**20
