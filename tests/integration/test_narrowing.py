"""What is asked of a place or an organization: what is told is of it, not of what comes later."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from projections import difference, places
from projections.difference import Looks, Question
from projections.reading import Clocks, Views
from tests.integration.asking import ask
from tests.integration.viewing import follow, record

if TYPE_CHECKING:
    from collections.abc import Sequence

RIGA, LIEPAJA = {"country": "LV", "city": "Riga"}, {"country": "LV", "city": "Liepāja"}
VILNIUS = {"country": "LT", "town": "Vilnius"}


def _told(verb: str, on: str, **data: Any) -> dict[str, Any]:
    return {"type": f"service.{verb}", "subject": "taxi", "occurred_on": on, "data": data}


# It ran in two cities of Latvia, cost something from 2023 on, and went to Lithuania in 2025.
LINES = (
    {"type": "organization.registered", "subject": "bolt", "data": {"name": "Bolt"}},
    {"type": "organization.registered", "subject": "yango", "data": {"name": "Yango"}},
    _told(
        *("launched", "2022-01-01"),
        operators=["bolt"],
        places=[RIGA, LIEPAJA],
        vehicle_kinds=["robotaxi"],
    ),
    _told("expanded", "2023-01-01", fare="paid"),
    _told("expanded", "2025-01-01", places=[VILNIUS], operators=["yango"]),
)


@pytest.fixture
def moved(database: str) -> str:
    """Give a database in which a service goes elsewhere."""
    record(database, LINES)
    follow(database)
    return database


def _at(year: int) -> Clocks:
    return Clocks(date(year, 6, 30), "null", len(LINES), present=False)


@pytest.mark.parametrize(
    ("asked", "first", "second"),
    [
        ({}, ["fare"], ["operators", "places"]),
        ({"country": "LV"}, ["fare"], ["operators", "places"]),
        ({"city": "riga", "organization": "bolt"}, ["fare"], ["operators", "places"]),
        ({"country": "LT"}, [], ["operators", "places"]),
        ({"city": "Vilnius"}, [], ["operators", "places"]),
        ({"organization": "yango"}, [], ["operators", "places"]),
        ({"organization": "yango", "country": "LV"}, [], []),
    ],
)
def test_a_difference_is_one_of_what_either_look_speaks_of(
    moved: str, asked: dict[str, str], first: Sequence[str], second: Sequence[str]
) -> None:
    """What it was before both looks, or will be after them, does not matter."""
    question = Question(kind="service", **asked)

    async def compared(views: Views, *years: int) -> list[str]:
        page = await difference.page(views, question, Looks(*map(_at, years)))
        return sorted(one["field"] for item in page.items for one in orjson.loads(item)["fields"])

    assert ask(moved, lambda views: compared(views, 2022, 2023)) == first
    assert ask(moved, lambda views: compared(views, 2023, 2025)) == second


def test_of_several_places_those_in_the_city_are_told(moved: str) -> None:
    """However it is spelt; the subject may be in others as well."""

    async def placed(views: Views, city: str) -> list[Any]:
        question = places.Question(kind="service", city=city)
        page = await places.page(views, question, _at(2023))
        return [orjson.loads(item)["place"] for item in page.items]

    assert ask(moved, lambda views: placed(views, "liepaja")) == [LIEPAJA]
    assert ask(moved, lambda views: placed(views, "Riga")) == [RIGA]
    assert ask(moved, lambda views: placed(views, "Vilnius")) == []
