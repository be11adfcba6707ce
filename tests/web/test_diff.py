"""Two looks compared: another day, other knowledge, or both."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.web.browsing import person, settled

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

DAYS = "/diff?from=2025-06-01&at=2026-03-15&kind=service"


def test_two_days_differ_by_what_happened_in_between(page: Page) -> None:
    """Dubai went from announced to suspended by 308 and 343, which are told below."""
    page.goto(DAYS)
    settled(page)
    assert "what changed in the world" in page.locator("main").inner_text()
    dubai = page.locator("article[data-key=weride-uber-dubai]")
    stage = dubai.get_by_role("row", name=re.compile("^Stage"))
    expect(stage).to_have_text(re.compile("Announced.*Suspended.*#308.*#343"))
    expect(dubai.locator("[data-position='343']")).to_contain_text("suspend robotaxi")


def test_two_states_of_knowledge_differ_by_what_was_learnt(page: Page) -> None:
    """Of 15 March 2026 position 300 knew the pilot of 308 not yet, and nothing of its end."""
    page.goto("/diff?from=2026-03-15&fromknown=300&at=2026-03-15&kind=service")
    settled(page)
    assert "what has been learnt" in page.locator("main").inner_text()
    dubai = page.locator("article[data-key=weride-uber-dubai]")
    expect(dubai.get_by_role("row", name=re.compile("^Stage"))).to_contain_text("Announced")


def test_the_address_shows_another_reader_the_same(
    page: Page, browser: Browser, origin: str
) -> None:
    """Swapped by the button, what appeared is gone; the address shows so to whoever gets it."""
    page.goto(DAYS)
    settled(page)
    page.get_by_role("button", name="Swap before and after").click()
    expect(page.get_by_role("button", name=re.compile("^gone"))).to_be_visible()
    settled(page)
    told = page.locator("article").first.inner_text()
    with person(browser, origin) as other:
        other.goto(page.url)
        settled(other)
        expect(other.locator("article").first).to_have_text(
            re.compile(re.escape(told.split("\n")[0]))
        )
        expect(other.get_by_role("button", name=re.compile("^gone"))).to_be_visible()


def test_the_past_compares_only_what_it_knew(page: Page) -> None:
    """At position 250 no difference rests on a later event."""
    page.goto("/diff?from=2024-01-01&at=2026-03-15&known=250")
    settled(page)
    found = re.findall(r"#(\d+)", page.locator("main").inner_text())
    assert found
    assert max(map(int, found)) <= 250


def test_equal_looks_say_so(page: Page) -> None:
    """The same pair twice shows no record, and says what to do."""
    page.goto("/diff?from=2026-03-15&at=2026-03-15")
    settled(page)
    expect(page.get_by_text("Nothing differs")).to_be_visible()
