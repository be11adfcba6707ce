"""Who may do what: every route of the application, for every role."""

from __future__ import annotations

import time
from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING

import pytest
from fastapi.routing import APIRoute

from api import app, signin
from api.gate import ROLES
from domain.event import events
from tests.integration.serving import served, token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI
    from fastapi.testclient import TestClient

WERIDE = {"key": "weride", "data": {"name": "WeRide"}}
ADDRESSED = defaultdict(lambda: "1", {"id": "weride", "name": "timeline"})


@pytest.fixture
def client(database: str) -> Iterator[TestClient]:
    """Serve a journal that knows one organization."""
    with served(database) as client:
        client.post("/v1/organizations/register", json=WERIDE)
        yield client


def routes(app: FastAPI) -> Iterator[tuple[str, APIRoute]]:
    """Give every route that is not open to everybody, with its method."""
    for route in app.routes:
        if isinstance(route, APIRoute) and route.path.startswith("/v1"):
            for method in sorted(route.methods or ()):
                yield method, route


OWN: dict[tuple[str, str], set[str]] = {
    ("GET", "/v1/access-records"): {"auditor", "admin"},
    ("GET", "/v1/log/export"): {"auditor", "admin"},
    ("GET", "/v1/tokens"): {"admin"},
    ("POST", "/v1/tokens"): {"admin"},
    ("DELETE", "/v1/tokens/{id}"): {"admin"},
    ("DELETE", "/v1/principals/{id}"): {"admin"},
    ("POST", "/v1/projections/{name}/quarantine/{position}/retry"): {"admin"},
    ("POST", "/v1/projections/{name}/quarantine/{position}/skip"): {"admin"},
    ("POST", "/v1/session"): set(ROLES),
    ("DELETE", "/v1/session"): set(ROLES),
    ("POST", "/v1/batches/{id}/undo"): {"contributor", "admin"},
    ("POST", "/v1/events"): {"contributor", "auditor", "admin"},
    ("POST", "/v1/imports"): {"contributor", "auditor", "admin"},
    ("POST", "/v1/imports/preview"): {"contributor", "auditor", "admin"},
    ("PUT", "/v1/mappings/{name}"): {"contributor", "auditor", "admin"},
    ("DELETE", "/v1/mappings/{name}"): {"contributor", "auditor", "admin"},
    ("PUT", "/v1/saved-views/{name}"): set(ROLES),
    ("DELETE", "/v1/saved-views/{name}"): set(ROLES),
}


def expected(method: str, route: APIRoute) -> set[str]:
    """Tell who may use a route, from what the contract says of it."""
    if own := OWN.get((method, route.path)):
        return own
    if method == "GET":
        return set(ROLES)
    kind = route.path.split("/")[2]
    verb = route.path.rpartition("/")[2]
    types = [e for e in events().values() if e.verb == verb and (not e.kind or e.kind.path == kind)]
    return set(types[0].roles)


def call(client: TestClient, method: str, path: str, headers: dict[str, str]) -> int:
    """Call a route on a subject that there is."""
    body: dict[str, str] | None = None if method == "GET" else {}
    address = path.format_map(ADDRESSED)
    if path == "/v1/stream":  # which would never end; whoever may ask is told what is wrong
        address += "?after=x"
    return client.request(method, address, headers=headers, json=body).status_code


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_use_the_routes_that_are_its_own_and_no_other(
    client: TestClient, role: str
) -> None:
    """Found in the application, not listed here: a new route is covered from its first day."""
    headers = token(client, role)
    found = list(routes(client.app))  # type: ignore[arg-type]  # it is the one we made
    assert len(found) > 400
    for method, route in found:
        status = call(client, method, route.path, headers)
        allowed = role in expected(method, route)
        assert (status != 403) == allowed, f"{role} {method} {route.path}: {status}"
        assert status not in {401, 405}, f"{method} {route.path}"
        assert status < 500 or (status == 503 and "/log/" in route.path)  # not sealed yet


