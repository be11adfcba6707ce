"""What every read over HTTP promises: states, pages, order, tags and waiting."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from api.reading import day_of
from tests.acceptance.reads import LISTS, READS, asked

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx2

    Holds = Callable[[dict[str, Any]], bool]


# ── one state ────────────────────────────────────────────────────────────────────────────────────


def test_a_state_has_the_shape_of_the_contract(examples: httpx2.Client) -> None:
    """Every member that clients were promised is there."""
    state = examples.get("/v1/partnerships/weride-uber-abu-dhabi").json()
    assert {
        *("subject", "title", "stage", "state", "uncertain", "contested", "warnings", "version"),
        *("last_position", "effective_at", "known_at", "known_position", "positions"),
    } <= set(state)
    assert set(state["subject"]) == {"kind", "id", "key"}
    assert {"organization": "dubai-rta", "role": "authority"} in state["state"]["parties"]


def test_a_state_is_found_by_id_and_by_key(examples: httpx2.Client) -> None:
    """Both addresses show the same subject."""
    by_key = examples.get("/v1/partnerships/weride-uber-abu-dhabi").json()
    by_id = examples.get(f"/v1/partnerships/{by_key['subject']['id']}").json()
    assert by_id["state"] == by_key["state"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/partnerships/nobody",
        "/v1/partnerships/weride",
        "/v1/partnerships/nobody/history",
        "/v1/partnerships/nobody/explain",
        "/v1/partnerships/weride/explain",
        "/v1/indicators/weride/series",
        "/v1/partnerships/00000000-0000-0000-0000-000000000000",
        "/v1/partnerships/%F0%9F%A6%84",
        "/v1/events/999999",
        "/v1/events/0",
    ],
)
def test_what_is_not_there_is_not_found(examples: httpx2.Client, path: str) -> None:
    """Absent, of another kind, or no name at all: the answer is 404."""
    answer = examples.get(path)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_subject_of_another_kind_is_not_denied(examples: httpx2.Client) -> None:
    """There is a WeRide, and it is no permit: the answer does not say that there is none."""
    note = {"data": {"details": "x"}}
    for answer in (
        examples.get("/v1/permits/weride"),
        examples.get("/v1/permits/weride/history"),
        examples.get("/v1/permits/weride/explain"),
        examples.post("/v1/permits/weride/add-note", json=note),
    ):
        assert answer.json()["detail"] == "There is no permit 'weride'."


def test_corrections_are_shown_in_the_history(examples: httpx2.Client) -> None:
    """The corrected event shows what it now says, and what was recorded first."""
    path = "/v1/statements/zhang-yongwei-2025-12-01-hurdles/history"
    made, correction = examples.get(path).json()["items"]
    assert (made["type"], made["status"]) == ("statement.made", "corrected")
    assert made["recorded"]["data"] != made["data"]
    assert correction["position"] in made["positions"]


def test_hard_cases_show_as_contested(examples: httpx2.Client) -> None:
    """Where pages tell two states, the record says that it is contested."""
    for path in ("services/mogo-singapore-bus", "rd-centers/xpeng-munich", "services/baidu-dubai"):
        assert examples.get(f"/v1/{path}").json()["contested"], path


# ── lists ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", LISTS)
def test_every_list_has_the_same_frame(examples: httpx2.Client, path: str) -> None:
    """Items with subject, title and positions; where it goes on; up to which position."""
    page = asked(examples, path).json()
    assert {"items", "next_cursor", "position"} <= set(page)
    assert page["items"]
    for item in page["items"]:
        assert set(item["subject"]) == {"kind", "id", "key"}
        assert item["title"]
        assert item["positions"]


@pytest.mark.parametrize(
    "path",
    [
        *("/v1/timeline", "/v1/events", "/v1/partnerships", "/v1/places", "/v1/warnings"),
        *("/v1/coverage", "/v1/targets", "/v1/graph", "/v1/diff?from_known_position=150"),
        "/v1/diff?from_effective_at=2023-01-01",
    ],
)
def test_pages_join_without_gap_or_overlap(examples: httpx2.Client, path: str) -> None:
    """Page by page gives what one large page gives."""
    whole = asked(examples, path, limit=500).json()["items"]
    joined: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = asked(examples, path, limit=7, **cursor).json()
        assert len(page["items"]) <= 7
        joined += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    clocks = ("effective_at", "known_at", "known_position")
    plain = [{k: v for k, v in item.items() if k not in clocks} for item in joined]
    assert plain == [{k: v for k, v in item.items() if k not in clocks} for item in whole]


def test_the_timeline_is_told_in_either_order(examples: httpx2.Client) -> None:
    """By recording the positions rise; by effect the days do."""
    all_of_it = {"known_position": 356, "limit": 500}  # other tests record more
    recorded = asked(examples, "/v1/timeline", order="recorded", **all_of_it).json()["items"]
    effective = asked(examples, "/v1/timeline", **all_of_it).json()["items"]
    positions = [entry["position"] for entry in recorded]
    days = [entry["effective_day"] or "" for entry in effective]
    assert (positions, days) == (sorted(positions), sorted(days))
    assert len(positions) == 356


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ({"kind": "service"}, lambda e: e["subject"]["kind"] == "service"),
        ({"type": "permit.granted"}, lambda e: e["type"] == "permit.granted"),
        ({"organization": "文远知行"}, lambda e: "weride" in e["organizations"]),
        ({"country": "AE"}, lambda e: any(p.get("country") == "AE" for p in e["places"])),
        ({"city": "abu dhabi"}, lambda e: any(p.get("city") == "Abu Dhabi" for p in e["places"])),
        ({"contested": "true"}, lambda e: e["contested"]),
        ({"subject": "hesai"}, lambda e: e["subject"]["key"] == "hesai"),
        ({"from": "2025-01-01"}, lambda e: (e["effective_day"] or "") >= "2025-01-01"),
        ({"to": "2020-12-31"}, lambda e: (e["effective_day"] or "") <= "2020-12-31"),
    ],
)
def test_the_timeline_is_narrowed_by_each_filter(
    examples: httpx2.Client, query: dict[str, str], holds: Holds
) -> None:
    """What a filter lets through fits it, and something does; what it keeps out does not."""
    through = asked(examples, "/v1/timeline", limit=500, **query).json()["items"]
    passed = {entry["position"] for entry in through}
    everything = asked(examples, "/v1/timeline", limit=500).json()["items"]
    assert passed == {entry["position"] for entry in everything if holds(entry)}
    assert 0 < len(passed) < 356


def test_states_are_sorted_as_asked(examples: httpx2.Client) -> None:
    """By key or by last event, either way."""
    by_key = [one["subject"]["key"] for one in asked(examples, "/v1/services").json()["items"]]
    newest = asked(examples, "/v1/services", sort="-recorded").json()["items"]
    positions = [one["last_position"] for one in newest]
    assert by_key == sorted(by_key)
    assert positions == sorted(positions, reverse=True)


# ── freshness ────────────────────────────────────────────────────────────────────────────────────


def test_what_was_written_is_seen_by_who_waits_for_it(examples: httpx2.Client) -> None:
    """With min_position a read shows the write that came before it, everywhere."""
    body = {"data": {"details": "Written to be read at once"}}
    note = examples.post("/v1/organizations/hesai/add-note", json=body)
    wanted = {"min_position": note.headers["Farshore-Position"]}
    state = asked(examples, "/v1/organizations/hesai", **wanted).json()
    entries = asked(examples, "/v1/timeline", q="Written to be read at once", **wanted).json()
    assert state["last_position"] == note.json()["position"]
    assert entries["items"][0]["position"] == note.json()["position"]


def test_waiting_for_what_nobody_wrote_ends(examples: httpx2.Client) -> None:
    """After five seconds the answer is 503, with a time to come back."""
    began = time.monotonic()
    answer = asked(examples, "/v1/timeline", min_position=10**9)
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/not-seen")
    assert answer.headers["Retry-After"]
    assert 4.5 < time.monotonic() - began < 15


@pytest.mark.parametrize("path", READS)
def test_an_answer_that_is_known_already_is_not_sent_again(
    examples: httpx2.Client, path: str
) -> None:
    """A weak tag stands for the answer until something is written."""
    first = asked(examples, path)
    tag = first.headers["ETag"]
    url = first.request.url
    again = examples.get(url, headers={"If-None-Match": f'"other", {tag}'})
    assert tag.startswith('W/"')
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("query", "lasts"),
    [
        (b"effective_at=2025-11-14", True),
        (b"limit=3&effective_at=2025-11-14", True),
        (b"", False),
        (b"from_effective_at=2025-11-14&limit=3", False),
    ],
)
def test_a_tag_outlasts_the_day_where_the_address_names_one(query: bytes, *, lasts: bool) -> None:
    """Without the day of the world, the same address means another one tomorrow."""
    assert (day_of(query) is None) is lasts


# ── how it is ────────────────────────────────────────────────────────────────────────────────────


def test_the_server_tells_how_it_is(examples: httpx2.Client) -> None:
    """Process, readiness, views and metrics."""
    assert examples.get("/healthz").json() == {"alive": True}
    assert examples.get("/readyz").json() == {"ready": True, "faults": [], "notes": []}
    views = examples.get("/v1/projections").json()["items"]
    assert {view["name"] for view in views} >= {"state", "timeline"}
    assert all(view["quarantined"] == 0 for view in views)
    metrics = examples.get("/metrics").text
    assert "farshore_requests_total" in metrics
    assert "farshore_view_lag_events" in metrics


def test_the_catalogue_tells_what_can_be_recorded(examples: httpx2.Client) -> None:
    """A form can be drawn from it: kinds, stages, verbs, schemas with help and examples."""
    meta = examples.get("/v1/meta").json()
    kinds = {kind["name"]: kind for kind in meta["kinds"]}
    form = next(one for one in kinds["partnership"]["actions"] if one["verb"] == "form")
    schema = meta["schemas"][form["data"]["$ref"].rpartition("/")[2]]
    stages = {stage["name"]: stage for stage in kinds["partnership"]["stages"]}
    assert len(kinds) == 14
    assert form["type"] == "partnership.formed"
    assert "parties" in schema["properties"]
    assert "form" in stages["mou"]["verbs"]
    assert "form" not in stages["ended"]["verbs"]


def test_pages_for_people_load_nothing_from_elsewhere(examples: httpx2.Client) -> None:
    """The documentation works without the internet."""
    for path in ("/docs", "/problems"):
        page = examples.get(path)
        assert page.headers["Content-Type"].startswith("text/html")
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert "src=" not in page.text
