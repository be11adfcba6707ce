"""Keep one stored row of each event type and schema for good: `make golden` adds what is new.

A row is what the journal stores, so that whatever becomes of a class, what was once written stays
readable. Rows are added and never edited.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from domain.event import Event, event_class, events
from domain.subject import Kind
from journal.commands import Line
from tools.samples import kinds_of, opening

GOLDEN = Path(__file__).parents[1] / "tests" / "golden" / "rows.ndjson"

_ENVELOPE: dict[str, Any] = {
    "occurred_on": "2025-11",
    "sources": [{"title": "A page", "publisher": "A paper", "confidence": "probable"}],
    "reason": "A sample",
    "ref": "E1",
}


class Golden(NamedTuple):
    """A stored row, as far as the journal does not make it up at the time of recording."""

    type: str
    kind: str
    schema: int
    occurred_on: str
    body: str


def rows(path: Path = GOLDEN) -> list[Golden]:
    """Read the rows that were ever written."""
    lines = path.read_text().splitlines() if path.exists() else []
    return [Golden(**json.loads(line)) for line in lines]


def wanted() -> Iterator[Golden]:
    """Give a row of each type in its present schema; of a claim, one for each kind."""
    for event in events().values():
        for kind in kinds_of(event)[: None if event.carries_facts else 1]:
            yield _stored(event_class(event.type, kind.name), kind)


def _stored(event: type[Event], kind: Kind) -> Golden:
    data = {**(opening(kind) if event.carries_facts else {}), **event.example}
    line = Line.read({"type": event.type, "kind": kind.name, "data": data, **_ENVELOPE})
    payload = line.admitted(event, line.references).to_json()
    body = line.body(payload).decode()
    return Golden(event.type, kind.name, event.schema_number(), _ENVELOPE["occurred_on"], body)


def main(path: Path = GOLDEN) -> int:
    """Add what is missing, and say what."""
    known = {row[:3] for row in rows(path)}
    with path.open("a") as file:
        for row in wanted():
            if row[:3] not in known:
                file.write(json.dumps(row._asdict(), ensure_ascii=False) + "\n")
                sys.stdout.write(f"added {row.type} of a {row.kind}, schema {row.schema}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