@pytest.mark.parametrize("given", ["", "Bearer nobody-was-given-this"], ids=["none", "wrong"])
def test_every_route_but_the_open_ones_wants_a_token(
    database: str, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    """Nothing under /v1 answers a stranger, or whoever guesses, whatever the method."""
    unslowed = partial(signin.SignIn, failures="10000/minute")  # that guesses are is told elsewhere
    monkeypatch.setattr(app, "SignIn", unslowed)
    with served(database) as client:
        for method, route in routes(client.app):  # type: ignore[arg-type]  # the one we made
            if (method, route.path) != ("POST", "/v1/session"):  # which brings its token along
                headers = {"Authorization": given}
                assert call(client, method, route.path, headers) == 401, f"{method} {route.path}"


def test_an_auditor_may_doubt_and_not_tell(client: TestClient) -> None:
    """Of events an auditor records disputes, evidence and notes only."""
    headers = token(client, "auditor")
    line = {"subject": "weride", "kind": "organization"}
    doubt = {**line, "type": "note.added", "data": {"details": "Is it so?"}}
    fact = {**line, "type": "milestone.reached", "data": {"milestone": "listing"}}
    told = [
        client.post("/v1/events", json=one, headers=headers).status_code for one in (doubt, fact)
    ]
    assert told == [201, 403]


def test_a_contributor_takes_back_only_what_is_their_own(client: TestClient) -> None:
    """Whose entry it was is decided by the principal behind the token."""
    mine = token(client, "contributor")
    retraction = {
        "type": "event.retracted",
        "kind": "organization",
        "subject": "weride",
        "reason": "Logged twice",
    }
    body = {"data": {"details": "mine"}}
    own = client.post("/v1/organizations/weride/add-note", json=body, headers=mine).json()
    for position, status in ((1, 403), (own["position"], 201)):
        line = {**retraction, "data": {"target": {"position": position}}}
        answer = client.post("/v1/events", json=line, headers=mine)
        assert answer.status_code == status


def test_nobody_names_the_principal_but_the_token(client: TestClient) -> None:
    """What is recorded carries the principal of the token, and a client cannot set it."""
    me = client.get("/v1/me").json()
    body = {"data": {"details": "x"}}
    event = client.post("/v1/organizations/weride/add-note", json=body).json()
    forged = client.post(
        "/v1/organizations/weride/add-note", json={**body, "recorded_by": "somebody"}
    )
    assert event["recorded_by"] == me["principal"]
    assert forged.status_code == 422


def test_a_secret_is_shown_once(client: TestClient) -> None:
    """The list of tokens tells their first characters only."""
    made = client.post("/v1/tokens", json={"role": "reader", "name": "A reader"}).json()
    listed = client.get("/v1/tokens").json()["items"]
    assert made["secret"] not in str(listed)
    assert listed[-1]["prefix"] == made["secret"][:8]


def test_a_revoked_token_stops_working_within_the_time_that_is_documented(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Processes remember a token for a moment, and no longer."""
    monkeypatch.setattr(signin, "REMEMBERED_FOR", 0.3)
    headers = token(client, "reader")
    assert client.get("/v1/me", headers=headers).status_code == 200
    last = client.get("/v1/tokens").json()["items"][-1]["id"]
    assert client.delete(f"/v1/tokens/{last}").status_code == 204
    assert client.delete(f"/v1/tokens/{last}").status_code == 404
    time.sleep(0.4)
    assert client.get("/v1/me", headers=headers).status_code == 401


def test_two_tokens_of_one_principal_are_one_principal(client: TestClient) -> None:
    """A second token for the same person names it, so that entries stay their own."""
    first = token(client, "contributor")
    who = client.get("/v1/me", headers=first).json()["principal"]
    second = token(client, "contributor", principal=who)
    assert client.get("/v1/me", headers=second).json()["principal"] == who
    unknown = {"role": "reader", "name": "x", "principal": "nobody"}
    assert client.post("/v1/tokens", json=unknown).status_code == 422


@pytest.mark.parametrize("expires_at", ["2020-01-01T00:00:00Z", "9999-12-31T00:00:00Z", "soon"])
def test_a_token_expires_some_day_ahead(client: TestClient, expires_at: str) -> None:
    """Neither in the past nor beyond what anybody can mean."""
    wanted = {"role": "reader", "name": "x", "expires_at": expires_at}
    answer = client.post("/v1/tokens", json=wanted)
    assert answer.json()["errors"][0]["pointer"] == "/expires_at"


def test_everybody_may_know_who_recorded_what(client: TestClient) -> None:
    """The opaque id in an event leads to a name, which is kept outside the journal."""
    by = token(client, "contributor")
    made = client.post(
        "/v1/organizations/weride/add-note", json={"data": {"details": "A"}}, headers=by
    )
    items = client.get("/v1/principals", headers=token(client, "auditor")).json()["items"]
    [who] = [one for one in items if one["id"] == made.json()["recorded_by"]]
    assert who["display_name"]
