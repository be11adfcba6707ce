"""Correcting, retracting, disputing and resolving an event over HTTP, by its position."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from api.amending import about_events
from api.describe import amendments
from tests.integration.serving import served, token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient
    from httpx2 import Response

    from domain.event import Event

WERIDE = {"name": "WeRide", "names": [{"name": "文远知行", "kind": "official"}]}
TAXI = {
    "operators": ["weride"],
    "places": [{"country": "AE", "city": "Dubai"}],
    "vehicle_kinds": ["robotaxi"],
}
SOURCE = {"title": "A page", "stance": "contradicts", "confidence": "probable"}
WHY = {"reason": "The page says so"}
LAUNCH = 3  # its position


@pytest.fixture
def client(database: str) -> Iterator[TestClient]:
    """Serve a journal that knows two organizations and a service."""
    with served(database) as client:
        for key, data in (("weride", WERIDE), ("uber", {"name": "Uber"})):
            client.post("/v1/organizations/register", json={"key": key, "data": data})
        body = {"key": "taxi", "data": TAXI, "occurred_on": "2026-01-10"}
        client.post("/v1/services/launch", json=body)
        yield client


def stored(event: dict[str, Any]) -> dict[str, Any]:
    """Give what two recordings of the same have in common."""
    own = ("position", "id", "version", "recorded_at", "leaf", "warnings", "changes", "timeline")
    return {name: value for name, value in event.items() if name not in own}


def post(client: TestClient, verb: str, body: dict[str, Any], **more: Any) -> Response:
    """Say something about the launch."""
    return client.post(f"/v1/events/{LAUNCH}/{verb}", json=body, **more)


BODIES: dict[str, dict[str, Any]] = {
    "event.corrected": {**WHY, "occurred_on": "2026-01-01", "sources": [SOURCE], "data": TAXI},
    "event.retracted": {**WHY, "details": "Logged twice"},
    "event.disputed": {**WHY, "sources": [SOURCE]},
    "event.dispute_resolved": {**WHY, "sources": [SOURCE], "outcome": "upheld"},
}


@pytest.mark.parametrize("event", about_events(), ids=lambda event: event.type)
def test_what_is_stored_is_the_same_line_of_the_generic_door(
    client: TestClient, event: type[Event]
) -> None:
    """Type, subject, payload, reason and sources are the same, whichever way they came."""
    body = BODIES[event.type]
    if event.type == "event.dispute_resolved":
        assert post(client, "dispute", WHY).status_code == 201
    data = {name: body[name] for name in amendments.payload(event) if name in body}
    line = {
        "type": event.type,
        "kind": "service",
        "subject": "taxi",
        **{name: body[name] for name in amendments.envelope(event) if name in body},
        "data": {"target": {"position": LAUNCH}, **data},
    }
    would_be = client.post("/v1/events?dry_run=true", json=line).json()
    made = post(client, event.verb, body)
    assert made.status_code == 201, made.text
    assert stored(made.json()) == stored(would_be)


def test_a_correction_is_seen_and_the_original_stays_readable(client: TestClient) -> None:
    """The view shows what replaced it, the log what was recorded."""
    made = post(client, "correct", {**WHY, "occurred_on": "2026-01-01"})
    seen = {"min_position": made.headers["Farshore-Position"]}
    [line, _] = client.get("/v1/services/taxi/history", params=seen).json()["items"]
    assert (line["occurred_on"], line["status"]) == ("2026-01-01", "corrected")
    assert client.get(f"/v1/events/{LAUNCH}").json()["occurred_on"] == "2026-01-10"


def test_a_date_that_nobody_knows_replaces_one(client: TestClient) -> None:
    """Null is a date to put in place of another, and not the same as to leave it out."""
    made = post(client, "correct", {**WHY, "occurred_on": None})
    assert made.json()["data"] == {"target": {"position": LAUNCH}, "occurred_on": None}
    refused = post(client, "correct", WHY)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "")


def test_faults_are_pointed_to_where_they_are_in_the_body(client: TestClient) -> None:
    """Not where the line of the generic door would have them."""
    faults: dict[str, dict[str, Any]] = {
        "/occurred_on": {"occurred_on": "soon"},
        "/data/operators/0": {"data": {**TAXI, "operators": ["werid"]}},
        "/data/fleeet": {"data": {**TAXI, "fleeet": 3}},
        "/sources/0/titel": {"sources": [{"title": "A page", "titel": "A page"}]},
        "/target": {"target": {"position": 1}},
        "/reason": {"occurred_on": "2026-01-01", "reason": None},
    }
    for pointer, wrong in faults.items():
        answer = post(client, "correct", {**WHY, **wrong})
        pointers = [error["pointer"] for error in answer.json()["errors"]]
        assert (answer.status_code, pointers) == (422, [pointer]), answer.text
    answer = post(client, "retract", {**WHY, "data": {}})
    assert answer.json()["errors"][0]["pointer"] == "/data"


@pytest.mark.parametrize("verb", [event.verb for event in about_events()])
def test_a_reason_is_never_missing(client: TestClient, verb: str) -> None:
    """Whoever speaks about an event says why."""
    answer = post(client, verb, {})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/reason")


@pytest.mark.parametrize("position", ["99", "0", "-1", "x", "²", "9" * 30])
def test_what_is_not_there_is_not_found(client: TestClient, position: str) -> None:
    """An unknown position and nonsense are told apart from nothing else."""
    answer = client.post(f"/v1/events/{position}/retract", json=WHY)
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")


def test_what_a_later_event_needs_cannot_be_taken_away(client: TestClient) -> None:
    """The refusal is a 409 that names the event that would no longer hold."""
    client.post("/v1/services/taxi/expand", json={"occurred_on": "2026-02-01"})
    answer = post(client, "retract", WHY)
    assert (answer.status_code, answer.json()["conflicting_positions"]) == (409, [4])
    assert "position 4" in answer.json()["detail"]
    client.post("/v1/events/4/retract", json=WHY)
    assert post(client, "retract", WHY).status_code == 201
    again = post(client, "retract", WHY)
    # It names the event, and what took it away.
    assert (again.status_code, again.json()["conflicting_positions"]) == (409, [LAUNCH, 6])


def test_headers_mean_what_they_mean_on_every_write(client: TestClient) -> None:
    """The version is the subject's; a key answers a repeated request as the first time."""
    stale = post(client, "dispute", WHY, headers={"If-Match": '"2"'})
    assert stale.status_code == 412
    headers = {"If-Match": '"1"', "Idempotency-Key": "once"}
    first, again = (post(client, "dispute", WHY, headers=headers) for _ in "12")
    assert (first.status_code, first.content) == (201, again.content)
    assert again.headers["Idempotency-Replayed"] == "true"
    other = post(client, "retract", WHY, headers={"Idempotency-Key": "once"})
    assert other.status_code == 422


