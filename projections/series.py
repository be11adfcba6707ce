"""The values of an indicator: one series for what can be compared, and never anything mixed."""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

import orjson

from domain.event import events
from domain.indicator import Length, length
from projections.reading import Clocks, Page, Views
from projections.selection import find
from projections.teller import Line

# What a later value leaves out is as it was told before; the period is each value's own.
_CARRIED = ("unit", "base", "reported_by")
_STATUSES = ("forecast", "reported")


class Comparable(NamedTuple):
    """What values must have in common to stand in one series.

    Attributes:
        base: what the value is a share of.
        period_months: the length of the period that it covers; None where it is no months.
        period_days: its length where it is no months; None where it has no end.
        status: told as a fact, or expected.
    """

    base: str | None
    unit: str | None
    period_months: int | None
    period_days: int | None
    status: str


async def of(
    views: Views, indicator: str, clocks: Clocks, until: date | None = None
) -> Page | None:
    """Give the series of an indicator; None where there is no such indicator.

    Args:
        views: to read.
        indicator: its id or key.
        clocks: with which knowledge, and the day whose names are told in titles.
        until: the last effective day; None for all that is known.
    """
    clocks = await views.settled(clocks)
    async with views.pool.connection() as connection:
        if (subject := await find(connection, "indicator", indicator, clocks.known)) is None:
            return None
        found = await connection.execute(_STATEMENT, (subject[0], clocks.known, until or date.max))
        rows = await found.fetchall()
        lines = [Line("", "indicator", row[1], "", clocks.effective_at) for row in rows[-1:]]
        titles = await views.teller(clocks, clocks.seen).tell(connection, clocks.seen.names, lines)
    subject_id, key = subject
    about = {"kind": "indicator", "id": subject_id, "key": key}
    return Page([_item(about, titles[0], *one) for one in _grouped(rows)], None, clocks.seen)


_STATEMENT = """
SELECT t.type, t.identity, t.data, t.entry FROM views.timeline t
WHERE t.subject = %s AND t.known @> %s::bigint AND t.type LIKE 'indicator.%%'
    AND t.effective_day <= %s::date
ORDER BY t.effective_day, t.rank, t.position
"""


def _grouped(rows: Iterable[tuple[Any, ...]]) -> Iterable[tuple[Comparable, list[dict[str, Any]]]]:
    series: dict[Comparable, list[dict[str, Any]]] = {}
    carried: dict[str, Any] = {}
    statuses: dict[tuple[Any, ...], str] = {}
    for type_, _, data, entry in rows:
        told = orjson.loads(entry + "}")
        if told["status"] == "retracted":
            continue
        given = orjson.loads(data)
        carried |= {name: given[name] for name in _CARRIED if given.get(name) is not None}
        known = carried | given
        value = tuple(known.get(name) for name in ("base", "unit", "period"))
        statuses[value] = status = _status(type_, statuses.get(value))
        series.setdefault(_comparable(known, status), []).append(_point(type_, known, told))
    return series.items()


def _status(type_: str, before: str | None) -> str:
    """Tell whether a value is a forecast; one that is revised is what it was before."""
    status = events()[type_].leads_to
    return status if status in _STATUSES else before or "reported"


def _comparable(known: dict[str, Any], status: str) -> Comparable:
    period = known.get("period")
    covered = length(period) if period else Length()
    return Comparable(known.get("base"), known.get("unit"), *covered, status)


def _point(type_: str, known: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    values = {name: known.get(name) for name in ("period", "value", "operator", "reported_by")}
    rest = {
        name: told[name]
        for name in ("position", "occurred_on", "effective_day", "status", "confidence")
    }
    return {**values, "type": type_, **rest}


def _item(
    about: dict[str, Any], title: bytes, same: Comparable, points: list[dict[str, Any]]
) -> bytes:
    return orjson.dumps(
        {
            "subject": about,
            "title": orjson.Fragment(title),
            **same._asdict(),
            "points": points,
            "positions": [point["position"] for point in points],
        }
    )
