"""Importing a file: mapped, seen before it is recorded, mended, and taken back."""

from __future__ import annotations

import base64
import json
import re
import uuid
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect
from xlsxwriter import Workbook  # type: ignore[import-untyped]  # it has no annotations

from tests.web.browsing import ROOT, settled, violations

if TYPE_CHECKING:
    import httpx2
    from playwright.sync_api import Page


def test_a_sheet_with_a_mistake_is_imported_mended_and_undone(
    page: Page, server: httpx2.Client, tmp_path: Path
) -> None:
    """One row is recorded, the other comes back as a file; then the whole is taken back."""
    mark = uuid.uuid4().hex[:8]
    sheet = tmp_path / "deals.csv"
    rows = [
        "When,Company,Partner,Mode,Country",
        f"Q3 2025,WeRide,Taxis {mark},transport_operator,SG",
        f"2026年初,小马智行,Buses {mark},friendly,AE",
    ]
    sheet.write_text("\n".join(rows), encoding="utf-8")
    page.goto("/import")
    settled(page)
    page.locator("input[type=file]").set_input_files(sheet)
    page.get_by_text("Mode: “friendly” is not known yet").wait_for()
    page.get_by_text(f"“Taxis {mark}” stays a mention").wait_for()
    assert violations(page) == []
    page.get_by_role("button", name="Record 1").click()
    page.get_by_role("heading", name="1 recorded").wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the refused rows").click()
    refused = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert refused[0] == "When,Company,Partner,Mode,Country,problem"
    assert refused[1].startswith(f"2026年初,小马智行,Buses {mark},friendly,AE,")

    page.get_by_role("button", name="Undo").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("1 would be retracted").wait_for()
    dialog.get_by_role("button", name="Undo").click()
    dialog.get_by_text("Say why.").wait_for()
    dialog.get_by_label("Reason").fill("A try")
    dialog.get_by_role("button", name="Undo").click()
    page.get_by_text("1 taken back").wait_for()
    lines = server.get("/v1/timeline", params={"q": mark}).raise_for_status().json()["items"]
    assert {one["status"] for one in lines if one["type"] == "partnership.formed"} == {"retracted"}


# A hand cannot be played that comes from a file manager, but what it lets go of can.
_HELD = """([name, bytes]) => {
  const held = new DataTransfer();
  held.items.add(new File([Uint8Array.from(atob(bytes), one => one.charCodeAt(0))], name));
  return held;
}"""


def test_a_workbook_is_dropped_and_mapped(page: Page, tmp_path: Path) -> None:
    """Its sheet is mapped as CSV would be: its dates are read, its names found in any script."""
    mark = uuid.uuid4().hex[:8]
    book = tmp_path / "deals.xlsx"
    with Workbook(book) as made:
        sheet = made.add_worksheet("Deals")
        sheet.write_row(0, 0, ("When", "Company", "Partner", "Mode", "Country"))
        sheet.write_datetime(1, 0, date(2025, 11, 14), made.add_format({"num_format": "d mmm"}))
        sheet.write_row(1, 1, ("文远知行", f"Trams {mark}", "transport_operator", "SG"))
    page.goto("/import")
    settled(page)
    content = base64.b64encode(book.read_bytes()).decode()
    held = page.evaluate_handle(_HELD, ["deals.xlsx", content])
    place = page.get_by_role("group", name="Drop a file here")
    place.dispatch_event("dragover", {"dataTransfer": held})
    place.dispatch_event("drop", {"dataTransfer": held})
    page.get_by_text(f"“Trams {mark}” stays a mention").wait_for()
    expect(page.get_by_role("table").first).to_contain_text("14 Nov 2025")
    page.get_by_role("button", name="Record 1").click()
    page.get_by_role("heading", name="1 recorded").wait_for()


def test_telling_what_a_word_means_lets_its_rows_in(page: Page, server: httpx2.Client) -> None:
    """The real sheet: `oem_direct` holds up 11 rows; its meaning is saved with the mapping."""
    page.goto("/import")
    settled(page)
    page.locator("input[type=file]").set_input_files(ROOT / "examples/deals-spreadsheet.csv")
    record = page.get_by_role("button", name=re.compile(r"^Record \d+$"))
    record.wait_for()
    before = int(re.sub(r"\D", "", record.inner_text()))
    page.get_by_label("oem_direct means").select_option("carmaker")
    expect(record).to_have_text(re.compile(rf"Record {before + 11}$"))
    name = f"Deals {uuid.uuid4().hex[:6]}"
    page.get_by_label("Save as").fill(name)
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text(f"The mapping is saved as “{name}”.").wait_for()
    kept = server.get(f"/v1/mappings/{name}").raise_for_status().json()["mapping"]
    column = next(one for one in kept["columns"] if one["column"] == "mode_or_kind")
    assert column["values"] == {"oem_direct": "carmaker"}


def test_lines_of_json_are_tried_before_they_are_recorded(page: Page, tmp_path: Path) -> None:
    """A line of an unknown type is refused in the dry run, and nothing is written."""
    lines = [
        {
            "type": "note.added",
            "kind": "organization",
            "subject": "weride",
            "data": {"details": "x"},
        },
        {"type": "deal.made", "subject": "weride", "data": {}},
    ]
    file = tmp_path / "deals.ndjson"
    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    page.goto("/import")
    settled(page)
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Record 1").wait_for()
    page.get_by_role("button", name="1 refused").click()
    assert page.locator("tbody tr").filter(has_text="deal.made").count() == 1