def test_who_may_say_what_about_an_event(client: TestClient) -> None:
    """Contributors change their own and doubt anything; auditors doubt; admins settle."""
    may = {
        "contributor": {"correct": 403, "retract": 403, "dispute": 201, "resolve-dispute": 403},
        "auditor": {"correct": 403, "retract": 403, "dispute": 201, "resolve-dispute": 403},
        "admin": {"resolve-dispute": 201, "dispute": 201, "correct": 201, "retract": 201},
    }
    for role, verbs in may.items():
        headers = token(client, role)
        for verb, status in verbs.items():
            body = {**WHY, "occurred_on": "2026-01-02"} if verb == "correct" else WHY
            assert post(client, verb, body, headers=headers).status_code == status, (role, verb)


def test_what_is_one_s_own_can_be_put_right(client: TestClient) -> None:
    """Whose it is, is decided by who recorded the event, not who opened the subject."""
    mine = token(client, "contributor")
    body = {"occurred_on": "2026-02-01"}
    own = client.post("/v1/services/taxi/expand", json=body, headers=mine).json()["position"]
    for verb, body in (("correct", {"occurred_on": "2026-02-03"}), ("retract", {})):
        answer = client.post(f"/v1/events/{own}/{verb}", json={**WHY, **body}, headers=mine)
        assert answer.status_code == 201


def test_a_correction_can_itself_be_taken_back(client: TestClient) -> None:
    """What it replaced counts again."""
    correction = post(client, "correct", {**WHY, "occurred_on": "2026-01-01"}).json()["position"]
    made = client.post(f"/v1/events/{correction}/retract", json=WHY)
    seen = {"min_position": made.headers["Farshore-Position"]}
    history = client.get("/v1/services/taxi/history", params=seen).json()["items"]
    assert [line["occurred_on"] for line in history if line["position"] == LAUNCH] == ["2026-01-10"]
