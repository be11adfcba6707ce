"""The timeline of the example data: each filter gives what a look at every entry gives."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import psycopg
import pytest

from domain.places import fold
from journal.database import conninfo
from projections import timeline
from projections.reading import BadCursor, Views
from tests.integration.asking import NOW, Item, ask, entries, gathered

if TYPE_CHECKING:
    from collections.abc import Callable


# ── the timeline ─────────────────────────────────────────────────────────────────────────────────


def _cities(item: Item) -> set[str]:
    return {fold(one[name]) for one in item["places"] for name in ("city", "town") if name in one}


def _within(item: Item, first: str, last: str) -> bool:
    return first <= (item["effective_day"] or "0001-01-01") <= last


Order = Literal["effective", "recorded"]
NAIVE: dict[str, tuple[dict[str, Any], Callable[[Item], bool]]] = {
    "kind": ({"kind": "permit"}, lambda e: e["subject"]["kind"] == "permit"),
    "type": ({"type": "service.launched"}, lambda e: e["type"] == "service.launched"),
    "organization": ({"organization": "weride"}, lambda e: "weride" in e["organizations"]),
    "country": ({"country": "AE"}, lambda e: "AE" in [p.get("country") for p in e["places"]]),
    "city": ({"city": "ABU dhabi"}, lambda e: "abu dhabi" in _cities(e)),
    "from": ({"first": date(2025, 1, 1)}, lambda e: _within(e, "2025-01-01", "9999")),
    "to": ({"last": date(2020, 1, 1)}, lambda e: _within(e, "", "2020-01-01")),
    "contested": ({"contested": True}, lambda e: e["contested"]),
    "uncontested": ({"contested": False}, lambda e: not e["contested"]),
    "subject": (
        {"subject": "weride-uber-dubai"},
        lambda e: e["subject"]["key"] == "weride-uber-dubai",
    ),
    "several": (
        {"organization": "pony-ai", "country": "US", "kind": "permit", "last": date(2022, 1, 1)},
        lambda e: (
            "pony-ai" in e["organizations"]
            and "US" in [p.get("country") for p in e["places"]]
            and e["subject"]["kind"] == "permit"
            and _within(e, "", "2022-01-01")
        ),
    ),
}


@pytest.mark.parametrize("order", ["effective", "recorded"])
@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("name", NAIVE)
def test_a_filter_gives_what_a_look_at_every_entry_gives(
    examples: str, name: str, order: str, *, newest_first: bool
) -> None:
    """No entry is missing, none is too much, none comes twice, and all are in order."""
    filters, fits = NAIVE[name]
    every = entries(examples, 500, order=order, newest_first=newest_first)
    expected = [one for one in every if fits(one)]
    assert 0 < len(expected) < len(every) == 356
    assert entries(examples, order=order, newest_first=newest_first, **filters) == expected


# What an index is asked for; of filters that are not here, the facet.
ASKED = {"from": "effective_day >=", "to": "effective_day <=", "subject": "(subject = "}
ASKED |= {"words": "words @@", "uncontested": "", "nothing": ""}


@pytest.mark.parametrize("order", ["effective", "recorded"])
@pytest.mark.parametrize("name", [*NAIVE, "words", "nothing"])
def test_every_filter_is_answered_by_an_index(examples: str, name: str, order: Order) -> None:
    """None reads a table from end to end, and where an index holds the order, nothing is sorted."""
    more: dict[str, dict[str, Any]] = {"words": {"q": "weride dubai"}, "nothing": {}}
    filters = more[name] if name in more else NAIVE[name][0]
    question = timeline.Question(order=order, **filters)
    with psycopg.connect(conninfo(examples), autocommit=True) as connection:
        connection.execute("ANALYZE views.timeline, views.timeline_facets")

    async def planned(views: Views) -> str:
        clocks = await views.settled(NOW)
        async with views.lines(walk=question.walks) as connection, connection.transaction():
            selection = await timeline.selected(views, connection, question, clocks, 50)
            await connection.execute("SET LOCAL enable_seqscan = off")  # so small a table is read
            plan = await connection.execute(f"EXPLAIN {selection.statement()}", selection.given)
            return "\n".join(line for (line,) in await plan.fetchall())

    plan = ask(examples, planned)
    asked = [line for line in plan.splitlines() if "Index" in line]
    by_day = order == "effective" or name not in ("from", "to")
    mark = ASKED.get(name, "facet =") if by_day else '"position" <='
    assert any(mark in line for line in asked), plan
    assert "Seq Scan on timeline" not in plan, plan
    assert not question.walks or "Sort" not in plan, plan


def test_the_orders_are_of_the_world_and_of_recording(examples: str) -> None:
    """The one follows effective days, the other positions."""
    days = [one["effective_day"] or "" for one in entries(examples, 500)]
    assert days == sorted(days)
    positions = [one["position"] for one in entries(examples, 500, order="recorded")]
    assert positions == list(range(1, 357))


def test_a_stream_gives_all_that_the_pages_give(examples: str) -> None:
    """An export is complete and in the same order."""
    question = timeline.Question(country="AE", newest_first=True)
    streamed = ask(examples, lambda views: gathered(timeline.stream(views, question, NOW)))
    assert streamed == entries(examples, country="AE", newest_first=True)


def test_the_suspension_of_a_service_is_found_by_everyone_in_it(examples: str) -> None:
    """The event names nobody: who takes part is what was then known of the service."""
    for key in ("weride", "uber", "tawasul-transport"):
        found = entries(examples, organization=key, type="service.suspended")
        assert [one["subject"]["key"] for one in found] == ["weride-uber-dubai"]


@pytest.mark.parametrize("q", ["文远知行", "WeRide", "weride", "wenyuan"])
def test_words_find_an_organization_in_any_script(examples: str, q: str) -> None:
    """Whatever an organization is called, its events are found, at least."""
    expected = {one["position"] for one in entries(examples, 500, organization="weride")}
    assert len(expected) > 10
    assert expected <= {one["position"] for one in entries(examples, 500, q=q)}


def test_words_narrow(examples: str) -> None:
    """Every word must be met: by the entry itself or by who takes part."""
    found = entries(examples, 500, q="createai navistar")
    assert {one["subject"]["key"] for one in found} == {"tusimple-navistar"}
    assert entries(examples, q="no such words anywhere") == []
    assert entries(examples, q="?!") == []


def test_headlines_have_the_names_of_their_day(examples: str) -> None:
    """TuSimple became CreateAI: the headline says what it was, the title what it is."""
    [founding] = entries(examples, subject="tusimple-navistar", type="partnership.formed")
    assert founding["headline"] == "TuSimple and Navistar work together in United States"
    assert founding["title"] == "CreateAI and Navistar"


def test_events_about_events_are_told(examples: str) -> None:
    """A correction is in the timeline, and what it corrects says so and by which event."""
    found = entries(examples, subject="zhang-yongwei-2025-12-01-hurdles")
    assert [(one["type"], one["status"]) for one in found] == [
        ("statement.made", "corrected"),
        ("event.corrected", "current"),
    ]
    assert found[0]["positions"] == [found[0]["position"], found[1]["position"]]


def test_a_cursor_of_another_list_is_refused(examples: str) -> None:
    """A cursor means a place in one order only."""
    question = timeline.Question()
    first = ask(examples, lambda views: timeline.page(views, question, NOW, limit=1))
    other = timeline.Question(order="recorded")

    async def refused(views: Views) -> None:
        for cursor in (first.next_cursor, "nonsense", "äöü", ""):
            with pytest.raises(BadCursor):
                await timeline.page(views, other, NOW, limit=1, cursor=cursor)

    ask(examples, refused)
