"""The page of one record: where it stands, what each value rests on, what can be logged of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.web.browsing import person, settled

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

DUBAI = "/services/weride-uber-dubai"


def test_a_value_tells_what_it_rests_on(page: Page) -> None:
    """The operator rests on the pilot by Azernews; that is in the address, and Back closes it."""
    page.goto(DUBAI)
    settled(page)
    page.get_by_role("button", name="What it rests on: Operators").click()
    expect(page).to_have_url(re.compile("field=operators"))
    because = page.locator(".because")
    expect(because.get_by_role("listitem").first).to_contain_text("12 Dec 2025")
    expect(because).to_contain_text("Azernews")
    expect(because).to_contain_text("WeRide")  # who ran it before
    page.go_back()
    expect(because).to_have_count(0)


def test_the_diagram_says_where_it_stands_on_the_day(page: Page) -> None:
    """Suspended on 1 March 2026 beside the pilot; in January it was the pilot still."""
    page.goto(DUBAI)
    settled(page)
    stands = page.get_by_role("region", name="Where it stands")
    expect(stands.locator("[aria-current=step]")).to_have_text(re.compile("Suspended.*1 Mar 2026"))
    page.goto(f"{DUBAI}?at=2026-01-15")
    settled(page)
    expect(stands.locator("[aria-current=step]")).to_have_text(re.compile("Pilot.*12 Dec 2025"))


def test_only_what_is_possible_now_can_be_logged(page: Page) -> None:
    """A suspended service can resume but not be suspended; the link fills in record and verb."""
    page.goto(DUBAI)
    settled(page)
    actions = page.get_by_role("region", name="What can be logged now")
    resume = actions.get_by_role("link", name=re.compile("^Resume"))
    expect(resume).to_have_attribute(
        "href", "/log?kind=service&verb=resume&subject=weride-uber-dubai"
    )
    expect(actions.get_by_role("link", name=re.compile("^Suspend"))).to_have_count(0)


def test_a_reader_is_offered_nothing_to_log(
    browser: Browser, origin: str, reader_token: str
) -> None:
    """With a reader's token the record is all there, without actions of any kind."""
    with person(browser, origin, token=reader_token) as page:
        page.goto(f"{DUBAI}?event=343")
        settled(page)
        expect(page.get_by_role("region", name="Events")).to_contain_text("Dubai fleet paused")
        expect(page.get_by_role("region", name="What can be logged now")).to_have_count(0)
        expect(
            page.get_by_role("button", name=re.compile("Correct|Retract|Dispute"))
        ).to_have_count(0)


def test_at_a_past_position_nothing_later_shows(page: Page) -> None:
    """At position 250 Dubai is announced and has two events; nothing of 308 shows."""
    page.goto(f"{DUBAI}?known=250")
    settled(page)
    positions = page.eval_on_selector_all(
        "[data-position]", "all => all.map(one => Number(one.dataset.position))"
    )
    assert positions == [232, 246]
    assert "Jumeirah" not in page.locator("main").inner_text()


def test_a_day_before_all_leads_to_the_first_one(page: Page) -> None:
    """In 2024 nothing held of it yet; the page says so, and leads to 2 April 2025."""
    page.goto(f"{DUBAI}?at=2024-01-01")
    page.get_by_role("button", name="Look on 2 Apr 2025").click()
    expect(page).to_have_url(re.compile("at=2025-04-02"))
    expect(page.locator("main").get_by_role("heading", level=2).first).to_have_text(
        re.compile("WeRide robotaxi")
    )


def test_a_promise_tells_how_late_it_is(page: Page) -> None:
    """Driver removal was promised for the first half of 2026: in March 2027 it is 9 months late."""
    page.goto(f"{DUBAI}?at=2027-03-31")
    settled(page)
    targets = page.get_by_role("region", name="Targets")
    # From 30 June 2026 it is 274 days, from 1 January 454.
    expect(targets).to_contain_text("274 to 454 days late")
