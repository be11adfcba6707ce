"""Reads over HTTP beside an empty endpoint, and at pairs of dates beside the present.

What is asked again and again is kept by the server, which looks at the database each time whether
it is still right; what is asked once is made anew.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import cycle, islice, product
from typing import TYPE_CHECKING

from bench import goals, places
from bench.load import Load, request
from bench.stage import furnished, get, wait_until_seen
from domain.event import kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.board import Contenders, Sample
    from bench.places import Site
    from bench.stage import Stage

SECONDS = 4.0
CLIENTS = 32
_EVENTS = 20_000
_MOST = 8_000  # requests a second that are not kept: more than are answered
_LENGTHS = range(40, 60)  # so that there are as many addresses of pages
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
    recent = [f"&effective_at={TODAY - timedelta(days=ago)}" for ago in range(20)]
    days = [f"{chance.randrange(2018, 2027)}-{chance.randrange(1, 13):02}-15" for _ in range(20)]
    past = [f"&effective_at={day}&known_position={chance.randrange(1, last + 1)}" for day in days]
    found: dict[str, Callable[[], Sample]] = {}
    ways: tuple[Callable[[Site, str], list[str]], ...] = (_states, _lists, _pages_of_all_lengths)
    for addresses, now, then in zip(ways, goals.FRESH, goals.PAIRS, strict=True):
        for name, clocks in ((now, recent), (then, past)):
            asked = [path for clock in clocks for path in addresses(site, clock)]
            chance.shuffle(asked)
            requests = (request("GET", path, places.TOKEN) for path in cycle(asked))
            found[name] = partial(_send_next, stage, site, clients, requests)
    return found


def _send_next(stage: Stage, site: Site, clients: int, requests: Iterator[bytes]) -> Sample:
    load = list(islice(requests, int(SECONDS * _MOST)))
    return stage.send(Load(site.port, load, clients, SECONDS), site)


def _states(site: Site, clock: str = "") -> list[str]:
    """Give the addresses of partnerships and permits, two pages of each, in random order."""
    found = []
    for kind in ("partnership", "permit"):
        path, cursor = f"/v1/{kinds()[kind].path}", ""
        for _ in range(2):
            page = get(site, f"{path}?limit=500{clock}{cursor}")
            found += [f"{path}/{item['subject']['key']}?{clock[1:]}" for item in page["items"]]
            cursor = f"&cursor={page['next_cursor']}"
            if not page["next_cursor"]:
                break
    random.Random(1).shuffle(found)  # noqa: S311 - nobody is to be surprised
    return found


def _lists(site: Site, clock: str) -> list[str]:
    """Give addresses of lists, each narrowed by an organization or a country."""
    filters = [f"organization={key}" for key in _organizations(site, clock)]
    filters += [f"country={country}" for country in ("AE", "CN", "DE", "SG", "US", "SA", "JP")]
    names = [kinds()[name].path for name in ("partnership", "permit", "service")]
    asked = product(names, filters, _LENGTHS)
    return [f"/v1/{path}?{one}&limit={length}{clock}" for path, one, length in asked]


def _pages(site: Site, clock: str = "") -> list[str]:
    """Give addresses of timeline pages: the newest first, then with various filters."""
    chance, organizations = random.Random(2), _organizations(site, clock)  # noqa: S311 - as above
    filters = [
        "",
        *(f"&organization={chance.choice(organizations)}" for _ in range(300)),
        *(f"&from={chance.randrange(2010, 2026)}-01-01&order=effective" for _ in range(100)),
        *(f"&kind={chance.choice(list(kinds()))}" for _ in range(100)),
    ]
    return [f"/v1/timeline?limit=50{one}{clock}" for one in filters]


def _pages_of_all_lengths(site: Site, clock: str) -> list[str]:
    paths = _pages(site, clock)
    return [path.replace("limit=50", f"limit={length}") for path in paths for length in _LENGTHS]


def _organizations(site: Site, clock: str) -> list[str]:
    listed = get(site, f"/v1/organizations?limit=500{clock}")["items"]
    return [one["subject"]["key"] for one in listed]
