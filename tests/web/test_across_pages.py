"""What holds on all pages at once: the past stays the past, and nobody is offered too much."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.web.browsing import addresses, person, settled

if TYPE_CHECKING:
    import httpx2
    from playwright.sync_api import Browser, Page

PAST = 250
_AUDIT = ("replay", "corrections", "sample", "proof", "access")
_MORE = (
    *(f"/audit?show={one}" for one in _AUDIT),
    "/audit?show=replay&subject=service:weride-uber-dubai",
    "/services/weride-uber-dubai",
    "/warnings?show=contested",
    "/diff?from_at=2024-01-01",
)
_ACTIONS = re.compile(
    r"^(Log (an|it)|Correct|Retract|Dispute|Settle|Import|Make|End|Erase|Undo|Do without)\b"
)


@pytest.fixture(scope="module")
def later(server: httpx2.Client) -> set[str]:
    """Give the headlines and titles that nobody could know at the past position."""
    known = _texts(server, {"known_position": PAST})
    return {one for one in _texts(server, {}) - known if not any(one in old for old in known)}


def _texts(server: httpx2.Client, clocks: dict[str, int]) -> set[str]:
    query: dict[str, Any] = {**clocks, "limit": 500}
    items = server.get("/v1/timeline", params=query).raise_for_status().json()["items"]
    return {one[told] for one in items for told in ("headline", "title")}


def test_at_a_past_position_no_page_shows_anything_later(page: Page, later: set[str]) -> None:
    """No headline or title of a later event is anywhere on any page, not even unseen."""
    assert len(later) > 50
    for address in (*addresses(), *_MORE):
        page.goto(f"{address}{'&' if '?' in address else '?'}known={PAST}")
        settled(page)
        shown = html.unescape(page.content())
        assert [one for one in later if one in shown] == [], address


def test_a_reader_is_offered_no_action_on_any_page(
    browser: Browser, origin: str, reader_token: str
) -> None:
    """With a reader's token no button or link leads to recording, correcting or administering."""
    with person(browser, origin, token=reader_token) as page:
        for address in addresses():
            page.goto(address)
            settled(page)
            for role in ("button", "link"):
                expect(page.get_by_role(role, name=_ACTIONS), address).to_have_count(0)
