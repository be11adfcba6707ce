"""Two records that may well be one: told alike, of the same time and place."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from domain.places import Place
from domain.views import Notice

NEAR = timedelta(days=30)


class Told(NamedTuple):
    """A subject as seen on a day.

    Attributes:
        organizations: all that it speaks of, by key.
        facts: the fields of its kind, as JSON.
        began: its first day on record.
        position: of its first event.
    """

    kind: str
    key: str
    organizations: frozenset[str]
    places: tuple[Place, ...]
    facts: Mapping[str, Any]
    began: date
    position: int


def alike(one: Told, other: Told) -> bool:
    """Tell whether two records may be one.

    The same kind, organizations and place within 30 days, and no word that tells them apart.
    """
    return (
        one.kind == other.kind
        and one.key != other.key
        and bool(one.organizations)
        and one.organizations == other.organizations
        and abs(one.began - other.began) <= NEAR
        and _same_place(one, other)
        and not any(_told_apart(one.facts, other.facts))
    )


def _same_place(one: Told, other: Told) -> bool:
    if not (one.places or other.places):
        return True
    pairs = ((here, there) for here in one.places for there in other.places)
    return any(here.contains(there) or there.contains(here) for here, there in pairs)


def _told_apart(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[bool]:
    """Compare what both say in words; amounts and dates of one matter differ from page to page."""
    for name in one.keys() & other.keys():
        mine, theirs = one[name], other[name]
        if isinstance(mine, str) and isinstance(theirs, str):
            yield mine.casefold() != theirs.casefold() and not _is_date(name)
        elif _are_words(mine) and _are_words(theirs):
            yield set(mine).isdisjoint(theirs)


def _is_date(name: str) -> bool:
    return name.startswith("valid_") or name.endswith("_on")


def _are_words(value: Any) -> bool:  # noqa: ANN401 - any JSON
    return isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)


def warn(one: Told, others: Iterable[Told]) -> Iterator[Notice]:
    """Warn of each record that may be the same as this one."""
    for other in sorted(others, key=lambda told: told.key):
        if alike(one, other):
            positions = tuple(sorted((one.position, other.position)))
            yield Notice("likely_duplicate", f"may be the same as {other.key}", positions)
