"""The append function: verdicts, names, the plan, the server and the migrations."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from journal.append import APPEND, parameters
from journal.database import UnfitServer, conninfo, refuse_unfit
from journal.names import fold
from journal.schema import migrate, unmigrate
from tests.conftest import QUICK
from tests.integration.appending import append, draft, propose, verdicts
from tests.integration.journaling import app, note, organization, positions, record, superuser

# ── verdicts ─────────────────────────────────────────────────────────────────────────────────────


def test_positions_are_dense_over_verdicts(database: str) -> None:
    """A refused command takes no position, wherever it stands in a call."""
    one, two = uuid4(), uuid4()
    assert verdicts(
        database,
        propose(draft(one, 1), draft(one, 2)),
        propose(draft(one, 7)),
        propose(draft(two, 1)),
    ) == ["new", "conflict", "new"]
    assert positions(database) == [1, 2, 3]


def test_command_is_atomic(database: str) -> None:
    """Of a command with one event that conflicts, nothing is appended."""
    one, two = uuid4(), uuid4()
    append(database, propose(draft(one, 1)))
    assert verdicts(database, propose(draft(two, 1), draft(one, 1))) == ["conflict"]
    assert positions(database) == [1]


def test_repeated_command_is_replayed(database: str) -> None:
    """A command that is on record is not appended again, even among new ones."""
    one, name = uuid4(), uuid4()
    first = propose(draft(one, 1), command=name)
    append(database, first)
    assert verdicts(database, propose(draft(one, 2)), first) == ["new", "replayed"]
    assert positions(database) == [1, 2]


def test_same_command_other_request_is_a_mismatch(database: str) -> None:
    """A command id under another fingerprint is refused."""
    one, name = uuid4(), uuid4()
    append(database, propose(draft(one, 1), command=name, fingerprint=b"a" * 32))
    other = propose(draft(one, 2), command=name, fingerprint=b"b" * 32)
    assert verdicts(database, other) == ["mismatch"]


def test_command_twice_in_a_call_is_appended_once(database: str) -> None:
    """The second of two alike is to be decided again; then it is found to be on record."""
    one, name = uuid4(), uuid4()
    twice = propose(draft(one, 1), command=name), propose(draft(uuid4(), 1), command=name)
    assert verdicts(database, *twice) == ["new", "conflict"]


def test_key_is_never_given_twice(database: str) -> None:
    """A key belongs to the first subject that opened with it, in this call or any other."""
    first, second = draft(uuid4(), 1, key="weride"), draft(uuid4(), 1, key="weride")
    assert verdicts(database, propose(first), propose(second)) == ["new", "taken"]
    assert verdicts(database, propose(draft(uuid4(), 1, key="weride"))) == ["taken"]


def test_subject_keeps_its_key_and_kind(database: str) -> None:
    """A later event under another key or kind is refused."""
    one = uuid4()
    append(database, propose(draft(one, 1)))
    assert verdicts(database, propose(draft(one, 2, key="other"))) == ["conflict"]
    assert verdicts(database, propose(draft(one, 2, kind="service"))) == ["conflict"]


def test_chain_falls_with_its_first_link(database: str) -> None:
    """Commands on one subject in one call stand or fall in order; others are not touched."""
    one, two = uuid4(), uuid4()
    append(database, propose(draft(one, 1)), propose(draft(one, 2)))
    chain = [propose(draft(one, 2)), propose(draft(one, 3)), propose(draft(two, 1))]
    assert verdicts(database, *chain) == ["conflict", "conflict", "new"]


def test_leaning_command_falls_with_what_it_leans_on(database: str) -> None:
    """A command decided on the strength of an earlier one is not appended without that."""
    one = uuid4()
    append(database, propose(draft(one, 1)))
    fell, leaning = propose(draft(one, 1)), propose(draft(uuid4(), 1), leaning=True)
    assert verdicts(database, fell, leaning) == ["conflict", "conflict"]
    assert verdicts(database, leaning) == ["new"]


def test_recorded_at_never_decreases(database: str) -> None:
    """When the clock goes back, later positions still do not carry earlier instants."""
    ahead = datetime.now(UTC) + timedelta(hours=1)
    one = uuid4()
    append(database, propose(draft(one, 1)))
    with superuser(database) as connection:
        connection.execute("ALTER TABLE journal.events DROP CONSTRAINT entry_tells_the_columns")
        connection.execute("ALTER TABLE journal.events DISABLE TRIGGER append_only")
        connection.execute("UPDATE journal.events SET recorded_at = %s", [ahead])
    for version in (2, 3):
        [ruling] = append(database, propose(draft(one, version)))
        assert ruling.rows[0].recorded_at >= ahead


def test_instants_are_told_in_utc(database: str) -> None:
    """The day of recording is the UTC day, whatever the server's own time zone."""
    with superuser(database) as connection:
        connection.execute(
            sql.SQL("ALTER DATABASE {} SET timezone = 'Pacific/Kiritimati'").format(
                sql.Identifier(connection.info.dbname)
            )
        )
    [ruling] = append(database, propose(draft(uuid4(), 1)))
    assert ruling.rows[0].recorded_at.utcoffset() == timedelta(0)


