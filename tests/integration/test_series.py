"""A series of an indicator holds nothing that cannot be compared."""

from __future__ import annotations

from typing import Any

import orjson

from projections import series
from tests.integration.asking import NOW, ask
from tests.integration.viewing import follow, record

# Type, day of telling, period, value.
VALUES = (
    ("forecast", "2025-01-01", "2025", 100),
    ("revised", "2025-03-01", "2025", 90),
    ("revised", "2025-04-01", "2025", 80),
    ("reported", "2026-01-10", "2025", 95),
    ("revised", "2026-02-10", "2025", 96),
    ("revised", "2026-02-11", "2024", 50),
    ("reported", "2026-03-02", "2026-02-23/2026-03-01", 3),
    ("reported", "2026-03-03", "2026-03-02", 1),
    ("reported", "2026-03-16", "2026-02-15/2026-03-14", 8),
    ("reported", "2026-04-01", "2026-03", 9),
)


def _line(type_: str, on: str, period: str, value: int) -> dict[str, Any]:
    about = {"measure": "cars sold", "place": {"country": "NO"}, "unit": "vehicles"}
    data = {**about, "operator": "=", "period": period, "value": value}
    return {
        "type": f"indicator.{type_}",
        "subject": "cars-in-norway",
        "occurred_on": on,
        "data": data,
    }


def test_a_series_mixes_neither_periods_nor_what_is_expected(database: str) -> None:
    """A revised forecast is a forecast, a week no day; a month is one from any day on."""
    record(database, [_line(*value) for value in VALUES])
    follow(database)
    page = ask(database, lambda views: series.of(views, "cars-in-norway", NOW))
    assert page is not None
    told = {}
    for one in map(orjson.loads, page.items):
        same = one["period_months"], one["period_days"], one["status"]
        told[same] = [point["value"] for point in one["points"]]
    assert told == {
        (12, None, "forecast"): [100, 90, 80],
        (12, None, "reported"): [95, 96, 50],
        (None, 7, "reported"): [3],
        (None, 1, "reported"): [1],
        (1, None, "reported"): [8, 9],
    }
