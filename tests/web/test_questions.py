"""What a manager asks, answered by clicking: partnerships, suspensions, doubts, permits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.web.browsing import settled

if TYPE_CHECKING:
    import httpx2
    from playwright.sync_api import Page


def test_the_mix_of_partnerships_is_told_by_mode_and_year(page: Page) -> None:
    """Of WeRide's partnerships on record at #356, four are of platforms, and MoUs stand apart."""
    page.goto("/pipeline?known=356&at=2026-06-30")
    settled(page)
    page.get_by_role("searchbox", name="Filter").fill("WeRide")
    settled(page)
    cards = page.get_by_role("region", name="Board").get_by_role("article")
    expect(cards.first).to_contain_text("WeRide")
    titles = cards.get_by_role("link").all_inner_texts()
    assert titles
    assert all("WeRide" in title for title in titles)
    counted = page.get_by_role("listitem").filter(has_text="Platform operator").first
    expect(counted).to_contain_text(re.compile(r"\d"))
    expect(page.get_by_role("region", name="MoU", exact=True)).to_contain_text("None")


def test_open_suspensions_are_listed_with_their_length(page: Page) -> None:
    """On 30 June 2026 Haomo.AI stood still for 218 days, since 24 November 2025."""
    page.goto("/warnings?known=356&at=2026-06-30")
    settled(page)
    page.get_by_role("button", name="Suspensions").click()
    settled(page)
    page.get_by_role("button", name=re.compile("^Open")).click()
    line = page.get_by_role("listitem").filter(has_text="Haomo.AI")
    expect(line).to_contain_text("24 Nov 2025")
    expect(line).to_contain_text("218 days")


def test_facts_that_rest_on_a_weak_source_or_are_contested_are_a_work_list(page: Page) -> None:
    """Weak sources are one choice away, contested facts another; each leads to its record."""
    page.goto("/warnings?known=356&at=2026-06-30")
    settled(page)
    page.get_by_role("button", name=re.compile("^Weak source")).click()
    expect(page.get_by_role("heading", name=re.compile("^Weak source"))).to_be_visible()
    page.get_by_role("button", name=re.compile("^Contested facts")).click()
    settled(page)
    page.locator('[data-position="343"]').click()
    expect(page).to_have_url(re.compile(r"/services/weride-uber-dubai\?.*event=343"))


def test_gaps_between_services_and_permits_are_seen(page: Page) -> None:
    """In Singapore MOGO runs without a permit on record; the cell leads to the service."""
    page.goto("/coverage?known=356&at=2026-06-30")
    settled(page)
    page.get_by_role("button", name=re.compile("^MOGO, Singapore: 1 without")).click()
    expect(page.get_by_role("region", name="Services outside")).to_contain_text("MOGO robobus")


def test_a_partnership_is_moved_to_its_next_stage(page: Page, server: httpx2.Client) -> None:
    """By its menu, then by hand: the card asks for the event, and then is in its column."""
    body = {
        "key": "moving-on",
        "occurred_on": "2026-02-01",
        "data": {
            "parties": [{"mention": "Northern Cars"}, {"mention": "Southern Trams"}],
            "mode": "carmaker",
            "value": {"amount": "2500000", "currency": "EUR"},
            "next_step": "Contract",
            "next_step_on": "2026-03",
        },
        "sources": [],
    }
    server.post("/v1/partnerships/sign-mou", json=body).raise_for_status()
    page.goto("/pipeline?q=Northern")
    settled(page)
    talks = page.get_by_role("region", name="MoU", exact=True)
    expect(talks.get_by_role("article")).to_contain_text("overdue")
    expect(talks).to_contain_text("€2,500,000")
    talks.get_by_role("combobox").select_option("form")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("When did it happen?").fill("2026-04-02")
    dialog.get_by_text("2 Apr 2026").first.wait_for()
    dialog.get_by_role("button", name="Log it").click()
    expect(page.get_by_role("region", name="Formed").get_by_role("article")).to_contain_text(
        "Northern Cars"
    )
    card = page.get_by_role("region", name="Formed").get_by_role("article")
    established = page.get_by_role("region", name="Established", exact=True)
    card.drag_to(established)
    dialog.get_by_label("When did it happen?").fill("May 2026")
    dialog.get_by_text("May 2026").first.wait_for()
    dialog.get_by_role("button", name="Log it").click()
    expect(established.get_by_role("article")).to_contain_text("Northern Cars")
    state = server.get("/v1/partnerships/moving-on").json()
    assert (state["stage"], state["version"]) == ("established", 3)
