"""Appends over HTTP and by import, beside the package, pgbench and an empty endpoint."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from itertools import count, cycle, islice
from time import perf_counter
from typing import TYPE_CHECKING

import orjson

from bench import goals, peers, places
from bench.board import Sample
from bench.load import Load, request
from bench.stage import furnished, post_lines, wait_until_seen
from bench.stories import Teller
from domain.event import events, kinds

if TYPE_CHECKING:
    from bench.board import Contenders
    from bench.places import Site
    from bench.stage import Stage
    from bench.stories import Line

SECONDS = 4.0
_MOST = 8_000  # requests of one round; twice what the goal's aim needs on two cores
_KNOWN = 500  # subjects of which more is told
_IMPORTED = 12_000  # lines: some seconds
_KINDS = ("partnership", "permit")
_LATER = {
    "partnership": ("expand", {"offering": "vehicle"}),
    "permit": ("confirm", {"fleet_limit": {"value": 12, "unit": "vehicles"}}),
}


def measure(stage: Stage) -> None:
    """Measure all contenders in turns."""
    with ExitStack() as open_:
        url = places.database(stage.server, "appends", migrated=True)
        ours = open_.enter_context(places.farshore(url))
        empty = open_.enter_context(places.empty())
        furnished(ours)
        series = Series(ours)
        post_lines(ours, series.ground())
        stage.board.rounds(
            {**_peers(stage, empty), **_ours(stage, ours, series, url), **_imports(ours, series)}
        )


def _peers(stage: Stage, empty: Site) -> Contenders:
    stock = places.database(stage.server, "stock")
    insert = peers.inserter(places.database(stage.server, "inserts"))

    def recorder(threads: int) -> Sample:
        return Sample(peers.stock_appends(stock, threads, SECONDS))

    def inserts(clients: int) -> Sample:
        return Sample(insert(clients, SECONDS))

    write = [request("POST", "/", places.TOKEN, peers.BODY)]
    load = Load(empty.port, write, 64, SECONDS, again=True)
    return {
        "stock recorder in process, 1 thread": partial(recorder, 1),
        goals.STOCK: partial(recorder, 8),
        "pgbench INSERT, 1 client": partial(inserts, 1),
        "pgbench INSERT, 8 clients": partial(inserts, 8),
        goals.INSERTS: partial(inserts, 32),
        goals.WRITE_EMPTY: lambda: stage.send(load, empty),
    }


def _ours(stage: Stage, site: Site, series: Series, url: str) -> Contenders:
    def opening(clients: int, most: int) -> Sample:
        return stage.send(Load(site.port, series.opening(most), clients, SECONDS), site)

    def later() -> Sample:
        return stage.send(Load(site.port, series.later(_MOST), 64, SECONDS), site)

    def followed() -> Sample:
        with places.projections(url):
            sample = opening(64, _MOST)
            wait_until_seen(site)
        return sample

    return {
        "append over HTTP, 1 client": partial(opening, 1, _MOST // 8),
        "append over HTTP, 8 clients": partial(opening, 8, _MOST),
        goals.APPENDS: partial(opening, 64, _MOST),
        goals.LATER: later,
        goals.FOLLOWED: followed,
    }


def _imports(site: Site, series: Series) -> Contenders:
    def one() -> Sample:
        lines = series.lines(_IMPORTED)
        start = perf_counter()
        post_lines(site, lines)
        return Sample(_IMPORTED / (perf_counter() - start))

    return {goals.IMPORT: one}


class Series:
    """Requests that were never sent before: what opens subjects, and what is told of them later."""

    def __init__(self, site: Site, seed: int = 11) -> None:
        """Refer to the organizations of the example data."""
        self._site = site
        self._stories = Teller(seed).stories(_KINDS)
        self._lines = Teller(seed + 1).lines()
        self._known = [story[0] for story in islice(self._stories, _KNOWN)]
        self._numbers = count(1)

    def opening(self, number: int) -> list[bytes]:
        """Give requests that open partnerships and permits."""
        return [_typed(story[0]) for story in islice(self._stories, number)]

    def ground(self) -> list[bytes]:
        """Give lines that open the subjects of which `later` tells."""
        return [_spelled(line) for line in self._known]

    def later(self, number: int) -> list[bytes]:
        """Give requests about subjects that are known, each in turn."""
        return [self._later(line) for line in islice(cycle(self._known), number)]

    def lines(self, number: int) -> list[bytes]:
        """Give lines of all kinds for an import."""
        return [_spelled(line) for line in islice(self._lines, number)]

    def _later(self, opened: Line) -> bytes:
        kind = opened["type"].partition(".")[0]
        verb, data = _LATER[kind]
        day = f"2026-{next(self._numbers) % 12 + 1:02}"
        body = {"occurred_on": day, "data": data, "sources": opened["sources"]}
        path = f"/v1/{kinds()[kind].path}/{opened['subject']}/{verb}"
        return request("POST", path, places.TOKEN, orjson.dumps(body))


def _spelled(line: Line) -> bytes:
    """Spell a line for the import."""
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def _typed(line: Line) -> bytes:
    """Spell a line as a request to the typed route that opens a subject with it."""
    event = events()[line["type"]]
    body = {name: line[name] for name in ("occurred_on", "data", "sources")}
    path = f"/v1/{kinds()[line['type'].partition('.')[0]].path}/{event.verb}"
    spelled = orjson.dumps(body | {"key": line["subject"]})
    return request("POST", path, places.TOKEN, spelled)
