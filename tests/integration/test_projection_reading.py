"""Every question about states of the example data is answered as a plain look at all would."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

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
    warnings,
)
from projections.reading import Clocks, Settled, Views
from tests.integration.asking import DAY, KINDS, NOW, Item, all_pages, ask, states

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("known", "head", "walks"),
    [(1_001, 20_000, True), (999, 20_000, False), (37_630, 10**6, True), (7_000, 10**6, False)],
)
def test_an_index_is_walked_where_it_passes_less_than_there_is_to_gather(
    known: int, head: int, *, walks: bool
) -> None:
    """A walk passes head / known rows for each of fifty lines; gathering takes all known ones."""
    past = Settled(date(2026, 1, 1), "null", known, present=False, head=head)
    assert past.walks is walks


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
