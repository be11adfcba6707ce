"""Every error has one form and one page."""

from __future__ import annotations

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import psycopg
import pytest

import api.refusals
import journal.refusals
from api.problems import problem_of, problems
from domain.refusals import Refused
from journal import wire
from journal.database import conninfo
from journal.postgres import Embedded
from journal.refusals import AtLine, Declined
from journal.schema import migrate
from tests.integration.serving import served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi.testclient import TestClient


def below(error: type[Exception]) -> Iterator[type[Exception]]:
    """Give a class and all that come from it."""
    yield error
    for sub in error.__subclasses__():
        yield from below(sub)


def told() -> Iterator[type[Exception]]:
    """Give every error that says why something was not done."""
    yield from below(Refused)
    yield from below(Declined)
    for error in vars(wire).values():
        if isinstance(error, type) and issubclass(error, Exception) and error.__name__[0] != "_":
            yield error


ERRORS = {*told()} - {Declined, AtLine}


@pytest.fixture
def client(database: str) -> Iterator[TestClient]:
    """Serve an empty journal."""
    with served(database) as client:
        yield client


@pytest.mark.parametrize("error", sorted(ERRORS, key=str))
def test_every_error_of_domain_journal_and_api_has_a_status_and_a_page(
    error: type[Exception],
) -> None:
    """Whoever adds an error without a place in the table hears of it here."""
    problem = problem_of(error)
    assert problems()[problem.name] == problem
    assert 400 <= problem.status < 600
    assert problem.description


def test_names_of_problems_are_unique() -> None:
    """Two errors never share a page, since clients tell them apart by it."""
    modules = (api.refusals, journal.refusals)
    assert all(modules)
    assert len({problem_of(error).name for error in ERRORS}) == len(ERRORS)


def test_problems_are_documented_where_they_point_to(client: TestClient) -> None:
    """The type of a problem is an address that answers, to programs and to people."""
    for name, problem in problems().items():
        told = client.get(f"/problems/{name}").json()
        assert (told["type"], told["status"]) == (problem.uri, problem.status)
    page = client.get("/problems/outdated", headers={"Accept": "text/html"})
    assert page.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/v1/nothing", 404),
        ("GET", "/v1/partnerships/a/b/c/d", 404),
        ("GET", "/problems/none", 404),
        ("GET", "/v1/meta/", 404),
        ("DELETE", "/v1/meta", 405),
        ("PUT", "/v1/partnerships/form", 405),
        ("GET", "/v1/meta?color=red", 422),
    ],
)
def test_what_the_framework_refuses_has_the_same_form(
    client: TestClient, method: str, path: str, status: int
) -> None:
    """No error leaves in another form than problem+json."""
    answer = client.request(method, path)
    problem = answer.json()
    assert answer.status_code == problem["status"] == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem["instance"] == path.partition("?")[0]
    assert problem["type"].startswith("/problems/")
    assert status != 405 or answer.headers["Allow"]


def test_nobody_gets_in_without_a_token(client: TestClient) -> None:
    """Every address under /v1 is closed, also those that do not exist."""
    for path in ("/v1", "/v1/meta", "/v1/nothing"):
        for authorization in ("", "Bearer", "Bearer wrong", "Basic YTpi"):
            answer = client.get(path, headers={"Authorization": authorization})
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_trying_tokens_out_is_slowed_down(client: TestClient) -> None:
    """After many failures an address hears when to come back; a valid token goes on."""
    wrong = [
        client.get("/v1/meta", headers={"Authorization": f"Bearer wrong{number}"})
        for number in range(40)
    ]
    assert wrong[-1].status_code == 429
    assert 0 < int(wrong[-1].headers["Retry-After"]) <= 60
    assert client.get("/v1/meta").status_code == 200


