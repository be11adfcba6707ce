"""Who looked, who came in, who did what: on record before anybody has an answer, and for ever."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool
from pydantic import SecretStr

from journal.access_record import AccessRecord, Act, Wanted, note_settings
from journal.database import conninfo
from journal.settings import Settings
from tests.integration.journaling import ANN, app, run, superuser
from tests.integration.serving import served, token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient

RECORD = "/v1/access-records"
ORGANIZATION = {"key": "weride", "data": {"name": "WeRide"}}


@pytest.fixture
def client(database: str) -> Iterator[TestClient]:
    """Serve a journal that knows one organization."""
    with served(database) as client:
        client.post("/v1/organizations/register", json=ORGANIZATION)
        yield client


def told(client: TestClient, **query: Any) -> list[tuple[str, str | None]]:
    """Give action and target of what is on record, in its order."""
    items = client.get(RECORD, params=query).json()["items"]
    return [(item["action"], item["target"]) for item in items]


def me(client: TestClient, headers: dict[str, str]) -> str:
    """Give the id of a principal."""
    principal: str = client.get("/v1/me", headers=headers).json()["principal"]
    return principal


def test_every_read_of_an_auditor_is_on_record_and_of_others_only_exports(
    client: TestClient,
) -> None:
    """With its address; a read that was refused is none; nobody else's reads are watched."""
    auditor, reader = token(client, "auditor"), token(client, "reader")
    who = me(client, auditor)
    for path in ("/v1/timeline?organization=weride", "/v1/tokens", RECORD, "/v1/timeline?x=1"):
        client.get(path, headers=auditor)
    client.get("/v1/events?format=csv", headers=auditor)
    assert told(client, principal=who) == [
        ("signed_in", None),
        ("read", "/v1/me"),
        ("read", "/v1/timeline?organization=weride"),
        ("read", RECORD),
        ("exported", "/v1/events?format=csv"),
    ]
    client.get("/v1/timeline", headers=reader)
    client.get("/v1/timeline", headers={**reader, "Accept": "text/csv"})
    assert told(client, principal=me(client, reader)) == [
        ("signed_in", None),
        ("exported", "/v1/timeline"),
    ]


def test_administrative_acts_are_on_record(client: TestClient) -> None:
    """Tokens made and revoked, imports undone: by whom, and what; a dry run is no act."""
    admin = me(client, {})
    made = client.post("/v1/tokens", json={"role": "reader", "name": "Ann Example"}).json()
    client.delete(f"/v1/tokens/{made['id']}")
    client.delete(f"/v1/tokens/{made['id']}")  # the second finds nothing to do
    lines = b'{"type":"organization.registered","subject":"uber","data":{"name":"Uber"}}'
    batch = client.post(
        "/v1/events", content=lines, headers={"Content-Type": "application/x-ndjson"}
    ).json()["batch"]
    for query in ("?dry_run=true", ""):
        client.post(f"/v1/batches/{batch}/undo{query}", json={"reason": "Wrong file"})
    items = client.get(RECORD, params={"principal": admin}).json()["items"]
    acts = [(item["action"], item["target"], item["details"]) for item in items]
    assert acts == [
        ("signed_in", None, {"by": "token"}),
        ("token_made", made["id"], {"principal": made["principal"], "role": "reader"}),
        ("token_revoked", made["id"], {}),
        ("batch_undone", batch, {}),
    ]
    assert "Ann" not in str(acts)


def test_signing_in_and_failing_to_is_on_record(client: TestClient) -> None:
    """A wrong token with the address it came from, a browser with its token's id, no secret."""
    secret = token(client, "reader")["Authorization"].removeprefix("Bearer ")
    no_token = {"Authorization": ""}
    client.post("/v1/session", json={"token": "wrong"}, headers=no_token)
    client.get("/v1/me", headers={"Authorization": "Bearer wrong too"})
    client.post("/v1/session", json={"token": secret}, headers=no_token)
    client.delete("/v1/session", headers={**no_token, "Sec-Fetch-Site": "same-origin"})
    items = client.get(RECORD).json()["items"]
    kept = [item for item in items if item["action"].startswith("sign")][1:]
    assert [(item["action"], item["role"], item["details"].get("by")) for item in kept] == [
        ("sign_in_refused", None, None),
        ("sign_in_refused", None, None),
        ("signed_in", "reader", "session"),
        ("signed_out", "reader", None),
    ]
    assert kept[0]["details"] == {"address": "testclient"}
    assert "wrong" not in str(items)
    assert secret not in str(items)


