"""The stage of one run: a database server, a load generator, and who computes how long."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any

import orjson
import psutil

from bench import places
from bench.board import Board, Sample
from bench.load import Generator, Load, Refused
from bench.stories import ndjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bench.places import Site


@dataclass(frozen=True, slots=True)
class Stage:
    """What every section stands on."""

    server: str
    generator: Generator
    board: Board

    def send(self, load: Load, site: Site) -> Sample:
        """Send a load to a site; tell what came of it, and who computed how long."""
        before = self._spent(site)
        answers = self.generator.send(load)
        after = self._spent(site)
        return Sample.of(answers, {party: after[party] - before[party] for party in after})

    def _spent(self, site: Site) -> dict[str, float]:
        return {
            "server": site.cpu(),
            "postgres": _postgres_cpu(),
            "load generator": self.generator.cpu(),
        }


@contextlib.contextmanager
def stage() -> Iterator[Stage]:
    """Start the database server and the generator."""
    with places.postgres() as server, Generator() as generator:
        yield Stage(server, generator, Board())


def _postgres_cpu() -> float:
    """Give the seconds that our database server computed, ended connections included."""
    spent = 0.0
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.name() == "postgres":
                times = process.cpu_times()
                spent += times.user + times.system + times.children_user + times.children_system
    return spent


def post_lines(site: Site, lines: Iterable[bytes]) -> dict[str, Any]:
    """Import NDJSON in one request; give the answer.

    Raises:
        Refused: it failed, or more than one line in a hundred was refused.
    """
    sent = b"".join(lines)
    connection = HTTPConnection("127.0.0.1", site.port, timeout=900)
    headers = {"Authorization": f"Bearer {places.TOKEN}", "Content-Type": "application/x-ndjson"}
    connection.request("POST", "/v1/events", sent, headers)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 200:  # noqa: PLR2004 - all went well
        raise Refused(content.decode(errors="replace"))
    told: dict[str, Any] = orjson.loads(content)
    if told["refused"] * 100 > sent.count(b"\n"):
        raise Refused(f"{told['refused']} lines: {told['errors'][:3]}")
    return told


def get(site: Site, path: str) -> Any:  # noqa: ANN401 - any JSON
    """Read one answer.

    Raises:
        Refused: it is no 200.
    """
    connection = HTTPConnection("127.0.0.1", site.port, timeout=60)
    connection.request("GET", path, headers={"Authorization": f"Bearer {places.TOKEN}"})
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 200:  # noqa: PLR2004 - all went well
        raise Refused(f"{path}: {content.decode(errors='replace')}")
    return orjson.loads(content)


def wait_until_seen(site: Site) -> None:
    """Wait until the views show all that is recorded, however long that takes."""
    position = get(site, "/v1/events?limit=1&after=0")["position"]
    while True:
        with contextlib.suppress(Refused):
            get(site, f"/v1/timeline?limit=1&min_position={position}")
            return


def furnished(site: Site, events: int = 2_000) -> None:
    """Import the example data and some more, so that there is something to refer to."""
    post_lines(site, ndjson(events, seed=7))
