"""Signing in with a browser: a cookie that stands for a token, and writes from our page only."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from api import signin
from api.cookies import SESSION
from api.gate import ROLES
from tests.integration.journaling import superuser
from tests.integration.serving import served, token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient
    from httpx2 import Response

HERE = {"Sec-Fetch-Site": "same-origin"}
ORGANIZATION = {"key": "weride", "data": {"name": "WeRide"}}
NOTE = {"data": {"details": "Seen"}}
CALLS = (
    ("GET", "/v1/organizations", set(ROLES)),
    ("POST", "/v1/organizations/weride/add-note", {"contributor", "auditor", "admin"}),
    ("POST", "/v1/organizations/register", {"contributor", "admin"}),
    ("GET", "/v1/access-records", {"auditor", "admin"}),
    ("GET", "/v1/tokens", {"admin"}),
    ("DELETE", "/v1/principals/p0", {"admin"}),
)


@pytest.fixture
def client(database: str) -> Iterator[TestClient]:
    """Serve a journal that knows one organization."""
    with served(database) as client:
        client.post("/v1/organizations/register", json=ORGANIZATION)
        yield client


def secret(client: TestClient, role: str = "contributor") -> str:
    """Make a token."""
    return token(client, role)["Authorization"].removeprefix("Bearer ")


def sign_in(client: TestClient, given: str, **headers: str) -> Response:
    """Sign in as a browser does; the client keeps the cookie."""
    answer: Response = client.post(
        "/v1/session", json={"token": given}, headers={"Authorization": "", **headers}
    )
    return answer


def ask(client: TestClient, method: str, path: str, **headers: str) -> Response:
    """Ask with the cookie alone."""
    body = NOTE if path.endswith("add-note") else None if method == "GET" else {}
    given = {"Authorization": "", **headers}
    answer: Response = client.request(method, path, json=body, headers=given)
    return answer


@pytest.mark.parametrize("role", ROLES)
def test_a_cookie_may_what_its_token_may(client: TestClient, role: str) -> None:
    """The gate finds the role behind the session, for reads and for writes."""
    assert sign_in(client, secret(client, role)).json()["role"] == role
    for method, path, allowed in CALLS:
        status = ask(client, method, path, **HERE).status_code
        assert (status != 403) == (role in allowed), f"{method} {path}: {status}"
        assert status != 401


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client: TestClient) -> None:
    """HttpOnly, SameSite=Strict, for the whole origin; Secure as soon as HTTPS is spoken."""
    given = secret(client)
    plain = sign_in(client, given).headers["set-cookie"].lower()
    assert {"httponly", "samesite=strict", "path=/"} <= set(plain.split("; "))
    assert "secure" not in plain.split("; ")
    behind = sign_in(client, given, **{"X-Forwarded-Proto": "https"}).headers["set-cookie"]
    assert "secure" in behind.lower().split("; ")


def test_neither_cookie_nor_database_tell_the_token(client: TestClient, database: str) -> None:
    """The cookie holds a secret of its own, of which a hash is stored."""
    given = secret(client)
    answer = sign_in(client, given)
    cookie = client.cookies[SESSION]
    assert given not in answer.text + answer.headers["set-cookie"]
    with superuser(database) as connection:
        [row] = connection.execute("SELECT s::text FROM access.sessions s").fetchall()
    assert cookie not in row[0]


ORIGINS: tuple[tuple[dict[str, str], int], ...] = (
    ({"Sec-Fetch-Site": "same-origin"}, 201),
    ({"Sec-Fetch-Site": "same-origin", "Origin": "https://front.example"}, 201),
    ({"Origin": "http://testserver"}, 201),
    ({"Sec-Fetch-Site": "same-site", "Origin": "http://testserver:9000"}, 403),
    ({"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"}, 403),
    ({"Sec-Fetch-Site": "none"}, 403),
    ({"Origin": "http://testserver:9000"}, 403),
    ({"Origin": "http://testserver.evil.example"}, 403),
    ({"Origin": "null"}, 403),
    ({"Origin": "http://["}, 403),
    ({}, 403),
)


def test_a_cookie_writes_from_our_own_page_only(client: TestClient) -> None:
    """Another site, another port and whoever does not tell are refused, and told what to do."""
    sign_in(client, secret(client))
    for headers, status in ORIGINS:
        answer = ask(client, "POST", "/v1/organizations/weride/add-note", **headers)
        assert answer.status_code == status, headers
        if status == 403:
            assert answer.json()["type"] == "/problems/foreign-origin"
            assert "Authorization: Bearer" in answer.json()["detail"]
        assert ask(client, "GET", "/v1/organizations", **headers).status_code == 200


def test_a_token_writes_from_anywhere(client: TestClient) -> None:
    """A header that no other site can set needs no check, even beside a cookie."""
    given = secret(client)
    sign_in(client, given)
    headers = {"Authorization": f"Bearer {given}", "Origin": "https://elsewhere.example"}
    answer = client.post("/v1/organizations/weride/add-note", json=NOTE, headers=headers)
    assert answer.status_code == 201


def test_another_site_signs_nobody_in(client: TestClient) -> None:
    """Nobody is made to work under the name of an attacker."""
    given = secret(client)
    answer = sign_in(client, given, Origin="https://elsewhere.example")
    assert answer.status_code == 403
    assert SESSION not in client.cookies


def test_signing_out_ends_the_session(client: TestClient) -> None:
    """Also for whoever copied the cookie."""
    sign_in(client, secret(client))
    copied = f"{SESSION}={client.cookies[SESSION]}"
    assert ask(client, "DELETE", "/v1/session").status_code == 403
    answer = ask(client, "DELETE", "/v1/session", **HERE)
    assert answer.status_code == 204
    assert SESSION not in client.cookies
    over = ask(client, "GET", "/v1/me", Cookie=copied)
    assert (over.status_code, over.json()["type"]) == (401, "/problems/session-over")


def test_a_session_ends_with_its_token(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """As soon as processes have forgotten it, which they do within seconds."""
    monkeypatch.setattr(signin, "REMEMBERED_FOR", 0.2)
    sign_in(client, secret(client))
    assert ask(client, "GET", "/v1/me").status_code == 200
    last = client.get("/v1/tokens").json()["items"][-1]["id"]
    assert client.delete(f"/v1/tokens/{last}").status_code == 204
    time.sleep(0.3)
    assert ask(client, "GET", "/v1/me").status_code == 401


def test_a_session_is_over_after_its_time_and_never_outlives_its_token(
    client: TestClient, database: str
) -> None:
    """Seven days, or less where the token ends before."""
    long = sign_in(client, secret(client)).json()["expires_at"]
    body = {"role": "reader", "name": "x", "expires_at": "2999-01-01T00:00:00Z"}
    assert client.post("/v1/tokens", json=body).status_code == 422
    with superuser(database) as connection:
        [[days]] = connection.execute(
            "SELECT extract(day FROM expires_at - created_at) FROM access.sessions"
        ).fetchall()
        connection.execute("UPDATE access.tokens SET expires_at = now() + interval '1 hour'")
        connection.execute("UPDATE access.sessions SET expires_at = now()")
    assert days == 7
    assert ask(client, "GET", "/v1/organizations").status_code == 401
    assert sign_in(client, secret(client)).json()["expires_at"] != long


def test_a_session_outlives_the_server(client: TestClient, database: str) -> None:
    """Whoever signed in stays so over a restart."""
    sign_in(client, secret(client))
    cookie = f"{SESSION}={client.cookies[SESSION]}"
    with served(database) as again:
        assert ask(again, "GET", "/v1/me", Cookie=cookie).status_code == 200


def test_guessing_at_the_door_is_slowed_down_and_a_valid_token_is_not(client: TestClient) -> None:
    """Thirty wrong tokens a minute, then 429; an old cookie is no attempt."""
    statuses = [sign_in(client, f"guess {number}").status_code for number in range(31)]
    assert statuses == [401] * 30 + [429]
    assert sign_in(client, secret(client)).status_code == 201
    with_old = [
        ask(client, "GET", "/v1/me", Cookie=f"{SESSION}=old{number}").status_code
        for number in range(3)
    ]
    assert with_old == [401] * 3


@pytest.mark.parametrize("body", [{}, {"token": ""}, {"token": 5}, {"token": "x", "role": "admin"}])
def test_what_is_no_sign_in_is_refused(client: TestClient, body: dict[str, object]) -> None:
    """With a pointer to what is wrong."""
    answer = client.post("/v1/session", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"]


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_who_has_many_addresses_has_no_more_attempts(address: str, client: str) -> None:
    """A network of version 6 counts as one client, since it has addresses without end."""
    assert signin.neighbourhood(address) == client
