"""Questions that people ask, answered over HTTP from the example data.

The expected answers were worked out by reading the example files, not by running the program.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.asking import items, keys

if TYPE_CHECKING:
    import httpx2

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def client(examples: httpx2.Client) -> httpx2.Client:
    """Give Farshore with the example data."""
    return examples


def payload(client: httpx2.Client, entry: dict[str, Any]) -> dict[str, Any]:
    """Give what was recorded with a line of the timeline."""
    event = client.get(f"/v1/events/{entry['position']}").raise_for_status().json()
    data: dict[str, Any] = event["data"]
    return data


# ── 1: which partnerships did an organization form, by mode and year? ────────────────────────────


def partnerships(
    client: httpx2.Client, name: str, **period: str
) -> dict[str, dict[str, Counter[str]]]:
    """Count an organization's partnerships by year and mode, those formed apart from MoUs."""
    counts: dict[str, dict[str, Counter[str]]] = {}
    for type_ in ("partnership.formed", "partnership.mou_signed"):
        years: dict[str, Counter[str]] = defaultdict(Counter)
        for entry in items(client, "/v1/timeline", type=type_, organization=name, **period):
            years[entry["effective_day"][:4]][payload(client, entry)["mode"]] += 1
        counts[type_] = dict(years)
    return counts


def test_partnerships_formed_in_a_period_by_mode_and_year(client: httpx2.Client) -> None:
    """WeRide, 2023 to 2025: bus firms in 2023; Uber and Zurich airport in 2024; Grab in 2025."""
    period = {"from": "2023-01-01", "to": "2025-12-31"}
    assert partnerships(client, "文远知行", **period) == {
        "partnership.formed": {
            "2023": {"transport_operator": 2},
            "2024": {"platform_operator": 1, "transport_operator": 1},
            "2025": {"platform_operator": 1},
        },
        "partnership.mou_signed": {},
    }


def test_mous_are_counted_apart(client: httpx2.Client) -> None:
    """Pony.ai moved from a carmaker (2019) over an MoU (2024) to platforms (2025, 2026)."""
    assert partnerships(client, "Pony.ai") == {
        "partnership.formed": {
            "2019": {"carmaker": 1},
            "2025": {"platform_operator": 2, "transport_operator": 1},
            "2026": {"platform_operator": 1},
        },
        "partnership.mou_signed": {"2024": {"public_authority": 1}},
    }


def test_partnerships_can_be_listed_by_mode(client: httpx2.Client) -> None:
    """The list of states takes the mode as a filter."""
    with_platforms = items(
        client, "/v1/partnerships", organization="uber", mode="platform_operator"
    )
    assert keys(with_platforms) == {
        "weride-uber-abu-dhabi",
        "pony-ai-uber",
        "baidu-uber",
        "pony-ai-uber-verne-zagreb",
    }


# ── 2: which suspensions are open, and how long did the closed ones last? ────────────────────────


def test_suspensions_open_on_a_day_and_the_length_of_closed_ones(client: httpx2.Client) -> None:
    """On 2026-03-15 a permit and Uber's Dubai service are suspended; Doha was for 29 days at most.

    The Doha service stopped some day in February or March and went on testing on 2 March.
    """
    day = "2026-03-15"
    suspended = {
        entry["subject"]["key"]: entry["effective_day"]
        for kind in ("service", "permit", "partnership")
        for entry in items(client, "/v1/timeline", type=f"{kind}.suspended", to=day)
    }
    resumed = {
        entry["subject"]["key"]: entry["effective_day"]
        for type_ in ("service.resumed", "permit.reinstated", "partnership.resumed")
        for entry in items(client, "/v1/timeline", type=type_, to=day)
    }
    still = {key: since for key, since in suspended.items() if key not in resumed}
    lasted = {
        key: (date.fromisoformat(resumed[key]) - date.fromisoformat(since)).days
        for key, since in suspended.items()
        if key in resumed
    }
    assert still == {
        "pony-ai-california-driverless-testing": "2021-11-19",
        "weride-uber-dubai": "2026-03-01",
    }
    assert lasted == {"pony-ai-mowasalat-doha": 29}


def test_what_is_suspended_now(client: httpx2.Client) -> None:
    """The states say the same of today; the Doha service is back, at a lower stage."""
    assert keys(items(client, "/v1/services", stage="suspended")) == {"weride-uber-dubai"}
    permits = items(client, "/v1/permits", stage="suspended")
    assert keys(permits) == {"pony-ai-california-driverless-testing"}
    doha = client.get("/v1/services/pony-ai-mowasalat-doha").json()
    assert doha["stage"] == "testing"


