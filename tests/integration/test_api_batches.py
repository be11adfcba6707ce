"""Undoing a whole import over HTTP."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from tests.integration.serving import served, token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient
    from httpx2 import Response

NDJSON = {"Content-Type": "application/x-ndjson"}
WHY = {"reason": "The wrong file"}
TAXI = {
    "operators": ["weride"],
    "places": [{"country": "AE", "city": "Dubai"}],
    "vehicle_kinds": ["robotaxi"],
}


@pytest.fixture
def client(database: str) -> Iterator[TestClient]:
    """Serve a journal that knows one organization, at position 1."""
    with served(database) as client:
        body = {"key": "weride", "data": {"name": "WeRide"}}
        client.post("/v1/organizations/register", json=body)
        yield client


def event(verb: str, day: str | None, data: dict[str, Any] | None = None) -> dict[str, Any]:
    """Give a line about a service."""
    line = {"type": f"service.{verb}", "subject": "taxi", "occurred_on": day}
    return {**line, "data": data or {}}


def imported(client: TestClient, *lines: dict[str, Any], **headers: str) -> str:
    """Import lines as one batch, and give its id."""
    content = b"\n".join(json.dumps(line).encode() for line in lines)
    answer = client.post("/v1/events", content=content, headers=NDJSON | headers).json()
    assert answer["errors"] == []
    batch: str = answer["batch"]
    return batch


def undo(client: TestClient, batch: str, **more: Any) -> Response:
    """Undo a batch."""
    return client.post(f"/v1/batches/{batch}/undo", json=WHY, **more)


def stage(client: TestClient, position: int) -> str | None:
    """Give the stage of the service, as far as anything is known of it."""
    answer = client.get("/v1/services/taxi", params={"min_position": position}).json()
    told: str | None = answer.get("stage")
    return told


LAUNCH = event("launched", "2026-01-10", TAXI)
SUSPEND, RESUME = event("suspended", "2026-02-10"), event("resumed", "2026-03-10")


def test_every_event_of_the_batch_is_retracted_in_one_go(client: TestClient) -> None:
    """The last first, each by an event like that of the generic door; nothing counts any more."""
    batch = imported(client, LAUNCH, SUSPEND, RESUME)
    answer = undo(client, batch)
    told = answer.json()
    assert (answer.status_code, told["retracted"], told["position"]) == (201, 3, 7)
    assert answer.headers["Farshore-Position"] == "7"
    log = client.get("/v1/events", params={"after": 4}).json()["items"]
    assert [one["data"]["target"]["position"] for one in log] == [4, 3, 2]
    assert {one["batch"] for one in log} == {told["undone_by"]}
    assert {(one["type"], one["reason"]) for one in log} == {("event.retracted", WHY["reason"])}
    assert [one["version"] for one in log] == [4, 5, 6]
    assert stage(client, 7) is None


def test_what_is_stored_is_the_same_line_of_the_generic_door(client: TestClient) -> None:
    """Payload, reason and sources do not tell whether one event was retracted or many."""
    batch = imported(client, LAUNCH)
    line: dict[str, Any] = {"type": "event.retracted", "kind": "service", "subject": "taxi", **WHY}
    line |= {"data": {"target": {"position": 2}}}
    would_be = client.post("/v1/events?dry_run=true", json=line).json()
    undo(client, batch)
    made = client.get("/v1/events/3").json()
    same = ("type", "schema", "version", "occurred_on", "recorded_by", "reason", "sources", "data")
    assert {name: made[name] for name in same} == {name: would_be[name] for name in same}


def test_undoing_twice_does_nothing_more(client: TestClient) -> None:
    """The second time nothing of the batch is left, which is no error."""
    batch = imported(client, LAUNCH, SUSPEND)
    assert undo(client, batch).json()["retracted"] == 2
    again = undo(client, batch)
    assert again.status_code == 200
    assert again.json() == {"batch": batch, "retracted": 0, "undone_by": None, "position": None}


def test_a_repeated_request_gets_the_same_answer(client: TestClient) -> None:
    """An Idempotency-Key makes the second request a look at the first."""
    batch = imported(client, LAUNCH, SUSPEND)
    key = {"Idempotency-Key": "once"}
    first, again = (undo(client, batch, headers=key) for _ in "12")
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert again.headers["Idempotency-Replayed"] == "true"
    other = undo(client, imported(client, event("launched", "2026", TAXI)), headers=key)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/other-request")


def test_an_undo_can_be_undone(client: TestClient) -> None:
    """The retractions are a batch: without them, everything counts again."""
    batch = imported(client, LAUNCH, SUSPEND)
    undone = undo(client, batch).json()
    back = undo(client, undone["undone_by"]).json()
    assert back["retracted"] == 2
    assert stage(client, back["position"]) == "suspended"
    assert undo(client, batch).json()["retracted"] == 2


def test_what_was_taken_back_before_is_left_alone(client: TestClient) -> None:
    """Only what still counts is retracted."""
    batch = imported(client, LAUNCH, SUSPEND)
    client.post("/v1/events/3/retract", json=WHY)
    assert undo(client, batch).json()["retracted"] == 1


def test_what_a_batch_itself_retracted_does_not_come_back(client: TestClient) -> None:
    """A file may hold an event and its retraction: undone, neither counts."""
    line = {"type": "event.retracted", "kind": "service", "subject": "taxi", **WHY}
    target = {"ref": "row-2", "type": "service.suspended"}
    retraction = {**line, "data": {"target": target}}
    batch = imported(client, LAUNCH, {**SUSPEND, "ref": "row-2"}, retraction)
    told = undo(client, batch).json()
    assert told["retracted"] == 3
    assert stage(client, told["position"]) is None


def test_a_batch_on_which_others_built_is_refused_whole(client: TestClient) -> None:
    """The answer names what stands against it, and nothing is written."""
    other = {**LAUNCH, "subject": "other-taxi"}
    batch = imported(client, LAUNCH, other)
    body = {"occurred_on": "2026-04-01"}
    built = client.post("/v1/services/taxi/expand", json=body).json()["position"]
    dry = {"dry_run": "true"}
    for params in ({}, dry):
        answer = undo(client, batch, params=params)
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/built-upon")
        assert answer.json()["conflicting_positions"] == [built]
        assert f"position {built}" in answer.json()["detail"]
    assert len(client.get("/v1/events").json()["items"]) == built
    client.post(f"/v1/events/{built}/retract", json=WHY)
    assert undo(client, batch).status_code == 201


def test_what_holds_in_the_end_is_what_matters(client: TestClient) -> None:
    """One by one, from either end, these would contradict what others logged in between."""
    client.post("/v1/services/launch", json={"key": "taxi", "data": TAXI, "occurred_on": "2026"})
    batch = imported(client, SUSPEND, RESUME)
    later = client.post("/v1/services/taxi/suspend", json={"occurred_on": "2026-04-01"})
    for position in (3, 4):
        one = {"dry_run": "true"}
        alone = client.post(f"/v1/events/{position}/retract", json=WHY, params=one).status_code
        assert alone == {3: 200, 4: 409}[position]
    told = undo(client, batch)
    assert (later.status_code, told.status_code) == (201, 201), told.text
    assert stage(client, told.json()["position"]) == "suspended"


def test_a_preview_tells_each_event_and_what_would_change(client: TestClient) -> None:
    """Field by field of the state, and of the timeline; nothing is written."""
    body = {"key": "taxi", "data": TAXI, "occurred_on": "2026-01-10"}
    client.post("/v1/services/launch", json=body)
    batch = imported(client, SUSPEND)
    answer = undo(client, batch, params={"dry_run": "true"})
    told = answer.json()
    assert (answer.status_code, told["retracted"], told["position"]) == (200, 1, None)
    [event] = told["events"]
    assert (event["position"], event["subject"]["key"]) == (3, "taxi")
    [subject] = told["subjects"]
    assert subject["changes"] == {"stage": {"from": "suspended", "to": "launched"}}
    [line] = subject["timeline"]
    assert line["position"] == 3
    assert line["changes"] == {"status": {"from": "current", "to": "retracted"}}
    assert len(client.get("/v1/events").json()["items"]) == 3


def test_who_may_undo_a_batch(client: TestClient) -> None:
    """Whoever imported it, and admins; nobody else."""
    mine, another = token(client, "contributor"), token(client, "contributor")
    batch = imported(client, LAUNCH, **mine)
    assert undo(client, batch, headers=another).status_code == 403
    assert undo(client, batch, headers=token(client, "auditor")).status_code == 403
    assert undo(client, batch, headers=mine).status_code == 201
    assert undo(client, imported(client, LAUNCH, **mine)).status_code == 201


@pytest.mark.parametrize("batch", [str(UUID(int=1)), "weride", "1", "%00"])
def test_what_is_no_batch_is_not_found(client: TestClient, batch: str) -> None:
    """An unknown id and nonsense alike, to be read or undone."""
    read, undone = client.get(f"/v1/batches/{batch}"), undo(client, batch)
    assert (read.status_code, undone.status_code) == (404, 404)
    assert read.json() | {"instance": ""} == undone.json() | {"instance": ""}


def test_what_is_wrong_with_a_request_is_pointed_to(client: TestClient) -> None:
    """A reason is needed, and nothing is ignored."""
    batch = imported(client, LAUNCH)
    bodies: dict[str, Any] = {"/reason": {}, "/why": {**WHY, "why": "x"}}
    for pointer, body in bodies.items():
        answer = client.post(f"/v1/batches/{batch}/undo", json=body)
        pointers = [error["pointer"] for error in answer.json()["errors"]]
        assert (answer.status_code, pointers) == (422, [pointer])
    assert undo(client, batch, headers={"If-Match": '"1"'}).status_code == 422
    assert undo(client, batch, params={"dryrun": "true"}).status_code == 422


def test_a_name_that_an_import_gave_is_forgotten_with_it(client: TestClient) -> None:
    """An alias that only the batch told means nobody afterwards."""
    alias: dict[str, Any] = {
        "type": "organization.alias_added",
        "subject": "weride",
        "occurred_on": "2026-01-01",
    }
    alias["data"] = {"names": [{"name": "文远知行", "kind": "alias"}]}
    batch = imported(client, alias)
    data = {**TAXI, "operators": ["文远知行"]}
    body = {"data": data, "occurred_on": "2026-01-01"}
    assert client.post("/v1/services/launch?dry_run=true", json=body).status_code == 200
    undo(client, batch)
    assert client.post("/v1/services/launch?dry_run=true", json=body).status_code == 422


# ── looking ──────────────────────────────────────────────────────────────────────────────────────


def test_imports_are_listed_with_what_is_left_of_them(client: TestClient) -> None:
    """The newest first, each with who, when, how many events and how many of them count no more."""
    first = imported(client, LAUNCH, SUSPEND)
    second = imported(client, RESUME)
    client.post("/v1/events/3/retract", json=WHY)
    seen = {"min_position": 5}
    page = client.get("/v1/batches", params=seen).json()
    told = [(one["batch"], one["events"], one["retracted"]) for one in page["items"]]
    assert told == [(second, 1, 0), (first, 2, 1)]
    me = client.get("/v1/me").json()["principal"]
    one = client.get(f"/v1/batches/{first}").json()
    assert one == page["items"][1]
    assert (one["first_position"], one["last_position"], one["recorded_by"]) == (2, 3, me)
    assert one["recorded_at"] == client.get("/v1/events/2").json()["recorded_at"]


def test_the_list_of_imports_is_read_page_by_page(client: TestClient) -> None:
    """Each exactly once."""
    made = [imported(client, {**LAUNCH, "subject": f"taxi-{number}"}) for number in range(5)]
    read: list[str] = []
    params: dict[str, Any] = {"limit": 2, "min_position": 6}
    while True:
        page = client.get("/v1/batches", params=params).json()
        read += [one["batch"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    assert read == made[::-1]
    assert client.get("/v1/batches", params={"cursor": "x"}).status_code == 422


def test_what_came_later_is_not_let_on(client: TestClient) -> None:
    """As known at a position, later imports and retractions are not there."""
    first = imported(client, LAUNCH, SUSPEND)
    undone = undo(client, first).json()
    then = {"known_position": 3}
    [one] = client.get("/v1/batches", params=then).json()["items"]
    assert (one["batch"], one["events"], one["retracted"]) == (first, 2, 0)
    half = client.get(f"/v1/batches/{first}", params={"known_position": 2}).json()
    assert (half["events"], half["last_position"]) == (1, 2)
    later = client.get(f"/v1/batches/{undone['undone_by']}", params=then)
    assert later.status_code == 404
    assert client.get(f"/v1/batches/{first}", params={"min_position": 5}).json()["retracted"] == 2
