"""Tell titles and headlines, with the names that organizations had on a day.

Names are remembered per process. Every statement of a reader says with which event names last
changed; what has changed since is forgotten before anything is told, so nothing is told stale.
"""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

import orjson
import psycopg

from domain import telling
from domain.event import event_class, kinds

Connection = psycopg.AsyncConnection[tuple[Any, ...]]
Spans = tuple[list[date], list[str]]  # from which days on, which names

MOST_NAMES = 50_000
MOST_TOLD = 20_000


class Stamp(NamedTuple):
    """When names changed: with the event at a position, or by a rebuild."""

    build: int
    changed: int


class Line(NamedTuple):
    """What a headline is told from, as stored. Also what a title is: then `type` is empty."""

    type: str
    kind: str
    identity: str
    data: str
    day: date


class Teller:
    """Remembers names, and what was told with them."""

    def __init__(self, known: int, most_names: int = MOST_NAMES) -> None:
        """Remember nothing yet.

        Args:
            known: the position whose names are told: a past one, or one that never comes.
            most_names: organizations whose names are remembered.
        """
        self._known = known
        self._most_names = most_names
        self._stamp = Stamp(0, 0)
        self._spans: dict[str, Spans] = {}
        self._told: dict[Line, bytes] = {}
        self._missing: set[str] = set()
        self._misses = 0

    async def tell(
        self, connection: Connection, stamp: Stamp, lines: Iterable[Line]
    ) -> list[bytes]:
        """Tell lines, each as a JSON string.

        Args:
            connection: to look names up with.
            stamp: what the statement that found the lines said of names.
            lines: headlines and titles to tell.
        """
        wanted = list(lines)
        if stamp > self._stamp:
            await self._forget(connection, stamp)
        while True:
            told = [self._told.get(line) or self._tell(line) for line in wanted]
            if not self._missing:
                return told
            await self._look_up(connection)

    async def _forget(self, connection: Connection, stamp: Stamp) -> None:
        """Forget the names that have changed, and everything told."""
        if stamp.build != self._stamp.build or not self._spans:
            self._spans.clear()
        else:
            found = await connection.execute(_CHANGED, (self._stamp.changed, self._known))
            for (key,) in await found.fetchall():
                self._spans.pop(key, None)
        self._told.clear()
        self._stamp = max(stamp, self._stamp)

    async def _look_up(self, connection: Connection) -> None:
        """Learn the names that are missing, unless they changed while we asked."""
        keys, stamp = list(self._missing), self._stamp
        self._missing.clear()
        spans: dict[str, Spans] = {key: ([], []) for key in keys}
        found = await connection.execute(_NAMES, (keys, self._known))
        for key, day, name in await found.fetchall():
            spans[key][0].append(day)
            spans[key][1].append(name)
        if stamp == self._stamp:
            if len(self._spans) > self._most_names:
                self._spans.clear()
            self._spans.update(spans)

    def _tell(self, line: Line) -> bytes:
        """Tell a line; it is remembered when all its names are known."""
        misses = self._misses
        told = orjson.dumps(self._words(line))
        if self._misses == misses:
            if len(self._told) > MOST_TOLD:
                self._told.clear()
            self._told[line] = told
        return told

    def _words(self, line: Line) -> str:
        kind, facts = kinds()[line.kind], orjson.loads(line.identity)

        def name(key: str) -> str:
            return self._name(key, line.day)

        if not line.type:
            return telling.title(kind, facts, name)
        facts |= orjson.loads(line.data)
        return telling.headline(event_class(line.type, line.kind), kind, facts, name)

    def _name(self, key: str, day: date) -> str:
        if (spans := self._spans.get(key)) is None:
            self._missing.add(key)
            self._misses += 1
            return key
        days, names = spans
        return names[max(0, bisect_right(days, day) - 1)] if names else key


_NAMES = """
SELECT organization, day, name FROM views.names
WHERE organization = ANY(%s) AND main AND known @> %s::bigint ORDER BY organization, ordinal
"""
_CHANGED = """
SELECT DISTINCT organization FROM views.names
WHERE greatest(lower(known), upper(known)) > %s AND lower(known) <= %s
"""
