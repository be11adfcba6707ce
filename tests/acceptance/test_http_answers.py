"""Further questions that people ask, answered over HTTP from the example data.

The expected answers were worked out by reading the example files, not by running the program. The
event in line n of `events.ndjson` has the position 131 + n.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance import asking
from tests.acceptance.asking import keys

if TYPE_CHECKING:
    from collections.abc import Sequence

    import httpx2

DAY = "2026-06-30"


@pytest.fixture(scope="module")
def client(examples: httpx2.Client) -> httpx2.Client:
    """Give Farshore with the example data."""
    return examples


def known(client: httpx2.Client, path: str, **query: Any) -> dict[str, Any]:
    """Ask with the knowledge of the example data, whatever other tests have recorded since."""
    answer: dict[str, Any] = (
        client.get(path, params={"known_position": 356, **query}).raise_for_status().json()
    )
    return answer


def items(client: httpx2.Client, path: str, **query: Any) -> list[dict[str, Any]]:
    """Give all items of a list, with the same knowledge."""
    return asking.items(client, path, **{"known_position": 356, **query})


# ── 3: which permits hold where, at which level; what expires; was this service permitted? ───────


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (
            "2023-12-31",
            {
                ("weride-california-driverless-testing", "state", "US", "San Jose"),
                ("weride-uae-national-licence", "national", "AE", None),
                ("weride-singapore-m1-robobus", "national", "SG", "Singapore"),
                ("weride-singapore-t1-robobus", "national", "SG", "Singapore"),
            },
        ),
        (
            "2025-12-31",
            {
                ("weride-california-driverless-testing", "state", "US", "San Jose"),
                ("weride-uae-national-licence", "national", "AE", None),
                ("weride-singapore-m1-robobus", "national", "SG", "Singapore"),
                ("weride-singapore-t1-robobus", "national", "SG", "Singapore"),
                ("weride-sentosa-no-manual-controls", "national", "SG", "Sentosa"),
                ("weride-sentosa-driverless", "national", "SG", "Sentosa"),
                ("weride-france-driverless-testing", "national", "FR", None),
                ("weride-dubai-trial", "city", "AE", "Dubai"),
                ("weride-abu-dhabi-driverless-commercial", "region", "AE", "Abu Dhabi"),
            },
        ),
    ],
)
def test_which_permits_an_organization_holds_where_and_at_which_level(
    client: httpx2.Client, day: str, expected: set[tuple[str, str, str, str | None]]
) -> None:
    """WeRide had four at the end of 2023 and nine two years later; none was taken back."""
    found = {
        (
            one["subject"]["key"],
            one["jurisdictions"][0]["level"],
            one["place"]["country"],
            one["place"].get("town") or one["place"].get("city"),
        )
        for one in items(client, "/v1/coverage", organization="文远知行", effective_at=day)
    }
    assert found == expected


def test_a_suspended_permit_holds_nowhere(client: httpx2.Client) -> None:
    """Pony.ai tested without a driver in three towns until 2021-11-19, and in none since."""
    asked = {"organization": "pony-ai", "country": "US"}
    before = items(client, "/v1/coverage", **asked, effective_at="2021-11-18")
    assert [one["place"]["city"] for one in before] == ["Fremont", "Milpitas", "Irvine"]
    after = items(client, "/v1/coverage", **asked, effective_at="2021-11-19")
    assert keys(after) == {"pony-ai-california-safety-driver-testing"}
    # Revoked some day in May 2022: an end counts from the last possible day.
    assert keys(items(client, "/v1/coverage", **asked, effective_at="2022-05-30"))
    assert not items(client, "/v1/coverage", **asked, effective_at="2022-05-31")


@pytest.mark.parametrize(
    ("day", "left"), [("2026-06-30", None), ("2029-09-08", None), ("2029-09-09", 90)]
)
def test_what_expires_within_ninety_days(client: httpx2.Client, day: str, left: int | None) -> None:
    """One permit says until when it holds: Baidu's in Hong Kong, until 2029-12-08."""
    found = items(client, "/v1/coverage", expiring_within="90d", effective_at=day)
    expected = [("baidu-hong-kong-pilot-licence", {"least": left, "most": left})] if left else []
    assert [(one["subject"]["key"], one["days_left"]) for one in found] == expected