def test_a_program_signs_in_once_in_a_while(client: TestClient) -> None:
    """A request is no sign-in: the first of a token in an hour is."""
    reader = token(client, "reader")
    who = me(client, reader)
    for _ in range(5):
        client.get("/v1/timeline", headers=reader)
    assert told(client, principal=who) == [("signed_in", None)]


def test_nothing_is_answered_to_an_auditor_that_is_not_on_record(
    client: TestClient, database: str
) -> None:
    """Where the record cannot be written, an auditor reads nothing, and others go on."""
    auditor = token(client, "auditor")
    assert client.get("/v1/timeline", headers=auditor).status_code == 200
    with superuser(database) as connection:
        connection.execute("REVOKE EXECUTE ON FUNCTION access.note FROM farshore_app")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            client.get("/v1/timeline", headers=auditor)
        assert client.get("/v1/timeline").status_code == 200


def test_the_record_is_paged_narrowed_and_taken_away(client: TestClient) -> None:
    """From either end, by action and by day; as a file with the same lines."""
    for number in range(3):
        client.post("/v1/tokens", json={"role": "reader", "name": f"R{number}"})
    first = client.get(RECORD, params={"limit": 2}).json()
    assert [item["number"] for item in first["items"]] == [1, 2]
    second = client.get(RECORD, params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [item["number"] for item in second["items"]] == [3, 4]
    last = client.get(RECORD, params={"limit": 1, "newest_first": "true"}).json()
    before = client.get(
        RECORD, params={"limit": 1, "newest_first": "true", "cursor": last["next_cursor"]}
    ).json()
    numbers = [one["items"][0]["number"] for one in (last, before)]
    assert numbers[0] == numbers[1] + 1
    assert len(told(client, action="token_made")) == 4  # the first admin's is one
    assert told(client, **{"from": "2000-01-01", "to": "2000-12-31"}) == []
    assert told(client, **{"from": "2000-01-01", "to": "2999-12-31"}) == told(client)
    lines = client.get(RECORD, params={"format": "csv", "action": "token_made"}).text
    assert lines.splitlines()[0].startswith("number,at,principal,display_name,role,action")
    assert len(lines.splitlines()) == 5
    for query in ({"cursor": "x"}, {"action": "nothing"}, {"from": "soon"}, {"after": "-1"}):
        assert client.get(RECORD, params=query).status_code == 422


# ── the table ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE access.records SET principal = 'nobody'",
        "DELETE FROM access.records",
        "TRUNCATE access.records",
        "INSERT INTO access.records VALUES (99, now(), 'ann', 'admin', 'read', NULL, '{}')",
        "ALTER TABLE access.records DISABLE TRIGGER append_only",
    ],
)
def test_the_application_can_only_add(database: str, statement: str) -> None:
    """And only by the function, which gives number and time."""
    with app(database) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())


