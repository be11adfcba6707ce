"""The two clocks over HTTP: what was known at a position is answered for ever, and nothing more."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from api.app import create_app
from domain.event import kinds
from journal.settings import Settings
from tests.acceptance.asking import see
from tests.acceptance.running import Farshore
from tests.folders import open_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx2

EXAMPLES = Path(__file__).parents[2] / "examples"
APP = create_app(Settings())  # only to tell the routes
KNOWN = 280  # a position in the middle of the example data
CLOCKS = ("2021-06-30", "2026-11-01")  # before some of what is known there, and after all of it

# Every route is asked as it is, with each of its parameters alone, and with some of them together.
_EACH: dict[str, Any] = {
    "activity": "testing",
    "after": 270,
    "at_least": 2,
    "by": "recorded",
    "city": "Abu Dhabi",
    "code": "outside_every_permit",
    "contested": "true",
    "country": "AE",
    "expiring_within": "9999d",
    "format": "ndjson",
    "from": "2022-01-01",
    "from_effective_at": "2019-01-01",
    "from_known_position": 100,
    "kind": "service",
    "limit": 3,
    "milestone": "service_start",
    "mode": "platform_operator",
    "newest_first": "true",
    "open": "false",
    "open_ended": "true",
    "order": "recorded",
    "organization": "uber",
    "outcome": "open",
    "overdue": "true",
    "q": "uber",
    "role": "developer",
    "service": "weride-uber-abu-dhabi-robotaxi",
    "sort": "-recorded",
    "stage": "launched",
    "subject": "weride-uber-abu-dhabi",
    "to": "2024-01-01",
    "to_effective_at": "2024-01-01",
    "to_known_position": KNOWN - 1,
    "type": "service.launched",
    "unit": "year",
    "with_role": "platform",
}
# Where to look, what else to say the same with, and what comes of an answer.
_NOT_TRIED = {
    *("effective_at", "known_at", "known_position", "from_known_at", "to_known_at"),
    *("min_position", "cursor", "id", "position"),
}
_FILTERS: dict[str, tuple[dict[str, Any], ...]] = {
    "/v1/timeline": (
        {"organization": "weride", "order": "recorded", "newest_first": "true"},
        {"country": "AE", "type": "service.launched"},
        {"organization": "karwa"},
        {"subject": "karwa"},
        {"format": "csv"},
    ),
    "/v1/timeline/density": (
        {"by": "recorded", "unit": "day"},
        {"by": "effective", "unit": "year", "organization": "weride"},
        {"q": "uber", "country": "AE"},
    ),
    "/v1/timeline/facets": ({"organization": "weride", "contested": "true"},),
    "/v1/partnerships": ({"organization": "WeRide"}, {"stage": "formed"}),
    "/v1/search": ({"q": "renamed"}, {"q": "weride"}, {"q": "文远知行"}),
    "/v1/coverage": ({"organization": "weride", "country": "AE"}, {"format": "csv"}),
    "/v1/warnings": ({"code": "weak_source"}, {"organization": "weride", "kind": "service"}),
    "/v1/places": ({"organization": "uber", "stage": "launched"},),
    "/v1/targets": ({"outcome": "met"},),
    "/v1/suspensions": ({"open": "true"},),
    "/v1/graph": ({"with_role": "developer", "at_least": 2},),
    "/v1/diff": (
        {"from_known_position": 1, "from_effective_at": "2024-01-01", "format": "csv"},
        {"from_known_position": 100, "country": "NO"},
        {"from_known_position": 100, "city": "Oslo"},
        {"from_known_position": 100, "organization": "uber"},
        {"from_known_position": 100, "subject": "weride-uber-abu-dhabi-robotaxi"},
        {"from_effective_at": "2019-01-01", "country": "NO", "city": "Oslo"},
    ),
}
# What takes no clock: it tells of the server, the catalogue and who asks, not of what was known.
_CLOCKLESS = {
    *("/healthz", "/readyz", "/v1/projections", "/v1/projections/{name}/quarantine"),
    *("/v1/meta", "/v1/me", "/v1/principals", "/v1/tokens", "/v1/access-records", "/v1/stream"),
    *(
        "/v1/dates",
        "/v1/mappings",
        "/v1/mappings/{name}",
        "/v1/saved-views",
        "/v1/saved-views/{name}",
    ),
}
_PROOF = "/v1/log/"  # of the journal as it is, position by position
_SUBJECTS = {
    "organizations": "weride",
    "partnerships": "weride-uber-abu-dhabi",
    "indicators": "china-assisted-driving-share",
}
Answers = dict[str, list[tuple[int, str | None, bytes]]]  # status, tag and body


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
        alone = ({name: _EACH[name]} for name in sorted(_parameters(route) & _EACH.keys()))
        for filters in ({}, *alone, *_FILTERS.get(route, ())):
            for day in CLOCKS:
                given = {**_required(route), **_limit(route), **filters, "known_position": KNOWN}
                given |= {"effective_at": day} if "effective_at" in _parameters(route) else {}
                answer = client.get(path, params=given)
                tag = answer.headers.get("ETag")
                found[route].append((answer.status_code, tag, answer.content))
    return found


def _required(route: str) -> dict[str, Any]:
    return {"q": "weride"} if route == "/v1/search" else {}


def _limit(route: str) -> dict[str, Any]:
    return {"limit": 500} if "limit" in _parameters(route) else {}


def _parameters(route: str) -> set[str]:
    operation = APP.openapi()["paths"][route]["get"]
    return {one["name"] for one in operation["parameters"] if "name" in one}


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
        subjects["batches"] = client.get("/v1/batches").json()["items"][0]["batch"]
        before = _answers(client, subjects)
        _import(client, lines[KNOWN:])
        _amend(client, subjects)
        yield before, _answers(client, subjects)


def _kinds() -> list[str]:
    return [kind.path for kind in kinds().values()]


def _some(client: httpx2.Client, kind: str) -> str:
    """Name the subject of a kind with the longest history; kinds that have none yet need none."""
    items = client.get(f"/v1/{kind}", params={"limit": 500}).json()["items"]
    best = max(items, key=lambda item: item["version"], default=None)
    return best["subject"]["key"] if best else "none"


def _import(client: httpx2.Client, lines: list[bytes]) -> None:
    headers = {"Content-Type": "application/x-ndjson"}
    summary = client.post("/v1/events", content=b"".join(lines), headers=headers).json()
    assert (summary["refused"], summary["accepted"]) == (0, len(lines))
    see(client, summary["position"])


def _amend(client: httpx2.Client, subjects: dict[str, str]) -> None:
    """Change, from then on, whatever the answers told: names, days, doubts, what counts."""
    rename = {"occurred_on": "2020-01-01", "data": {"name": "Renamed"}}
    client.post("/v1/organizations/weride/rename", json=rename).raise_for_status()
    alias = {"data": {"names": [{"name": "Another renamed", "kind": "alias"}]}}
    last = client.post("/v1/organizations/uber/add-alias", json=alias)
    last.raise_for_status()
    # What was nothing but a name of Mowasalat's is a key, and another's, from then on.
    karwa = {"key": "karwa", "data": {"name": "Karwa Taxi"}}
    client.post("/v1/organizations/register", json=karwa).raise_for_status()
    abroad = {"partners": [{"organization": "uber", "role": "platform"}]}
    abroad |= {"places": [{"country": "NO", "city": "Oslo"}]}
    grown = {"occurred_on": "2022-01-01", "data": abroad}
    client.post(f"{SERVICE}/expand", json=grown).raise_for_status()
    merge = {"reason": "They are one, as somebody will find out", "data": {"into": "uber"}}
    client.post("/v1/organizations/grab/merge-into", json=merge).raise_for_status()
    right = {"reason": "It began in the middle of the month", "occurred_on": "2021-11-15"}
    client.post("/v1/events/170/correct", json=right).raise_for_status()
    wrong = {"reason": "It was another city"}
    client.post("/v1/events/171/retract", json=wrong).raise_for_status()
    for key in (subjects[kind] for kind in _kinds()):
        found = client.get("/v1/timeline", params={"subject": key, "limit": 500})
        for entry in found.json()["items"] if found.is_success else ():
            last = _disputed(client, entry)
    last.raise_for_status()
    see(client, last.json()["position"])


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
    """The same address with the same position gives the same bytes and tag, whatever came since."""
    before, after = told
    assert 200 in {status for status, *_ in before[route]}, "else nothing is compared"
    for was, is_now in zip(before[route], after[route], strict=True):
        assert is_now == was


def test_every_parameter_is_tried() -> None:
    """A new one is given a value, or stands among those that are none of an answer."""
    taken = {name for route in _routes() for name in _parameters(route)}
    assert taken == {*_EACH, *_NOT_TRIED}


def test_every_other_route_that_reads_is_known_to_take_no_clock() -> None:
    """A new route takes the clocks, or stands here for a reason."""
    reading = {path for path, operations in APP.openapi()["paths"].items() if "get" in operations}
    others = {path for path in reading - {*_routes()} if not path.startswith(_PROOF)}
    assert others == _CLOCKLESS


# ── one story, worked out on paper ───────────────────────────────────────────────────────────────

SERVICE = "/v1/services/txai-abu-dhabi"  # launched in November 2021 with five vehicles

# What the fleet was on two days of 2022, as known at four moments:
#   at first, five all the time; then somebody hears late that it was 12 from 10 March on; then that
#   it was eight, and from 1 May on; then that this correction was a mistake.
PAPER = {
    "before": (5, 5),
    "late fact": (12, 12),
    "correction": (5, 8),
    "retraction": (12, 12),
}
DAYS = ("2022-04-01", "2022-06-01")


@pytest.fixture(scope="module")
def moments(expendable: httpx2.Client) -> dict[str, dict[str, Any]]:
    """Record the story; give the last event of each moment."""
    last = expendable.get("/v1/events", params={"limit": 1, "after": 355}).json()["items"][0]
    grown = {"occurred_on": "2022-03-10", "data": {"fleet": {"value": 12, "unit": "vehicles"}}}
    fact = expendable.post(f"{SERVICE}/expand", json=grown).json()
    right = {"occurred_on": "2022-05-01", "data": {"fleet": {"value": 8, "unit": "vehicles"}}}
    right["reason"] = "The operator's own report says so"
    where = f"/v1/events/{fact['position']}/correct"
    correction = expendable.post(where, json=right).json()
    mistaken = {"reason": "The report was about another city"}
    where = f"/v1/events/{correction['position']}/retract"
    retraction = expendable.post(where, json=mistaken).json()
    see(expendable, retraction["position"])
    return dict(zip(PAPER, (last, fact, correction, retraction), strict=True))


@pytest.mark.parametrize("by", ["position", "instant"])
@pytest.mark.parametrize("moment", PAPER)
def test_four_moments_and_two_days_are_as_worked_out_on_paper(
    expendable: httpx2.Client, moments: dict[str, dict[str, Any]], moment: str, by: str
) -> None:
    """A late fact, its correction and the retraction of that: each pair of dates has its answer."""
    event = moments[moment]
    clock = {"known_position": event["position"]}
    if by == "instant":
        clock = {"known_at": event["recorded_at"]}
    found = [expendable.get(SERVICE, params={**clock, "effective_at": day}).json() for day in DAYS]
    assert tuple(one["state"]["fleet"]["value"] for one in found) == PAPER[moment]
    assert {one["known_position"] for one in found} == {event["position"]}
    assert {one["last_position"] for one in found} <= {171, event["position"]}


def test_the_timeline_of_each_moment_is_as_worked_out_on_paper(
    expendable: httpx2.Client, moments: dict[str, dict[str, Any]]
) -> None:
    """The late fact comes, is corrected to another day, and stands again as it was."""

    def told(moment: str) -> list[tuple[str, str, str]]:
        given = {"subject": "txai-abu-dhabi", "known_position": moments[moment]["position"]}
        items = expendable.get("/v1/timeline", params=given).json()["items"]
        about = [one for one in items if one["position"] > 171]
        return [(one["type"], one["effective_day"], one["status"]) for one in about]

    today = moments["correction"]["recorded_at"][:10]
    assert told("before") == []
    assert told("late fact") == [("service.expanded", "2022-03-10", "current")]
    assert told("correction") == [
        ("service.expanded", "2022-05-01", "corrected"),
        ("event.corrected", today, "current"),
    ]
    assert told("retraction") == [
        ("service.expanded", "2022-03-10", "current"),
        ("event.corrected", today, "retracted"),
        ("event.retracted", today, "current"),
    ]


def test_a_subject_is_unknown_until_it_is_recorded(
    expendable: httpx2.Client, moments: dict[str, dict[str, Any]]
) -> None:
    """Before its first event it is absent; before its first day, known to begin later."""
    assert moments
    absent = expendable.get(SERVICE, params={"known_position": 169})
    assert (absent.status_code, absent.json()["type"]) == (404, "/problems/unknown")
    early = expendable.get(SERVICE, params={"effective_at": "2021-10-31"})
    assert (early.status_code, early.json()["type"]) == (404, "/problems/not-yet")
    assert early.json()["effective_from"] == "2021-11-01"
    assert expendable.get(SERVICE, params={"known_position": 0}).status_code == 404
    nothing = expendable.get("/v1/timeline", params={"known_position": 0}).json()
    assert (nothing["items"], nothing["known_at"], nothing["position"]) == ([], None, 0)


def test_an_instant_between_two_recordings_knows_the_first(
    expendable: httpx2.Client, moments: dict[str, dict[str, Any]]
) -> None:
    """`known_at` is inclusive, and whatever came a microsecond later is not known."""
    at = datetime.fromisoformat(moments["correction"]["recorded_at"])
    just_before = (at - timedelta(microseconds=1)).isoformat()
    found = expendable.get(SERVICE, params={"known_at": just_before}).json()
    assert found["known_position"] == moments["late fact"]["position"]
    assert found["known_at"] == just_before.replace("+00:00", "Z")
