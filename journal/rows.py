"""What is stored, and what is about to be."""

from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from domain.archive import lenient
from domain.effective import Recorded
from domain.event import event_class
from domain.vocabulary import ByPosition, ByRef, Pointer, Source

_source = lenient(Source).validate_python
_by_position = lenient(ByPosition).validate_python
_by_ref = lenient(ByRef).validate_python


class Row(NamedTuple):
    """One row of `journal.events`.

    Attributes:
        earliest, latest: the possible days of `occurred_on`; None where that side is open or
            nothing is known.
        command: what recorded it; events of one command share it.
        body: the exact bytes of {"data", "sources"?, "reason"?, "after"?, "ref"?}.
        leaf: SHA-256 of a zero byte and the entry, which frames all of this.
    """

    position: int
    id: UUID
    kind: str
    subject: UUID
    key: str
    version: int
    type: str
    schema: int
    occurred_on: str | None
    earliest: date | None
    latest: date | None
    recorded_at: datetime
    recorded_by: str
    command: UUID
    batch: UUID | None
    body: bytes
    leaf: bytes

    def content(self) -> dict[str, Any]:
        """Parse the body."""
        content: dict[str, Any] = orjson.loads(self.body)
        return content

    def recorded(self) -> Recorded:
        """Give it as the domain sees it."""
        content = self.content()
        event = event_class(self.type, self.kind).revive(self.schema, content["data"])
        return Recorded(
            self.position,
            self.id,
            self.kind,
            self.subject,
            self.key,
            self.version,
            event,
            self.occurred_on,
            _pointer(content.get("after")),
            self.recorded_at,
            self.recorded_by,
            content.get("reason"),
            tuple(map(_source, content.get("sources", ()))),
            content.get("ref"),
            self.batch,
        )


COLUMNS = ", ".join(Row._fields)


def _pointer(content: dict[str, Any] | None) -> Pointer | None:
    if content is None:
        return None
    pointer: Pointer = (_by_position if "position" in content else _by_ref)(content)
    return pointer


class Draft(NamedTuple):
    """An event decided and not yet appended: what of its row is known before that.

    Attributes:
        aliases: all names, folded, by which its subject is known from then on; None: as before.
    """

    id: UUID
    kind: str
    subject: UUID
    key: str
    version: int
    type: str
    schema: int
    occurred_on: str | None
    earliest: date | None
    latest: date | None
    body: bytes
    aliases: tuple[str, ...] | None = None

    @property
    def originator_id(self) -> UUID:
        """The subject, as the `eventsourcing` package calls it."""
        return self.subject

    @property
    def originator_version(self) -> int:
        """The version, as the `eventsourcing` package calls it."""
        return self.version
