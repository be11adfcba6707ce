"""The example data: all of it is accepted, and what is hard on purpose comes out as worked out."""

import json
from functools import cache
from pathlib import Path

import pytest

from domain.event import kinds
from domain.history import History
from tests.domain.story import Story, given

EXAMPLES = Path(__file__).parents[2] / "examples"
FILES = ("organizations.ndjson", "events.ndjson")


@cache
def told() -> dict[str, Story]:
    """Log every line in file order; no rule refuses one."""
    stories: dict[str, Story] = {}
    lines = [line for file in FILES for line in (EXAMPLES / file).read_text().splitlines()]
    for line in map(json.loads, lines):
        kind = line.get("kind") or line["type"].partition(".")[0]
        story = stories.get(line["subject"]) or given(kind)
        stories[line["subject"]] = story.log(
            line["type"], line["occurred_on"], line["data"],
            sources=line["sources"], ref=line["ref"],
        )  # fmt: skip
    return stories


def test_every_line_is_accepted() -> None:
    """131 organizations and 225 events on 144 subjects, in file order, by every rule."""
    assert sum(story.history.version for story in told().values()) == 131 + 225
    alive = [story for story in told().values() if story.history.kind.name != "organization"]
    assert len(alive) + 6 == 144
    assert {story.history.kind.name for story in told().values()} == set(kinds())


def test_the_archive_gives_the_same_histories() -> None:
    """Folding at once what was added one by one changes nothing."""
    assert all(History.of(story.history.recorded) == story.history for story in told().values())


@pytest.mark.parametrize(
    ("key", "day", "stage"),
    [
        ("mogo-singapore-bus", "2025-06-01", "launched"),
        ("baidu-dubai", "2026-02-05", "testing"),
        ("xpeng-munich", "2025-09-08", "announced"),
    ],
)
def test_what_one_page_tells_two_ways_is_contested(key: str, day: str, stage: str) -> None:
    """On every day from which the disputed event is used."""
    assert told()[key].view(day).contested
    assert told()[key].stage(day) == stage


def test_hesai_is_listed_removed_and_listed_again() -> None:
    """Listed in January, removed some day in October, put back a day after that at the earliest."""
    hesai = told()["hesai"]
    assert [(step.fact.event.type, str(step.fact.day)) for step in hesai.history.steps[1:]] == [
        ("organization.sanctioned", "2024-01-31"),
        ("organization.sanction_lifted", "2024-10-01"),
        ("organization.sanctioned", "2024-10-02"),
    ]
    assert (hesai.stage("2024-10-01"), hesai.stage("2024-10-02")) == (
        "sanction_lifted", "sanctioned",
    )  # fmt: skip
    assert not hesai.view("2024-09-30").uncertain
    assert hesai.view("2024-10-30").uncertain
    assert not hesai.view("2024-10-31").uncertain


def test_one_permit_of_pony_ai_is_suspended_while_the_other_goes_on() -> None:
    """Until it is revoked some day in May 2022: an end, effective on the 31st."""
    driverless = told()["pony-ai-california-driverless-testing"]
    assert driverless.stage("2021-11-18") == "granted"
    assert driverless.stage() == "suspended"
    with_driver = told()["pony-ai-california-safety-driver-testing"]
    assert with_driver.stage("2022-05-30") == "granted"
    assert with_driver.view("2022-05-30").uncertain
    assert with_driver.stage("2022-05-31") == "revoked"
    assert not with_driver.view("2022-05-31").uncertain


def test_doha_is_suspended_some_day_and_resumes_lower() -> None:
    """In February or March; the exact resumption of 2 March settles it."""
    doha = told()["pony-ai-mowasalat-doha"]
    assert (doha.stage("2026-01-31"), doha.view("2026-01-31").uncertain) == ("pilot", False)
    assert (doha.stage("2026-02-01"), doha.view("2026-02-01").uncertain) == ("suspended", True)
    assert (doha.stage("2026-03-01"), doha.view("2026-03-01").uncertain) == ("suspended", True)
    assert (doha.stage("2026-03-02"), doha.view("2026-03-02").uncertain) == ("testing", False)
    assert doha.state().suspended_from is None


def test_dubai_is_suspended_still() -> None:
    """Since 1 March 2026, from its pilot, and its targets stay open."""
    dubai = told()["weride-uber-dubai"]
    assert (dubai.stage("2026-02-28"), dubai.stage()) == ("pilot", "suspended")
    assert dubai.state().suspended_from == "pilot"
    assert dubai.outcomes() == {"service_start": "open", "driver_removal": "open"}


def test_a_head_office_is_opened_by_its_own_move() -> None:
    """It is where it moved to; in which stage nobody said; its past is missing."""
    office = told()["zeekr-eu-head-office"]
    assert office.state().place.city == "Amsterdam"
    assert office.stage() == "unknown"
    assert office.codes() == ["no_predecessor"]


def test_a_head_office_ends_on_the_day_its_target_is_met() -> None:
    """The end lapses what is open, the result of the same day is told after it."""
    office = told()["great-wall-munich-head-office"]
    assert (office.stage("2024-08-30"), office.outcomes("2024-08-30")) == (
        "open", {"closure": "open"},
    )  # fmt: skip
    assert (office.stage(), office.outcomes()) == ("closed", {"closure": "met"})


def test_a_partnership_ends_with_a_target_open() -> None:
    """It lapses."""
    navistar = told()["tusimple-navistar"]
    assert navistar.outcomes("2022-12-04") == {"l4_trucks": "open"}
    assert (navistar.stage(), navistar.outcomes()) == ("ended", {"l4_trucks": "lapsed"})


