"""The settings: tokens made and ended, people erased, and only for who may."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.web.browsing import person, settled

if TYPE_CHECKING:
    import httpx2
    from playwright.sync_api import Browser, Page


def test_a_token_is_made_shown_once_used_and_ended(
    browser: Browser, origin: str, page: Page, server: httpx2.Client
) -> None:
    """Its secret signs somebody in; ended, the list says so; erased, the name is gone."""
    name = f"Desk {uuid.uuid4().hex[:6]}"
    page.goto("/settings")
    settled(page)
    page.get_by_label("Name", exact=False).first.fill(name)
    page.get_by_label("Role").select_option("auditor")
    page.get_by_role("button", name="Make a token").click()
    expect(page.locator("output")).to_have_text(re.compile("^fs_"))
    secret = page.locator("output").inner_text()
    page.get_by_role("button", name="Close").click()
    expect(page.locator("output")).to_have_text("")
    with person(browser, origin, token=secret) as other:
        other.goto("/settings?show=about")
        other.get_by_text(f"{name}, auditor").wait_for()
        expect(other.get_by_role("button", name="Tokens")).to_have_count(0)
    page.get_by_role("button", name=f"End: {name}").click()
    page.get_by_role("dialog").get_by_role("button", name="End").click()
    expect(page.get_by_role("row", name=name)).to_contain_text("ended")
    page.get_by_role("button", name="People").click()
    page.get_by_role("button", name=f"Erase: {name}").click()
    page.get_by_role("dialog").get_by_role("button", name="Erase").click()
    expect(page.get_by_text(name, exact=True)).to_have_count(0)
    assert name not in server.get("/v1/principals").text


def test_the_views_are_current(page: Page) -> None:
    """Each of them is told with its position, and no event is held back."""
    page.goto("/settings?show=views")
    settled(page)
    for view in ("state", "timeline", "names"):
        expect(page.get_by_role("row", name=re.compile(f"^{view} "))).to_contain_text("current")
    page.get_by_text("No view holds an event back.").wait_for()
