"""Counts over the timeline: they are those of the lines it tells, with every filter and clock."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.asking import items

if TYPE_CHECKING:
    import httpx2

FILTERS: tuple[dict[str, Any], ...] = (
    {},
    {"kind": "service"},
    {"organization": "weride", "country": "AE"},
    {"q": "uber"},
    {"contested": "true", "known_position": 300},
    {"effective_at": "2021-06-30", "from": "2019-01-01"},
    {"subject": "weride-uber-dubai"},
)
LENGTHS = {"day": 10, "month": 7, "year": 4}


@pytest.mark.parametrize("given", FILTERS, ids=str)
@pytest.mark.parametrize("unit", LENGTHS)
def test_counts_by_effective_day_are_those_of_the_lines(
    examples: httpx2.Client, given: dict[str, Any], unit: str
) -> None:
    """Counting the days of all lines by hand gives the same, and what holds always is apart."""
    told = examples.get("/v1/timeline/density", params={**given, "unit": unit}).json()
    days = [one["effective_day"] for one in items(examples, "/v1/timeline", limit=500, **given)]
    expected = Counter(day[: LENGTHS[unit]] for day in days if day)
    assert {one["from"][: LENGTHS[unit]]: one["events"] for one in told["items"]} == expected
    assert [one["from"] for one in told["items"]] == sorted(one["from"] for one in told["items"])
    assert told["always"] == days.count(None)


def test_counts_by_day_of_recording_are_those_of_the_lines(examples: httpx2.Client) -> None:
    """The days are those of `recorded_at` in UTC, and nothing is apart."""
    given = {"kind": "partnership"}
    told = examples.get(
        "/v1/timeline/density", params={**given, "by": "recorded", "unit": "day"}
    ).json()
    days = Counter(one["recorded_at"][:10] for one in items(examples, "/v1/timeline", **given))
    assert {one["from"]: one["events"] for one in told["items"]} == days
    assert told["always"] == 0


@pytest.mark.parametrize("given", FILTERS, ids=str)
def test_each_value_leaves_as_many_lines_as_it_says(
    examples: httpx2.Client, given: dict[str, Any]
) -> None:
    """Every value of a filter, put in the place of what was set, gives that number of lines."""
    told = examples.get("/v1/timeline/facets", params=given).json()
    for name in ("kind", "type", "country", "organization", "contested"):
        assert told[name]["more"] == 0
        for one in told[name]["items"][:3]:
            narrowed = {**given, name: one["value"]}
            lines = items(examples, "/v1/timeline", limit=500, **narrowed)
            assert len(lines) == one["events"], (name, one)


def test_the_kinds_of_the_examples_are_counted_as_their_page_says(examples: httpx2.Client) -> None:
    """The timeline of partnerships has 34 events of its own types, 24 of them formed."""
    told = examples.get("/v1/timeline/facets", params={"kind": "partnership"}).json()
    types = {one["value"]: one["events"] for one in told["type"]["items"]}
    assert sum(n for name, n in types.items() if name.startswith("partnership.")) == 34
    assert types["partnership.formed"] == 24
    kinds = {one["value"] for one in told["kind"]["items"]}
    assert {"partnership", "service", "permit"} <= kinds  # the filter itself is left out
    titles = {one["value"]: one["title"] for one in told["organization"]["items"]}
    assert titles["weride"] == "WeRide"
