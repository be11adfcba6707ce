"""Whether a permit lets a service run, and why not."""

from datetime import date
from typing import Any

import pytest

from domain.coverage import Held, days_left, gaps, judged, may_expire, ran_early, verdict, warn
from domain.permit import Permit
from domain.places import Place
from domain.service import Service
from tests.domain.story import PERMIT, SERVICE, Story, given

DAY = date(2026, 6, 30)
DUBAI = {"country": "AE", "subdivision": "AE-DU", "city": "Dubai"}


def permit(stage: str = "granted", **data: Any) -> Permit:
    """Give a permit of 2025 as it is on the day."""
    story = given("permit").log("permit.granted", "2025-01-01", {**PERMIT, **data})
    if stage != "granted":
        story = story.log(f"permit.{stage}", "2025-02-01")
    state: Permit = story.state()
    return state


def service(stage: str = "testing_started", **data: Any) -> Service:
    """Give a service of 2025 as it is on the day."""
    state: Service = given("service").log(f"service.{stage}", "2025-03-01", SERVICE | data).state()
    return state


# ── places ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("outer", "inner", "contains"),
    [
        ({"country": "AE"}, DUBAI, True),
        (DUBAI, {"country": "AE"}, False),
        (DUBAI, {**DUBAI, "label": "Jumeirah"}, True),
        ({**DUBAI, "label": "Jumeirah"}, DUBAI, False),
        ({"country": "AE", "city": "DUBAI"}, DUBAI, True),
        ({"country": "AE", "city": "دبي"}, DUBAI, True),
        (DUBAI, {"country": "AE", "city": "Dubai"}, True),
        ({"country": "AE", "subdivision": "AE-DU"}, {"country": "AE", "city": "Dubai"}, False),
        ({"country": "AE", "city": "Abu Dhabi"}, DUBAI, False),
        ({"region": "Europe"}, {"country": "FR"}, False),
        ({**DUBAI, "lat": 25.0, "lon": 55.0}, DUBAI, True),
    ],
)
def test_a_place_contains_another_if_all_that_it_gives_agrees(
    outer: dict[str, Any], inner: dict[str, Any], *, contains: bool
) -> None:
    """The other may say more; a subdivision goes without saying where the city is named."""
    assert Place(**outer).contains(Place(**inner)) is contains


# ── one permit ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("data", "day", "live"),
    [
        ({}, "2026-06-30", True),
        ({"valid_until": "2026-06-30"}, "2026-06-30", True),
        ({"valid_until": "2026-06-29"}, "2026-06-30", False),
        ({"valid_until": "2026-06"}, "2026-06-30", True),
        ({"valid_until": "2026-06"}, "2026-07-01", False),
        ({"valid_from": "2026-07-01"}, "2026-06-30", False),
        ({"valid_from": "2026-06"}, "2026-06-01", True),
    ],
)
def test_a_permit_covers_only_within_its_dates(
    data: dict[str, Any], day: str, *, live: bool
) -> None:
    """The last possible day of an imprecise end still counts, and so does the first of a start."""
    found = gaps(permit(**data), service(), date.fromisoformat(day))
    assert found == (() if live else ("not_live",))


@pytest.mark.parametrize("stage", ["suspended", "revoked", "expired"])
def test_a_permit_that_does_not_hold_covers_nothing(stage: str) -> None:
    """Suspended, taken back or run out."""
    assert gaps(permit(stage), service(), DAY) == ("not_live",)


@pytest.mark.parametrize(
    ("permitted", "running", "covered"),
    [
        ({}, {}, True),
        ({"holders": ["uber"]}, {}, False),
        ({"holders": ["uber"], "technology_suppliers": ["weride"]}, {}, True),
        ({}, {"operators": ["tawasul"], "technology_suppliers": ["weride"]}, True),
        ({}, {"operators": ["tawasul"], "platforms": ["weride"]}, False),
        ({"operators": ["tawasul"]}, {}, False),
        ({"operators": ["tawasul"]}, {"operators": ["tawasul"]}, True),
        (
            {"operators": ["tawasul"]},
            {"operators": ["lumo"], "technology_suppliers": ["weride"]},
            False,
        ),
        ({"holders": [{"mention": "A firm"}]}, {"operators": [{"mention": "A firm"}]}, False),
    ],
)
def test_they_share_an_organization(
    permitted: dict[str, Any], running: dict[str, Any], *, covered: bool
) -> None:
    """Holders, operators, suppliers on either side; operators that are named bind."""
    found = gaps(permit(**permitted), service(**running), DAY)
    assert found == (() if covered else ("organization",))


@pytest.mark.parametrize(
    ("activity", "stage", "safety_operator", "covered"),
    [
        ("testing", "testing_started", None, True),
        ("testing", "testing_started", "none", False),
        ("testing_driverless", "testing_started", "none", True),
        ("testing", "pilot_started", "on_board", False),
        ("passenger_pilot", "pilot_started", "on_board", True),
        ("passenger_pilot", "launched", "on_board", False),
        ("commercial", "pilot_started", "remote", True),
        ("commercial", "launched", "remote", True),
        ("commercial", "launched", "none", False),
        ("operation_driverless", "launched", "none", True),
        ("commercial_driverless", "testing_started", "none", True),
        ("data", "testing_started", None, False),
        ("testing", "announced", None, True),
    ],
)
def test_the_activity_reaches_what_the_stage_needs(
    activity: str, stage: str, safety_operator: str | None, *, covered: bool
) -> None:
    """Testing is less than a pilot, which is less than a regular service; nobody aboard is more."""
    more = {"safety_operator": safety_operator} if safety_operator else {}
    found = gaps(permit(activity=activity), service(stage, **more), DAY)
    assert found == (() if covered else ("activity",))


