"""What happened, in the order of the world or of recording: every event in one line."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import date

import orjson

from domain.effective import Fact
from domain.history import History
from domain.steps import Step
from domain.subject import State
from projections.mentions import Mentions, json_words, lexemes, organization_facet
from projections.projection import Column, Projection, Row, Since, Table
from projections.tables import array, as_json

# Events about events happen in no order of the world: they come last on their day.
LAST = 2**31 - 1

TIMELINE = Table(
    "timeline",
    (Column("position", "bigint"),),
    (
        *("subject", "effective_day", "rank", "kind", "type", "facets", "identity", "data"),
        *("sources", "entry", "words"),
    ),
    "old.subject = ANY(%(ids)s)",
)
FACETS = Table(
    "timeline_facets",
    (Column("facet", "text"), Column("position", "bigint")),
    ("effective_day", "rank"),
    "old.position IN (SELECT position FROM journal.events WHERE subject = ANY(%(ids)s))",
)


class Timeline(Projection):
    """One row per event, as it now counts."""

    name = "timeline"
    version = 1
    tables = (TIMELINE, FACETS)

    def rows(self, history: History, since: Since) -> Sequence[Sequence[Row]]:
        """Give the events that count from a step on, and those that do not count in the world."""
        lines: list[Row] = []
        facets: list[Row] = []
        for one, rank, state in _told(history, since.step):
            found = _facets(one, state, history)
            lines.append(_line(one, rank, state, found))
            facets += ((facet, one.position, one.day, rank) for facet in found[1])
        return lines, facets


Facets = tuple[Mentions, tuple[str, ...]]


def _told(history: History, start: int) -> Iterator[tuple[Fact, int, State]]:
    """Give facts with their rank on their day, and the state to tell them with."""
    for index, step in enumerate(history.steps[start:], start):
        first = bisect_left(history.steps, step.fact.day, key=_day)
        yield step.fact, index - first, step.after
    for one in history.facts:
        if one.retracted_by or one.event.by_knowledge:
            yield one, LAST, _state_on(history, one.day)


def _day(step: Step) -> date:
    return step.fact.day


def _state_on(history: History, day: date) -> State:
    """Give the state on a day, or before anything is known the first one."""
    if not history.steps:
        return history.kind.state()
    return history.steps[max(0, bisect_right(history.steps, day, key=_day) - 1)].after


def _facets(one: Fact, state: State, history: History) -> Facets:
    """Gather what the event itself speaks of, and what its subject then was."""
    mentions = Mentions()
    if history.kind.name == "organization":
        mentions.organizations[one.recorded.key] = None
    mentions.look(one.event)
    mentions.look(state, history.kind.identity)
    facets = [*mentions.facets(), f"kind:{one.recorded.kind}", f"type:{one.event.type}"]
    if one.contested:
        facets.append("contested")
    return mentions, tuple(dict.fromkeys(facets))


def _line(one: Fact, rank: int, state: State, found: Facets) -> Row:
    mentions, facets = found
    recorded, kind = one.recorded, state.kind
    data, identity = one.event.to_json(), as_json(state, kind.identity)
    words = [recorded.key, one.event.type, *json_words(data, identity), *mentions.place_words()]
    return (
        *(one.position, recorded.subject, one.day, rank, recorded.kind, one.event.type),
        *(array(facets), identity.decode(), data.decode(), _replaced_sources(one)),
        _entry(one, mentions),
        lexemes(words, map(organization_facet, mentions.organizations)),
    )


def _replaced_sources(one: Fact) -> str | None:
    if one.sources is one.recorded.sources:
        return None
    return orjson.dumps([s.model_dump(exclude_unset=True) for s in one.sources]).decode()


def _entry(one: Fact, mentions: Mentions) -> str:
    """Write the line, all but the closing brace: title and headline are told on reading."""
    recorded = one.recorded
    amended_by = (*one.corrections, *one.disputes, *one.denials, one.retracted_by)
    document = {
        "position": one.position,
        "type": one.event.type,
        "subject": {"kind": recorded.kind, "id": recorded.subject, "key": recorded.key},
        "occurred_on": one.occurred_on,
        "effective_day": None if one.day == date.min else one.day,
        "recorded_at": recorded.recorded_at,
        "recorded_by": recorded.recorded_by,
        "organizations": list(mentions.organizations),
        "places": orjson.Fragment(mentions.places_json()),
        "status": one.status,
        "confidence": one.confidence,
        "contested": one.contested,
        "positions": [one.position, *sorted(filter(None, amended_by))],
    }
    return orjson.dumps(document, option=orjson.OPT_UTC_Z)[:-1].decode()