# ── 6: what is open in a country, and what moved from where to where? ────────────────────────────


@pytest.mark.parametrize(
    ("country", "centers", "sites"),
    [
        ("DE", {"nio-schoenefeld"}, {"qcraft-germany-head-office"}),
        ("US", set(), {"deeproute-ai-us-office"}),
        ("IT", set(), {"leapmotor-international-milan"}),
    ],
)
def test_centers_and_offices_open_in_a_country(
    client: httpx2.Client, country: str, centers: set[str], sites: set[str]
) -> None:
    """Germany: one centre and one head office; Munich is closed (Great Wall) or planned (XPeng)."""
    for path, expected in (("/v1/rd-centers", centers), ("/v1/sites", sites)):
        assert keys(items(client, path, country=country, stage="open")) == expected


def test_what_moved_from_where_to_where(client: httpx2.Client) -> None:
    """Zeekr's European head office and TuSimple's headquarters moved; nothing else is on record."""
    moves = {}
    for type_ in ("rd_center.relocated", "site.relocated", "organization.headquarters_moved"):
        for entry in items(client, "/v1/timeline", type=type_):
            data = payload(client, entry)
            places = [data[end].get("city") or data[end]["country"] for end in ("from", "to")]
            moves[entry["subject"]["key"]] = (*places, entry["occurred_on"])
    assert moves == {
        "zeekr-eu-head-office": ("Gothenburg", "Amsterdam", "2023-10-13"),
        "tusimple": ("San Diego", "CN", "2023-12"),
    }


# ── 10: what mentions a name, in any script, as an alias, or as a former name? ───────────────────

TUSIMPLE = {
    ("O016", "organization.registered"),
    ("E012", "partnership.formed"),
    ("E012", "target.set"),
    ("E014", "partnership.formed"),
    ("E038", "partnership.ended"),
    ("E040", "service.testing_started"),
    ("E041", "target.set"),
    ("E041", "target.dropped"),
    ("E057", "organization.headquarters_moved"),
    ("E057", "organization.exited_market"),
    ("E092", "organization.renamed"),
}


@pytest.mark.parametrize("name", ["TuSimple", "tusimple", "图森未来", "图森", "CreateAI"])
def test_everything_that_mentions_a_company_by_any_of_its_names(
    client: httpx2.Client, name: str
) -> None:
    """TuSimple became CreateAI: eleven events speak of it, whatever it was called in them."""
    entries = items(client, "/v1/timeline", q=name)
    found = {
        (client.get(f"/v1/events/{entry['position']}").json()["ref"], entry["type"])
        for entry in entries
    }
    assert found == TUSIMPLE
    assert client.get("/v1/search", params={"q": name}).json()["items"][0]["title"] == "CreateAI"


def test_a_chinese_name_finds_every_line_that_spells_the_latin_one(client: httpx2.Client) -> None:
    """No line of the files with "weride" in it is missing from what 文远知行 finds."""
    lines = (EXAMPLES / "events.ndjson").read_text().splitlines()
    spelt = {number for number, line in enumerate(lines, 132) if '"weride' in line.casefold()}
    found = {entry["position"] for entry in items(client, "/v1/timeline", q="文远知行")}
    assert spelt <= found
    assert len(spelt) > 20


def test_a_search_finds_former_and_mistranslated_names(client: httpx2.Client) -> None:
    """Zhuoyu was DJI Automotive, and one page called it Zhuo Harness Technology."""
    for name in ("DJI Automotive", "大疆车载", "Zhuo Harness", "卓驭科技"):
        first = client.get("/v1/search", params={"q": name}).json()["items"][0]
        assert first["subject"]["key"] == "zhuoyu"


@pytest.mark.parametrize(
    ("q", "key"),
    [
        ("Sese", "sese"),
        ("ESPACES MOBILITES", "espaces-mobilites"),
        ("schonefeld", "nio-schoenefeld"),
        ("Wen Yuan Zhi Xing", "weride"),
        ("ПостАвто", "postbus"),
    ],
)
def test_a_search_needs_neither_accents_nor_the_script(
    client: httpx2.Client, q: str, key: str
) -> None:
    """Who types plain letters, or another script, finds what is written otherwise."""
    found = client.get("/v1/search", params={"q": q, "effective_at": "2026-06-30"}).json()["items"]
    assert key in [one["subject"]["key"] for one in found[:3]]
