"""Further questions that people ask, answered over HTTP from the example data.

The expected answers were worked out by reading the example files, not by running the program. The
event in line n of `events.ndjson` has the position 131 + n.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.asking import keys
from tests.acceptance.known import DAY, items, known

if TYPE_CHECKING:
    import httpx2


@pytest.fixture(scope="module")
def client(examples: httpx2.Client) -> httpx2.Client:
    """Give Farshore with the example data."""
    return examples


# ── 5: how often did a target move, from what to what, and how late is it? ───────────────────────


def target(client: httpx2.Client, key: str, milestone: str) -> dict[str, Any]:
    """Give a promise as it stands in the middle of 2026."""
    (found,) = (
        one
        for one in items(client, "/v1/targets", milestone=milestone, effective_at=DAY)
        if one["subject"]["key"] == key
    )
    return found


def test_how_late_a_target_was_met(client: httpx2.Client) -> None:
    """WeRide promised Bosch the second half of 2023 and delivered in March 2024.

    That is 61 days after 2023-12-31 at least, and 274 after 2023-07-01 at most.
    """
    found = target(client, "weride-bosch", "first_delivery")
    assert (found["outcome"], found["moved"]) == ("met", 0)
    assert found["late"]["first"] == {"least": 61, "most": 274}


def test_how_late_an_open_target_is(client: httpx2.Client) -> None:
    """The shuttle at Zurich airport was to start in the first quarter of 2025, and has not."""
    found = target(client, "zurich-airport-staff-shuttle", "service_start")
    assert (found["outcome"], found["overdue"]) == ("open", True)
    assert found["late"]["present"] == {"least": 456, "most": 545}


def test_a_target_that_was_repeated_has_not_moved(client: httpx2.Client) -> None:
    """Hesai promised its plant twice for the same time."""
    found = target(client, "hesai-southeast-asia-plant", "production_start")
    assert [one["type"] for one in found["told"]] == ["target.set", "target.reaffirmed"]
    assert (found["moved"], found["moves"], found["overdue"]) == (0, [], False)


def test_which_targets_are_overdue(client: httpx2.Client) -> None:
    """On 2026-06-30 seven promises of the files are past their last possible day, and open."""
    found = items(client, "/v1/targets", overdue="true", effective_at=DAY)
    assert {(one["subject"]["key"], one["target_date"]) for one in found} == {
        ("huawei-strategy-chief-2019-components", "2021/2022"),
        ("zurich-airport-staff-shuttle", "2025-33"),
        ("xpeng-munich", "2025-09-08/2025-09-14"),
        ("pony-ai-uber", "2025"),
        ("baidu-turkiye", "2025"),
        ("baidu-dubai", "2026-03"),
        ("dubai-rta-2025-09-robotaxis", "2026-33"),
    }


def test_what_was_given_up(client: httpx2.Client) -> None:
    """TuSimple dropped a sale; the trucks with Navistar lapsed when the partnership ended."""
    for outcome, key in (("dropped", "tusimple"), ("lapsed", "tusimple-navistar")):
        found = items(client, "/v1/targets", outcome=outcome)
        assert [one["subject"]["key"] for one in found] == [key]
        assert found[0]["late"] == {"first": None, "present": None}


# ── 2, once more: suspensions with their length ──────────────────────────────────────────────────


def test_suspensions_and_how_long_they_lasted(client: httpx2.Client) -> None:
    """On 2026-03-15 three are open; Doha stood still from some day in February to 2 March."""
    found = {
        one["subject"]["key"]: (one["open"], one["days"]["least"], one["days"]["most"])
        for one in items(client, "/v1/suspensions", effective_at="2026-03-15")
    }
    opened = date(2026, 3, 15)
    assert found == {
        "haomo-ai": (True, *[(opened - date(2025, 11, 24)).days] * 2),
        "pony-ai-california-driverless-testing": (True, *[(opened - date(2021, 11, 19)).days] * 2),
        "weride-uber-dubai": (True, 14, 14),
        "pony-ai-mowasalat-doha": (False, 0, 29),
    }
    closed = items(client, "/v1/suspensions", open="false", effective_at="2026-03-15")
    assert keys(closed) == {"pony-ai-mowasalat-doha"}


# ── 7: every event behind one displayed value ────────────────────────────────────────────────────


def test_every_event_behind_a_value(client: httpx2.Client) -> None:
    """The fare in Abu Dhabi is told twice, who runs it replaced whom was announced."""
    path = "/v1/services/weride-uber-abu-dhabi-robotaxi/explain"
    told = {one["field"]: one for one in known(client, path, effective_at=DAY)["items"]}
    fare = [
        (one["position"], one["occurred_on"], one["sources"][0]["publisher"], one["confidence"])
        for one in told["fare"]["told"]
    ]
    assert fare == [
        (286, "2025-11-26", "Tekedia", "possible"),
        (214, "2024-12", "News.Az", "probable"),
    ]
    assert (told["fare"]["value"], told["fare"]["replaced"]) == ("paid", None)
    assert told["operators"]["value"] == ["tawasul-transport"]
    assert told["operators"]["replaced"] == {"value": ["weride"], "position": 205}
    assert {one["recorded_by"] for one in told["stage"]["told"]} == {
        client.get("/v1/me").json()["principal"]
    }


def test_a_corrected_value_shows_its_correction(client: httpx2.Client) -> None:
    """The office of Zhang Yongwei was read otherwise at first; the correction says why."""
    path = "/v1/statements/zhang-yongwei-2025-12-01-hurdles/explain"
    told = {one["field"]: one for one in known(client, path)["items"]}
    (telling,) = told["offices"]["told"]
    (correction,) = telling["corrections"]
    assert (telling["position"], telling["status"]) == (295, "corrected")
    assert (correction["position"], correction["was"]) == (306, ["Chairman"])
    assert correction["reason"].startswith("A second source on the same conference")
    assert told["gist"]["told"][0]["corrections"] == []


# ── 8: how long from partnership to driverless? ──────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("city", "least", "most"),
    [
        # Formed on 2024-09-25, driverless on 2025-11-26.
        ("Abu Dhabi", 427, 427),
        # Formed some day in October 2023, without a driver on board on 2025-07-17.
        ("Singapore", 625, 655),
    ],
)
def test_how_long_from_partnership_to_driverless(
    client: httpx2.Client, city: str, least: int, most: int
) -> None:
    """WeRide, by city: from the first partnership there to the first ride without a driver."""
    asked = {"organization": "weride", "city": city, "limit": 1}
    (formed,) = known(client, "/v1/timeline", type="partnership.formed", **asked)["items"]
    (removed,) = known(client, "/v1/timeline", type="service.driver_removed", **asked)["items"]
    removed_on = date.fromisoformat(removed["occurred_on"])
    began = date.fromisoformat(formed["effective_day"])
    assert (removed_on - began).days == most
    last = date(2023, 10, 31) if formed["occurred_on"] == "2023-10" else began
    assert (removed_on - last).days == least


# ── 9: what rests on one weak source, is contested, or contradicts? ──────────────────────────────


def test_which_services_rest_on_one_weak_source(client: httpx2.Client) -> None:
    """Seven: an event of each has a single supporting source, and that is possible or doubtful."""
    asked = {"kind": "service", "effective_at": DAY, "known_position": 356}
    assert keys(items(client, "/v1/warnings", code="weak_source", **asked)) == {
        "weride-uber-abu-dhabi-robotaxi",
        "weride-resorts-world-sentosa",
        "weride-uber-riyadh",
        "mogo-singapore-bus",
        "zelos-linz",
        "zelos-dhl-singapore",
        "weride-slovakia",
    }


def test_which_services_are_contested(client: httpx2.Client) -> None:
    """Eight: disputed, or with a source that contradicts."""
    asked = {"contested": "true", "effective_at": DAY, "known_position": 356}
    assert keys(items(client, "/v1/services", **asked)) == {
        "pony-ai-hong-kong-airport",
        "weride-beti-valence",
        "baidu-dubai",
        "mogo-singapore-bus",
        "pony-ai-mowasalat-doha",
        "weride-uber-dubai",
        "baidu-autogo-abu-dhabi-robotaxi",
        "zelos-dhl-singapore",
    }


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("outside_every_permit", {"weride-beti-valence", "weride-renault-roland-garros"}),
        (
            "no_permit_on_record",
            {
                "mogo-singapore-bus",
                "plus-iveco-spain",
                "pony-ai-mowasalat-doha",
                "tusimple-japan-tomei",
                "weride-uber-riyadh",
                "zelos-dhl-singapore",
                "zelos-linz",
                "zurich-airport-staff-shuttle",
            },
        ),
        ("test_before_permit", {"txai-abu-dhabi", "weride-renault-roland-garros"}),
        ("legs_do_not_add_up", {"byd-explorer-no-1-2024"}),
        ("base_differs", {"china-assisted-driving-share"}),
        ("likely_duplicate", set()),
        ("exclusive_elsewhere", set()),
        ("contradicting_claims", set()),
    ],
)
def test_what_does_not_go_together(client: httpx2.Client, code: str, expected: set[str]) -> None:
    """Two permits of one notice, or two apps in London on one day, are no duplicates."""
    found = items(client, "/v1/warnings", code=code, effective_at=DAY)
    assert keys(found) == expected


# ── 11: who works with several competing developers? ─────────────────────────────────────────────


def test_who_works_with_several_developers(client: httpx2.Client) -> None:
    """Uber with three; the regulator of Dubai with two, one of them beside Uber."""
    asked = {"with_role": "developer", "at_least": 2, "effective_at": DAY, "known_position": 356}
    found = {
        node["subject"]["key"]: {one["subject"]["key"] for one in node["partners"]}
        for node in items(client, "/v1/graph", **asked)
    }
    assert found == {
        "uber": {"weride", "pony-ai", "baidu-apollo-go"},
        "dubai-rta": {"weride", "baidu-apollo-go"},
    }


def test_through_what_two_organizations_work_together(client: httpx2.Client) -> None:
    """Pony.ai and Uber: in general, and in Zagreb together with Verne."""
    (uber,) = known(client, "/v1/graph", organization="Uber", effective_at=DAY)["items"]
    (pony,) = (one for one in uber["partners"] if one["subject"]["key"] == "pony-ai")
    assert [(one["subject"]["key"], one["as"], one["partner_as"]) for one in pony["via"]] == [
        ("pony-ai-uber", ["platform"], ["developer"]),
        ("pony-ai-uber-verne-zagreb", ["platform"], ["developer"]),
    ]
