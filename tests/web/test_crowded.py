"""More events than the timeline draws: what is drawn, what is counted, and what a filter finds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from bench.stories import ndjson
from tests.acceptance.asking import see
from tests.acceptance.running import Farshore
from tests.web.browsing import person, settled

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

LINES = 2_800
_LINES = {"Content-Type": "application/x-ndjson"}
EVER = "1000-01-01"  # registrations, which hold on every day, are not on the timeline


def test_filters_hold_beyond_what_is_drawn(browser: Browser, tmp_path: Path) -> None:
    """Counts are of all events, not of the 2,500 that are drawn; a kind shows all of its own."""
    with Farshore(tmp_path, workers=1) as farshore, farshore.client() as client:
        client.timeout = 120
        recorded = client.post("/v1/events", content=ndjson(LINES), headers=_LINES)
        see(client, recorded.raise_for_status().json()["position"])
        asked = client.get("/v1/timeline/facets", params={"from": EVER}).raise_for_status().json()
        counts = {one["value"]: one["events"] for one in asked["kind"]["items"]}
        assert sum(counts.values()) > 2_500
        with person(browser, farshore.url) as page:
            page.goto("/")
            settled(page)
            page.get_by_text("Only the latest 2,500 events").wait_for()
            filters = page.get_by_role("group", name="Filters")
            permits = filters.get_by_role("button", name=re.compile("^Permits"))
            expect(permits).to_contain_text(str(counts["permit"]))
            permits.click()
            side = page.get_by_role("region", name="List of events")
            expect(side).to_contain_text(f"{counts['permit']} events")
            services = filters.get_by_role("button", name=re.compile("^Services"))
            expect(services).to_contain_text(str(counts["service"]))
            services.click()  # one at a time, where the server is asked
            expect(side).to_contain_text(f"{counts['service']} events")
            expect(page).to_have_url(re.compile(r"kind=service(&|$)"))
