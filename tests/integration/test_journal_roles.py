"""Who may do what to the journal: nobody changes the past, whatever the role."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from journal.append import APPEND, parameters, rulings
from tests.integration.appending import draft, propose
from tests.integration.journaling import app, organization, record, superuser

# ── who may what ─────────────────────────────────────────────────────────────────────────────────

_TAMPERING = [
    "UPDATE journal.events SET recorded_by = 'x'",
    "DELETE FROM journal.events",
    "TRUNCATE journal.events",
    "UPDATE journal.turn SET one = one",
    "DELETE FROM journal.turn",
    "TRUNCATE journal.turn",
    "TRUNCATE journal.names",
    "UPDATE journal.names SET key = 'other' WHERE alias IS NULL",
    "DELETE FROM journal.names WHERE alias IS NULL",
]


@pytest.mark.parametrize("replica", [False, True])
@pytest.mark.parametrize("statement", _TAMPERING)
def test_nobody_changes_the_past(database: str, statement: str, *, replica: bool) -> None:
    """Not even a superuser, nor one who turns off ordinary triggers."""
    record(database, organization("weride"))
    with superuser(database) as connection:
        connection.execute(f"SET session_replication_role = {'replica' if replica else 'origin'}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            connection.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        *_TAMPERING,
        "SELECT FROM journal.turn FOR UPDATE",
        "INSERT INTO journal.names VALUES ('k', gen_random_uuid(), 'organization', NULL, 1)",
        "INSERT INTO journal.events (position) VALUES (1)",
        "SELECT journal.entry(" + ", ".join(["NULL"] * 19) + ")",
        "ALTER TABLE journal.events DISABLE TRIGGER append_only",
        "SET ROLE farshore_owner; CREATE TABLE journal.x ()",
        "CREATE TABLE journal.x ()",
        "CREATE TABLE public.x ()",
    ],
)
def test_application_can_only_append_and_read(database: str, statement: str) -> None:
    """The role of the application has no other right in the schema."""
    with superuser(database) as connection:
        connection.execute("SET SESSION AUTHORIZATION farshore_app")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


@pytest.mark.parametrize("role", ["farshore_projector", "farshore_app"])
def test_roles_read_the_journal(database: str, role: str) -> None:
    """Both roles of running processes may read all of it."""
    with superuser(database) as connection:
        connection.execute(f"SET SESSION AUTHORIZATION {role}")
        for table in ("events", "head", "names"):
            connection.execute(sql.SQL("TABLE journal.{}").format(sql.Identifier(table)))


def test_projector_cannot_append(database: str) -> None:
    """Projections only read the journal."""
    proposals = parameters([propose(draft(uuid4(), 1))])
    with superuser(database) as connection:
        connection.execute("SET SESSION AUTHORIZATION farshore_projector")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(APPEND, proposals, binary=True)


def test_foreign_search_path_changes_nothing(database: str) -> None:
    """The function runs as its owner, and takes no table or function from the caller's path."""
    with app(database) as connection:
        connection.execute(
            "CREATE TEMPORARY TABLE events (position bigint, recorded_at timestamptz)"
        )
        connection.execute("SET search_path = pg_temp, public")
        proposals = [propose(draft(uuid4(), 1))]
        answer = connection.execute(APPEND, parameters(proposals), binary=True).fetchall()
        assert rulings(proposals, answer)[0].verdict == "new"
