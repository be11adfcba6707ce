"""Tell titles and headlines, with the names that organizations had on a day.

Names are remembered per process. Every statement of a reader says with which event names last
changed; what has changed since is forgotten before anything is told, so nothing is told stale.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

import orjson
import psycopg

from domain import telling
from domain.event import event_class, kinds
from domain.telling import Tongue
from projections.languages import Language, tongue

Connection = psycopg.AsyncConnection[tuple[Any, ...]]

# A position that no event will have: every row without an end is known there.
ALL = 2**63 - 2
MOST_NAMES = 50_000
MOST_TOLD = 20_000
LONGEST_LINE = 4_000  # characters of a line that is remembered; a usual one has 400


class Name(NamedTuple):
    """A name, from a day on, as known from a position on and up to another one."""

    day: date
    name: str
    first: int
    end: int


class Told(NamedTuple):
    """What was told, and where else the same names are: at which positions, on which days."""

    text: Any
    first: int = 0
    end: int = ALL + 1
    since: date = date.min
    until: date = date.max

    def holds(self, known: int, day: date) -> bool:
        """Tell whether it is what would be told."""
        return self.first <= known < self.end and self.since <= day < self.until

    def also(self, other: "Told") -> "Told":
        """Hold only where another one does, too."""
        return Told(
            self.text,
            max(self.first, other.first),
            min(self.end, other.end),
            max(self.since, other.since),
            min(self.until, other.until),
        )


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


class Memory:
    """Remembers names, and what was told with them in one language."""

    def __init__(self, language: Language = "en") -> None:
        self._tongue = tongue(language)
        self._stamp = Stamp(0, 0)
        self._named: dict[str, list[Name]] = {}
        self._told: dict[tuple[str, ...], Told] = {}
        self._missing: set[str] = set()
        self._misses = 0

    async def tell(
        self, connection: Connection, stamp: Stamp, lines: Sequence[Line], known: int
    ) -> list[bytes]:
        """Tell lines with the names that were known at a position."""
        if stamp > self._stamp:
            await self._forget(connection, stamp)
        while True:
            told = [self._at(line, known) for line in lines]
            if not self._missing:
                return told
            await self._look_up(connection)

    def _at(self, line: Line, known: int) -> bytes:
        told = self._told.get(line[:-1])
        if told is None or not told.holds(known, line.day):
            told = self._tell(line, known)
        text: bytes = told.text
        return text

    async def _forget(self, connection: Connection, stamp: Stamp) -> None:
        """Forget the names that have changed, and everything told."""
        if stamp.build != self._stamp.build or not self._named:
            self._named.clear()
        else:
            found = await connection.execute(_CHANGED, (self._stamp.changed,))
            for (key,) in await found.fetchall():
                self._named.pop(key, None)
        self._told.clear()
        self._stamp = max(stamp, self._stamp)

    async def _look_up(self, connection: Connection) -> None:
        """Learn the names that are missing, unless they changed while we asked."""
        keys, stamp = list(self._missing), self._stamp
        self._missing.clear()
        named: dict[str, list[Name]] = {key: [] for key in keys}
        for key, *name in await (await connection.execute(_NAMES, (keys,))).fetchall():
            named[key].append(Name._make(name))
        if stamp == self._stamp:
            if len(self._named) > MOST_NAMES:
                self._named.clear()
            self._named.update(named)

    def _tell(self, line: Line, known: int) -> Told:
        """Tell a line as known at a position; it is remembered when all its names are known."""
        misses, used = self._misses, list[Told]()

        def name(key: str) -> str:
            used.append(self._name(key, line.day, known))
            return str(used[-1].text)

        told = Told(orjson.dumps(_words(line, name, self._tongue)))
        for one in used:
            told = told.also(one)
        if self._misses == misses and len(line.identity) + len(line.data) <= LONGEST_LINE:
            if len(self._told) > MOST_TOLD:
                self._told.clear()
            self._told[line[:-1]] = told
        return told

    def _name(self, key: str, day: date, known: int) -> Told:
        """Give the name on a day as known at a position."""
        if (named := self._named.get(key)) is None:
            self._missing.add(key)
            self._misses += 1
            return Told(key)
        at = [one for one in named if one.first <= known < one.end]
        later = min((one.first for one in named if one.first > known), default=ALL + 1)
        if not at:
            return Told(key, 0, later)
        index = max(0, sum(one.day <= day for one in at) - 1)
        return Told(
            at[index].name,
            max(one.first for one in at),
            min(later, *(one.end for one in at)),
            at[index].day if index else date.min,
            at[index + 1].day if index + 1 < len(at) else date.max,
        )


def _words(line: Line, name: Callable[[str], str], tongue: Tongue) -> str:
    kind, facts = kinds()[line.kind], orjson.loads(line.identity)
    if not line.type:
        return telling.title(kind, facts, name, tongue)
    facts |= orjson.loads(line.data)
    return telling.headline(event_class(line.type, line.kind), kind, facts, name, tongue)


_NAMES = """
SELECT organization, day, name, lower(known), coalesce(upper(known), 9223372036854775807)
FROM views.names
WHERE organization = ANY(%s) AND main ORDER BY organization, ordinal
"""
_CHANGED = """
SELECT DISTINCT organization FROM views.names
WHERE greatest(lower(known), upper(known)) > %s
"""


class Teller(NamedTuple):
    """Tells with the names that were known at a position."""

    memory: Memory
    known: int

    async def tell(
        self, connection: Connection, stamp: Stamp, lines: Iterable[Line]
    ) -> list[bytes]:
        """Tell lines, each as a JSON string.

        Args:
            connection: to look names up with.
            stamp: what the statement that found the lines said of names.
            lines: headlines and titles to tell.
        """
        return await self.memory.tell(connection, stamp, list(lines), self.known)
