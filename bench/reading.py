"""Reads over HTTP beside an empty endpoint, and at pairs of dates beside the present.

What is asked again and again is kept by the server, which looks at the database each time whether
it is still right; what is asked once is made anew.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from bench import goals, places
from bench.load import Load, request
from bench.stage import furnished, get, is_found, wait_until_seen
from domain.event import kinds

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.board import Contenders, Sample
    from bench.places import Site
    from bench.stage import Stage

SECONDS = 4.0
CLIENTS = 32
_EVENTS = 20_000
_ASKED = 5_000  # addresses; more than a server keeps answers
TODAY = datetime.now(UTC).date()


def measure(stage: Stage) -> None:
    """Measure all reads in turns with the empty endpoint."""
    url = places.database(stage.server, "reads", migrated=True)
    with places.farshore(url) as ours, places.empty() as empty, places.projections(url):
        furnished(ours, _EVENTS)
        wait_until_seen(ours)
        nothing = [request("GET", "/", places.TOKEN)]
        load = Load(empty.port, nothing, CLIENTS, SECONDS, again=True)
        ceiling = {goals.READ_EMPTY: lambda: stage.send(load, empty)}
        stage.board.rounds({**ceiling, **reads(stage, ours), **pairs(stage, ours)})


def reads(stage: Stage, site: Site, clients: int = CLIENTS) -> Contenders:
    """Give the four reads, each a name of goals.READS."""
    state, pages = _states(site), _pages(site)

    def read(paths: list[str]) -> Sample:
        requests = [request("GET", path, places.TOKEN) for path in paths]
        return stage.send(Load(site.port, requests, clients, SECONDS, again=True), site)

    addresses = (state[:1], state, pages[:1], pages)
    return {name: partial(read, paths) for name, paths in zip(goals.READS, addresses, strict=True)}


def pairs(stage: Stage, site: Site, clients: int = CLIENTS) -> Contenders:
    """Give reads of what was not asked before: as known now, and at 20 random pairs of dates."""
    chance = random.Random(3)  # noqa: S311 - nobody is to be surprised
    last = get(site, "/v1/events?limit=1")["position"]
    days = [f"{chance.randrange(2018, 2027)}-{chance.randrange(1, 13):02}-15" for _ in range(20)]
    clocks = [f"effective_at={day}&known_position={chance.randrange(1, last + 1)}" for day in days]
    recent = [f"effective_at={TODAY - timedelta(days=ago)}" for ago in range(30)]
    found: dict[str, Callable[[], Sample]] = {}
    addresses = (_states(site, pages=10), _lists(site), _pages(site))
    for paths, now, past in zip(addresses, goals.FRESH, goals.PAIRS, strict=True):
        for name, choices in ((now, recent), (past, clocks)):
            asked = [_with(chance.choice(paths), chance.choice(choices)) for _ in range(_ASKED)]
            known = asked if name == now else [path for path in asked if is_found(site, path)]
            load = [request("GET", path, places.TOKEN) for path in known]
            send = Load(site.port, load, clients, SECONDS, again=True)
            found[name] = partial(stage.send, send, site)
    return found


def _with(path: str, clock: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}{clock}"


def _lists(site: Site) -> list[str]:
    """Give addresses of lists, each narrowed by an organization or a country."""
    organizations = get(site, "/v1/organizations?limit=500")["items"]
    filters = [f"organization={item['subject']['key']}" for item in organizations]
    filters += [f"country={country}" for country in ("AE", "CN", "DE", "SG", "US", "SA", "JP")]
    names = [kinds()[name].path for name in ("partnership", "permit", "service")]
    sizes = range(40, 60)
    return [f"/v1/{path}?{one}&limit={size}" for path in names for one in filters for size in sizes]


def _states(site: Site, pages: int = 2) -> list[str]:
    """Give the addresses of so many pages of partnerships and permits, in random order."""
    found = []
    for kind in ("partnership", "permit"):
        path, cursor = f"/v1/{kinds()[kind].path}", ""
        for _ in range(pages):
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
