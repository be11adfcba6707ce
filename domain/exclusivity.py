"""Who is bound to work with nobody else, and works with somebody else."""

from datetime import date
from typing import NamedTuple

from domain.dates import span
from domain.parties import Party, distinct
from domain.partnership import WORKING, Exclusivity, Partnership
from domain.views import Notice

_BINDING = ("mou", *WORKING)


class Deal(NamedTuple):
    """A partnership as seen on a day; `positions` are the events behind it."""

    key: str
    partnership: Partnership
    positions: tuple[int, ...]


def warn(exclusive: Deal, other: Deal, day: date) -> Notice | None:
    """Warn where a party bound by an exclusive deal has a deal with somebody else as well."""
    terms = exclusive.partnership.exclusivity
    if terms is None or exclusive.key == other.key or not _holds(terms, exclusive, day):
        return None
    if other.partnership.stage not in _BINDING or not _overlap(terms, other.partnership):
        return None
    inside, outside = _parties(exclusive), _parties(other)
    tied = sorted(_bound(terms, inside) & outside)
    if not tied or outside <= inside:
        return None
    scope = f" for {terms.scope}" if terms.scope else ""
    words = f"{exclusive.key} binds {' and '.join(tied)}{scope}; {other.key} is with others"
    return Notice("exclusive_elsewhere", words, (exclusive.positions[-1], other.positions[-1]))


def _holds(terms: Exclusivity, deal: Deal, day: date) -> bool:
    until = span(terms.until).latest if terms.until else None
    return deal.partnership.stage in _BINDING and (until is None or day <= until)


def _overlap(terms: Exclusivity, other: Partnership) -> bool:
    """Tell whether another deal is good where the exclusive one is; unless told, it may be."""
    if terms.place is None or not other.markets:
        return True
    shut_out = any(place.contains(terms.place) for place in other.markets_excluded or ())
    there = any(not place.contradicts(terms.place) for place in other.markets)
    return there and not shut_out


def _parties(deal: Deal) -> set[str]:
    return distinct(deal.partnership.parties or ())


def _bound(terms: Exclusivity, parties: set[str]) -> set[str]:
    """Give who is bound: all parties where nobody is named."""
    if terms.bound is None:
        return parties
    return {Party(organization=terms.bound).identity}
