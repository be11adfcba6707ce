"""The audit: what was recorded, corrected and sealed, as an auditor looks at it in the browser."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.web.browsing import person, settled
from tests.web.conftest import token

if TYPE_CHECKING:
    import httpx2
    from playwright.sync_api import Browser, Page


def test_a_proof_is_verified_in_the_browser(page: Page) -> None:
    """Event 343 holds in three steps, and the page says that the key is yet to be compared."""
    page.goto("/audit?show=proof&event=343")
    expect(page.locator("#verdict")).to_have_text("Event 343 is in the journal as it is shown.")
    verdict = page.get_by_role("region", name="Event 343")
    for step in ("Its bytes are what was sealed", "The head is signed", "It stands in the tree"):
        expect(verdict).to_contain_text(step)
    expect(verdict).to_contain_text("The key is the one that this server tells")
    expect(page.get_by_role("main")).to_contain_text("that there are no other events")


@pytest.mark.parametrize("part", ["entry", "proof", "checkpoint"])
def test_a_receipt_that_was_tampered_with_does_not_hold(
    page: Page, server: httpx2.Client, part: str
) -> None:
    """One letter changed in the bytes, the proof or the head, and the page says what fails."""
    said = {"entry": "they were changed", "proof": "does not lead", "checkpoint": "is false"}
    receipt = server.get("/v1/log/proof/inclusion/343").raise_for_status().json()
    receipt[part] = _tampered(receipt[part])
    page.route(
        "**/v1/log/proof/inclusion/343", lambda route: route.fulfill(body=json.dumps(receipt))
    )
    page.goto("/audit?show=proof&event=343")
    expect(page.locator("#verdict")).to_have_text("It does not hold")
    expect(page.get_by_role("region", name="It does not hold")).to_contain_text(said[part])


def test_a_proof_with_hashes_of_another_length_does_not_hold(
    page: Page, server: httpx2.Client
) -> None:
    """Where one hash ends and the next begins is no matter of choice: the bytes are the same."""
    receipt = server.get("/v1/log/proof/inclusion/343").raise_for_status().json()
    first, second, *rest = receipt["proof"]
    receipt["proof"] = [first + second[:2], second[2:], *rest]
    page.route(
        "**/v1/log/proof/inclusion/343", lambda route: route.fulfill(body=json.dumps(receipt))
    )
    page.goto("/audit?show=proof&event=343")
    expect(page.locator("#verdict")).to_have_text("It does not hold")
    expect(page.get_by_role("region", name="It does not hold")).to_contain_text("length")


def _tampered(value: str | list[str]) -> str | list[str]:
    if isinstance(value, list):
        return [_swapped(value[0], 7), *value[1:]]
    if "\n\n" in value:  # the root stands in the third line
        return _swapped(value, value.index("\n", value.index("\n") + 1) + 5)
    return _swapped(value, 100)  # in the middle of what the event says


def _swapped(text: str, at: int) -> str:
    return text[:at] + ("1" if text[at] == "0" else "0") + text[at + 1 :]


def test_a_head_that_was_kept_is_grown_from(page: Page, server: httpx2.Client) -> None:
    """The head of today is accepted; with another root its signature is false."""
    head = server.get("/v1/log/checkpoint").raise_for_status().text
    page.goto("/audit?show=proof&event=343")
    page.get_by_label("A head that you kept").fill(head)
    page.get_by_role("button", name="Verify").click()
    page.get_by_text("This journal grew from the head that you kept").wait_for()
    page.get_by_label("A head that you kept").fill(str(_tampered(head)))
    page.get_by_role("button", name="Verify").click()
    page.get_by_text("The signature is false.").wait_for()


def test_a_correction_shows_before_after_and_reason(page: Page) -> None:
    """Event 307 made another body of the speaker; at position 305 there is no trace of it."""
    page.goto("/audit?show=corrections&known=356")
    settled(page)
    told = page.locator("article[data-position='307']")
    expect(told.locator("del").first).to_contain_text("China Automotive Technology")
    expect(told.locator("ins").first).to_have_text("China EV100")
    expect(told).to_contain_text("A second source on the same conference")
    page.goto("/audit?show=corrections&known=305")
    settled(page)
    expect(page.locator("article[data-position='304']")).to_be_visible()
    expect(page.locator("article[data-position='307']")).to_have_count(0)


def test_a_replay_goes_event_by_event(page: Page) -> None:
    """At 308 the announced service in Dubai becomes a pilot; `j` leads on to the next event."""
    page.goto("/audit?show=replay&subject=service:weride-uber-dubai&step=308&known=356")
    settled(page)
    stage = page.get_by_role("row", name=re.compile("^Stage"))
    expect(stage).to_contain_text("Announced")
    expect(stage).to_contain_text("Pilot")
    page.keyboard.press("j")
    expect(page).to_have_url(re.compile("step=309"))
    expect(page.get_by_text("Event 4 of 5")).to_be_visible()


def test_a_sample_is_the_same_for_whoever_has_its_seed(page: Page) -> None:
    """The seed draws the positions that the page's rule gives, computed here by itself."""
    page.goto("/audit?show=sample&seed=abc&of=356&count=5")
    settled(page)
    expect(page.locator("[data-position]")).to_have_count(5)
    shown = page.eval_on_selector_all(
        "[data-position]", "all => all.map(one => Number(one.dataset.position))"
    )
    drawn: list[int] = []
    for turn in range(1, 50):
        found = hashlib.sha256(f"abc:{turn}".encode()).digest()[:6]
        drawn.append(int.from_bytes(found, "big") % 356 + 1)
    assert shown == sorted(list(dict.fromkeys(drawn))[:5])


def test_an_auditor_takes_evidence_away_and_finds_that_on_record(
    browser: Browser, origin: str, server: httpx2.Client
) -> None:
    """The pack is a file, and the access record says who took it and what for."""
    with person(browser, origin, token=token(server, "auditor")) as page:
        page.goto("/audit?show=evidence&query=/v1/services?country=SG")
        page.get_by_label("What for").fill("Services of the city state")
        with page.expect_download() as taken:
            page.get_by_role("button", name="Make the pack").click()
        assert taken.value.suggested_filename.endswith(".zip")
        page.goto("/audit?show=access&action=exported")
        settled(page)
        expect(page.get_by_role("row").nth(1)).to_contain_text("auditor of tests")


def test_the_log_opens_to_what_was_recorded(page: Page) -> None:
    """From behind 342 the first is 343, with its data to the letter, and a way to its proof."""
    page.goto("/audit?after=342")
    settled(page)
    first = page.locator("li[data-position]").first
    first.locator("summary").click()
    expect(first.locator("pre")).to_contain_text('"type": "service.suspended"')
    first.get_by_role("link", name="Proof").click()
    expect(page).to_have_url(re.compile("show=proof&event=343"))
