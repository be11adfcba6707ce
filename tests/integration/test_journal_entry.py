"""The entry: what is stored, and hashed to a leaf, is what the columns say."""

from __future__ import annotations

import hashlib
import struct
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.integration.appending import append, draft, propose
from tests.integration.journaling import app, superuser

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
