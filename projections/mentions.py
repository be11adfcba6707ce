"""What a payload or a state speaks of: organizations, places and words, to find it by."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import islice
from typing import Any, NamedTuple, cast, get_args

from pydantic import BaseModel

from domain.places import Place, fold
from domain.references import OrganizationKey
from domain.telling import place_words

LONGEST_WORD = 60
MOST_WORDS = 500  # of one row; the rest of a very long text is not searched

_SPOKEN = re.compile(r"[^\W_]+")
_ESCAPE = re.compile(r"\\(u[0-9a-f]{4}|.)")
# Scripts written without spaces are searched by pairs of characters.
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")


# What is said of a record that turned out to be another one's duplicate.
MERGED = "merged"
# What a subject is found by that ever had a promise, stood still, or bound its parties.
PROMISED, SUSPENDED, EXCLUSIVE = "promised", "suspended", "exclusive"

# The values of the fields of a place: hashing them costs a fifth of hashing the model.
_Parts = tuple[Any, ...]


@dataclass(slots=True)
class Mentions:
    """Who and where, in the order of naming, each once."""

    organizations: dict[str, None] = field(default_factory=dict)
    places: dict[_Parts, None] = field(default_factory=dict)

    def look(self, value: object) -> None:
        """Take up what a value mentions."""
        of = type(value)  # `isinstance` with a pydantic model costs ten times as much
        if of is OrganizationKey:
            self.organizations[str(value)] = None
        elif isinstance(value, tuple):
            for one in value:
                self.look(one)
        elif of is Place:
            self.places[tuple(value.__dict__.values())] = None
        else:
            for name in _telling(cast("type[BaseModel]", of)):
                if (held := value.__dict__[name]) is not None:
                    self.look(held)

    def facets(self) -> Iterator[str]:
        """Give what to find it by: organizations, countries, cities and towns."""
        yield from (organization_facet(key) for key in self.organizations)
        for parts in self.places:
            yield from _spot(parts).facets

    def places_json(self) -> bytes:
        """Give the places as JSON."""
        return b"[%s]" % b",".join([_spot(parts).json for parts in self.places])

    def place_words(self) -> list[str]:
        """Tell the places in words."""
        return [_spot(parts).words for parts in self.places]


def organization_facet(key: str) -> str:
    """Name the facet of an organization."""
    return f"organization:{key}"


def country_facet(code: str) -> str:
    """Name the facet of a country."""
    return f"country:{code}"


def city_facet(name: str) -> str:
    """Name the facet of a city or town, however it is spelt."""
    return f"city:{fold(name)}"


class _Spot(NamedTuple):
    """What a place is told as."""

    json: bytes
    words: str
    facets: tuple[str, ...]


@lru_cache(maxsize=16_384)
def _spot(parts: _Parts) -> _Spot:
    place = Place.model_construct(**dict(zip(Place.model_fields, parts, strict=True)))
    towns = (city_facet(name) for name in (place.city, place.town) if name)
    countries = [country_facet(place.country)] if place.country else []
    words = place_words(place.model_dump())
    return _Spot(place.model_dump_json(exclude_none=True).encode(), words, (*countries, *towns))


@cache
def _telling(of: type) -> tuple[str, ...]:
    """Name the fields of a model that can hold an organization or a place, however deep."""
    if not issubclass(of, BaseModel):
        return ()
    return tuple(name for name, info in of.model_fields.items() if any(_speaks(info.annotation)))


def _speaks(annotation: Any) -> Iterator[bool]:  # noqa: ANN401 - any annotation
    for part in get_args(annotation):
        yield from _speaks(part)
    if isinstance(annotation, type):
        yield issubclass(annotation, OrganizationKey | Place)
        if issubclass(annotation, BaseModel):
            yield bool(_telling(annotation))


# ── words ────────────────────────────────────────────────────────────────────────────────────────


def tokens(text: str) -> Iterator[str]:
    """Give the words of a text; of scripts without spaces, every two characters."""
    for word in _SPOKEN.findall(fold(text)):
        if word.isascii():
            yield word[:LONGEST_WORD]
        else:
            yield from _pieces(word)


def _pieces(word: str) -> Iterator[str]:
    yield from (spaced[:LONGEST_WORD] for spaced in _UNSPACED.split(word) if spaced)
    for run in _UNSPACED.findall(word):
        yield from (run[at : at + 2] for at in range(max(1, len(run) - 1)))


def lexemes(texts: Iterable[str], facets: Iterable[str]) -> str:
    """Write the words of texts, and facets, as a `tsvector`; Postgres takes each word once."""
    found = [one for one in map(_lexemes, dict.fromkeys(texts)) if one.number]
    if sum(one.number for one in found) <= MOST_WORDS:
        return " ".join([*map(lexeme, facets), *[one.written for one in found]])
    words = dict.fromkeys(word for one in found for word in one.written.split(" "))
    return " ".join([*map(lexeme, facets), *islice(words, MOST_WORDS)])


class _Words(NamedTuple):
    """The words of a text as lexemes, each once, and how many there are."""

    written: str
    number: int


@lru_cache(maxsize=16_384)
def _lexemes(text: str) -> _Words:
    words = dict.fromkeys(map(lexeme, tokens(text)))
    return _Words(" ".join(words), len(words))


@lru_cache(maxsize=16_384)
def lexeme(word: str) -> str:
    """Quote a lexeme for a `tsvector` or `tsquery`."""
    doubled = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"


def json_words(document: bytes) -> list[str]:
    """Give every text in a JSON document as we write it, but not the names of fields."""
    text = document.decode()
    parts = (_ESCAPE.sub(" ", text) if "\\" in text else text).split('"')
    return [told for told, next_ in zip(parts[1::2], parts[2::2], strict=True) if next_[:1] != ":"]