@pytest.mark.parametrize(
    ("service", "city", "day", "verdict", "covering"),
    [
        ("baidu-dubai", "Dubai", "2025-09-01", "covered", {"baidu-dubai-trial"}),
        ("weride-uber-abu-dhabi-robotaxi", "Abu Dhabi", "2025-06-30", "outside_every_permit", ()),
        (
            "weride-uber-abu-dhabi-robotaxi",
            "Abu Dhabi",
            "2025-12-31",
            "covered",
            {"weride-abu-dhabi-driverless-commercial"},
        ),
        ("weride-uber-abu-dhabi-robotaxi", "Dubai", "2025-12-31", "not_there", ()),
        ("weride-uber-dubai", "Dubai", "2026-04-01", "not_running", None),
        ("zelos-linz", "Linz", "2026-01-01", "no_permit_on_record", ()),
        ("weride-resorts-world-sentosa", "Sentosa", "2024-09-01", "outside_every_permit", ()),
        (
            "weride-resorts-world-sentosa",
            "Sentosa",
            "2025-03-01",
            "covered",
            {"weride-sentosa-no-manual-controls"},
        ),
    ],
)
def test_whether_a_service_was_permitted_in_a_town_on_a_day(
    client: httpx2.Client,
    service: str,
    city: str,
    day: str,
    verdict: str,
    covering: Sequence[str] | None,
) -> None:
    """Paid rides in Abu Dhabi had only a licence to test, until the commercial one came."""
    answer = known(client, "/v1/coverage", service=service, city=city, effective_at=day)
    assert answer["service"]["verdict"] == verdict
    if covering is not None:
        assert keys(answer["items"]) == set(covering)


def test_what_every_other_permit_lacks(client: httpx2.Client) -> None:
    """The public pilot in Dubai: one permit is for another city, two are for tests."""
    answer = known(client, "/v1/coverage", service="weride-uber-dubai", effective_at="2026-01-15")
    assert answer["items"] == []
    lacks = {one["subject"]["key"]: one["lacks"] for one in answer["service"]["outside"]}
    assert lacks == {
        "weride-abu-dhabi-driverless-commercial": ["place"],
        "weride-dubai-trial": ["activity"],
        "weride-uae-national-licence": ["activity"],
    }


# ── 4: what did we believe, what do we believe now, and which events made the difference? ────────


def fields(difference: dict[str, Any]) -> dict[str, tuple[Any, Any, list[int]]]:
    """Give by field what was, what is, and the events between."""
    return {
        one["field"]: (one["from"], one["to"], one["positions"]) for one in difference["fields"]
    }


def test_what_was_believed_and_which_events_changed_it(client: httpx2.Client) -> None:
    """Until position 305 Zhang Yongwei spoke for another body; the event at 306 corrects that."""
    answer = known(
        client, "/v1/diff", from_known_position=305, to_known_position=306, effective_at=DAY
    )
    (difference,) = answer["items"]
    assert difference["subject"]["key"] == "zhang-yongwei-2025-12-01-hurdles"
    assert fields(difference) == {
        "organization": (
            {"mention": "China Automotive Technology and Research Center"},
            "china-ev100",
            [306],
        ),
        "offices": (["Chairman"], ["President"], [306]),
    }
    assert (answer["from"]["known_position"], answer["to"]["known_position"]) == (305, 306)


def test_what_became_doubtful(client: httpx2.Client) -> None:
    """Of MOGO's bus only the trust changed: by a dispute (304) and by evidence (352)."""
    answer = known(client, "/v1/diff", from_known_position=303, effective_at=DAY, country="SG")
    (bus,) = (one for one in answer["items"] if one["subject"]["key"] == "mogo-singapore-bus")
    assert fields(bus) == {"contested": (False, True, [304, 352])}


def test_what_happened_between_two_days(client: httpx2.Client) -> None:
    """In the first half of March 2026: Dubai stopped, Doha went on, Abu Dhabi became free."""
    answer = known(client, "/v1/diff", from_effective_at="2026-02-28", to_effective_at="2026-03-15")
    stages = {one["subject"]["key"]: fields(one).get("stage") for one in answer["items"]}
    assert stages == {
        "weride-uber-dubai": ("pilot", "suspended", [343]),
        "pony-ai-mowasalat-doha": ("suspended", "testing", [346]),
        "baidu-autogo-abu-dhabi-robotaxi": None,
    }


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


# ── 12: what changed since my last visit? ────────────────────────────────────────────────────────


def test_what_changed_since_the_last_visit(client: httpx2.Client) -> None:
    """After position 340 come 16 events: eight new records, and three that are different now.

    The share of assisted driving in January 2026 lies before a forecast that is told already, and
    one more page against MOGO's bus makes it no more contested than it was.
    """
    found = known(client, "/v1/diff", from_known_position=340, effective_at=DAY)["items"]
    told = {one["subject"]["key"]: one["change"] for one in found}
    appeared = {
        "inceptio-ceo-2026-02-25-panel",
        "baidu-autogo-abu-dhabi-robotaxi",
        "pony-ai-uber-verne-zagreb",
        "un-r171-supplement-2026",
        "china-av-permit-issuance",
        "mogo-buses-singapore-2026",
        "zelos-dhl-singapore",
        "weride-slovakia",
    }
    changed = {"weride-uber-dubai", "pony-ai-mowasalat-doha", "zeekr-gothenburg"}
    assert told == dict.fromkeys(appeared, "appeared") | dict.fromkeys(changed, "changed")


def test_what_changed_since_an_instant(client: httpx2.Client) -> None:
    """The instant of an event's recording includes the event; without news there is nothing."""
    last = client.get("/v1/events/356").json()["recorded_at"]
    answer = client.get("/v1/diff", params={"from_known_at": last, "to_known_position": 356})
    assert answer.json()["items"] == []
