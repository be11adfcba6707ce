"""Cut what is known of a subject into ranges of days on which it is the same."""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import orjson

import domain.subject
from domain.history import History
from domain.subject import is_still
from domain.views import View
from projections.mentions import (
    EXCLUSIVE,
    MERGED,
    PROMISED,
    SUSPENDED,
    Mentions,
    country_facet,
    json_words,
    lexemes,
    organization_facet,
)
from projections.notices import MOST_POSITIONS, aging, grouped
from projections.projection import FOREVER, Lately, Row
from projections.tables import array, as_json


def cut(history: History, since: date) -> tuple[list[Row], list[Row]]:
    """Give ranges and their facets, from the range before a day on, which that may end.

    Args:
        history: of the subject.
        since: before it nothing has changed.
    """
    days = history.days()
    first = max(0, bisect_left(days, since) - 1)
    ranges: list[Row] = []
    facets: dict[Row, date] = {}
    ends: list[date | str] = [*days[first + 1 :], FOREVER]
    made = _lately.of(history)
    for day, end in zip(days[first:], ends, strict=False):  # no day, no range
        if day not in made:
            made[day] = _made(history, day, end)
        if found := made[day]:
            ranges.append(found[0])
            for facet in found[1]:
                facets.setdefault(facet, day)
    return ranges, [(*facet, day) for facet, day in facets.items()]


_lately: Lately[date, tuple[Row, tuple[Row, ...]] | None] = Lately()


def _made(history: History, day: date, end: date | str) -> tuple[Row, tuple[Row, ...]] | None:
    """Give the range that begins on a day, and its facets; None where nothing is known."""
    view = history.view(day)
    if view is None:
        return None
    known = _known(history, view.state)
    facets = tuple(_facet(history, facet) for facet in known.lasting(view))
    return _range(history, view, (day, end), known), facets


# A state is the same object in all histories that go on from it.
_recent: dict[int, "Known"] = {}
_MOST_RECENT = 2_000


def _known(history: History, state: domain.subject.State) -> "Known":
    """Give what follows from a state, which was perhaps just worked out."""
    known = _recent.get(id(state))
    if known is None or known.state is not state:
        if len(_recent) >= _MOST_RECENT:
            _recent.clear()
        known = _recent[id(state)] = Known.of(history, state)
    return known


class Known(NamedTuple):
    """What follows from a state, whatever doubts and warnings there are about it."""

    state: domain.subject.State
    facets: tuple[str, ...]  # that a subject rarely loses
    facts: bytes
    identity: str
    places: str
    words: str

    @classmethod
    def of(cls, history: History, state: domain.subject.State) -> "Known":
        """Work it out, which costs more than all else about a range."""
        kind, key, mentions = history.kind, history.recorded[-1].key, Mentions()
        if kind.name == "organization":
            mentions.organizations[key] = None
        mentions.look(state)
        facts = as_json(state, kind.fields)
        words = [key, state.stage, *json_words(facts), *mentions.place_words()]
        return cls(
            state,
            tuple(dict.fromkeys((*mentions.facets(), *_own_facets(state)))),
            facts,
            as_json(state, kind.identity).decode(),
            mentions.places_json().decode(),
            lexemes(words, map(organization_facet, mentions.organizations)),
        )

    def lasting(self, view: View) -> tuple[str, ...]:
        """Give the facets that lists are walked by."""
        doubt = ("contested",) if view.contested else ()
        return (*self.facets, *doubt, *((MERGED,) if view.state.merged_into else ()))

    def all_facets(self, view: View) -> Iterator[str]:
        """Give all facets, each once."""
        yield from self.lasting(view)
        yield f"stage:{view.state.stage}"
        yield from {f"warning:{notice.code}": None for notice in view.notices}


def _own_facets(state: domain.subject.State) -> Iterator[str]:
    held = state.__dict__  # `getattr` of what a model lacks costs ten times as much
    if home := held.get("home_country"):
        yield country_facet(home)
    if mode := held.get("mode"):
        yield f"mode:{mode}"
    if held.get("exclusivity"):
        yield EXCLUSIVE
    if is_still(state.stage):
        yield SUSPENDED
    if state.targets:
        yield PROMISED


def _facet(history: History, facet: str) -> Row:
    last = history.recorded[-1]
    return facet, last.kind, last.key, last.subject


def _range(
    history: History,
    view: View,
    days: tuple[date, date | str],
    known: Known,
) -> Row:
    last = history.recorded[-1]
    return (
        *(last.subject, *days, last.kind, last.key, view.state.stage),
        array(known.all_facets(view)),
        known.identity,
        _head(history, view, known.facts),
        orjson.dumps(dict(view.origins), option=orjson.OPT_SORT_KEYS).decode(),
        known.places,
        orjson.dumps(grouped(view.notices)).decode(),
        *aging(history.kind, view),
        known.words,
    )


def looked_at(history: History, view: View) -> tuple[str, str, str, list[str]]:
    """Give identity, places, state and facets of a view as the range would have them."""
    known = Known.of(history, view.state)
    head = _head(history, view, known.facts)
    return known.identity, known.places, head, [*known.all_facets(view)]


def spoken_of(history: History, state: domain.subject.State) -> tuple[str, ...]:
    """Give the facets of whom and where a state speaks of."""
    return _known(history, state).facets


def _head(history: History, view: View, facts: bytes) -> str:
    """Write the state, all but the closing brace: names and the day of reading add to it."""
    last = history.recorded[-1]
    document = {
        "subject": {"kind": last.kind, "id": last.subject, "key": last.key},
        "stage": view.state.stage,
        "state": orjson.Fragment(facts),
        "targets": [target.model_dump(exclude_none=True) for target in view.state.targets],
        "uncertain": view.uncertain,
        "contested": view.contested,
        "positions": view.positions[-MOST_POSITIONS:],
    }
    if view.state.merged_into:
        document["merged_into"] = view.state.merged_into
    return orjson.dumps(document)[:-1].decode()
