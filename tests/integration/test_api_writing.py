"""Recording over HTTP: one, several, a stream; twice, late, wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.serving import served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient

NDJSON = {"Content-Type": "application/x-ndjson"}
WERIDE = {"name": "WeRide", "names": [{"name": "文远知行", "kind": "official"}]}
DEAL = {
    "occurred_on": "2024-09-25",
    "key": "weride-uber",
    "data": {
        "parties": [{"organization": "weride"}, {"organization": "uber"}],
        "mode": "platform_operator",
    },
}


@pytest.fixture
def client(database: str) -> Iterator[TestClient]:
    """Serve a journal that knows two organizations."""
    with served(database) as client:
        for key, data in (("weride", WERIDE), ("uber", {"name": "Uber"})):
            client.post("/v1/organizations/register", json={"key": key, "data": data})
        yield client


def lines(*documents: dict[str, Any]) -> bytes:
    """Write documents one per line."""
    return b"\n".join(json.dumps(document).encode() for document in documents)


def note(text: str, **more: Any) -> dict[str, Any]:
    """Give a line that notes something about WeRide."""
    line = {"type": "note.added", "kind": "organization", "subject": "weride"}
    return {**line, "data": {"details": text}, **more}


# ── typed routes ─────────────────────────────────────────────────────────────────────────────────


def test_what_is_sent_is_what_is_read_back(client: TestClient) -> None:
    """The answer carries the payload, the envelope and where the event is."""
    answer = client.post("/v1/partnerships/form", json=DEAL)
    event = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == "/v1/events/3"
    assert answer.headers["ETag"] == '"1"'
    assert answer.headers["Farshore-Position"] == "3"
    assert event["data"] == DEAL["data"]
    assert event["occurred_on"] == "2024-09-25"
    assert event["subject"]["key"] == "weride-uber"
    assert (event["reason"], event["sources"], event["warnings"]) == (None, [], [])
    assert len(event["leaf"]) == 64


def test_a_name_in_any_script_is_read_back_as_the_key(client: TestClient) -> None:
    """An alias is as good as a key when writing."""
    parties = [{"organization": "文远知行"}, {"organization": "UBER"}]
    body = {**DEAL, "data": {**DEAL["data"], "parties": parties}}  # type: ignore[dict-item]  # JSON
    event = client.post("/v1/partnerships/form", json=body).json()
    assert event["data"]["parties"] == [{"organization": "weride"}, {"organization": "uber"}]


def test_a_key_is_made_of_the_content(client: TestClient) -> None:
    """Without a key a subject gets one that people can read."""
    body = {**DEAL, "key": None}
    keys = [client.post("/v1/partnerships/form", json=body).json()["subject"]["key"] for _ in "12"]
    assert keys == ["weride-and-uber", "weride-and-uber-2"]


def test_a_subject_is_addressed_by_key_or_id(client: TestClient) -> None:
    """Both lead to the same subject."""
    subject = client.post("/v1/partnerships/form", json=DEAL).json()["subject"]
    for name in (subject["key"], subject["id"]):
        body = {"data": {"details": "called"}, "occurred_on": "2025-01"}
        answer = client.post(f"/v1/partnerships/{name}/add-note", json=body)
        assert answer.json()["subject"] == subject


@pytest.mark.parametrize("name", ["nobody", "weride", "No Key", "%00", "0" * 300])
def test_a_subject_that_is_not_of_the_kind_is_not_found(client: TestClient, name: str) -> None:
    """An organization is not found among partnerships, and neither is nonsense."""
    body = {"data": {"details": "x"}}
    answer = client.post(f"/v1/partnerships/{name}/add-note", json=body)
    assert answer.status_code == 404


def test_members_that_a_route_does_not_take_are_named(client: TestClient) -> None:
    """Nothing is ignored: a mistyped member is an error that points to it."""
    answer = client.post("/v1/partnerships/form", json={**DEAL, "occured_on": "2024", "kind": "x"})
    pointers = {error["pointer"] for error in answer.json()["errors"]}
    assert (answer.status_code, pointers) == (422, {"/occured_on", "/kind"})


def test_a_key_that_is_no_key_is_pointed_to(client: TestClient) -> None:
    """The error names the member that the client wrote."""
    answer = client.post("/v1/partnerships/form", json={**DEAL, "key": "WeRide & Uber"})
    assert answer.json()["errors"][0]["pointer"] == "/key"


def test_a_missing_field_of_a_new_record_is_pointed_to(client: TestClient) -> None:
    """Opening without a required field is 422 at that field."""
    body = {"data": {"parties": DEAL["data"]["parties"]}}  # type: ignore[index]  # JSON
    answer = client.post("/v1/partnerships/form", json=body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/data/mode"]


def test_a_broken_rule_names_what_it_contradicts(client: TestClient) -> None:
    """409 gives the positions in the way and the verbs that are possible."""
    client.post("/v1/partnerships/form", json=DEAL)
    client.post("/v1/partnerships/weride-uber/end", json={"occurred_on": "2025-01"})
    answer = client.post("/v1/partnerships/weride-uber/expand", json={"occurred_on": "2025-02"})
    problem = answer.json()
    assert answer.status_code == 409
    assert problem["conflicting_positions"] == [4]
    assert "add-note" in problem["allowed"]
    assert "expand" not in problem["allowed"]


# ── headers and parameters ───────────────────────────────────────────────────────────────────────


def test_a_dry_run_tells_and_writes_nothing(client: TestClient) -> None:
    """The answer is 200 with what would change; the next event gets the position all the same."""
    dry = client.post("/v1/partnerships/form?dry_run=true", json=DEAL)
    assert dry.status_code == 200
    assert dry.json()["changes"]["stage"] == {"from": None, "to": "formed"}
    assert dry.json()["leaf"] is None
    assert client.post("/v1/partnerships/form", json=DEAL).json()["position"] == 3


def test_a_repeated_request_gets_the_same_answer(client: TestClient) -> None:
    """An Idempotency-Key makes the second request a look at the first."""
    key = {"Idempotency-Key": "once"}
    first = client.post("/v1/partnerships/form", json=DEAL, headers=key)
    again = client.post("/v1/partnerships/form", json=DEAL, headers=key)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers


def test_an_idempotency_key_belongs_to_one_body(client: TestClient) -> None:
    """Another body under the same key is refused."""
    key = {"Idempotency-Key": "once"}
    client.post("/v1/partnerships/form", json=DEAL, headers=key)
    other = client.post("/v1/partnerships/form", json={**DEAL, "key": "b"}, headers=key)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/other-request")


def test_an_outdated_version_is_refused(client: TestClient) -> None:
    """If-Match names the version that the client has seen."""
    client.post("/v1/partnerships/form", json=DEAL)
    for version, status in (('"2"', 412), ('"1"', 201), ('W/"2"', 422), ("2", 422)):
        answer = client.post(
            "/v1/partnerships/weride-uber/add-note",
            json={"data": {"details": "x"}},
            headers={"If-Match": version},
        )
        assert answer.status_code == status


@pytest.mark.parametrize("query", ["dry_run=yes", "dryrun=true", "dry_run=true&dry_run=false"])
def test_parameters_are_never_ignored(client: TestClient, query: str) -> None:
    """A mistyped dry_run must not write."""
    answer = client.post(f"/v1/partnerships/form?{query}", json=DEAL)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/bad-parameters")
    assert client.post("/v1/partnerships/form", json=DEAL).json()["position"] == 3


# ── bodies ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff", 400),
        (b"null", 422),
        (b"7", 422),
        (b'{"data": {"details": "a\\u0000"}}', 422),
        (b'{"data": {"details": "\\ud800"}}', 422),
        (b'{"data": {"details": "a", "details": "b"}}', 422),
        (b'{"data": {"details": NaN}}', 422),
        (b'{"data": {"details": 1e400}}', 422),
        (b"[" * 100_000, 422),
        (b'{"data": {"details": "' + b"a" * 1024 * 1024 + b'"}}', 413),
    ],
)
def test_no_body_is_too_hostile(client: TestClient, body: bytes, status: int) -> None:
    """Whatever comes, the answer is a problem, and never 500."""
    headers = {"Content-Type": "application/json"}
    answer = client.post("/v1/organizations/weride/add-note", content=body, headers=headers)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_body_without_a_length_is_limited_too(client: TestClient) -> None:
    """A chunked body is read no further than it may be."""
    answer = client.post(
        "/v1/events",
        content=(b" " * 65_536 for _ in range(40)),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 413


def test_another_media_type_is_refused(client: TestClient) -> None:
    """JSON is not guessed."""
    answer = client.post("/v1/organizations/weride/add-note", content=b"{}")
    assert answer.status_code == 415


# ── the generic door ─────────────────────────────────────────────────────────────────────────────


def test_one_event_of_any_type_can_be_sent(client: TestClient) -> None:
    """An object is one event."""
    answer = client.post("/v1/events", json=note("called", ref="R1"))
    assert (answer.status_code, answer.json()["ref"]) == (201, "R1")


def test_an_array_is_recorded_whole_or_not_at_all(client: TestClient) -> None:
    """Every fault is told at once, each under its index, and nothing is written."""
    bad = client.post("/v1/events", json=[note("a"), note(""), note("c", typo=1)])
    pointers = {error["pointer"] for error in bad.json()["errors"]}
    assert (bad.status_code, pointers) == (422, {"/1/data/details", "/2/typo"})
    good = client.post("/v1/events", json=[note("a"), note("b")])
    assert [event["position"] for event in good.json()] == [3, 4]


def test_a_rule_broken_within_an_array_is_pointed_to(client: TestClient) -> None:
    """What the third event contradicts is told under its index."""
    deal = {"type": "partnership.formed", "subject": "weride-uber", "data": DEAL["data"]}
    end = {"type": "partnership.ended", "subject": "weride-uber", "occurred_on": "2025-01"}
    grow = {"type": "partnership.expanded", "subject": "weride-uber", "occurred_on": "2025-02"}
    answer = client.post("/v1/events", json=[{**deal, "occurred_on": "2024-09-25"}, end, grow])
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["pointer"].startswith("/2")


def test_an_empty_array_says_nothing(client: TestClient) -> None:
    """There is nothing to record in it."""
    assert client.post("/v1/events", json=[]).status_code == 422


# ── streams ──────────────────────────────────────────────────────────────────────────────────────


def test_a_refused_line_stops_no_other(client: TestClient) -> None:
    """The summary counts, and tells each refusal by its line."""
    body = b"\n".join([lines(note("a")), b"", b"{", lines(note("b")), b"[]", lines(note(""))])
    summary = client.post("/v1/events", content=body, headers=NDJSON).json()
    assert (summary["accepted"], summary["replayed"], summary["refused"]) == (2, 0, 3)
    assert [error["line"] for error in summary["errors"]] == [3, 5, 6]
    assert [error["status"] for error in summary["errors"]] == [400, 422, 422]
    assert summary["position"] == 4


def test_a_line_may_name_what_the_line_before_it_opened(client: TestClient) -> None:
    """Lines are recorded in their order, however many are on their way at once."""
    opened = [
        {
            "type": "organization.registered",
            "subject": f"o{number}",
            "data": {"name": f"O {number}"},
        }
        for number in range(300)
    ]
    notes = [note("x", subject=f"o{number}") for number in range(300)]
    body = lines(*(line for pair in zip(opened, notes, strict=True) for line in pair))
    summary = client.post("/v1/events", content=body, headers=NDJSON).json()
    assert (summary["accepted"], summary["errors"]) == (600, [])


def test_an_import_can_be_run_again(client: TestClient) -> None:
    """A line is known by its content, whatever the spelling of its JSON."""
    first = client.post("/v1/events", content=lines(note("a"), note("b")), headers=NDJSON)
    spaced = lines(dict(reversed(note("a").items())), note("b"), note("c"))
    again = client.post("/v1/events", content=spaced, headers=NDJSON).json()
    assert first.json()["accepted"] == 2
    assert (again["accepted"], again["replayed"], again["position"]) == (1, 2, 5)


def test_lines_can_be_recorded_all_or_none(client: TestClient) -> None:
    """With atomic, one bad line keeps all others out."""
    url = "/v1/events?atomic=true"
    bad = client.post(url, content=lines(note("a"), note("")), headers=NDJSON)
    good = client.post(url, content=lines(note("a"), note("b")), headers=NDJSON)
    again = client.post(url, content=lines(note("a"), note("b")), headers=NDJSON)
    assert (bad.json()["accepted"], bad.json()["refused"]) == (0, 1)
    assert (good.json()["accepted"], good.headers["Farshore-Position"]) == (2, "4")
    assert again.json()["replayed"] == 2


def test_a_line_is_limited_and_a_stream_is_not(client: TestClient) -> None:
    """A line over 1 MiB is refused alone, in a stream of more than that."""
    long = note("x", sources=[{"title": "a" * 2_000}] * 250)
    body = lines(note("before"), note("a" * 1024 * 1024), *[long] * 4, note("after"))
    summary = client.post("/v1/events", content=body, headers=NDJSON).json()
    assert (summary["accepted"], summary["replayed"], summary["refused"]) == (3, 3, 1)
    assert (summary["errors"][0]["line"], summary["errors"][0]["status"]) == (2, 413)


def test_refusals_beyond_a_thousand_are_counted(client: TestClient) -> None:
    """The answer stays small."""
    summary = client.post("/v1/events", content=b"x\n" * 1_500, headers=NDJSON).json()
    assert (summary["refused"], len(summary["errors"])) == (1_500, 1_000)


def test_a_stream_can_be_tried(client: TestClient) -> None:
    """A dry run of a stream says what would be accepted, and writes nothing."""
    url = "/v1/events?dry_run=true"
    dry = client.post(url, content=lines(note("a"), note("")), headers=NDJSON).json()
    real = client.post("/v1/events", content=lines(note("a")), headers=NDJSON).json()
    assert (dry["accepted"], dry["refused"], real["position"]) == (1, 1, 3)
    assert "subjects" not in real


def test_a_trial_of_a_stream_tells_what_would_become_of_each_subject(client: TestClient) -> None:
    """From before the first line about it to behind the last, not line by line."""
    formed = {**DEAL, "type": "partnership.formed", "subject": "deal"}
    del formed["key"]
    ended = {"type": "partnership.ended", "subject": "deal", "occurred_on": "2026-01-01"}
    content = lines(formed, ended, note("a"))
    client.get("/v1/timeline", params={"min_position": 2})  # so that names are told
    dry = client.post("/v1/events?dry_run=true", content=content, headers=NDJSON).json()
    told = {one["subject"]["key"]: one["changes"] for one in dry["subjects"]}
    assert told["weride"] == {}
    assert told["deal"]["stage"] == {"from": None, "to": "ended"}
    assert told["deal"]["title"] == {"from": None, "to": "WeRide and Uber"}


def test_a_version_belongs_to_one_subject(client: TestClient) -> None:
    """If-Match on a stream would mean nothing, so it is refused rather than ignored."""
    headers = {**NDJSON, "If-Match": '"1"'}
    assert client.post("/v1/events", content=lines(note("a")), headers=headers).status_code == 422
