"""Lists as files: all rows, safe to open."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped]  # it has no annotations

from tests.acceptance.reads import asked

if TYPE_CHECKING:
    import httpx2


# ── files ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "path",
    [
        *("/v1/timeline", "/v1/partnerships", "/v1/events"),
        *("/v1/coverage", "/v1/targets", "/v1/suspensions"),
    ],
)
def test_a_list_can_be_had_whole_as_a_file(examples: httpx2.Client, path: str) -> None:
    """CSV, NDJSON and XLSX hold the same rows, all of them, whatever the page size."""
    rows = asked(examples, path, limit=500).json()["items"]
    lines = asked(examples, path, format="ndjson", limit=1).text.splitlines()
    table = list(csv.DictReader(io.StringIO(asked(examples, path, format="csv", limit=1).text)))
    book = load_workbook(io.BytesIO(asked(examples, path, format="xlsx").content))
    assert book.active
    keys = [item["subject"]["key"] for item in rows]
    assert [json.loads(line)["subject"]["key"] for line in lines] == keys
    assert [row["subject.key"] for row in table] == keys
    assert book.active.max_row == len(keys) + 1


def test_differences_as_a_table_have_a_line_for_each_field(examples: httpx2.Client) -> None:
    """NDJSON has a line for each subject, as the list has; a table cannot hold fields in fields."""
    path = "/v1/diff?from_known_position=300&to_known_position=356"
    subjects = asked(examples, path, limit=500).json()["items"]
    lines = asked(examples, path, format="ndjson").text.splitlines()
    table = list(csv.DictReader(io.StringIO(asked(examples, path, format="csv").text)))
    assert [json.loads(line) for line in lines] == subjects
    told = [(one["subject"]["key"], each["field"]) for one in subjects for each in one["fields"]]
    assert [(row["subject.key"], row["field"]) for row in table] == told


def test_the_accept_header_names_a_file_too(examples: httpx2.Client) -> None:
    """A client that wants CSV says so as HTTP has it."""
    answer = examples.get("/v1/permits", headers={"Accept": "text/csv"})
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "permits.csv" in answer.headers["Content-Disposition"]


COMPUTED = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@pytest.mark.parametrize("start", COMPUTED)
def test_no_text_becomes_a_formula(examples: httpx2.Client, start: str) -> None:
    """A cell that a spreadsheet would compute is made plain text."""
    body = {"data": {"name": f'{start}HYPERLINK("http://example.org")'}}
    made = examples.post("/v1/organizations/register", json=body)
    wanted = {"min_position": made.headers["Farshore-Position"]}
    text = asked(examples, "/v1/organizations", format="csv", **wanted).text
    book = load_workbook(
        io.BytesIO(asked(examples, "/v1/organizations", format="xlsx", **wanted).content)
    )
    assert book.active
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    cells += [str(cell) for row in book.active.values for cell in row if cell is not None]
    assert any("HYPERLINK" in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(COMPUTED)]