@pytest.mark.parametrize("mode", ["origin", "replica"])
def test_even_the_owner_of_the_server_must_first_remove_the_guard(database: str, mode: str) -> None:
    """Triggers hold for superusers as well, in replication mode too."""
    with superuser(database) as connection:
        connection.execute("SELECT access.note('{p}', '{admin}', '{read}', '{/}', '{\"{}\"}')")
        connection.execute(f"SET session_replication_role = {mode}".encode())
        for statement in ("DELETE FROM access.records", "UPDATE access.records SET at = now()"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
                connection.execute(statement.encode())


def test_numbers_have_no_gaps_however_many_write(database: str) -> None:
    """Two processes with twenty requests each: forty entries, 1 to 40, and time never goes back."""

    async def work() -> list[tuple[int, Any]]:
        async with (
            AsyncConnectionPool(conninfo(database, "farshore_app"), open=False) as one,
            AsyncConnectionPool(conninfo(database, "farshore_app"), open=False) as other,
        ):
            records = AccessRecord(one), AccessRecord(other)
            acts = [record.note(Act("read", ANN, f"/{n}")) for n in range(20) for record in records]
            await asyncio.gather(*acts)
            found = [entry async for entry in records[0].stream(Wanted())]
        return [(entry.number, entry.at) for entry in found]

    found = run(work())
    assert [number for number, _ in found] == list(range(1, 41))
    assert [at for _, at in found] == sorted(at for _, at in found)


def test_a_write_that_fails_takes_nothing_of_others_with_it(database: str) -> None:
    """Whoever shares a statement with one that fails is written by the next."""

    async def work() -> tuple[object, int]:
        pool = AsyncConnectionPool[Any](conninfo(database, "farshore_app"), open=False)
        async with pool:
            record = AccessRecord(pool)
            bad = record.note(Act("read", ANN, "/a"))
            with superuser(database) as connection:
                connection.execute("REVOKE EXECUTE ON FUNCTION access.note FROM farshore_app")
                first = await asyncio.gather(bad, return_exceptions=True)
                connection.execute("GRANT EXECUTE ON FUNCTION access.note TO farshore_app")
            await asyncio.gather(*(record.note(Act("read", ANN, "/b")) for _ in range(3)))
            return first[0], len(await record.entries(Wanted(), 10))

    first, number = run(work())
    assert isinstance(first, psycopg.errors.InsufficientPrivilege)
    assert number == 3


def test_settings_are_on_record_when_they_change(database: str) -> None:
    """Once for a start like the one before; secrets are told to be set, not what they are."""
    secret = "a secret that must not show in any record"

    def start(**given: Any) -> None:
        note_settings(database, Settings(admin_token=SecretStr(secret), **given))

    for port in (8000, 8000, 9000):
        start(port=port)
    with app(database) as connection:
        found = connection.execute("SELECT details FROM access.records ORDER BY number").fetchall()
    assert [details["port"] for (details,) in found] == [8000, 9000]
    assert found[0][0]["admin_token"] == "set"
    assert secret not in str(found)


# ── names can go ─────────────────────────────────────────────────────────────────────────────────


def test_a_person_is_erased_and_no_hash_changes(client: TestClient, database: str) -> None:
    """The name is nowhere, the tokens and sessions are over, every entry has the leaf it had."""
    name = "Mei Example of Shanghai"
    made = client.post("/v1/tokens", json={"role": "contributor", "name": name}).json()
    theirs = {"Authorization": f"Bearer {made['secret']}"}
    who = made["principal"]
    body = {"data": {"details": "Seen"}}
    client.post("/v1/organizations/weride/add-note", json=body, headers=theirs)
    before = _leaves(database)
    assert client.delete(f"/v1/principals/{who}", headers=theirs).status_code == 403
    assert name in client.get("/v1/principals").text
    assert client.delete(f"/v1/principals/{who}").status_code == 204
    assert client.delete(f"/v1/principals/{who}").status_code == 404
    assert _leaves(database) == before
    for path in ("/v1/principals", "/v1/tokens", RECORD, "/v1/events", "/v1/timeline"):
        answer = client.get(path).text
        assert name not in answer
        assert who in answer
    with superuser(database) as connection:
        for table in (b"access.principals", b"access.tokens", b"access.records"):
            rows = connection.execute(b"SELECT t::text FROM " + table + b" t").fetchall()
            assert name not in str(rows)
    assert ("principal_erased", who) in told(client)
    again = {"role": "reader", "name": "x", "principal": who}
    assert client.post("/v1/tokens", json=again).status_code == 422


def _leaves(url: str) -> list[bytes]:
    """Hash what is stored; what is stored as its hash is the same."""
    with app(url) as connection:
        rows = connection.execute("SELECT entry, leaf FROM journal.events ORDER BY position")
        found = [(sha256(b"\0" + entry).digest(), leaf) for entry, leaf in rows]
    assert all(made == stored for made, stored in found)
    return [made for made, _ in found]


def test_the_tokens_of_an_erased_person_are_over(client: TestClient) -> None:
    """All of them, as soon as processes have forgotten them."""
    reader = token(client, "reader")
    who = client.get("/v1/tokens").json()["items"][-1]["principal"]
    assert client.delete(f"/v1/principals/{who}").status_code == 204
    assert client.get("/v1/me", headers=reader).status_code == 401


def test_nobody_erases_themselves(client: TestClient) -> None:
    """The only admin cannot shut everybody out by mistake."""
    answer = client.delete(f"/v1/principals/{me(client, {})}")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/erasing-oneself")


def test_everybody_is_told_what_they_may(client: TestClient) -> None:
    """`/v1/me` tells what a page should offer: a reader nothing, an admin all there is."""
    reader = client.get("/v1/me", headers=token(client, "reader")).json()
    assert (reader["display_name"], reader["may_record"], reader["may_call"]) == (
        "The reader",
        [],
        [],
    )
    auditor = client.get("/v1/me", headers=token(client, "auditor")).json()
    assert f"GET {RECORD}" in auditor["may_call"]
    assert "POST /v1/tokens" not in auditor["may_call"]
    admin = client.get("/v1/me").json()
    assert {"POST /v1/tokens", "DELETE /v1/principals/{id}", f"GET {RECORD}"} <= {
        *admin["may_call"]
    }
