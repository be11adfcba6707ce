"""The map: what lies where on the day, from the world to a city."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.web.browsing import settled

if TYPE_CHECKING:
    from playwright.sync_api import Page

_BOXES = """all => all.map(one => {
    const { left, right, top, bottom } = one.getBoundingClientRect();
    return [left, right, top, bottom];
})"""


def _shown(page: Page, address: str) -> None:
    page.goto(address)
    settled(page)
    page.locator("path.land").first.wait_for(state="attached")


def test_keys_lead_from_the_world_to_a_city_and_back(page: Page) -> None:
    """Enter goes into a country, then a city of it; each is in the address, Back leads out."""
    _shown(page, "/map")
    places = page.get_by_role("complementary", name="Places")
    places.get_by_role("button", name=re.compile("^United Arab Emirates")).press("Enter")
    expect(page).to_have_url(re.compile("in=AE$"))
    places.get_by_role("button", name="Dubai").press("Enter")
    expect(page).to_have_url(re.compile("in=AE%2FDubai|in=AE/Dubai"))
    expect(places.get_by_role("link", name=re.compile("Jumeirah"))).to_be_visible()
    page.go_back()
    page.go_back()
    expect(places.get_by_role("button", name=re.compile("^Singapore"))).to_be_visible()


def test_what_is_suspended_is_drawn_otherwise(page: Page) -> None:
    """The Dubai service runs in January 2026, and stands still in March."""
    for day, drawn in (("2026-01-15", "running"), ("2026-03-15", "halted")):
        _shown(page, f"/map?in=AE/Dubai&at={day}")
        mark = page.locator("svg [data-key=weride-uber-dubai] path").first
        expect(mark).to_have_class(re.compile(drawn))


def test_labels_never_cover_each_other(page: Page) -> None:
    """Of the world, of the United States and of Singapore: no two labels touch."""
    for address in ("/map", "/map?in=US", "/map?in=SG"):
        _shown(page, address)
        boxes = page.eval_on_selector_all("text.label", _BOXES)
        assert boxes
        for one, other in itertools.combinations(boxes, 2):
            apart = (
                one[1] <= other[0] or other[1] <= one[0] or one[3] <= other[2] or other[3] <= one[2]
            )
            assert apart, (address, one, other)


def test_where_one_looks_is_in_the_address(page: Page) -> None:
    """After zooming in, a reload shows the same part of the world."""
    _shown(page, "/map")
    page.get_by_role("button", name="Zoom in").click()
    expect(page).to_have_url(re.compile(r"view=[-\d.]+,[-\d.]+,[\d.]+"))
    before = page.locator("text.label").all_inner_texts()
    page.reload()
    settled(page)
    page.locator("path.land").first.wait_for(state="attached")
    assert page.locator("text.label").all_inner_texts() == before


def test_a_move_is_an_arc_once_it_happened(page: Page) -> None:
    """TuSimple moved its headquarters in December 2023: no arc in November, one in January."""
    _shown(page, "/map?at=2024-01-15")
    expect(page.get_by_text(re.compile("TuSimple moves its headquarters")).first).to_be_attached()
    _shown(page, "/map?at=2023-11-15")
    expect(page.get_by_text(re.compile("TuSimple moves its headquarters"))).to_have_count(0)


def test_where_nothing_was_known_nothing_lies(page: Page) -> None:
    """At position 131 only organizations are on record, and the map says that it is empty."""
    _shown(page, "/map?known=131")
    expect(page.get_by_text("Nothing lies anywhere on that day")).to_be_visible()
