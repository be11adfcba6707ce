"""How fast views follow: rebuilding them all, and the way of one event from append to timeline."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from bench import goals, places, stock
from bench.appending import Series
from bench.board import Sample
from bench.load import Answers, Exchange, request
from bench.stage import furnished, wait_until_seen
from journal.collector import look_seldom
from projections.rebuild import rebuild

if TYPE_CHECKING:
    from bench.places import Site
    from bench.stage import Stage

_EVENTS = 20_000
_STOCK_EVENTS = 3_000
_SEEN = 400


def measure(stage: Stage) -> None:
    """Measure rebuilding in turns with the package's runner, then visibility."""
    look_seldom()  # as `farshore rebuild` does
    url = places.database(stage.server, "views", migrated=True)
    with places.farshore(url) as ours, places.projections(url):
        furnished(ours, _EVENTS)
        wait_until_seen(ours)
        contenders = {
            goals.STOCK_PROJECTION: lambda: _stock(stage),
            goals.REBUILD: lambda: _rebuilt(url),
        }
        stage.board.rounds(contenders)
        see(stage, ours)


def _stock(stage: Stage) -> Sample:
    url = places.database(stage.server, "stock_views")
    return Sample(stock.stock_projection(url, _STOCK_EVENTS))


def _rebuilt(url: str) -> Sample:
    start = perf_counter()
    position = rebuild(url)
    return Sample(position / (perf_counter() - start))


def see(stage: Stage, site: Site) -> None:
    """Append one event at a time, and read the timeline as soon as it can show it."""
    requests = Series(site, seed=23).opening(_SEEN)
    with Exchange(site.port) as exchange:
        appended, seen = [], []
        for one in requests:
            start = perf_counter()
            position = exchange.header(one, b"farshore-position")
            appended.append(perf_counter() - start)
            path = f"/v1/timeline?limit=1&order=recorded&min_position={position}"
            exchange.header(request("GET", path, places.TOKEN), b"content-length")
            seen.append(perf_counter() - start)
    stage.board.note(goals.ITS_APPEND, Sample.of(Answers.timed(appended)))
    stage.board.note(goals.VISIBLE, Sample.of(Answers.timed(seen)))
