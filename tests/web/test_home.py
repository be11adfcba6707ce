"""The timeline: what happened, at any pair of the two clocks."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.web.browsing import person, settled

if TYPE_CHECKING:
    import httpx2
    from playwright.sync_api import Browser, Page


def test_a_chinese_name_finds_an_organization(page: Page) -> None:
    """The finder takes a name in Chinese letters and leads to the record of the same company."""
    page.goto("/")
    settled(page)
    page.keyboard.press("/")
    page.get_by_role("combobox", name="Find anything").fill("文远知行")
    page.get_by_role("option", name=re.compile("WeRide")).first.click()
    expect(page).to_have_url(re.compile("/organizations/weride"))


def test_filters_and_their_counts_are_in_the_address(page: Page) -> None:
    """Of 225 events with a day 45 are of partnerships; a reload and Back show the same again."""
    page.goto("/")
    settled(page)
    side = page.get_by_role("region", name="List of events")
    before = side.get_by_text(re.compile(r"^\d+ events$")).inner_text()
    filters = page.get_by_role("group", name="Filters")
    filters.get_by_role("button", name=re.compile(r"^Partnerships")).click()
    count = re.compile(r"^\d+ events$")
    expect(side.get_by_text(count)).not_to_have_text(before)
    narrowed = side.get_by_text(count).inner_text()
    expect(page).to_have_url(re.compile("kind=partnership"))
    page.reload()
    settled(page)
    expect(side.get_by_text(count)).to_have_text(narrowed)
    page.go_back()
    expect(side.get_by_text(count)).to_have_text(before)


def test_the_past_shows_nothing_that_was_recorded_later(page: Page) -> None:
    """At position 300 no event of a later position is on the page, nor is one counted."""
    page.goto("/?known=300")
    settled(page)
    positions = page.eval_on_selector_all(
        "[data-position]", "all => all.map(one => Number(one.dataset.position))"
    )
    assert positions
    assert max(positions) <= 300
    told = page.locator("main").inner_text()
    assert "169 events" in told  # of 300 positions 131 are registrations, which have no day


def test_keys_move_through_events_and_both_clocks(page: Page) -> None:
    """Stepping the world back moves its clock alone; `n` leads back to now; `k` chooses events."""
    page.goto("/")
    settled(page)
    page.keyboard.press(",")
    expect(page).to_have_url(re.compile(r"\?at=\d{4}-\d\d-\d\d$"))
    page.keyboard.press("<")
    expect(page).to_have_url(re.compile(r"known=\d+"))
    page.keyboard.press("n")
    expect(page).not_to_have_url(re.compile("known|at="))
    page.keyboard.press("j")
    expect(page).to_have_url(re.compile(r"event=\d+"))
    expect(page.get_by_role("region", name="Selected event")).to_be_visible()


def test_zooming_keeps_the_selected_event_and_is_in_the_address(page: Page) -> None:
    """The plus button shows less time, in the address after a moment; fit shows all again."""
    page.goto("/?event=250")
    settled(page)
    page.get_by_role("button", name="Zoom in").click()
    expect(page).to_have_url(re.compile(r"view=\d{4}-\d\d-\d\d\.\.\d{4}-\d\d-\d\d"))
    expect(page).to_have_url(re.compile("event=250"))
    page.get_by_role("button", name="Show all years").click()
    expect(page).not_to_have_url(re.compile("view="))


def test_two_browsers_see_each_others_events(
    browser: Browser, origin: str, server: httpx2.Client, page: Page
) -> None:
    """What one records the other sees within seconds, marked as new, without losing its place."""
    with person(browser, origin) as other:
        for one in (page, other):
            one.goto("/?event=250")
            settled(one)
            one.get_by_text("live", exact=True).wait_for()
        key = f"live-{uuid.uuid4().hex[:8]}"
        body = {
            "key": key,
            "occurred_on": "2026-10-01",
            "data": {
                "parties": [{"organization": "weride"}, {"organization": "grab"}],
                "mode": "platform_operator",
            },
        }
        server.post("/v1/partnerships/form", json=body).raise_for_status()
        for one in (page, other):
            one.get_by_text(re.compile("^New: WeRide and Grab work together")).wait_for()
            expect(one).to_have_url(re.compile("event=250"))


def test_a_reader_is_offered_nothing_that_he_may_not_do(
    browser: Browser, origin: str, reader_token: str
) -> None:
    """With a reader's token the timeline shows no way to log, correct or import."""
    with person(browser, origin, token=reader_token) as page:
        page.goto("/?event=250")
        settled(page)
        forbidden = re.compile("^(Log|Correct|Retract|Import|Dispute)")
        assert page.locator("main").get_by_role("button", name=forbidden).count() == 0


def test_a_view_is_kept_by_a_name(page: Page) -> None:
    """Filters and clocks of a kept view come back from the start page, until it is forgotten."""
    page.goto("/?kind=permit&at=2025-06-30")
    settled(page)
    page.get_by_role("button", name="Saved views").first.click()
    page.get_by_label("Keep this view as").fill("Permits in June")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Permits in June").wait_for()
    page.goto("/")
    settled(page)
    page.get_by_role("button", name="Saved views").first.click()
    page.get_by_role("link", name="Permits in June").click()
    expect(page).to_have_url(re.compile("kind=permit.*at=2025-06-30"))
    page.get_by_role("button", name="Saved views").first.click()
    page.get_by_role("button", name="Forget Permits in June").click()
    page.get_by_text("No view is kept yet.").wait_for()
