"""The settings: tokens made and ended, people erased, and only for who may."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

import psycopg
from playwright.sync_api import expect

from journal.cluster import Cluster
from tests.acceptance.running import Farshore
from tests.web.browsing import person, settled

if TYPE_CHECKING:
    from pathlib import Path

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


def test_an_event_that_a_view_cannot_take_is_done_without_and_taken_after_all(
    browser: Browser, tmp_path: Path
) -> None:
    """It stands under its view with the reason; skipped it says why; tried again it is gone."""
    with (
        Farshore(tmp_path, workers=1) as farshore,
        psycopg.connect(Cluster(tmp_path / "data").url, autocommit=True) as superuser,
        farshore.client() as client,
        person(browser, farshore.url) as page,
    ):
        superuser.execute(
            "ALTER TABLE views.timeline ADD CONSTRAINT never_two CHECK (position <> 2)"
        )
        for name in ("One", "Two"):
            body = {"key": name.lower(), "data": {"name": name, "roles": ["developer"]}}
            client.post("/v1/organizations/register", json=body).raise_for_status()
        page.goto("/settings?show=views")
        held = page.get_by_role("listitem").filter(has_text="organization.registered")
        expect(held).to_contain_text("never_two")
        held.get_by_role("button", name="Do without").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Why the view is to do without it").fill("Sent twice")
        dialog.get_by_role("button", name="Do without").click()
        expect(held).to_contain_text("Sent twice")
        superuser.execute("ALTER TABLE views.timeline DROP CONSTRAINT never_two")
        held.get_by_role("button", name="Try again").click()
        page.get_by_text("No view holds an event back.").wait_for()
