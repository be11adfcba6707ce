"""The views over HTTP: what they could not take, what becomes of it, what their rows come to."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from journal.database import conninfo
from projections.attestation import digests
from projections.catalogue import PROJECTIONS
from projections.rebuild import rebuild
from projections.tracking import LOCKS, lock_of
from tests.acceptance.asking import see
from tests.integration.asking import ask
from tests.integration.running import Fragile, ill_and_well, until
from tests.integration.serving import served, token
from tests.integration.viewing import example_lines, follow, record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient

HELD = "/v1/projections/timeline/quarantine"


@pytest.fixture
def ill(database: str) -> Iterator[TestClient]:
    """Serve a journal of which the timeline could not take positions 3 and, behind it, 5."""
    record(database, ill_and_well())
    Fragile.poison = {3}
    rebuild(database, (Fragile(),), workers=1)
    Fragile.poison = set()
    follow(database)
    with served(database) as client:
        yield client


def _held(client: TestClient) -> list[tuple[int, int, str | None]]:
    items: list[dict[str, Any]] = client.get(HELD).json()["items"]
    return [(one["position"], one["attempts"], one["skipped_reason"]) for one in items]


def _shown(client: TestClient) -> int:
    return len(client.get("/v1/timeline", params={"limit": 500}).json()["items"])


def test_quarantine_is_listed_and_told_by_health_and_metrics(ill: TestClient) -> None:
    """With its error, for everybody who reads; the server stays ready, since all else is shown."""
    first, behind = ill.get(HELD).json()["items"]
    assert (first["position"], first["subject"], first["type"]) == (3, "ill", "note.added")
    assert first["error"] == "ZeroDivisionError: cannot take it"
    assert behind["error"] == "waits behind position 3"
    ready = ill.get("/readyz").json()
    assert (ready["ready"], ready["notes"]) == (True, ["timeline could not take 2 events"])
    assert 'farshore_view_quarantined{view="timeline"} 2.0' in ill.get("/metrics").text
    [view] = [one for one in ill.get("/v1/projections").json()["items"] if one["quarantined"]]
    assert (view["name"], view["quarantined"], len(view["quarantine"])) == ("timeline", 2, 2)


def test_quarantine_is_read_page_by_page(ill: TestClient) -> None:
    """By the position behind which to go on; the last page says that it is."""
    first, last = (ill.get(HELD, params={"limit": 1, "after": after}).json() for after in (0, 3))
    assert ([one["position"] for one in first["items"]], first["next_after"]) == ([3], 3)
    assert ([one["position"] for one in last["items"]], last["next_after"]) == ([5], None)
    assert ill.get(HELD, params={"limit": 501}).status_code == 422


def test_after_a_fix_a_retry_takes_all(ill: TestClient) -> None:
    """Those that waited behind the event too; the list is empty then."""
    asked = ill.post(f"{HELD}/3/retry")
    assert (asked.status_code, asked.json()["position"], asked.json()["retry"]) == (200, 3, True)
    until(lambda: _held(ill) == [])
    assert _shown(ill) == 6


def test_what_is_skipped_says_why_and_by_whom(ill: TestClient) -> None:
    """The event stays away from the view, and the decision on record, until it is taken back."""
    me = ill.get("/v1/me").json()["principal"]
    made = ill.post(f"{HELD}/3/skip", json={"reason": "Sent twice"}).json()
    assert (made["skipped_reason"], made["skipped_by"]) == ("Sent twice", me)
    assert made["skipped_at"] >= made["last_attempt"]
    until(lambda: _held(ill) == [(3, 1, "Sent twice")])
    assert _shown(ill) == 5
    assert ill.get("/readyz").json()["notes"] == []
    ill.post(f"{HELD}/3/retry")
    until(lambda: _held(ill) == [])
    assert _shown(ill) == 6


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": " "}, {"reason": 1}, []])
def test_nothing_is_skipped_without_a_reason(ill: TestClient, body: object) -> None:
    """Nor for an empty one."""
    assert ill.post(f"{HELD}/3/skip", json=body).status_code == 422
    assert _held(ill) == [(3, 1, None), (5, 1, None)]


def test_only_admins_decide(ill: TestClient) -> None:
    """Everybody else may look."""
    for role in ("reader", "contributor", "auditor"):
        headers = token(ill, role)
        assert ill.get(HELD, headers=headers).status_code == 200
        for verb in ("retry", "skip"):
            answer = ill.post(f"{HELD}/3/{verb}", json={"reason": "x"}, headers=headers)
            assert answer.status_code == 403


def test_what_a_view_does_without_is_decided_on_record(ill: TestClient) -> None:
    """Skipping and retrying are in the access record, with view and position, and no reason."""
    ill.post(f"{HELD}/3/skip", json={"reason": "Sent twice"})
    ill.post(f"{HELD}/4/skip", json={"reason": "It is not there"})
    until(lambda: len(_held(ill)) == 1)
    ill.post(f"{HELD}/3/retry")
    items = ill.get("/v1/access-records").json()["items"]
    found = [(one["action"], one["target"], one["details"]) for one in items[-2:]]
    assert found == [
        ("quarantine_skipped", "timeline 3", {}),
        ("quarantine_retried", "timeline 3", {}),
    ]


@pytest.mark.parametrize("path", [f"{HELD}/4", f"{HELD}/x", "/v1/projections/no/quarantine/3"])
def test_what_is_not_in_quarantine_is_not_found(ill: TestClient, path: str) -> None:
    """An event that was taken, no position, and no view."""
    assert ill.post(f"{path}/retry").status_code == 404
    assert ill.post(f"{path}/skip", json={"reason": "x"}).status_code == 404


# ── digests ──────────────────────────────────────────────────────────────────────────────────────


def _by_hand(url: str, name: str) -> str:
    """Work the digest out in Python, from rows in no particular order."""
    [projection] = [one for one in PROJECTIONS if one.name == name]
    lines = ""
    with psycopg.connect(conninfo(url)) as connection:
        for table in projection.tables:
            text = f"SELECT ROW({table.columns})::text FROM views.{table.name}"  # noqa: S608 - our own
            rows = connection.execute(text + " ORDER BY random()")
            hashes = sorted(sha256(row.encode()).digest() for (row,) in rows)
            lines += f"{sha256(b''.join(hashes)).hexdigest()}  {table.name}\n"
    return sha256(lines.encode()).hexdigest()


def test_a_digest_is_what_the_page_says(database: str) -> None:
    """Worked out here a second time, it is the same; and a rebuild does not change it."""
    record(database, example_lines()[:150])
    with served(database) as client:
        until(lambda: client.get("/readyz").json()["ready"])
        see(client, 150)
        plain, told = (
            {one["name"]: one for one in client.get(path).json()["items"]}
            for path in ("/v1/projections", "/v1/projections?digest=true")
        )
        rebuild(database)
        again = client.get("/v1/projections?digest=true").json()["items"]
    assert "digest" not in plain["state"]
    assert {name: one["digest"]["sha256"] for name, one in told.items()} == {
        name: _by_hand(database, name) for name in told
    }
    assert {one["digest"]["position"] for one in told.values()} == {150}
    assert [one["digest"] for one in again] == [one["digest"] for one in told.values()]


def test_a_digest_changes_with_any_row(database: str) -> None:
    """One character of one row, a range of knowledge, or a row twice."""
    record(database, example_lines()[:20])
    follow(database)
    seen = {one.sha256 for one in ask(database, digests).values()}
    for change in (
        "UPDATE views.timeline SET entry = entry || ' ' WHERE position = 7",
        "UPDATE views.state SET known = int8range(2, NULL) WHERE lower(known) = 1",
        "INSERT INTO views.timeline_facets SELECT * FROM views.timeline_facets LIMIT 1",
    ):
        with psycopg.connect(conninfo(database)) as connection:
            assert connection.execute(change).rowcount == 1
        fresh = {one.sha256 for one in ask(database, digests).values()} - seen
        assert len(fresh) == 1
        seen |= fresh


def test_one_digest_at_a_time(database: str) -> None:
    """Whoever asks second is told when to come back; and readers may not ask at all."""
    with served(database) as client, psycopg.connect(conninfo(database)) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s, %s)", (LOCKS, lock_of("(digest)")))
        answer = client.get("/v1/projections?digest=true")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
        other.rollback()
        assert client.get("/v1/projections?digest=true").status_code == 200
        for role, status in (("reader", 403), ("contributor", 403), ("auditor", 200)):
            found = client.get("/v1/projections?digest=true", headers=token(client, role))
            assert found.status_code == status
