"""What was once stored stays readable, whatever becomes of the classes."""

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from domain.dates import span
from domain.event import event_class, events
from journal.rows import Row
from tools.golden import Golden, main, rows, wanted

ROWS = rows()
NOBODY = UUID(int=0)


def stored(golden: Golden) -> Row:
    """Give the row as the journal would."""
    return Row(
        position=1,
        id=NOBODY,
        kind=golden.kind,
        subject=NOBODY,
        key="sample",
        version=1,
        type=golden.type,
        schema=golden.schema,
        occurred_on=golden.occurred_on,
        earliest=span(golden.occurred_on).earliest,
        latest=span(golden.occurred_on).latest,
        recorded_at=datetime(2026, 1, 1, tzinfo=UTC),
        recorded_by="somebody",
        command=NOBODY,
        batch=None,
        body=golden.body.encode(),
        leaf=b"",
    )


@pytest.mark.parametrize("golden", ROWS, ids=lambda row: f"{row.type}-{row.kind}-{row.schema}")
def test_each_row_ever_stored_is_readable(golden: Golden) -> None:
    """In its present schema it gives the payload that was stored; an older one, one that lasts."""
    recorded = stored(golden).recorded()
    event = event_class(golden.type, golden.kind)
    payload = recorded.event.to_json()
    if golden.schema == event.schema_number():
        assert (
            payload
            == json.dumps(
                json.loads(golden.body)["data"], ensure_ascii=False, separators=(",", ":")
            ).encode()
        )
    assert event.revive(event.schema_number(), json.loads(payload)) == recorded.event
    assert recorded.sources
    assert (recorded.reason, recorded.ref) == ("A sample", "E1")


def test_each_type_and_schema_has_a_row() -> None:
    """`make golden` adds one; every number from 1 up to the present schema has its own."""
    known = {(row.type, row.schema) for row in ROWS}
    assert known >= {
        (name, number)
        for name, event in events().items()
        for number in range(1, event.schema_number() + 1)
    }
    assert {row[:3] for row in wanted()} <= {row[:3] for row in ROWS}


def test_rows_are_added_and_never_edited(tmp_path: Path) -> None:
    """Old rows stay byte for byte, even where a class would now write another."""
    path = tmp_path / "rows.ndjson"
    old = json.dumps({**ROWS[0]._asdict(), "body": '{"data":{"details":"Otherwise"}}'}) + "\n"
    path.write_text(old)
    main(path)
    text = path.read_text()
    assert text.startswith(old)
    assert len(rows(path)) == len(list(wanted()))
    main(path)
    assert path.read_text() == text
