"""Which permits hold where, what expires, what was permitted: asked of the example data.

The expected answers were worked out by reading the example files, not by running the program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.acceptance.asking import keys
from tests.acceptance.known import items, known

if TYPE_CHECKING:
    from collections.abc import Sequence

    import httpx2


@pytest.fixture(scope="module")
def client(examples: httpx2.Client) -> httpx2.Client:
    """Give Farshore with the example data."""
    return examples


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
