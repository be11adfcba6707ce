"""What a process remembers of histories: what is on record, not what was expected to be."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

from domain.history import History
from journal.memory import Memory
from journal.rows import Row

SUBJECT, COMMAND = uuid4(), uuid4()
NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)
FORMED = b'{"data":{"parties":[{"organization":"weride"},{"organization":"uber"}],"mode":"mou"}}'
NOTED = b'{"data":{"details":"Said again."}}'


def row(position: int, version: int) -> Row:
    """Give a row of one partnership: the first forms it, the others are notes."""
    type_, body = ("note.added", NOTED) if version > 1 else ("partnership.formed", FORMED)
    day, key = date(2026, 1, version), "weride-uber"
    told = (SUBJECT, key, version, type_, 1, day.isoformat(), day, day, NOON, "ann", COMMAND, None)
    return Row(position, uuid4(), "partnership", *told, body, b"")


def kept(memory: Memory) -> tuple[int, ...]:
    """Give the positions of the history that is remembered."""
    told = memory.remembered(SUBJECT)
    return tuple(one.position for one in told.folded().recorded) if told else ()


def decided(*rows: Row) -> History:
    """Give the history that was decided on, with the positions that were expected."""
    return History.of(map(Row.recorded, rows))


def test_what_was_decided_is_remembered_as_it_is_when_it_came_as_expected() -> None:
    """Nothing is read or folded again: it is the very same history."""
    memory, first = Memory(), row(10, 1)
    expected = decided(first)
    memory.record(first, expected)
    told = memory.remembered(SUBJECT)
    assert told
    assert told.folded() is expected


def test_positions_are_remembered_as_they_came_in_the_end() -> None:
    """Another process came in between: 10 and 11 were expected, 13 and 14 are on record."""
    memory, first, second = Memory(), row(10, 1), row(11, 2)
    memory.record(first._replace(position=13), decided(first))
    memory.record(second._replace(position=14), decided(first, second))
    assert kept(memory) == (13, 14)


def test_a_history_with_one_wrong_position_in_it_is_not_kept() -> None:
    """10 became 11 while 12 stayed 12: what was decided last holds 10, which is not on record."""
    memory, first, second = Memory(), row(10, 1), row(12, 2)
    memory.record(first._replace(position=11), decided(first))
    memory.record(second, decided(first, second))
    assert kept(memory) == (11, 12)


def test_what_was_decided_here_is_as_if_it_had_been_read() -> None:
    """A row whose position moved gives the same event, whether read again or not."""
    mine, read = Memory(), Memory()
    first = row(10, 1)
    moved = first._replace(position=11)
    mine.record(moved, decided(first))
    read.record(moved)
    one, other = mine.remembered(SUBJECT), read.remembered(SUBJECT)
    assert one
    assert other
    assert one.folded() == other.folded()
