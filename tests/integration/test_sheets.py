"""Spreadsheets: every usual way to write one is read, and what is hostile or broken is said so."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from typing import Any

import pytest
from xlsxwriter import Workbook  # type: ignore[import-untyped]  # it has no annotations

from journal.mapping import SheetMapping, Unmapped, line
from journal.sheets import LONGEST_CELL, MOST_ROWS, BadSheet, read_sheet

TABLE = "公司,When\nWeRide,2025\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_table_is_read_in_any_usual_encoding(encoding: str, mark: str) -> None:
    """With commas, semicolons or tabs; the first row of data is the second of the sheet."""
    sheet = read_sheet(TABLE.replace(",", mark).encode(encoding))
    assert sheet.columns == ["公司", "When"]
    assert [(row.number, row.cells) for row in sheet.rows] == [
        (2, {"公司": "WeRide", "When": "2025"})
    ]


def _xlsx(*rows: tuple[Any, ...], sheet: str = "Deals") -> bytes:
    file = io.BytesIO()
    book = Workbook(file, {"default_date_format": "yyyy-mm-dd"})
    page = book.add_worksheet(sheet)
    for number, row in enumerate(rows):
        page.write_row(number, 0, row)
    book.add_worksheet("Other").write(0, 0, "Else")
    book.close()
    return file.getvalue()


def test_a_workbook_is_read_as_people_see_it() -> None:
    """Days, whole numbers and texts; blank rows are passed over; a sheet is chosen by its name."""
    content = _xlsx(("When", "Count", "Who"), (), (date(2025, 11, 14), 70.0, "小马智行"))
    sheet = read_sheet(content)
    assert (sheet.sheets, sheet.name) == (["Deals", "Other"], "Deals")
    assert [(row.number, row.cells) for row in sheet.rows] == [
        (3, {"When": "2025-11-14", "Count": "70", "Who": "小马智行"})
    ]
    assert read_sheet(content, "Other").columns == ["Else"]


def _bomb() -> bytes:
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed,
        packed.open("xl/worksheets/sheet1.xml", "w") as page,
    ):
        for _ in range(130):
            page.write(b"\0" * (1 << 20))
    return file.getvalue()


HOSTILE = {
    "nothing": (b"", "no rows"),
    "no text": (b"\x81\xff\x00\x01", "neither UTF-8"),
    "NUL": (b"a,b\n\0,c\n", "neither CSV nor XLSX"),
    "one name twice": (b"a,b,a\n1,2,3\n", "two columns are called 'a'"),
    "cells without a column": (b"a,b\n1,2,3\n", "row 2 has more cells"),
    "a cell without end": (b'a,b\n"1,2\n', "line"),
    "a huge cell": (b"a\n" + b"x" * (LONGEST_CELL + 1), "row 2 has more than"),
    "a million rows": (b"a\n" + b"1\n" * (MOST_ROWS + 1), "more than 10,000 rows"),
    "many columns": (b",".join(b"c%d" % n for n in range(300)), "200 columns"),
    "a broken zip": (b"PK\x03\x04" + b"x" * 100, "no XLSX file"),
    "another zip": (b"PK\x05\x06" + b"\0" * 18, "no XLSX file"),
    "a zip bomb": (_bomb(), "unpacks to more than"),
    "no such sheet": (_xlsx(("a",)), "no sheet 'Nothing'"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_what_is_no_table_is_said_so(case: str) -> None:
    """It is refused in words, quickly, whatever it would unpack to."""
    content, said = HOSTILE[case]
    name = "Nothing" if case == "no such sheet" else None
    with pytest.raises(BadSheet, match=said):
        read_sheet(content, name)


def test_a_cell_that_would_be_computed_stays_the_text_that_it_is() -> None:
    """Also when it comes back from a file of refused rows, where it has a mark in front."""
    sheet = read_sheet(b"a,b\n=1+1,'=1+1\n'tis,-5\n")
    assert [list(row.cells.values()) for row in sheet.rows] == [["=1+1", "=1+1"], ["'tis", "-5"]]


# ── cells to fields ──────────────────────────────────────────────────────────────────────────────


def _line(type_: str, **cells: tuple[str, str]) -> dict[str, Any]:
    """Map each cell, given as (field, text), and give the line."""
    columns = [{"column": name, "to": [field]} for name, (field, _) in cells.items()]
    mapping = SheetMapping.model_validate({"type": type_, "columns": columns})
    made = line(
        mapping, {name: text for name, (_, text) in cells.items()}, {"WeRide": "weride"}.get
    )
    assert made
    return made


READ: tuple[tuple[str, str, str, Any], ...] = (
    ("service.launched", "fleet", "50 vehicles", {"value": 50, "unit": "vehicles"}),
    ("service.launched", "fleet", "~50 cars", {"value": 50, "unit": "cars", "qualifier": "~"}),
    ("investment.made", "money", "USD 1.5 bn", {"amount": "1500000000", "currency": "USD"}),
    ("investment.made", "money", "3亿 CNY", {"amount": "300000000", "currency": "CNY"}),
    ("investment.made", "stake_percent", "4.99%", 4.99),
    ("partnership.formed", "probability", "20", 20),
    ("partnership.formed", "mode", "Platform operator", "platform_operator"),
    ("partnership.formed", "parties", "WeRide", [{"organization": "weride"}]),
    ("partnership.formed", "parties", "A taxi firm", [{"mention": "A taxi firm"}]),
    ("investment.made", "investee", "Nobody", {"mention": "Nobody"}),
    ("rd_center.opened", "place", "Munich, Germany", {"country": "DE", "city": "Munich"}),
    ("rd_center.opened", "place.country", "阿联酋", {"country": "AE"}),
    ("organization.founded", "home_country", "China", "CN"),
    ("permit.granted", "valid_until", "end of 2026", None),
    ("permit.granted", "valid_until", "Dec 2026", "2026-12"),
    ("permit.granted", "fleet_limit.value", "many", None),
    ("partnership.formed", "mode", "friendship", None),
)  # fmt: skip


@pytest.mark.parametrize(("type_", "field", "text", "value"), READ, ids=[one[2] for one in READ])
def test_a_cell_is_read_as_what_its_field_takes(
    type_: str, field: str, text: str, value: object
) -> None:
    """Numbers with scale and unit, money, words, places, names, dates; else its column is named."""
    if value is None:
        with pytest.raises(Unmapped) as refused:
            _line(type_, cell=(field, text))
        assert refused.value.column == "cell"
    else:
        assert _line(type_, cell=(field, text))["data"][field.partition(".")[0]] == value


def test_columns_meet_in_one_line() -> None:
    """Two columns of parties are one list, parts of a place one place, of a source one source."""
    made = _line(
        "partnership.formed",
        who=("parties", "WeRide"),
        other=("parties", "Uber"),
        country=("markets.country", "AE"),
        city=("markets.city", "Dubai"),
        when=("occurred_on", "2025年11月"),
        row=("ref", "17"),
        url=("sources.url", "https://www.weride.ai"),
        title=("sources.title", "A page"),
        lost=("route_km", "5"),
    )
    assert made == {
        "type": "partnership.formed",
        "occurred_on": "2025-11",
        "ref": "17",
        "sources": [{"title": "A page", "url": "https://www.weride.ai"}],
        "data": {
            "parties": [{"organization": "weride"}, {"mention": "Uber"}],
            "markets": [{"country": "AE", "city": "Dubai"}],
        },
    }
