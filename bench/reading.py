"""Reads over HTTP beside an empty endpoint; every answer is made anew, none comes from a cache."""

from __future__ import annotations

import random
from functools import partial
from typing import TYPE_CHECKING

from bench import goals, places
from bench.load import Load, request
from bench.stage import furnished, get, wait_until_seen
from domain.event import kinds

if TYPE_CHECKING:
    from bench.board import Contenders, Sample
    from bench.places import Site
    from bench.stage import Stage

SECONDS = 4.0
CLIENTS = 32
_EVENTS = 20_000


def measure(stage: Stage) -> None:
    """Measure all reads in turns with the empty endpoint."""
    url = places.database(stage.server, "reads", migrated=True)
    with places.farshore(url) as ours, places.empty() as empty, places.projections(url):
        furnished(ours, _EVENTS)
        wait_until_seen(ours)
        nothing = [request("GET", "/", places.TOKEN)]
        load = Load(empty.port, nothing, CLIENTS, SECONDS, again=True)
        ceiling = {goals.READ_EMPTY: lambda: stage.send(load, empty)}
        stage.board.rounds({**ceiling, **reads(stage, ours)})


def reads(stage: Stage, site: Site, clients: int = CLIENTS) -> Contenders:
    """Give the four reads, each a name of goals.READS."""
    state, pages = _states(site), _pages(site)

    def read(paths: list[str]) -> Sample:
        requests = [request("GET", path, places.TOKEN) for path in paths]
        return stage.send(Load(site.port, requests, clients, SECONDS, again=True), site)

    addresses = (state[:1], state, pages[:1], pages)
    return {name: partial(read, paths) for name, paths in zip(goals.READS, addresses, strict=True)}


def _states(site: Site) -> list[str]:
    """Give the addresses of up to 2,000 partnerships and permits, in random order."""
    found = []
    for kind in ("partnership", "permit"):
        path, cursor = f"/v1/{kinds()[kind].path}", ""
        for _ in range(2):
            page = get(site, f"{path}?limit=500{cursor}")
            found += [f"{path}/{item['subject']['key']}" for item in page["items"]]
            cursor = f"&cursor={page['next_cursor']}"
            if not page["next_cursor"]:
                break
    random.Random(1).shuffle(found)  # noqa: S311 - nobody is to be surprised
    return found


def _pages(site: Site) -> list[str]:
    """Give addresses of timeline pages: the newest first, then with various filters."""
    chance = random.Random(2)  # noqa: S311 - as above
    organizations = [
        item["subject"]["key"] for item in get(site, "/v1/organizations?limit=500")["items"]
    ]
    filters = [
        "",
        *(f"&organization={chance.choice(organizations)}" for _ in range(300)),
        *(f"&from={chance.randrange(2010, 2026)}-01-01&order=effective" for _ in range(100)),
        *(f"&kind={chance.choice(list(kinds()))}" for _ in range(100)),
    ]
    return [f"/v1/timeline?limit=50{one}" for one in filters]
