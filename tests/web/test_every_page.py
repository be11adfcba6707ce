"""What holds for every page of the web application."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.web.browsing import addresses, person, settled, violations

if TYPE_CHECKING:
    import httpx2
    from playwright.sync_api import Browser, Page, ViewportSize

SMALL: ViewportSize = {"width": 400, "height": 860}


@pytest.mark.parametrize("address", addresses())
def test_a_page_is_accessible(page: Page, address: str) -> None:
    """Axe finds nothing, in light and in dark; at 400 px nothing makes the page scroll sideways."""
    page.goto(address)
    settled(page)
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    settled(page)
    assert violations(page) == []
    page.set_viewport_size(SMALL)
    settled(page)
    wide = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0


@pytest.mark.parametrize("address", addresses())
def test_a_page_speaks_chinese(browser: Browser, origin: str, address: str) -> None:
    """For a Chinese reader it is marked as Chinese, and its heading is written in Chinese."""
    with person(browser, origin, locale="zh-CN") as page:
        page.goto(address)
        settled(page)
        assert page.locator("html").get_attribute("lang") == "zh-CN"
        heading = page.locator("h1").first.inner_text()
        assert any("\u4e00" <= character <= "\u9fff" for character in heading), heading


def test_warnings_are_told_in_chinese(browser: Browser, origin: str) -> None:
    """Of the example data none is left in English, but for names and what was recorded."""
    with person(browser, origin, locale="zh-CN") as page:
        page.goto("/warnings?known=356&at=2026-06-30")
        settled(page)
        told = page.locator("main li > span:last-child").all_inner_texts()
        assert len(told) > 50
        assert [
            one for one in told if not any("\u4e00" <= letter <= "\u9fff" for letter in one)
        ] == []
        assert [one for one in told if " to " in one or " of " in one or "Q1" in one] == []


@pytest.mark.parametrize(
    ("address", "place", "chinese"),
    [
        ("/coverage", "section[aria-labelledby=gaps]", "没有许可记录（阶段：正式运营）"),
        ("/log?kind=service&verb=cancel&subject=weride-uber-dubai", ".preview", "通常不在此阶段"),
    ],
)
def test_a_warning_is_told_in_chinese_wherever_it_is_told(
    browser: Browser, origin: str, address: str, place: str, chinese: str
) -> None:
    """Beside the permits, and before an event is recorded."""
    with person(browser, origin, locale="zh-CN") as page:
        page.goto(address)
        settled(page)
        for today in page.get_by_role("button", name="今天").all():
            today.click()
        expect(page.locator(place).get_by_text(chinese).first).to_be_visible()
        english = page.locator(place).get_by_text(re.compile("permit is on record|usually logged"))
        expect(english).to_have_count(0)


def test_on_paper_a_page_tells_its_clocks_and_leaves_nothing_out(page: Page) -> None:
    """Printed from the dark, all events are listed on white, and the address leads to this look."""
    page.emulate_media(color_scheme="dark")
    page.goto("/?known=356&at=2026-06-30")
    settled(page)
    assert page.get_by_role("listitem").count() < 100
    page.emulate_media(media="print", color_scheme="dark")
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    expect(page.get_by_text("/?known=356&at=2026-06-30")).to_be_visible()
    expect(page.get_by_text("True on 30 Jun 2026 · As known at #356")).to_be_visible()
    assert page.get_by_role("listitem").count() == 225  # of 356 events 131 have no day
    expect(page.get_by_role("navigation")).to_have_count(0)
    expect(page.get_by_role("button", name="Zoom in")).to_have_count(0)
    white = "() => getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(white) == "rgb(255, 255, 255)"


def test_the_page_is_answered_as_it_should_be(server: httpx2.Client) -> None:
    """Deep links give the page, assets stay for ever, unknown paths of `/v1` are problems."""
    html = {"Accept": "text/html", "Accept-Encoding": "br"}
    for path in ("/", "/partnerships/weride-uber", "/no/such/page"):
        answer = server.head(path, headers=html)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-cache"
        assert answer.headers["Content-Encoding"] == "br"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
    page = server.get("/", headers={"Accept": "text/html", "Accept-Encoding": "identity"})
    script = page.text.partition('src="')[2].partition('"')[0]
    asset = server.get(script)
    assert asset.headers["Content-Type"].startswith("text/javascript")
    assert "immutable" in asset.headers["Cache-Control"]
    for path in ("/v1/nothing", "/problems/nothing", "/assets/nothing.js"):
        missing = server.get(path, headers=html)
        assert missing.status_code == 404
        assert missing.headers["Content-Type"].startswith("application/problem+json")


def test_nobody_sees_anything_without_a_token(browser: Browser, origin: str) -> None:
    """A wrong token is refused in words."""
    with person(browser, origin, token=None) as page:
        page.goto("/")
        page.get_by_label("Token").fill("wrong")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_text("That token is not valid.").wait_for()
        assert violations(page) == []


def test_a_link_signs_in(browser: Browser, origin: str, reader_token: str) -> None:
    """The token of the link is taken out of the address, and signing out ends the session."""
    with person(browser, origin, token=None) as page:
        page.goto(f"/#token={reader_token}")
        page.get_by_role("heading", name="Timeline").wait_for()
        assert "token" not in page.url
        page.get_by_role("button", name="Account").click()
        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("button", name="Sign in").wait_for()


def test_a_lost_connection_is_told_and_found_again(page: Page) -> None:
    """While the server is away the page says so and keeps what it shows; then it goes on."""
    page.goto("/")
    settled(page)
    page.context.set_offline(offline=True)
    page.get_by_text("The server cannot be reached").wait_for()
    assert page.get_by_role("region", name="List of events").is_visible()
    page.context.set_offline(offline=False)
    page.get_by_text("The server cannot be reached").wait_for(state="detached")


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("/?at=2024-13-01", "List of events"),
        ("/warnings?at=2024-02-31", "rests on one weak source"),
        ("/diff?from=2024-00-00", "differ"),
        ("/partnerships/%E0%A4%A", "Unknown"),
        ("/audit?show=replay&subject=nothing:nobody", "Which record?"),
    ],
)
def test_a_broken_address_is_no_page_that_loads_for_ever(
    page: Page, address: str, told: str
) -> None:
    """A day that there is not is today, and what is the name of nothing is said to be unknown."""
    page.goto(address)
    settled(page)
    expect(page.locator("main").get_by_text(told).first).to_be_visible()
    expect(page.get_by_text("Bad parameters")).to_have_count(0)


def test_what_becomes_of_a_promise_is_previewed_in_chinese(browser: Browser, origin: str) -> None:
    """The parts of a promise have no schema of their own, and still Chinese names."""
    with person(browser, origin, locale="zh-CN") as page:
        page.goto("/log?kind=service&verb=cancel&subject=weride-uber-dubai")
        settled(page)
        page.get_by_role("button", name="今天").click()
        preview = page.locator(".preview")
        expect(preview.get_by_text("目标日期").first).to_be_visible()
        expect(preview.get_by_text(re.compile("Milestone|Target date|Outcome"))).to_have_count(0)


def test_a_name_without_a_space_is_wrapped(page: Page, server: httpx2.Client) -> None:
    """At 400 px the list of the network shows it whole, with the number of its partners."""
    page.set_viewport_size(SMALL)
    named = {"key": "all-in-one-word", "data": {"name": "Gesellschaft" * 10}}
    server.post("/v1/organizations/register", json=named).raise_for_status()
    parties = [{"organization": "all-in-one-word"}, {"organization": "grab"}]
    formed = {
        "occurred_on": "2026-01-01",
        "data": {"parties": parties, "mode": "platform_operator"},
    }
    server.post("/v1/partnerships/form", json=formed).raise_for_status()
    page.goto("/network?at=2026-01-02")
    settled(page)
    line = page.get_by_role("listitem").filter(has_text="Gesellschaft")
    for part in (line.get_by_role("button"), line.get_by_text("1 partner")):
        box = part.bounding_box()
        assert box
        assert box["x"] + box["width"] <= SMALL["width"]


def test_a_server_that_is_away_is_no_session_that_ended(page: Page) -> None:
    """Opened meanwhile, the page asks for no token, and shows itself when the server is back."""
    page.route("**/v1/**", lambda route: route.abort())
    page.goto("/targets")
    page.get_by_text("cannot be reached").first.wait_for()
    expect(page.get_by_label("Token")).to_have_count(0)
    page.unroute("**/v1/**")
    page.get_by_role("heading", name="Targets").wait_for()