def test_a_database_that_is_away_is_told_as_such(tmp_path: Path) -> None:
    """Reads and writes are answered 503 with a time to come back, and the process stays alive."""
    tmp_path.chmod(0o755)
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(Embedded(tmp_path / "data"))
        migrate(database.url)
        client = stack.enter_context(served(database.url))
        assert client.get("/v1/timeline").status_code == 200
        database.stop()
        began = time.monotonic()
        for answer in (
            client.get("/v1/timeline"),
            client.get("/v1/partnerships"),
            client.post("/v1/organizations/register", json={"data": {"name": "WeRide"}}),
        ):
            assert answer.status_code == 503
            assert answer.json()["type"] in {"/problems/unavailable", "/problems/database-away"}
            assert int(answer.headers["Retry-After"]) > 0
        assert time.monotonic() - began < 30
        assert client.get("/readyz").json()["faults"] == ["the database is away"]
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200
        assert "farshore_database_up 0.0" in client.get("/metrics").text


def test_connections_that_the_server_ended_cost_no_request(
    client: TestClient, database: str
) -> None:
    """After a restart of the database every request is answered, however many were connected."""
    asked = ("/v1/timeline", "/v1/organizations", "/v1/search?q=acme", "/v1/tokens", "/readyz")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(client.get, asked * 8))
    for _ in range(2):
        with psycopg.connect(conninfo(database), autocommit=True) as connection:
            connection.execute(_END_ALL)
        answers = [client.get(path) for path in asked * 4]
        assert [one.text for one in answers if one.status_code != 200] == []


_END_ALL = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND application_name IN ('farshore-views', 'farshore-api')
"""


def test_a_database_that_comes_back_is_found_within_seconds(tmp_path: Path) -> None:
    """However long it was away, nobody waits for the next of ever rarer tries."""
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(Embedded(tmp_path / "data"))
        migrate(database.url)
        client = stack.enter_context(served(database.url))
        database.stop()
        gone = time.monotonic()
        while time.monotonic() < gone + 20:
            assert client.get("/v1/timeline").status_code == 503
        stack.enter_context(Embedded(tmp_path / "data"))
        back = time.monotonic()
        while client.get("/v1/timeline").status_code == 503:
            assert time.monotonic() < back + 8


@pytest.mark.parametrize(
    ("line", "pointer", "says"),
    [
        ({"occured_on": "2025-01-01"}, "/occured_on", "did you mean occurred_on"),
        ({"data": {"name": "Acme", "country": "DE"}}, "/data/country", "home_country"),
        ({"data": {"names": [{"name": "A", "skript": "Hans"}]}}, "/data/names/0/skript", "script"),
    ],
)
def test_a_wrong_member_is_told_with_the_right_one(
    client: TestClient, line: dict[str, object], pointer: str, says: str
) -> None:
    """Whoever mistypes the name of a field mends it from the message alone."""
    sent = {"type": "organization.registered", "subject": "acme", "data": {"name": "Acme"}} | line
    answer = client.post("/v1/events", json=sent)
    told = {one["pointer"]: one["detail"] for one in answer.json()["errors"]}
    assert answer.status_code == 422
    assert says in told[pointer]


def test_an_unknown_parameter_is_told_with_those_that_there_are(client: TestClient) -> None:
    """A list says what narrows it."""
    answer = client.get("/v1/diff", params={"topic": "weride"})
    [error] = answer.json()["errors"]
    assert "it takes" in error["detail"]
    assert "organization" in error["detail"]


def test_what_counts_no_more_is_not_said_to_come(client: TestClient) -> None:
    """A record of which everything was retracted is told apart from one that begins later."""
    line = {"key": "acme", "data": {"name": "Acme"}}
    made = client.post("/v1/organizations/register", json=line).json()
    gone = client.post(f"/v1/events/{made['position']}/retract", json={"reason": "A mistake"})
    seen = {"min_position": gone.json()["position"]}
    answer = client.get("/v1/organizations/acme", params=seen)
    assert answer.status_code == 404
    assert "nothing of it counts any more" in answer.json()["detail"]


def test_an_opening_says_that_it_takes_a_key_and_no_subject(client: TestClient) -> None:
    """The fault is at the member that was sent, and names the one that is meant."""
    answer = client.post("/v1/organizations/register", json={"subject": "acme", "data": {}})
    [error] = answer.json()["errors"]
    assert error["pointer"] == "/subject"
    assert error["detail"].endswith(", key")
