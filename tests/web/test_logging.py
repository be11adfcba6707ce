"""Logging an event by the form that its schema makes: by keyboard alone, corrected, and kept."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from tests.web.browsing import person, settled, violations

if TYPE_CHECKING:
    import httpx2
    from playwright.sync_api import Browser, Locator, Page

FORM = "/log?kind=partnership&verb=form"
_STOPS = 80  # no page has more places to stop at with the tab key


def test_a_partnership_is_logged_by_the_keyboard_alone(page: Page, server: httpx2.Client) -> None:
    """From any page: find the type, name parties in any script, say the quarter, log it."""
    page.goto("/")
    settled(page)
    page.keyboard.press("g")
    page.keyboard.press("l")
    tab_to(page, page.get_by_label("What happened?"))
    page.keyboard.type("partnership formed")
    page.get_by_role("option", name=re.compile("^Formed")).first.wait_for()
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("When did it happen?"))
    page.keyboard.type("Q3 2025")
    page.get_by_text("Q3 2025 · 1 Jul 2025").wait_for()
    pick(page, party(page, 1), "文远知行", "WeRide")
    pick(page, party(page, 2), "grab", "Grab")
    tab_to(page, page.get_by_label("Mode"))
    page.keyboard.type("Transport")
    page.get_by_role("complementary", name="Preview").get_by_text("WeRide and Grab").wait_for()
    page.keyboard.press("Control+Enter")
    event = recorded(page, server)
    assert event["type"] == "partnership.formed"
    assert event["occurred_on"] == "2025-35"
    assert event["data"] == {
        "parties": [{"organization": "weride"}, {"organization": "grab"}],
        "mode": "transport_operator",
    }


def test_what_is_wrong_is_told_at_its_field_and_a_draft_survives(page: Page) -> None:
    """A source is refused at its own field; a reload loses nothing that was typed."""
    page.goto(FORM)
    settled(page)
    page.get_by_label("When did it happen?").fill("early 2026")
    pick(page, party(page, 1), "pony", "Pony.ai")
    page.get_by_role("button", name="Add: source").click()
    address = page.get_by_label("URL", exact=False).last
    address.fill("nowhere")
    page.get_by_role("button", name="Log it").click()
    expect(address).to_have_attribute("aria-invalid", "true")
    page.get_by_text("'nowhere' is no http or https address").first.wait_for()
    assert violations(page) == []
    address.fill("https://example.org/deal")
    page.wait_for_function("() => localStorage['farshore.drafts']?.includes('example.org/deal')")
    page.reload()
    settled(page)
    expect(party(page, 1)).to_have_value("Pony.ai")
    expect(page.get_by_label("URL", exact=False).last).to_have_value("https://example.org/deal")
    page.goto("/log")
    page.get_by_role("button", name=re.compile("^Discard")).click()
    expect(page.get_by_role("heading", name="Drafts")).to_have_count(0)


def test_a_new_organization_is_registered_in_passing(page: Page, server: httpx2.Client) -> None:
    """A name nobody knows is registered from within the form; another stays a mention."""
    name = f"Newcomer {uuid.uuid4().hex[:6]}"
    page.goto(FORM)
    settled(page)
    party(page, 1).fill(name)
    page.get_by_role("option", name=f"Register “{name}”").click()
    page.get_by_role("dialog").get_by_role("button", name="Log it").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    party(page, 2).fill("A taxi firm")
    page.get_by_role("option", name="Leave “A taxi firm” as a mention").click()
    page.get_by_label("Mode").select_option("other")
    page.get_by_role("button", name="Log it").click()
    parties = recorded(page, server)["data"]["parties"]
    assert parties == [
        {"organization": name.lower().replace(" ", "-")},
        {"mention": "A taxi firm"},
    ]


def test_a_deal_is_corrected_and_the_past_shows_no_trace(page: Page, server: httpx2.Client) -> None:
    """The correction changes the day; at the position before it the old day stands, unmarked."""
    body = {
        "occurred_on": "2025-03-01",
        "data": {
            "parties": [{"organization": "pony-ai"}, {"mention": uuid.uuid4().hex}],
            "mode": "other",
        },
    }
    logged = server.post("/v1/partnerships/form", json=body).raise_for_status().json()
    record = f"/partnerships/{logged['subject']['key']}"
    page.goto(f"{record}?event={logged['position']}")
    settled(page)
    page.get_by_role("button", name="Correct", exact=True).first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("When did it happen?").fill("May 2025")
    dialog.get_by_label("Reason").fill("The release says May")
    dialog.get_by_text("2025-05").or_(dialog.get_by_text("May 2025")).first.wait_for()
    dialog.get_by_role("button", name="Correct", exact=True).click()
    page.get_by_text("Corrected", exact=True).first.wait_for()
    page.goto(f"{record}?known={logged['position']}")
    settled(page)
    told = page.locator("main").inner_text()
    assert "1 Mar 2025" in told
    assert "May 2025" not in told
    assert "corrected" not in told


def test_a_rule_is_told_before_anything_is_written(page: Page) -> None:
    """A second suspension is refused in the preview, with what could be logged instead."""
    page.goto("/log?kind=service&verb=suspend&subject=weride-uber-dubai")
    settled(page)
    page.get_by_role("button", name="Today").click()
    preview = page.get_by_role("complementary", name="Preview")
    preview.get_by_role("heading", name="Already suspended").wait_for()
    preview.get_by_role("button", name="Resumed").click()
    expect(page).to_have_url(re.compile("verb=resume&subject=weride-uber-dubai"))


def test_a_reader_finds_no_way_to_log(browser: Browser, origin: str, reader_token: str) -> None:
    """Neither the menu nor the address lets a reader write."""
    with person(browser, origin, token=reader_token) as page:
        page.goto("/log")
        page.get_by_text("Your role reads; it does not log.").wait_for()
        menu = page.get_by_role("navigation", name="Menu")
        assert menu.get_by_role("link", name=re.compile("Log|Import")).count() == 0


def test_nothing_is_logged_into_the_past(page: Page) -> None:
    """With the clock of knowledge turned back, the form leads back to now."""
    page.goto(f"{FORM}&known=300")
    page.get_by_role("button", name="Back to now").click()
    page.get_by_label("When did it happen?").wait_for()


def party(page: Page, number: int) -> Locator:
    """Give the field of a party."""
    return page.get_by_role("combobox", name=f"Parties {number}", exact=True)


def tab_to(page: Page, wanted: Locator) -> None:
    """Go to a control with the tab key, as somebody without a mouse does."""
    wanted.wait_for()
    for _ in range(_STOPS):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("it cannot be reached with the tab key")


def pick(page: Page, field: Locator, text: str, name: str) -> None:
    """Type into a field that offers, and take what is meant."""
    tab_to(page, field)
    page.keyboard.type(text)
    page.get_by_role("option", name=re.compile(f"^{name}")).first.wait_for()
    page.keyboard.press("Enter")
    expect(field).to_have_value(name)


def recorded(page: Page, server: httpx2.Client) -> dict[str, Any]:
    """Give the event that the page says it has logged."""
    said = page.get_by_role("heading", name=re.compile(r"^Logged as #")).inner_text()
    position = re.sub(r"\D", "", said)
    event: dict[str, Any] = server.get(f"/v1/events/{position}").raise_for_status().json()
    return event
