"""What is accepted, and yet worth a look."""

from datetime import date
from typing import Any

import pytest

from domain.coverage import ran_early
from domain.event import kinds
from domain.subject import Target
from domain.views import aging
from tests.domain.story import PERMIT, SERVICE, SITE, Story, given, source

Data = dict[str, Any]
CARS: Data = {"unit": "vehicles"}


def launched() -> Story:
    """Give a service that runs since May 2025."""
    return given("service").log("service.launched", "2025-05-01", SERVICE)


@pytest.mark.parametrize(
    ("kind", "name", "data"),
    [
        ("service", "service.resumed", SERVICE),
        ("permit", "permit.reinstated", PERMIT),
        ("site", "site.relocated", {**SITE, "to": {"country": "DE"}}),
    ],
)
def test_what_lacks_its_predecessor_is_accepted_with_a_warning(
    kind: str, name: str, data: Data
) -> None:
    """The record is always incomplete."""
    assert given(kind).log(name, "2025-06-01", data).codes() == ["no_predecessor"]


def test_a_warning_goes_when_what_was_missing_is_logged() -> None:
    """It is told only as long as it holds."""
    resumed = launched().log("service.resumed", "2025-07-01")
    assert resumed.codes() == ["no_predecessor"]
    assert resumed.log("service.suspended", "2025-06-01").codes() == []


def test_an_unusual_step_is_accepted_with_a_warning() -> None:
    """Cancelled is what was planned; what ran is ended."""
    assert launched().log("service.cancelled", "2025-06-01").codes() == ["unusual"]


# ── weak sources ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("sources", "warned"),
    [
        ([source(confidence="possible")], True),
        ([source(confidence="doubtful")], True),
        ([source(confidence="probable")], False),
        ([source()], False),
        ([], False),
        ([source(confidence="possible"), source(confidence="doubtful")], False),
        ([source(confidence="possible"), source("contradicts", "confirmed")], True),
    ],
)
def test_one_weak_source_alone_is_told(sources: list[Data], *, warned: bool) -> None:
    """What contradicts an event does not support it, however sure it is."""
    story = given("service").log("service.launched", "2025-05-01", SERVICE, sources=sources)
    assert story.codes() == ["weak_source"] * warned


def test_evidence_for_an_event_supports_it() -> None:
    """A second source takes the warning away, one that contradicts does not."""
    weak = given("service").log(
        "service.launched", "2025-05-01", SERVICE, sources=[source(confidence="possible")]
    )
    target = {"target": {"position": 1}}
    for stance, codes in (("supports", []), ("contradicts", ["weak_source"])):
        story = weak.log("evidence.added", "2025-05-02/2026", target, sources=[source(stance)])
        assert story.codes() == codes


def test_an_event_is_as_sure_as_its_best_source() -> None:
    """Of those that support it; without any nobody knows."""
    doubtful, probable = source(confidence="doubtful"), source(confidence="probable")
    against = source("contradicts", "confirmed")
    for sources, told in (([doubtful, probable, against], "probable"), ([against], None)):
        story = given("service").log("service.launched", "2025-05-01", SERVICE, sources=sources)
        assert story.fact(1).confidence == told


# ── claims ───────────────────────────────────────────────────────────────────────────────────────


def two_claims() -> Story:
    """Give two rumours that do not agree."""
    said = given("service").log("claim.reported", "2025-05-01", {**SERVICE, "level": "L4"})
    return said.log("claim.reported", "2025-06-01", {"level": "L3", "fare": "free"})


def test_two_live_claims_that_contradict_are_told() -> None:
    """The warning names both; claims that only add to each other agree."""
    (notice,) = two_claims().view().notices
    assert (notice.code, notice.positions) == ("contradicting_claims", (1, 2))
    agreed = given("service").log("claim.reported", "2025-05-01", SERVICE)
    assert agreed.log("claim.reported", "2025-06-01", {"level": "L3"}).codes() == []


def test_of_two_places_one_may_say_more() -> None:
    """They contradict only where a field that both give differs."""
    site = given("site").log("claim.reported", "2025", {**SITE, "place": {"country": "DE"}})
    munich = {"country": "DE", "city": "Munich"}
    assert site.log("claim.reported", "2025-06-01", {"place": munich}).codes() == []
    warned = site.log("claim.reported", "2025-06-01", {"place": {"country": "AT"}})
    assert warned.codes() == ["contradicting_claims"]


def test_a_claim_is_alive_until_denied_or_overtaken() -> None:
    """Then it contradicts nothing any more."""
    assert two_claims().log("claim.denied", "2025-07-01", {"target": {"position": 1}}).codes() == []
    assert two_claims().log("service.launched", "2025-07-01").codes() == []


def test_a_denied_claim_contests_the_state() -> None:
    """A denial without a target denies every claim made before it."""
    for data in ({"target": {"position": 1}}, {"denied_by": "baidu"}):
        story = two_claims().log("claim.denied", "2025-07-01", data)
        assert story.view().contested
    assert not two_claims().view().contested


# ── series and legs ──────────────────────────────────────────────────────────────────────────────


