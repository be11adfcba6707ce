"""Every question about the example data is answered as a plain look at all of it would."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

import orjson
import psycopg
import pytest

from journal.database import conninfo
from projections import (
    computed,
    history,
    neighbours,
    places,
    search,
    series,
    state,
    timeline,
    warnings,
)
from projections.mentions import fold
from projections.reading import BadCursor, Clocks, NotSeen, Page, Views
from tests.integration.viewing import example_lines, follow, record

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

DAY = date(2026, 11, 23)
NOW = Clocks(DAY, '"2026-11-23T00:00:00Z"')
KINDS = ("organization", "partnership", "service", "permit", "rd_center", "site", "statement")

Item = dict[str, Any]
T = TypeVar("T")


@pytest.fixture(scope="module")
def examples(server: str, template: str) -> Iterator[str]:
    """Give a database with the example data in all views."""
    from tests.conftest import _fresh  # noqa: PLC0415 - a database for a whole module

    with _fresh(server, template) as url:
        record(url, example_lines())
        follow(url)
        yield url


def ask(url: str, question: Callable[[Views], Awaitable[T]]) -> T:
    """Ask one question."""

    async def asking() -> T:
        async with Views(url) as views:
            return await question(views)

    return asyncio.run(asking())


async def all_pages(get: Callable[[str | None], Awaitable[Page | None]]) -> list[Item]:
    """Walk a list to its end."""
    items: list[Item] = []
    cursor: str | None = None
    while True:
        page = await get(cursor)
        assert page is not None
        assert page.items or page.next_cursor is None
        items += map(orjson.loads, page.items)
        cursor = page.next_cursor
        if cursor is None:
            return items


async def gathered(lines: AsyncIterator[bytes]) -> list[Item]:
    """Read a stream to its end."""
    return [orjson.loads(line) async for line in lines]


def entries(url: str, limit: int = 7, **filters: Any) -> list[Item]:
    """Give the whole timeline of a question, page by page."""
    question = timeline.Question(**filters)
    return ask(
        url,
        lambda views: all_pages(
            lambda cursor: timeline.page(views, question, NOW, limit=limit, cursor=cursor)
        ),
    )


def states(url: str, limit: int = 7, at: date = DAY, **filters: Any) -> list[Item]:
    """Give the whole list of states of a question, page by page."""
    question, clocks = state.Question(**filters), Clocks(at, NOW.known_at)
    return ask(
        url,
        lambda views: all_pages(
            lambda cursor: state.page(views, question, clocks, limit=limit, cursor=cursor)
        ),
    )


# ── the timeline ─────────────────────────────────────────────────────────────────────────────────


def _cities(item: Item) -> set[str]:
    return {fold(one[name]) for one in item["places"] for name in ("city", "town") if name in one}


def _within(item: Item, first: str, last: str) -> bool:
    return first <= (item["effective_day"] or "0001-01-01") <= last


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


# ── states ───────────────────────────────────────────────────────────────────────────────────────


def _mentions(value: object, key: str) -> bool:
    if isinstance(value, dict):
        return any(_mentions(one, key) for name, one in value.items() if name != "details")
    if isinstance(value, list):
        return any(_mentions(one, key) for one in value)
    return value == key


STATES: dict[str, tuple[dict[str, Any], Callable[[Item], bool]]] = {
    "organization": ({"organization": "weride"}, lambda s: _mentions(s["state"], "weride")),
    "country": ({"country": "AE"}, lambda s: _mentions(s["state"], "AE")),
    "city": ({"city": "dubai"}, lambda s: _mentions(s["state"], "Dubai")),
    "stage": ({"stage": "formed"}, lambda s: s["stage"] == "formed"),
    "mode": ({"mode": "carmaker"}, lambda s: s["state"].get("mode") == "carmaker"),
    "contested": ({"contested": True}, lambda s: s["contested"]),
    "uncontested": ({"contested": False}, lambda s: not s["contested"]),
    "two": (
        {"organization": "weride", "country": "AE"},
        lambda s: _mentions(s["state"], "weride") and _mentions(s["state"], "AE"),
    ),
}


@pytest.mark.parametrize("sort", ["key", "-key", "recorded", "-recorded"])
@pytest.mark.parametrize("kind", ["partnership", "service"])
@pytest.mark.parametrize("name", STATES)
def test_a_filter_gives_what_a_look_at_every_state_gives(
    examples: str, name: str, kind: str, sort: str
) -> None:
    """No subject is missing, none is too much, none comes twice, and all are in order."""
    filters, fits = STATES[name]
    every = states(examples, 500, kind=kind, sort=sort)
    column = {"key": lambda s: s["subject"]["key"], "recorded": lambda s: s["last_position"]}
    in_order = sorted(every, key=column[sort.removeprefix("-")], reverse=sort[0] == "-")
    assert every == in_order
    assert states(examples, 3, kind=kind, sort=sort, **filters) == [s for s in every if fits(s)]


@pytest.mark.parametrize("day", [date(2017, 1, 1), date(2021, 11, 19), date(2025, 6, 1), DAY])
@pytest.mark.parametrize("kind", KINDS)
def test_the_list_of_a_day_is_every_subject_of_that_day(
    examples: str, kind: str, day: date
) -> None:
    """A list on any day holds exactly the subjects that have a state on it, as it then was."""
    clocks = Clocks(day, NOW.known_at)
    listed = states(examples, at=day, kind=kind)
    with psycopg.connect(conninfo(examples)) as connection:
        query = "SELECT DISTINCT key FROM views.subjects WHERE kind = %s ORDER BY key"
        keys = [key for (key,) in connection.execute(query, (kind,))]

    async def singly(views: Views) -> list[bytes | None]:
        found = [await state.one(views, kind, key, clocks) for key in keys]
        return [one.body for one in found if one]

    assert listed == [orjson.loads(body) for body in ask(examples, singly) if body]


def test_one_state_by_key_or_id(examples: str) -> None:
    """Both names lead to the same document; neither to a subject of another kind."""

    async def both(views: Views) -> None:
        one = await state.one(views, "service", "weride-uber-dubai", NOW)
        assert one is not None
        assert one.body is not None
        found = orjson.loads(one.body)
        same = await state.one(views, "service", found["subject"]["id"], NOW)
        assert same == one
        assert (found["stage"], found["version"], found["contested"]) == ("suspended", 5, True)
        assert (found["known_position"], found["effective_at"]) == (356, "2026-11-23")
        assert [w["code"] for w in found["warnings"]] == ["target_overdue"]
        assert await state.one(views, "permit", "weride-uber-dubai", NOW) is None
        assert await state.one(views, "service", "nothing", NOW) is None

    ask(examples, both)


def test_a_subject_has_no_state_before_anything_is_known_of_it(examples: str) -> None:
    """There is no document, but the first day on which there is one."""
    early = Clocks(date(2020, 1, 1), NOW.known_at)
    one = ask(examples, lambda views: state.one(views, "service", "weride-uber-dubai", early))
    assert one is not None
    assert (one.body, one.effective_from) == (None, date(2025, 4, 2))


# ── the other questions ──────────────────────────────────────────────────────────────────────────


def test_a_history_is_in_effective_order_and_shows_what_was_put_right(examples: str) -> None:
    """A corrected event tells its payload as it counts and as it was recorded."""
    question = history.Question(kind="statement", subject="zhang-yongwei-2025-12-01-hurdles")
    made, corrected = ask(
        examples,
        lambda views: all_pages(lambda at: history.page(views, question, NOW, limit=1, cursor=at)),
    )
    assert made["recorded"]["data"] != made["data"]
    assert made["data"] == corrected["data"]["data"]
    assert corrected["reason"]
    assert corrected["recorded"] is None
    unknown = history.Question(kind="permit", subject=question.subject)
    assert ask(examples, lambda views: history.page(views, unknown, NOW)) is None


def test_series_never_mix(examples: str) -> None:
    """Values over different bases, periods or certainty stand in different series."""
    page = ask(examples, lambda views: series.of(views, "china-assisted-driving-share", NOW))
    assert page is not None
    found = [orjson.loads(item) for item in page.items]
    same = [(s["base"], s["unit"], s["period_months"], s["status"]) for s in found]
    assert len(set(same)) == len(same) == len(found)
    assert sum(len(s["points"]) for s in found) == 5
    assert [s["status"] for s in found].count("forecast") == 1
    assert ask(examples, lambda views: series.of(views, "weride", NOW)) is None


def test_places_come_by_country_and_city(examples: str) -> None:
    """Each place of each subject comes once, and a point only where it was recorded."""
    found = ask(
        examples,
        lambda views: all_pages(
            lambda at: places.page(views, places.Question(), NOW, limit=50, cursor=at)
        ),
    )
    where = [(p["place"].get("country", "~"), p["place"].get("city", "")) for p in found]
    assert [w for w in where if w[0] != "~"] == sorted(w for w in where if w[0] != "~")
    emirates = places.Question(country="AE", kind="service")
    page = ask(examples, lambda views: places.page(views, emirates, NOW))
    items = [orjson.loads(item) for item in page.items]
    expected = [p for p in found if p["place"].get("country") == "AE"]
    assert items == [p for p in expected if p["subject"]["kind"] == "service"]
    assert not any("lat" in p["place"] for p in found)


def _placed(url: str, clocks: Clocks, **filters: Any) -> list[Item]:
    page = ask(url, lambda views: places.page(views, places.Question(**filters), clocks))
    return [orjson.loads(item) for item in page.items]


def test_the_map_shows_all_kinds_of_places(examples: str) -> None:
    """R&D centers, offices, services and permits are all on it."""
    kinds = {one["subject"]["kind"] for one in _placed(examples, NOW)}
    assert kinds >= {"rd_center", "site", "service", "permit"}


def test_the_map_tells_moves_at_both_clocks(examples: str) -> None:
    """An office is where it was until it moved, and nobody knows of a move before it is on record.

    Zeekr's head office in Europe went from Gothenburg to Amsterdam on 13 October 2023.
    """
    query = "SELECT position FROM journal.events WHERE type = 'site.relocated'"
    with psycopg.connect(conninfo(examples)) as connection:
        [(moved,)] = connection.execute(query)

    def shown(day: date, known: int | None = None) -> list[tuple[str, list[Item]]]:
        found = _placed(examples, Clocks(day, "null", known), organization="zeekr", kind="site")
        return [
            (one["place"]["city"], one["moves"])
            for one in found
            if one["subject"]["key"] == "zeekr-eu-head-office"
        ]

    came = date(2023, 10, 13)
    [(city, [move])] = shown(DAY)
    assert (city, move["from"]["city"], move["to"]["city"]) == (
        "Amsterdam",
        "Gothenburg",
        "Amsterdam",
    )
    assert (move["position"], move["effective_day"]) == (moved, "2023-10-13")
    assert shown(came) == [("Amsterdam", [move])]
    early = shown(date(2023, 10, 12))
    assert [moves for _, moves in early] == [[]] * len(early)
    assert all(moves == [] for _, moves in shown(DAY, moved - 1))


def test_warnings_hold_on_their_day(examples: str) -> None:
    """A promise is overdue from the day after it was due, not before."""

    def overdue(day: date) -> list[str]:
        question = warnings.Question(code="target_overdue")
        found = ask(
            examples,
            lambda views: all_pages(
                lambda at: computed.page(
                    views, warnings.telling(question), Clocks(day, NOW.known_at), limit=500, at=at
                )
            ),
        )
        return [one["subject"]["key"] for one in found]

    assert "weride-uber-dubai" not in overdue(date(2026, 6, 30))
    assert "weride-uber-dubai" in overdue(date(2026, 7, 1))


def test_the_list_of_warnings_is_what_the_states_say(examples: str) -> None:
    """Neither knows of a warning that the other does not, but for those that need several."""
    several = {*neighbours.OF_SERVICES, *neighbours.OF_PARTNERSHIPS, *neighbours.OF_ALL}
    found = ask(
        examples,
        lambda views: all_pages(
            lambda at: computed.page(
                views, warnings.telling(warnings.Question()), NOW, limit=5, at=at
            )
        ),
    )
    of_services = [
        (one["subject"]["key"], one["code"], one["message"])
        for one in found
        if one["subject"]["kind"] == "service" and one["code"] not in several
    ]
    assert of_services == [
        (one["subject"]["key"], warning["code"], warning["message"])
        for one in states(examples, kind="service")
        for warning in one["warnings"]
    ]


@pytest.mark.parametrize(
    ("q", "key"),
    [("图森", "tusimple"), ("TuSimple", "tusimple"), ("We Ride", "weride"), ("WeRyde", "weride")],
)
def test_search_finds_any_name(examples: str, q: str, key: str) -> None:
    """A former name, another script, a slip of the pen: the organization comes first."""
    page = ask(examples, lambda views: search.page(views, search.Question(q), NOW))
    assert orjson.loads(page.items[0])["subject"]["key"] == key


# ── how far ──────────────────────────────────────────────────────────────────────────────────────


def test_a_renaming_is_told_at_once(database: str) -> None:
    """What a process remembers of names is never told after they changed."""
    opened = {"type": "organization.registered", "subject": "acme", "data": {"name": "Acme"}}
    renamed = {
        "type": "organization.renamed",
        "subject": "acme",
        "occurred_on": "2020-01-01",
        "data": {"name": "Zenith"},
    }
    record(database, [opened])
    follow(database)

    async def telling(views: Views) -> list[str]:
        titles = []
        for line in ({}, renamed):
            if line:
                await asyncio.to_thread(record, database, [line])
                await asyncio.to_thread(follow, database)
            one = await state.one(views, "organization", "acme", NOW)
            assert one is not None
            assert one.body is not None
            titles.append(orjson.loads(one.body)["title"])
        return titles

    assert ask(database, telling) == ["Acme", "Zenith"]


def test_a_reader_waits_for_a_position(database: str) -> None:
    """What was recorded before is seen after waiting; what never comes is told so."""
    line = {"type": "organization.registered", "subject": "acme", "data": {"name": "Acme"}}
    record(database, [line])

    async def waiting(views: Views) -> None:
        with pytest.raises(NotSeen, match="Position 1 is not visible yet; the views are at 0"):
            await views.wait_for(1, within=0.1)
        follower = asyncio.create_task(asyncio.to_thread(follow, database))
        await asyncio.gather(*(views.wait_for(1) for _ in range(20)))
        assert await state.one(views, "organization", "acme", NOW)
        await follower

    ask(database, waiting)


def test_a_kept_answer_is_given_only_while_it_is_right(database: str) -> None:
    """A process that was asked before answers like one that never was, after every change."""
    lines = [
        {"type": "organization.registered", "subject": "acme", "data": {"name": "Acme"}},
        {"type": "note.added", "kind": "organization", "subject": "acme", "data": {"details": "A"}},
        {
            "type": "organization.renamed",
            "subject": "acme",
            "occurred_on": "2020-01-01",
            "data": {"name": "Zenith"},
        },
        {"type": "organization.registered", "subject": "other", "data": {"name": "Other"}},
    ]
    every = timeline.Question()
    listed = state.Question(kind="organization", q="acme")

    async def answers(views: Views) -> list[object]:
        return [
            await timeline.page(views, every, NOW),
            await state.page(views, listed, NOW),
            await state.one(views, "organization", "acme", NOW),
        ]

    async def asking(views: Views) -> None:
        for line in lines:
            await asyncio.to_thread(record, database, [line])
            await asyncio.to_thread(follow, database)
            async with Views(database) as fresh:
                expected = await answers(fresh)
            assert await answers(views) == expected
            assert await answers(views) == expected
        await asyncio.to_thread(_reword, database)
        async with Views(database) as fresh:
            assert await answers(views) == await answers(fresh)
        first, *_ = await answers(views)
        assert isinstance(first, Page)
        assert b"reworded" in first.items[0]

    ask(database, asking)


def _reword(url: str) -> None:
    """Change rows as a rebuild with other code does: no event came, but the build is another."""
    with psycopg.connect(conninfo(url)) as connection:
        connection.execute(
            "UPDATE views.timeline SET entry = replace(entry, 'somebody', 'reworded')"
        )
        connection.execute("UPDATE views.tracking SET build = build + 1")