def test_tusimple_becomes_createai_and_its_plan_has_no_date() -> None:
    """All its names, in every script, lead to it."""
    tusimple = told()["tusimple"]
    assert tusimple.state("2024-11-30").name == "TuSimple"
    assert tusimple.state("2024-12-01").name == "CreateAI"
    assert tusimple.view("2024-12-30").uncertain
    assert not tusimple.view("2024-12-31").uncertain
    assert tusimple.outcomes("2023-01-01") == {"sale_of_china_unit": "open"}
    assert tusimple.outcomes() == {"sale_of_china_unit": "dropped"}
    (target,) = tusimple.state().targets
    assert target.target_date is None
    assert {"TuSimple", "CreateAI", "图森未来"} <= tusimple.history.aliases()


@pytest.mark.parametrize(
    ("key", "names"),
    [
        ("zhuoyu", {"DJI Automotive", "大疆车载", "Zhuyu"}),
        ("cidi", {"Xidi Autonomous Driving", "希迪智驾"}),
        ("mogo", {"蘑菇车联", "Mushroom Car Union"}),
    ],
)
def test_former_and_mistranslated_names_lead_to_an_organization(key: str, names: set[str]) -> None:
    """In every script."""
    assert names <= told()[key].history.aliases()


def test_the_closing_day_of_a_tender_moved_nobody_says_when() -> None:
    """From its opening on it may be either; the award with its exact day settles it."""
    tender = told()["lta-autonomous-bus-pilot"]
    assert tender.types()[:2] == ["tender.opened", "tender.amended"]
    assert tender.state("2025-01-27").closing_on == "2025-06-09"
    assert tender.view("2025-06-08").uncertain
    assert not tender.view("2025-06-09").uncertain
    assert tender.stage() == "awarded"


def test_a_plant_is_in_a_region_then_in_a_country() -> None:
    """And the promise is repeated, not doubled."""
    plant = told()["hesai-southeast-asia-plant"]
    assert plant.state("2025-06-01").place.region == "Southeast Asia"
    assert (plant.state().place.region, plant.state().place.country) == (None, "TH")
    assert plant.outcomes() == {"production_start": "open"}


def test_three_legs_do_not_add_up() -> None:
    """1,389 cars, then more than 5,000, then about 3,000, of which 2,000 stood in port."""
    explorer = told()["byd-explorer-no-1-2024"]
    assert len(explorer.state().legs) == 3
    (notice,) = explorer.view().notices
    assert notice.code == "legs_do_not_add_up"
    assert notice.message == (
        "its legs carry 1,389 vehicles, then more than 5,000 vehicles, then about 3,000 vehicles"
    )
    assert [explorer.fact(position).event.type for position in notice.positions] == [
        "shipment.unloaded"
    ]
    assert (explorer.stage(), explorer.state().quantity.value) == ("stock_reported", 2000)


def test_an_arrival_by_a_day_counts_from_that_day() -> None:
    """Before it nothing is known; who ships the other goods and how many is not either."""
    buses = told()["mogo-buses-singapore-2026"]
    assert str(buses.history.effective_from) == "2026-05-13"
    forest = told()["golden-forest-vladivostok-2025"].state()
    assert (forest.shipper, forest.quantity) == (None, None)


def test_shares_over_different_bases_and_periods_are_never_one_series() -> None:
    """Five values, in effective order, each with what it cannot be compared by."""
    share = told()["china-assisted-driving-share"]
    assert [step.fact.event.model_dump()["value"] for step in share.history.steps] == [
        62.1, 64, 65, 69.15, 66.1,
    ]  # fmt: skip
    assert [code for code in share.codes() if code.endswith("differs")] == [
        *("period_differs", "base_differs", "base_differs", "base_differs", "period_differs"),
    ]
    assert share.stage() == "forecast"
    assert share.state("2025-12-01").period is None
    other = told()["china-assisted-driving-share-nev"]
    assert other.state().base == "new energy cars, L2 or higher"
    assert other.history.version == 1


@pytest.mark.parametrize(
    ("key", "published", "day"),
    [("weride-beti-valence", "2025-02-27", "2025-03-10"), ("haomo-ai", "2025-11-22", "2025-11-24")],
)
def test_some_things_are_known_before_they_happen(key: str, published: str, day: str) -> None:
    """What was published earlier counts from the day on which it happens."""
    fact = told()[key].history.steps[-1].fact
    assert published in [source.published_on for source in fact.sources]
    assert str(fact.day) == day


def test_a_source_two_years_off_contests_a_launch() -> None:
    """It contradicts the date."""
    service = told()["baidu-autogo-abu-dhabi-robotaxi"]
    assert service.view().contested
    assert [source.about for source in service.fact(1).sources] == [None, "date"]


def test_one_notice_with_two_permits_is_no_duplicate() -> None:
    """They differ in their conditions."""
    permits = [told()[f"weride-singapore-{number}-robobus"].state() for number in ("m1", "t1")]
    assert [permit.conditions for permit in permits] == ["public road", "public path"]


@pytest.mark.parametrize("topic", ["hurdles", "local-rd"])
def test_a_statement_is_corrected_a_week_later(topic: str) -> None:
    """The office and the organization are others, on every day; the original stays readable."""
    statement = told()[f"zhang-yongwei-2025-12-01-{topic}"]
    state = statement.state("2025-12-01")
    assert (state.organization, state.offices) == ("china-ev100", ("President",))
    assert statement.fact(1).status == "corrected"
    original = statement.fact(1).recorded.event.model_dump()
    assert original["offices"] == ("Chairman",)


def test_a_rumour_is_nothing_more() -> None:
    """Whatever it promises."""
    turkiye = told()["baidu-turkiye"]
    assert turkiye.stage() == "rumoured"
    assert turkiye.outcomes() == {"service_start": "open"}
