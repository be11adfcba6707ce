"""The two clocks over HTTP: what was known at a position is answered for ever, and nothing more."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from api.app import create_app
from journal.settings import Settings
from tests.acceptance.running import Farshore
from tests.folders import open_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx2

EXAMPLES = Path(__file__).parents[2] / "examples"
APP = create_app(Settings())  # only to tell the routes
KNOWN = 280  # a position in the middle of the example data
CLOCKS = ("2021-06-30", "2026-11-01")  # before some of what is known there, and after all of it

# Every route is asked as it is; these have more to show with parameters.
_FILTERS: dict[str, tuple[dict[str, Any], ...]] = {
    "/v1/timeline": (
        {"organization": "weride", "order": "recorded", "newest_first": "true"},
        {"q": "uber"},
        {"contested": "true"},
        {"country": "AE", "type": "service.launched"},
        {"format": "csv"},
    ),
    "/v1/partnerships": (
        {"organization": "WeRide"},
        {"sort": "-recorded"},
        {"stage": "formed"},
        {"q": "uber"},
        {"country": "AE"},
        {"contested": "true"},
        {"format": "ndjson"},
    ),
    "/v1/events": ({"subject": "weride-uber"}, {"format": "ndjson"}),
    "/v1/search": ({"q": "renamed"}, {"q": "weride"}, {"q": "文远知行"}),
}
_SUBJECTS = {
    "organizations": "weride",
    "partnerships": "weride-uber",
    "indicators": "china-assisted-driving-share",
}
Answers = dict[str, list[tuple[int, bytes]]]


def _routes() -> list[str]:
    """Name every route that reads with the clock of knowledge."""
    paths = APP.openapi()["paths"]
    return [path for path, operations in paths.items() if _takes(operations.get("get", {}))]


def _takes(operation: dict[str, Any]) -> bool:
    return "known_position" in {one.get("name") for one in operation.get("parameters", ())}


def _answers(client: httpx2.Client, subjects: dict[str, str]) -> Answers:
    """Ask every route for what was known, on the days of both clocks."""
    found: Answers = {}
    for route in _routes():
        path = route.format(id=subjects.get(route.split("/")[2], ""), position=KNOWN - 1)
        found[route] = []
        for filters in ({}, *_FILTERS.get(route, ())):
            for day in CLOCKS:
                given = {**_required(route), **filters, "known_position": KNOWN}
                given |= {} if route.startswith("/v1/events") else {"effective_at": day}
                answer = client.get(path, params={**given, **_limit(route)})
                found[route].append((answer.status_code, answer.content))
    return found


def _required(route: str) -> dict[str, Any]:
    return {"q": "weride"} if route == "/v1/search" else {}


def _limit(route: str) -> dict[str, Any]:
    operation = APP.openapi()["paths"][route]["get"]
    names = {one.get("name") for one in operation["parameters"]}
    return {"limit": 500} if "limit" in names else {}


@pytest.fixture(scope="module")
def told() -> Iterator[tuple[Answers, Answers]]:
    """Ask everything at a position, record as much again and amend it, and ask again."""
    with open_folder() as folder, Farshore(folder) as farshore, farshore.client() as client:
        lines = (EXAMPLES / "organizations.ndjson").read_bytes().splitlines(keepends=True)
        lines += (EXAMPLES / "events.ndjson").read_bytes().splitlines(keepends=True)
        _import(client, lines[:KNOWN])
        subjects = _SUBJECTS | {
            kind: _some(client, kind) for kind in _kinds() if kind not in _SUBJECTS
        }
        before = _answers(client, subjects)
        _import(client, lines[KNOWN:])
        _amend(client, subjects)
        yield before, _answers(client, subjects)


def _kinds() -> list[str]:
    return [route.split("/")[2] for route in _routes() if route.endswith("/{id}")]


def _some(client: httpx2.Client, kind: str) -> str:
    """Name the subject of a kind with the longest history; kinds that have none yet need none."""
    items = client.get(f"/v1/{kind}", params={"limit": 500}).json()["items"]
    best = max(items, key=lambda item: item["version"], default=None)
    return best["subject"]["key"] if best else "none"


def _import(client: httpx2.Client, lines: list[bytes]) -> None:
    headers = {"Content-Type": "application/x-ndjson"}
    summary = client.post("/v1/events", content=b"".join(lines), headers=headers).json()
    assert (summary["refused"], summary["accepted"]) == (0, len(lines))
    _see(client, summary["position"])


def _see(client: httpx2.Client, position: int) -> None:
    client.get("/v1/timeline", params={"min_position": position}).raise_for_status()


def _amend(client: httpx2.Client, subjects: dict[str, str]) -> None:
    """Change, from then on, whatever the answers told: names, days, doubts, what counts."""
    rename = {"occurred_on": "2020-01-01", "data": {"name": "Renamed"}}
    client.post("/v1/organizations/weride/rename", json=rename).raise_for_status()
    alias = {"data": {"names": [{"name": "Another renamed", "kind": "alias"}]}}
    last = client.post("/v1/organizations/uber/add-alias", json=alias)
    last.raise_for_status()
    for key in subjects.values():
        found = client.get("/v1/timeline", params={"subject": key, "limit": 500})
        for entry in found.json()["items"] if found.is_success else ():
            last = _disputed(client, entry)
    last.raise_for_status()
    _see(client, last.json()["position"])


def _disputed(client: httpx2.Client, entry: dict[str, Any]) -> httpx2.Response:
    line = {
        "type": "event.disputed",
        "kind": entry["subject"]["kind"],
        "subject": entry["subject"]["key"],
        "data": {"target": {"position": entry["position"]}},
        "reason": "To see whether anybody hears of it earlier",
        "sources": [{"title": "A denial", "stance": "denies"}],
    }
    return client.post("/v1/events", json=line)


@pytest.mark.parametrize("route", _routes())
def test_what_is_recorded_later_shows_nowhere(told: tuple[Answers, Answers], route: str) -> None:
    """The same address with the same position gives the same bytes, whatever came since."""
    before, after = told
    assert before[route]
    for was, is_now in zip(before[route], after[route], strict=True):
        assert is_now == was
