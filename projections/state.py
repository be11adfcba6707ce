"""What is so: every subject on any day."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import orjson

from domain.dates import span
from domain.history import History
from domain.subject import Kind
from domain.views import Notice, View
from domain.vocabulary import Place
from projections.mentions import Mentions, json_words, lexemes, organization_facet
from projections.projection import FOREVER, Column, Projection, Row, Since, Table
from projections.tables import array, as_json

# Of a long history, a state and each warning show the newest events.
MOST_POSITIONS = 100
# Silence is worth no warning earlier; exactly when, the domain says.
AGED = timedelta(days=365)

SUBJECTS = Table(
    "subjects",
    (Column("id", "uuid"),),
    ("kind", "key", "version", "last_position", "effective_from"),
    "old.id = ANY(%(ids)s)",
)
STATE = Table(
    "state",
    (Column("id", "uuid"), Column("effective_from", "date")),
    (
        *("effective_to", "kind", "key", "stage", "facets", "identity", "head"),
        *("origins", "places", "notices", "aging", "aging_from", "words"),
    ),
    "old.id = ANY(%(ids)s)",
)
FACETS = Table(
    "state_facets",
    (
        *(Column("facet", "text"), Column("kind", "text"), Column("key", "text")),
        Column("effective_from", "date"),
    ),
    ("id",),
    "old.id = ANY(%(ids)s)",
)


class State(Projection):
    """The state of every subject, cut into ranges of days on which it is the same."""

    name = "state"
    version = 1
    tables = (SUBJECTS, STATE, FACETS)

    def rows(self, history: History, since: Since) -> Sequence[Sequence[Row]]:
        """Give the subject, its ranges and their facets, from the range before `since` on."""
        days = history.days()
        first = max(0, bisect_left(days, since.day) - 1)
        ranges: list[Row] = []
        facets: list[Row] = []
        ends: list[date | str] = [*days[first + 1 :], FOREVER]
        for day, end in zip(days[first:], ends, strict=True):
            if view := history.view(day):
                found = _facets(history, view)
                ranges.append(_range(history, view, (day, end), found))
                facets += (_facet(history, day, facet) for facet in found[1])
        return [_subject(history)], ranges, facets


Facets = tuple[Mentions, tuple[str, ...]]


def _subject(history: History) -> Row:
    last = history.recorded[-1]
    return (
        *(last.subject, last.kind, last.key, last.version, last.position),
        history.effective_from,
    )


def _facet(history: History, day: date, facet: str) -> Row:
    last = history.recorded[-1]
    return facet, last.kind, last.key, day, last.subject


def _range(history: History, view: View, days: tuple[date, date | str], found: Facets) -> Row:
    kind, last, state = history.kind, history.recorded[-1], view.state
    mentions, facets = found
    facts = as_json(state, kind.fields)
    words = [last.key, state.stage, *json_words(facts), *mentions.place_words()]
    organizations = map(organization_facet, mentions.organizations)
    return (
        *(last.subject, *days, last.kind, last.key, state.stage, array(facets)),
        as_json(state, kind.identity).decode(),
        _head(history, view, facts),
        orjson.dumps(dict(view.origins)).decode(),
        mentions.places_json().decode(),
        orjson.dumps(_grouped(view.notices)).decode(),
        *_aging(kind, view),
        lexemes(words, organizations),
    )


def _facets(history: History, view: View) -> Facets:
    state, mentions = view.state, Mentions()
    if history.kind.name == "organization":
        mentions.organizations[history.recorded[-1].key] = None
        if home := getattr(state, "home_country", None):
            mentions.places[Place(country=home)] = None
    mentions.look(state)
    facets = [*mentions.facets(), f"stage:{state.stage}"]
    if mode := getattr(state, "mode", None):
        facets.append(f"mode:{mode}")
    if view.contested:
        facets.append("contested")
    facets += (f"warning:{notice.code}" for notice in view.notices)
    return mentions, tuple(dict.fromkeys(facets))


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


def _grouped(notices: Iterable[Notice]) -> list[dict[str, Any]]:
    """Say each warning once, with the events that it is about."""
    positions: dict[tuple[str, str], dict[int, None]] = {}
    for notice in notices:
        told = positions.setdefault((notice.code, notice.message), {})
        told.update(dict.fromkeys(notice.positions))
    return [
        {"code": code, "message": message, "positions": sorted(about)[-MOST_POSITIONS:]}
        for (code, message), about in positions.items()
    ]


def _aging(kind: Kind, view: View) -> tuple[str, date | str]:
    """Give what `domain.views.aging` needs later, and a day before which it warns of nothing."""
    open_targets = [target for target in view.state.targets if target.outcome == "open"]
    days = list(_overdue(target.target_date for target in open_targets))
    if kind.goes_dormant and not view.state.ended:
        days.append(view.heard_on + AGED)
    if not days:
        return "", FOREVER
    needed = {
        "targets": [
            (target.model_dump(exclude_none=True), view.origins[f"target:{target.milestone}"])
            for target in open_targets
        ],
        "heard": (view.heard_on, view.positions[-1]),
    }
    return orjson.dumps(needed).decode(), min(days)


def _overdue(dates: Iterable[str | None]) -> Iterator[date]:
    for text in dates:
        due = span(text).latest if text else None
        if due:
            yield due + timedelta(days=1)
