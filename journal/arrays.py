"""Arrays for PostgreSQL, in its binary form.

The driver finds out the type of a list by looking at each element, in Python: of the twenty columns
of an append that took three times as long as writing them when their types are known.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from struct import pack
from uuid import UUID

import psycopg
from psycopg.adapt import Buffer, Dumper
from psycopg.pq import Format

_DAY_ZERO = date(2000, 1, 1).toordinal()
_NULL = pack("!i", -1)


class Array(bytes):
    """The binary form; give it to a parameter that is cast to the type of the array."""

    __slots__ = ()


class _AsItIs(Dumper):
    format = Format.BINARY

    def dump(self, obj: Array) -> Buffer:
        return obj


psycopg.adapters.register_dumper(Array, _AsItIs)


def uuids(values: Iterable[UUID | None]) -> Array:
    """Make a `uuid[]`."""
    return _array(2950, [None if one is None else one.bytes for one in values], 16)


def texts(values: Iterable[str | None]) -> Array:
    """Make a `text[]`."""
    return _array(25, [None if one is None else one.encode() for one in values])


def binaries(values: Iterable[bytes | None]) -> Array:
    """Make a `bytea[]`."""
    return _array(17, list(values))


def integers(values: Iterable[int]) -> Array:
    """Make an `integer[]`."""
    return _array(23, [one.to_bytes(4, signed=True) for one in values], 4)


def booleans(values: Iterable[bool]) -> Array:
    """Make a `boolean[]`."""
    return _array(16, [one.to_bytes() for one in values], 1)


def dates(values: Iterable[date | None]) -> Array:
    """Make a `date[]`."""
    return _array(1082, [None if one is None else _day(one) for one in values], 4)


def _day(day: date) -> bytes:
    return (day.toordinal() - _DAY_ZERO).to_bytes(4, signed=True)


def _array(oid: int, elements: Sequence[bytes | None], size: int | None = None) -> Array:
    """Frame the elements: one dimension that begins at 1, each after its length.

    Args:
        oid: of the type of an element.
        elements: the binary form of each.
        size: of each, in bytes, where all have the same.
    """
    if not elements:
        return Array(pack("!iii", 0, 0, oid))
    given = [one for one in elements if one is not None]
    head = pack("!iiiii", 1, len(given) < len(elements), oid, len(elements), 1)
    if size and len(given) == len(elements):
        length = size.to_bytes(4)
        return Array(head + length + length.join(given))
    framed = [_NULL if one is None else len(one).to_bytes(4) + one for one in elements]
    return Array(head + b"".join(framed))