def indicator(**data: object) -> Story:
    """Give an indicator with one value, and a second one."""
    first = {"measure": "share", "place": {"country": "CN"}, "unit": "percent", "base": "L2"}
    story = given("indicator").log(
        "indicator.reported", "2025-02", {**first, "value": 60, "period": "2025-01"}
    )
    return story.log("indicator.reported", "2025-03", {"value": 61, **data})


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        ({"period": "2025-02"}, []),
        ({}, []),
        ({"period": "2024-12-15/2025-01-14"}, []),
        ({"period": "2025"}, ["period_differs"]),
        ({"period": "2025-02-03"}, ["period_differs"]),
        ({"period": "2025-01-20/2025-02-28"}, ["period_differs"]),
        ({"period": "2025-02", "base": "L2 or higher"}, ["base_differs"]),
        ({"period": "2025-02", "unit": "vehicles"}, ["unit_differs"]),
    ],
)
def test_values_over_different_bases_or_periods_are_not_comparable(
    data: Data, codes: list[str]
) -> None:
    """January and February are as long as one another; a year is not."""
    assert indicator(**data).codes() == codes


def test_a_week_is_no_day() -> None:
    """Periods that are no months are as long as their days."""
    story = indicator(period="2025-02-03/2025-02-09")
    assert story.codes() == ["period_differs"]
    for period, codes in (("2025-02-10/2025-02-16", []), ("2025-02-10", ["period_differs"])):
        later = story.log("indicator.reported", "2025-04", {"value": 62, "period": period})
        assert later.codes() == ["period_differs", *codes]


def test_a_value_does_not_take_over_the_period_of_another() -> None:
    """What was said of one value is not true of the next."""
    assert indicator().state("2025-02-28").period == "2025-01"
    assert (indicator().state().value, indicator().state().period) == (61, None)


def shipment(*quantities: int | None) -> Data:
    """Give goods on legs that carry so much."""
    ports = ("Yantai", "Shenzhen", "Bremerhaven", "Oslo")
    return {
        "goods": "cars",
        "legs": [
            {
                "origin": {"country": "CN", "city": ports[at]},
                "destination": {"country": "CN", "city": ports[at + 1]},
                **({"quantity": {"value": count, **CARS}} if count else {}),
            }
            for at, count in enumerate(quantities)
        ],
    }


def test_legs_that_do_not_add_up_are_told() -> None:
    """One carries more than another, or what was counted is on none."""
    loaded = given("shipment").log("shipment.loaded", "2025", shipment(1389, None, 3000))
    assert loaded.codes() == ["legs_do_not_add_up"]
    equal = given("shipment").log("shipment.loaded", "2025", shipment(3000, None, 3000))
    assert equal.codes() == []
    assert equal.log("shipment.unloaded", "2025-02", {"quantity": {"value": 2900, **CARS}}).codes()
    rest = equal.log("shipment.arrived", "2025-02").log(
        "shipment.stock_reported", "2025-03", {"quantity": {"value": 2000, **CARS}}
    )
    assert rest.codes() == []


def test_a_leg_that_starts_elsewhere_is_told() -> None:
    """Goods do not jump."""
    legs = shipment(5, 5)
    legs["legs"][1]["origin"] = {"country": "CN", "city": "Shanghai"}
    assert given("shipment").log("shipment.loaded", "2025", legs).codes() == ["legs_do_not_add_up"]


# ── the passing of time ──────────────────────────────────────────────────────────────────────────


def aged(kind: str, stage: str, day: str, *targets: Target) -> list[str]:
    """Look at a subject last heard of on 2024-02-29."""
    heard = (date(2024, 2, 29), 7)
    told = aging(
        kinds()[kind], stage, [(one, 3) for one in targets], heard, date.fromisoformat(day)
    )
    return [notice.code for notice in told]


def test_a_promise_is_overdue_after_its_last_possible_day() -> None:
    """Not while the year or quarter it was promised for still runs, nor once it is kept."""
    promise = Target(milestone="m", target_date="2025-35")
    assert aged("service", "launched", "2025-09-30", promise) == []
    assert aged("service", "launched", "2025-10-01", promise) == ["target_overdue"]
    assert aged("service", "launched", "2025-10-01", promise.closed("met")) == []
    assert aged("service", "launched", "2025-10-01", Target(milestone="m")) == []


def test_dates_in_warnings_are_told_in_words() -> None:
    """A half-year, a quarter, a time before a permit: nobody reads 2025-40."""
    promise = Target(milestone="first_ride", target_date="2025-40")
    heard, day = (date(2025, 6, 30), 7), date(2025, 7, 1)
    late = aging(kinds()["service"], "launched", [(promise, 3)], heard, day)
    assert [one.message for one in late] == ["first ride was promised for first half of 2025"]
    data = {"measure": "share", "place": {"country": "CN"}, "value": 60, "period": "2025-33"}
    measured = given("indicator").log("indicator.reported", "2025-05", data)
    again = measured.log("indicator.reported", "2025-08", {"value": 61, "period": "2025"})
    (notice,) = again.view().notices
    assert notice.message == "covers 2025, the value before it Q1 2025"
    tested = launched().history
    granted = given("permit").log("permit.granted", "2026-34", {**PERMIT, "activity": "commercial"})
    early = ran_early(tested, [granted.history], date(2026, 6, 30))
    assert early
    assert early.message == "ran since 2025-05-01, its first permit is of Q2 2026"


def test_what_nobody_heard_of_for_two_years_is_dormant() -> None:
    """Unless it has ended, or is of a kind that never promised news."""
    assert aged("service", "launched", "2026-02-28") == []
    assert aged("service", "launched", "2026-03-01") == ["dormant"]
    assert aged("service", "ended", "2026-03-01") == []
    assert aged("incident", "occurred", "2036-03-01") == []


def test_a_view_knows_the_last_day_of_which_anything_is_known() -> None:
    """An imprecise event may still be going on."""
    story = launched().log("service.expanded", "2025-05/2025-12")
    assert str(story.view("2025-06-15").heard_on) == "2025-06-15"
    assert str(story.view("2026-06-15").heard_on) == "2025-12-31"
