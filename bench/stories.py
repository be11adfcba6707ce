"""Make any number of events of the shapes of the example data, the same ones for the same seed.

A story is what the example data tells of one subject, in the order of the file. Each made one is
told again of another subject, by other organizations, in other places and years, while others are
being told; in between somebody notes a fact late, corrects one or takes one back.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Line: TypeAlias = dict[str, Any]
Story: TypeAlias = list[Line]

EXAMPLES = Path(__file__).parents[1] / "examples"

_AT_ONCE = 24  # stories that are being told; a busy week has about as many
_NEWCOMERS = 0.1  # share of stories that are of a new organization
_LATE = 0.08  # share of lines after which a late note follows
_MENDED = 0.02  # share of lines that are corrected afterwards
_WITHDRAWN = 0.01  # share of stories whose last line is taken back
_MOST_STORIES = 10_000_000  # so that tellers of different seeds share no key
_FIRST_YEAR = 2009
_YEAR = re.compile(r"(?<!\d)20\d\d")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_DATE = re.compile(r"(\.\.|[~?/-]|20\d\d|\d\d)+")
_PLACE = {"country", "region", "subdivision", "city", "town", "label"}


def written() -> Iterator[Line]:
    """Give the lines of the example data as they are: organizations, then events."""
    for name in ("organizations", "events"):
        with (EXAMPLES / f"{name}.ndjson").open("rb") as lines:
            yield from map(orjson.loads, lines)


def lines(seed: int = 1) -> Iterator[Line]:
    """Give the example data and then made lines, without end."""
    yield from written()
    yield from Teller(seed).lines()


def ndjson(number: int, seed: int = 1) -> Iterator[bytes]:
    """Give that many lines as they are imported."""
    return (orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in _first(number, seed))


def _first(number: int, seed: int) -> Iterator[Line]:
    return islice(lines(seed), number)


class Teller:
    """Tells the stories of the example data again and again, never twice alike."""

    def __init__(self, seed: int) -> None:
        """Read the example data."""
        self._random = random.Random(seed)  # noqa: S311 - nobody is to be surprised
        self._stories = _stories(written())
        self._organizations = [story[0]["subject"] for story in self._stories if _registers(story)]
        self._known = set(self._organizations)
        self._places = _places(self._stories)
        self._numbers = count(seed * _MOST_STORIES)

    def lines(self) -> Iterator[Line]:
        """Tell stories, some at once, without end."""
        told = [self._embellished() for _ in range(_AT_ONCE)]
        while True:
            index = self._random.randrange(_AT_ONCE)
            line = next(told[index], None)
            if line is None:
                told[index] = self._embellished()
            else:
                if line["type"] == "organization.registered":
                    self._organizations.append(line["subject"])
                yield line

    def stories(self, kinds: Iterable[str]) -> Iterator[Story]:
        """Give stories of some kinds only, one after the other, as they are retold."""
        chosen = [story for story in self._stories if _kind(story[0]) in set(kinds)]
        while True:
            yield self._retold(self._random.choice(chosen))

    def _embellished(self) -> Iterator[Line]:
        """Tell a story, and what people add to it afterwards."""
        newcomer = self._random.random() < _NEWCOMERS
        stories = [story for story in self._stories if _registers(story) == newcomer]
        story = self._retold(self._random.choice(stories))
        for line in story:
            yield line
            if self._random.random() < _MENDED and not line["type"].startswith("event."):
                yield self._mended(line)
            if self._random.random() < _LATE:
                yield self._note(story[0])
        if self._random.random() < _WITHDRAWN and len(story) > 1:
            yield _about(story[-1], "event.retracted", reason="It turned out to be untrue")

    def _mended(self, line: Line) -> Line:
        data = {**line["data"], "details": f"Mended: {line['data'].get('details', 'as it was')}"}
        return _about(line, "event.corrected", reason="A typing mistake", data=data)

    def _note(self, line: Line) -> Line:
        number = next(self._numbers)
        note = {"details": f"Heard later, remark {number}"}
        day = line["occurred_on"] if _DAY.fullmatch(line["occurred_on"] or "") else None
        return {
            "type": "note.added",
            "kind": _kind(line),
            "subject": line["subject"],
            "occurred_on": day,
            "data": note,
            "sources": [],
            "reason": None,
            "ref": f"N{number}",
        }

    def _retold(self, story: Story) -> Story:
        return _Retelling(
            self._random, next(self._numbers), self._organizations, self._known, self._places
        ).of(story)


class _Retelling:
    """One story with other names, places and dates, the same ones throughout."""

    def __init__(
        self,
        chance: random.Random,
        number: int,
        organizations: Sequence[str],
        originals: set[str],
        places: dict[frozenset[str], list[Line]],
    ) -> None:
        self._random = chance
        self._number = number
        self._organizations = organizations
        self._originals = originals
        self._places = places
        self._renamed: dict[str, str] = {}
        self._moved: dict[bytes, Line] = {}
        self._years = 0

    def of(self, story: Story) -> Story:
        """Tell it."""
        first = min(int(year) for line in story for year in _YEAR.findall(_text(line, "20")))
        self._years = self._random.randrange(_FIRST_YEAR, max(first, _FIRST_YEAR) + 1) - first
        subject = story[0]["subject"]
        self._renamed[subject] = f"{subject[:88].rstrip('-')}-{self._number}"
        return [self._line(line) for line in story]

    def _line(self, line: Line) -> Line:
        told: Line = self._value(line)
        if names := told["data"].get("names"):
            told["data"]["name"] += f" {self._number}"
            for name in names:
                name["name"] += f" {self._number}"
        return told

    def _value(self, value: Any, name: str = "") -> Any:  # noqa: ANN401 - any JSON
        if isinstance(value, dict):
            if value.keys() <= _PLACE and ("country" in value or "region" in value):
                return self._place(value)
            return {name: self._value(part, name) for name, part in value.items()}
        if isinstance(value, list):
            return [self._value(part, name) for part in value]
        return self._word(value, name) if isinstance(value, str) else value

    def _word(self, text: str, name: str) -> str:
        if name == "ref":
            return f"{text}-{self._number}"
        if text in self._renamed or (text in self._originals and name not in {"title", "name"}):
            return self._organization(text)
        if _DATE.fullmatch(text):
            moved = _YEAR.sub(lambda year: str(int(year[0]) + self._years), text)
            return moved.replace("-02-29", "-02-28")
        return text

    def _organization(self, key: str) -> str:
        while key not in self._renamed:
            other = self._random.choice(self._organizations)
            if other not in self._renamed.values():
                self._renamed[key] = other
        return self._renamed[key]

    def _place(self, place: Line) -> Line:
        """Choose another place that is told as precisely; two places stay two."""
        spelled = orjson.dumps(place, option=orjson.OPT_SORT_KEYS)
        if spelled not in self._moved:
            alike = self._places[frozenset(place)]
            free = [one for one in alike if one not in self._moved.values()]
            self._moved[spelled] = self._random.choice(free or alike)
        return self._moved[spelled]


def _stories(told: Iterable[Line]) -> list[Story]:
    found: defaultdict[str, Story] = defaultdict(list)
    for line in told:
        found[line["subject"]].append(line)
    return list(found.values())


def _places(value: Any) -> dict[frozenset[str], list[Line]]:  # noqa: ANN401 - any JSON
    """Find all places in lines, by what is told of them."""
    found: defaultdict[frozenset[str], list[Line]] = defaultdict(list)
    for place in _inside(value):
        if place not in found[frozenset(place)]:
            found[frozenset(place)].append(place)
    return found


def _inside(value: Any) -> Iterator[Line]:  # noqa: ANN401 - any JSON
    if isinstance(value, dict) and value.keys() <= _PLACE and {"country", "region"} & value.keys():
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _inside(part)


def _about(line: Line, event_type: str, *, reason: str, **replacement: Any) -> Line:
    target = {"ref": line["ref"], "type": line["type"]}
    return {
        "type": event_type,
        "kind": _kind(line),
        "subject": line["subject"],
        "occurred_on": None,
        "data": {"target": target, **replacement},
        "sources": [],
        "reason": reason,
        "ref": f"{line['ref']}-{event_type[6:]}",
    }


def _kind(line: Line) -> str:
    kind: str = line.get("kind") or line["type"].partition(".")[0]
    return kind


def _registers(story: Story) -> bool:
    return bool(story[0]["type"] == "organization.registered")


def _text(line: Line, default: str) -> str:
    return line["occurred_on"] or f"{default}26"
