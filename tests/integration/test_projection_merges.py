"""Merged records: lists count a subject once, and who asks for one record asks for all of them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from projections import snapshot, state, timeline
from projections.density import values
from projections.reading import Clocks, Views
from tests.integration.asking import ask
from tests.integration.viewing import follow, record

if TYPE_CHECKING:
    from collections.abc import Iterable

DAY = date(2026, 11, 23)
MERGED, UNMERGED = 6, 7  # positions


def _organization(key: str) -> dict[str, Any]:
    return {"type": "organization.registered", "subject": key, "data": {"name": key.title()}}


def _deal(key: str, *parties: str) -> dict[str, Any]:
    data = {"parties": [{"organization": one} for one in parties], "mode": "carmaker"}
    return {"type": "partnership.formed", "subject": key, "occurred_on": "2025-01-01", "data": data}


LINES = (
    *map(_organization, ("weride", "jingchi", "uber")),  # 1 to 3
    _deal("one", "weride", "uber"),
    _deal("two", "jingchi", "weride"),
    {
        "type": "subject.merged",
        "kind": "organization",
        "subject": "jingchi",
        "reason": "It is the same firm under its former name",
        "data": {"into": "weride"},
    },
    {
        "type": "subject.unmerged",
        "kind": "organization",
        "subject": "jingchi",
        "reason": "It is not",
        "data": {},
    },
)


@pytest.fixture
def merged(database: str) -> str:
    """Give a database in which a record was merged into another, and parted again."""
    record(database, LINES)
    follow(database)
    return database


def _at(position: int) -> Clocks:
    return Clocks(DAY, "null", position, present=False)


def _keys(items: Iterable[bytes]) -> list[str]:
    return [orjson.loads(item)["subject"]["key"] for item in items]


def _listed(url: str, position: int, kind: str, **filters: Any) -> list[str]:
    async def page(views: Views) -> list[str]:
        question = state.Question(kind=kind, **filters)
        return _keys((await state.page(views, question, _at(position))).items)

    return ask(url, page)


def _told(url: str, position: int, **filters: Any) -> list[int]:
    async def page(views: Views) -> list[int]:
        question = timeline.Question(order="recorded", **filters)
        found = await timeline.page(views, question, _at(position))
        return [orjson.loads(item)["position"] for item in found.items]

    return ask(url, page)


def test_a_list_leaves_duplicates_out_while_they_are_merged(merged: str) -> None:
    """Nobody is counted twice; before the merge and after its end both records stand."""
    everybody = ["jingchi", "uber", "weride"]
    assert _listed(merged, MERGED - 1, "organization") == everybody
    assert _listed(merged, MERGED, "organization") == ["uber", "weride"]
    assert _listed(merged, UNMERGED, "organization") == everybody
    assert _listed(merged, MERGED, "organization", sort="-recorded") == ["uber", "weride"]
    assert _listed(merged, MERGED, "organization", q="jingchi") == []


def test_a_duplicate_is_still_read_at_its_own_address(merged: str) -> None:
    """It says what it was merged into; its state is its own."""

    async def one(views: Views) -> dict[str, Any]:
        found = await state.one(views, "organization", "jingchi", _at(MERGED))
        assert found
        assert found.body
        told: dict[str, Any] = orjson.loads(found.body)
        return told

    told = ask(merged, one)
    assert (told["merged_into"], told["state"]["name"]) == ("weride", "Jingchi")


@pytest.mark.parametrize("key", ["weride", "jingchi"])
def test_who_asks_for_one_record_asks_for_all_of_them(merged: str, key: str) -> None:
    """A deal that names both comes once, in its place; one page after the other, too."""
    assert _listed(merged, MERGED, "partnership", organization=key) == ["one", "two"]
    expected = {"weride": ["one", "two"], "jingchi": ["two"]}[key]
    assert _listed(merged, UNMERGED, "partnership", organization=key) == expected
    assert _listed(merged, MERGED, "partnership", organization=key, q="formed") == ["one", "two"]


@pytest.mark.parametrize("position", [MERGED - 1, MERGED, UNMERGED])
def test_who_is_counted_leaves_as_many_lines(merged: str, position: int) -> None:
    """A duplicate counts as what it was merged into: once a line, whichever records it names."""
    clocks = _at(position)
    counted = ask(merged, lambda views: values(views, timeline.Question(), clocks))
    found = orjson.loads(counted.body + b"}")["organization"]["items"]
    told = {one["value"]: one["events"] for one in found}
    keys = {"uber", "weride"} | ({"jingchi"} if position != MERGED else set())
    assert told == {key: len(_told(merged, position, organization=key)) for key in keys}


@pytest.mark.parametrize("key", ["weride", "jingchi"])
def test_the_timeline_tells_of_all_records(merged: str, key: str) -> None:
    """By organization and by subject, each event once."""
    assert _told(merged, MERGED, organization=key) == [1, 2, 4, 5, 6]
    assert _told(merged, MERGED, subject=key) == [1, 2, 6]
    expected = {"weride": [1], "jingchi": [2, 6, 7]}[key]
    assert _told(merged, UNMERGED, subject=key) == expected


@pytest.mark.parametrize("key", ["weride", "jingchi"])
def test_a_computed_list_walks_the_facets_of_all_records(
    merged: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It looks at what speaks of any of them, and at nothing else; at each deal once."""

    async def walk(views: Views) -> tuple[list[str], str]:
        async with snapshot.snapshot(views, _at(MERGED)) as now:
            among = snapshot.Among(kind="partnership", facets=(f"organization:{key}",))
            asked, rows = [], now.rows

            async def noted(query: str, given: snapshot.Given) -> list[tuple[Any, ...]]:
                asked.append(query)
                return await rows(query, given)

            monkeypatch.setattr(now, "rows", noted)
            found = await now.walk(among, ("", ""), 10)
        return [one.key for one in found], asked[0]

    keys, query = ask(merged, walk)
    assert keys == ["one", "two"]
    assert query.count("FROM views.state_facets") == 2
