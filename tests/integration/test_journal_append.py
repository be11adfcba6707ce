"""The append function, its table and its roles: what the database itself guarantees."""

from __future__ import annotations

import hashlib
import struct
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from journal.append import APPEND, Proposal, Verdict, parameters, rulings
from journal.database import UnfitServer, conninfo, migrate, refuse_unfit, unmigrate
from journal.names import fold
from journal.rows import Draft
from tests.integration.journaling import app, note, organization, positions, record, superuser

if TYPE_CHECKING:
    from journal.append import Ruling


def draft(subject: UUID, version: int, **given: Any) -> Draft:
    """Make a draft of a note."""
    about = {"key": f"s-{subject}", "kind": "organization", "type": "note.added", "schema": 1}
    dates = {"occurred_on": "2025-11", "earliest": date(2025, 11, 1), "latest": date(2025, 11, 30)}
    known = {"id": uuid4(), "subject": subject, "version": version, "body": b'{"data":{}}'}
    return Draft(**{**known, **about, **dates, **given})


def propose(*drafts: Draft, command: UUID | None = None, **given: Any) -> Proposal:
    """Propose drafts as one command."""
    return Proposal(command or uuid4(), "somebody", drafts, **given)


def append(url: str, *proposals: Proposal) -> list[Ruling]:
    """Append in one call, as the application."""
    with app(url) as connection:
        answer = connection.execute(APPEND, parameters(proposals), binary=True).fetchall()
        return rulings(proposals, answer)


def verdicts(url: str, *proposals: Proposal) -> list[Verdict]:
    """Append in one call, and give the verdicts."""
    return [ruling.verdict for ruling in append(url, *proposals)]


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


# ── the entry ────────────────────────────────────────────────────────────────────────────────────

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def fields(entry: bytes) -> list[bytes | None]:
    """Take an entry apart by its lengths alone, as an auditor would."""
    found: list[bytes | None] = []
    while entry:
        (length,) = struct.unpack_from(">i", entry)
        found.append(None if length < 0 else entry[4 : 4 + length])
        entry = entry[4 + max(length, 0) :]
    return found


def framed(parts: list[bytes | None]) -> bytes:
    """Put fields together again."""
    return b"".join(
        b"\xff" * 4 if part is None else struct.pack(">i", len(part)) + part for part in parts
    )


def stored(url: str) -> dict[str, Any]:
    """Give the only row with all its columns."""
    with app(url) as connection:
        cursor = connection.execute("SELECT * FROM journal.events")
        [row] = cursor.fetchall()
        return dict(zip([column.name for column in cursor.description or ()], row, strict=True))


def test_leaf_is_the_hash_of_the_stored_bytes(database: str) -> None:
    """SHA-256 in Python over a zero byte and the stored entry gives the stored leaf."""
    [ruling] = append(database, propose(draft(uuid4(), 1)))
    row = stored(database)
    assert hashlib.sha256(b"\0" + row["entry"]).digest() == row["leaf"] == ruling.rows[0].leaf


def test_entry_frames_every_column(database: str) -> None:
    """Each column can be read from the entry alone, and all of the entry is accounted for."""
    body = '{"data":{"details":"文远知行"}}'.encode()
    event = draft(uuid4(), 1, body=body, latest=None)
    append(database, propose(event, batch=uuid4(), fingerprint=b"f" * 32))
    row = stored(database)
    parts = fields(row["entry"])
    salt = parts[1]
    assert salt is not None
    assert len(salt) == 16
    instant = (row["recorded_at"] - _EPOCH) // timedelta(microseconds=1)
    assert row["body"] == body
    assert parts == [
        b"farshore/event/v1",
        salt,
        body,
        struct.pack(">q", row["position"]),
        row["id"].bytes,
        row["kind"].encode(),
        row["subject"].bytes,
        row["key"].encode(),
        struct.pack(">i", row["version"]),
        row["type"].encode(),
        struct.pack(">i", row["schema"]),
        row["occurred_on"].encode(),
        struct.pack(">i", (row["earliest"] - _EPOCH.date()).days),
        None,
        struct.pack(">q", instant),
        row["recorded_by"].encode(),
        row["command"].bytes,
        struct.pack(">i", row["ordinal"]),
        row["fingerprint"],
        row["batch"].bytes,
    ]
    assert framed(parts) == row["entry"]


def test_entries_of_like_events_differ(database: str) -> None:
    """A salt keeps anybody from guessing an event from its leaf."""
    append(database, *[propose(draft(uuid4(), 1)) for _ in range(2)])
    with app(database) as connection:
        query = "SELECT count(DISTINCT substring(entry, 26, 16)) FROM journal.events"
        assert connection.execute(query).fetchone() == (2,)


@pytest.mark.parametrize("column", ["type", "recorded_by", "occurred_on", "earliest", "ordinal"])
def test_column_that_differs_from_the_entry_is_refused(database: str, column: str) -> None:
    """Not even the owner can insert a row whose columns say something else than its entry."""
    append(database, propose(draft(uuid4(), 1)))
    others = {"type": "'x'", "recorded_by": "'x'", "occurred_on": "NULL", "earliest": "'2020-1-1'"}
    copied = (
        "position, id, kind, subject, key, version, type, schema, occurred_on, earliest, latest,"
        " recorded_at, recorded_by, command, ordinal, fingerprint, batch, entry"
    )
    insert = "INSERT INTO journal.events ({}) SELECT {} FROM kept"
    changed = copied.replace(column, others.get(column, "9"))
    with superuser(database) as connection:
        connection.execute("CREATE TABLE kept AS SELECT * FROM journal.events")
        connection.execute("ALTER TABLE journal.events DISABLE TRIGGER append_only")
        connection.execute("DELETE FROM journal.events")
        with pytest.raises(psycopg.errors.CheckViolation, match="entry_tells_the_columns"):
            connection.execute(insert.format(copied, changed))
        connection.execute(insert.format(copied, copied))


def test_leaf_cannot_be_written(database: str) -> None:
    """The leaf is generated: nobody can store another one."""
    append(database, propose(draft(uuid4(), 1)))
    with (
        superuser(database) as connection,
        pytest.raises(psycopg.errors.GeneratedAlways),
    ):
        connection.execute("INSERT INTO journal.events (position, leaf) VALUES (2, '')")


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
    refuse_unfit(database, [setting])


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