def test_the_permitted_area_is_narrower_than_the_jurisdiction() -> None:
    """Where places are given, they count; else those of the jurisdictions."""
    elsewhere = permit(places=[{"country": "AE", "city": "Dubai", "label": "Jumeirah"}])
    assert gaps(elsewhere, service(), DAY) == ("place",)
    assert gaps(permit(), service(), DAY) == ()


def test_all_reasons_are_given() -> None:
    """A suspended permit of somebody else, for another town and for less."""
    other = permit("suspended", holders=["uber"], places=[{"country": "SG"}])
    assert gaps(other, service("launched"), DAY) == (
        "not_live",
        "organization",
        "place",
        "activity",
    )


@pytest.mark.parametrize(
    ("until", "days", "within_90"),
    [
        ("2026-09-28", (90, 90), True),
        ("2026-09-29", (91, 91), False),
        ("2026-09", (63, 92), True),
        ("2026", (-180, 184), True),
        ("2027", (185, 549), False),
    ],
)
def test_how_long_a_permit_lasts_is_as_precise_as_its_end(
    until: str, days: tuple[int, int], *, within_90: bool
) -> None:
    """On 30 June 2026: September begins in 63 days and ends in 92."""
    assert days_left(permit(valid_until=until), DAY) == days
    assert may_expire(permit(valid_until=until), DAY, 90) is within_90


def test_a_permit_without_an_end_does_not_expire() -> None:
    """Nothing is guessed."""
    assert days_left(permit(), DAY) is None
    assert not may_expire(permit(), DAY, 90)


# ── a service and all permits ────────────────────────────────────────────────────────────────────


def held(key: str = "a-permit", *, begun: bool = True, **data: Any) -> Held:
    """Give a permit as the views do."""
    return Held(key, permit(**data), (5,), begun)


@pytest.mark.parametrize(
    ("permits", "stage", "expected"),
    [
        ([], "launched", "no_permit_on_record"),
        ([], "announced", "not_running"),
        ([held(holders=["uber"])], "launched", "no_permit_on_record"),
        ([held(places=[{"country": "SG"}])], "launched", "no_permit_on_record"),
        ([held(places=[{"country": "AE", "city": "Ajman"}])], "launched", "outside_every_permit"),
        ([held()], "launched", "outside_every_permit"),
        ([held(activity="commercial", begun=False)], "launched", "outside_every_permit"),
        ([held(), held("b", activity="commercial")], "launched", "covered"),
    ],
)
def test_no_permit_is_not_the_wrong_permit(permits: list[Held], stage: str, expected: str) -> None:
    """What nobody recorded we may not know; what is recorded and does not fit is a finding.

    A permit of another organization, or for another country, says nothing about a service.
    """
    running = service(stage)
    assert verdict(running, judged(running, permits, DAY).values()) == expected
    notice = warn(running, 7, permits, DAY)
    warned = expected in ("no_permit_on_record", "outside_every_permit")
    assert (notice.code if notice else None) == (expected if warned else None)


def test_the_warning_names_the_permits_and_what_they_lack() -> None:
    """It points to the event by which the service runs, and to those behind the permits."""
    notice = warn(service("launched"), 7, [held()], DAY)
    assert notice
    assert notice.message.endswith("outside every recorded permit: a-permit (activity)")
    assert notice.positions == (5, 7)


# ── test before permit ───────────────────────────────────────────────────────────────────────────


def granted(on: str, name: str = "permit.granted", **data: Any) -> Story:
    """Give the history of a permit."""
    return given("permit").log(name, on, {**PERMIT, **data})


@pytest.mark.parametrize(
    ("tested", "permits", "warned"),
    [
        ("2025-03-01", [granted("2025-03-02")], True),
        ("2025-03-01", [granted("2025-03-01")], False),
        ("2025-03", [granted("2025-03-20")], False),
        ("2025-03", [granted("2025-04")], True),
        ("2025-03-01", [], False),
        ("2025-03-01", [granted("2025-02"), granted("2025-04")], False),
        ("2025-03-01", [granted("2025-04", "permit.confirmed")], False),
        ("2025-03-01", [granted("2025-04", places=[{"country": "SG"}])], False),
        ("2025-03-01", [granted("2027-01")], False),
    ],
)
def test_a_test_before_its_permit(tested: str, permits: list[Story], *, warned: bool) -> None:
    """Only where it is sure: imprecise dates that may be in order are in order.

    A permit that was merely seen valid may be older, and one of 2027 is not known of in June 2026.
    """
    story = given("service").log("service.testing_started", tested, SERVICE)
    notice = ran_early(story.history, [one.history for one in permits], DAY)
    assert (notice is not None) is warned
    if notice:
        assert notice.code == "test_before_permit"