def test_aliases_are_replaced_whole(database: str) -> None:
    """The latest names of a subject are its only ones; without any given, they stay."""
    one = uuid4()
    append(database, propose(draft(one, 1, aliases=("weride", "文远知行"))))
    append(database, propose(draft(one, 2)), propose(draft(one, 3, aliases=("we ride",))))
    with app(database) as connection:
        query = "SELECT alias FROM journal.names WHERE alias IS NOT NULL"
        assert connection.execute(query).fetchall() == [("we ride",)]


def test_last_names_of_a_call_win(database: str) -> None:
    """Of several renamings in one call, the last accepted one counts."""
    one = uuid4()
    names = [("a",), ("b",)]
    append(database, *[propose(draft(one, nr, aliases=given)) for nr, given in enumerate(names, 1)])
    with app(database) as connection:
        query = "SELECT alias FROM journal.names WHERE alias IS NOT NULL"
        assert connection.execute(query).fetchall() == [("b",)]


def test_append_notifies(database: str) -> None:
    """Whoever listens is woken by an append."""
    with app(database) as listening:
        listening.execute("LISTEN journal")
        append(database, propose(draft(uuid4(), 1)))
        assert [one.channel for one in listening.notifies(timeout=5, stop_after=1)] == ["journal"]


# ── the plan, the server, the migrations ─────────────────────────────────────────────────────────


def test_append_reads_no_table_from_end_to_end(database: str) -> None:
    """Its plan is made for good: by index, also where it was made while the table was empty."""
    record(database, *[organization(f"org-{number}") for number in range(30)])
    seen = "SELECT coalesce(sum(seq_scan), 0) FROM pg_stat_user_tables WHERE relname = ANY(%s)"
    with superuser(database) as connection:
        before = connection.execute(seen, [["events", "names"]]).fetchone()
        for number in range(8):
            proposals = [propose(draft(uuid4(), 1, aliases=(fold(f"Name {number}"),)))]
            connection.execute(APPEND, parameters(proposals), prepare=True, binary=True)
        connection.execute("SELECT pg_stat_force_next_flush()")
        assert connection.execute(seen, [["events", "names"]]).fetchone() == before


@pytest.mark.parametrize("setting", ["synchronous_commit"])
def test_unsafe_server_is_refused(database: str, setting: str) -> None:
    """A server that may lose acknowledged events is refused, unless it is allowed by name."""
    with superuser(database) as connection:
        name = connection.info.dbname
        connection.execute(f'ALTER DATABASE "{name}" SET {setting} = off')
    with pytest.raises(UnfitServer, match=setting):
        refuse_unfit(database)
    refuse_unfit(database, [setting, *QUICK])


_CATALOGUE = """
SELECT 'column', table_schema || '.' || table_name, column_name, data_type, is_nullable
FROM information_schema.columns WHERE table_schema = ANY(%(schemas)s)
UNION ALL
SELECT 'index', schemaname || '.' || tablename, indexname, indexdef, '' FROM pg_indexes
WHERE schemaname = ANY(%(schemas)s)
UNION ALL
SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), ''
FROM pg_constraint WHERE connamespace::regnamespace::text = ANY(%(schemas)s)
UNION ALL
SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid), tgenabled::text
FROM pg_trigger WHERE NOT tgisinternal
UNION ALL
SELECT 'function', oid::regprocedure::text, md5(prosrc), proconfig::text, proacl::text
FROM pg_proc WHERE pronamespace::regnamespace::text = ANY(%(schemas)s)
UNION ALL
SELECT 'schema', nspname, nspowner::regrole::text, nspacl::text, '' FROM pg_namespace
WHERE nspname = ANY(%(schemas)s)
ORDER BY 1, 2, 3
"""


def catalogue(url: str) -> list[tuple[Any, ...]]:
    """Give all that migrations made."""
    with psycopg.connect(conninfo(url)) as connection:
        given = {"schemas": ["journal", "access", "views"]}
        return connection.execute(_CATALOGUE, given).fetchall()


def test_migrations_go_up_and_down_without_a_trace(bare_database: str) -> None:
    """Down to nothing leaves nothing; up again gives exactly the same."""
    migrate(bare_database)
    first = catalogue(bare_database)
    assert {row[0] for row in first} >= {"column", "index", "constraint", "trigger", "function"}
    unmigrate(bare_database)
    assert catalogue(bare_database) == []
    migrate(bare_database)
    assert catalogue(bare_database) == first


def test_journal_survives_a_note_of_each_length(database: str) -> None:
    """Bodies of any size come back byte by byte, also those that PostgreSQL stores apart."""
    texts = ["x" * length for length in (1, 500, 1_999)]
    record(database, organization("weride"), *[note("weride", text) for text in texts])
    big = draft(uuid4(), 1, body=b'{"data":{"x":"' + b"y" * 900_000 + b'"}}')
    [ruling] = append(database, propose(big))
    with app(database) as connection:
        query = "SELECT body, entry, leaf FROM journal.events WHERE position = %s"
        found = connection.execute(query, [ruling.rows[0].position], binary=True).fetchone()
    assert found is not None
    assert found[0] == big.body
    assert hashlib.sha256(b"\0" + found[1]).digest() == found[2]
