"""How much happened when, and how much of what: counts of the events that a timeline tells."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

import orjson

from domain.merges import survivor
from projections import timeline
from projections.mentions import organization_facet
from projections.merging import known_merges
from projections.reading import Clocks, Settled, Views
from projections.timeline import Question

By = Literal["effective", "recorded"]
Unit = Literal["day", "month", "year"]

# Values told of one filter, the most frequent; the rest is counted.
MOST_VALUES = 200


@dataclass(frozen=True, slots=True)
class Counted:
    """Counts, as a JSON object but for its closing brace, and the clocks that they are of."""

    body: bytes
    clocks: Settled


async def density(views: Views, question: Question, clocks: Clocks, by: By, unit: Unit) -> Counted:
    """Count the events of each day, month or year.

    Args:
        views: to read.
        question: which events.
        clocks: with which knowledge.
        by: the day on which they happened or began to be known.
        unit: what is counted together, named by its first day. What holds on every day is counted
            by itself.
    """
    settled = await views.settled(clocks)
    asked = "density", question, by, unit
    known: bytes | None = views.kept(asked, settled)
    if known is None:
        rows = await _rows(views, question, settled, _DENSITY[by].replace("{unit}", unit))
        items = [{"from": day, "events": number} for day, number in rows if day != date.min]
        always = sum(number for day, number in rows if day == date.min)
        known = orjson.dumps({"by": by, "unit": unit, "items": items, "always": always})[:-1]
        views.keep(asked, known, settled, len(known))
    return Counted(known, settled)


# What holds on every day has the first day there is.
_DENSITY = {
    "effective": """
        SELECT CASE WHEN t.effective_day = '0001-01-01' THEN t.effective_day
            ELSE date_trunc('{unit}', t.effective_day::timestamp)::date END AS day, count(*)
        FROM ({events}) t GROUP BY 1 ORDER BY 1""",
    "recorded": """
        SELECT date_trunc('{unit}', e.recorded_at AT TIME ZONE 'UTC')::date, count(*)
        FROM ({events}) t JOIN journal.events e USING (position) GROUP BY 1 ORDER BY 1""",
}


# ── values of filters ────────────────────────────────────────────────────────────────────────────

FILTERS = ("kind", "type", "country", "organization", "contested")


async def values(views: Views, question: Question, clocks: Clocks) -> Counted:
    """Count the events of each value of the filters, each as if it alone were not set."""
    settled = await views.settled(clocks)
    asked = "values", question
    known: bytes | None = views.kept(asked, settled)
    if known is None:
        told = {name: _Values([], 0) for name in FILTERS}
        statement, given = await _statement(views, settled)
        for names in _together(question):
            nothing: dict[str, Any] = dict.fromkeys(names)
            free = replace(question, **nothing)
            for facet, number in await _rows(views, free, settled, statement, names=names, **given):
                name, _, value = facet.partition(":")
                told[name].take(value or "true", number)
        await _name(views, settled, told["organization"].items)
        known = orjson.dumps(told)[:-1]
        views.keep(asked, known, settled, len(known))
    return Counted(known, settled)


@dataclass(slots=True)
class _Values:
    """The most frequent values of a filter, and how many more there are."""

    items: list[dict[str, Any]]
    more: int

    def take(self, value: str, number: int) -> None:
        if len(self.items) < MOST_VALUES:
            self.items.append({"value": value, "events": number})
        else:
            self.more += 1


def _together(question: Question) -> list[list[str]]:
    """Give the filters that are counted over the same events: all that are not set."""
    free = [name for name in FILTERS if getattr(question, name) is None]
    groups = [free, *([name] for name in FILTERS if name not in free)]
    return [names for names in groups if names]


_VALUES = """
SELECT facet, count(*) FROM ({events}) t CROSS JOIN LATERAL unnest(t.facets) facet
WHERE split_part(facet, ':', 1) = ANY(%(names)s) GROUP BY facet ORDER BY 2 DESC, 1"""
# An event that speaks of several records of one organization leaves one line where that is asked.
_VALUES_OF_MERGED = _VALUES.replace(
    "unnest(t.facets) facet",
    """(
        SELECT DISTINCT coalesce(%(standing)s::jsonb ->> one, one) FROM unnest(t.facets) one
    ) said(facet)""",
)


async def _statement(views: Views, clocks: Settled) -> tuple[str, dict[str, str]]:
    """Give the statement, which counts duplicates as what they were merged into."""
    async with views.lines(walk=False) as connection:
        merges = await known_merges(views, connection, clocks)
    if not merges:
        return _VALUES, {}
    stands = {organization_facet(key): organization_facet(survivor(key, merges)) for key in merges}
    return _VALUES_OF_MERGED, {"standing": orjson.dumps(stands).decode()}


async def _name(views: Views, clocks: Settled, items: list[dict[str, Any]]) -> None:
    """Say what each organization was called on the day, as known."""
    async with views.lines(walk=False) as connection:
        given = [one["value"] for one in items], clocks.known
        found = await (await connection.execute(_NAMES, given)).fetchall()
    names: dict[str, str] = {}
    for key, day, name in found:
        if key not in names or day <= clocks.effective_at:
            names[key] = name
    for one in items:
        one["title"] = names.get(one["value"], one["value"])


_NAMES = """
SELECT organization, day, name FROM views.names
WHERE organization = ANY(%s) AND main AND known @> %s::bigint ORDER BY organization, ordinal
"""


async def _rows(
    views: Views, question: Question, clocks: Settled, statement: str, **given: object
) -> Sequence[tuple[Any, int]]:
    async with views.lines(walk=False) as connection:
        selection = await timeline.selected(views, connection, question, clocks, None)
        events = selection.all("t.position, t.effective_day, t.facets")
        query = statement.replace("{events}", events)
        return await (await connection.execute(query, {**selection.given, **given})).fetchall()
