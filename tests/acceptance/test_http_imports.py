"""A real, messy sheet is imported by its mapping, mended and undone; views are kept by a name."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from xlsxwriter import Workbook  # type: ignore[import-untyped]  # it has no annotations

from tests.acceptance.running import TOKEN, Farshore
from tests.folders import open_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx2

EXAMPLES = Path(__file__).parents[2] / "examples"
SHEET = (EXAMPLES / "deals-spreadsheet.csv").read_bytes()
MAPPING = json.loads((EXAMPLES / "deals-mapping.json").read_bytes())


@pytest.fixture(scope="module")
def client() -> Iterator[httpx2.Client]:
    """Give a server that knows the organizations of the example data, and nothing else."""
    with (
        open_folder() as folder,
        Farshore(folder, workers=1) as farshore,
        farshore.client() as client,
    ):
        lines = (EXAMPLES / "organizations.ndjson").read_bytes()
        ndjson = {"Content-Type": "application/x-ndjson"}
        summary = client.post("/v1/events", content=lines, headers=ndjson).json()
        where = {"min_position": summary["position"]}
        client.get("/v1/timeline", params=where).raise_for_status()
        yield client


def _sent(mapping: object, content: bytes = SHEET) -> dict[str, Any]:
    return {"content": base64.b64encode(content).decode(), "mapping": mapping}


def test_a_preview_shows_each_row_as_the_event_that_it_would_be(client: httpx2.Client) -> None:
    """Rows 2, 38 and 71 as worked out by hand; nothing is written, and the counts add up."""
    seen = client.post("/v1/imports/preview", json=_sent(MAPPING)).raise_for_status().json()
    items = {one["row"]: one for one in seen["items"]}
    assert items[2]["line"] == {
        "type": "investment.made",
        "ref": "E002",
        "occurred_on": "2018-11",
        "subject": "weride-alliance-ventures-equity",
        "sources": [
            {
                "title": "L'Automobile ACI",
                "url": "https://www.lautomobile.aci.it/articoli/2018/11/02/"
                "alliance-ventures-punta-sul-robot-cinese.html",
                "confidence": "probable",
            }
        ],
        "data": {
            "investee": "weride",
            "investors": ["alliance-ventures"],
            "details": "Alliance fund becomes main strategic investor",
        },
    }
    assert items[38]["line"]["data"]["to"] == {"country": "NL", "city": "Amsterdam"}
    assert items[71]["problem"]["errors"][0]["pointer"] == "/cells/mode_or_kind"
    assert (seen["rows"], seen["left_out"]) == (166, 5)
    assert seen["accepted"] + seen["refused"] + seen["left_out"] == 166
    too_little, contradictory = {55, 71, 76, 89, 110, 111, 126, 129}, {154}
    assert {one["row"] for one in seen["errors"]} == too_little | contradictory
    assert {one["row"] for one in seen["items"] if one["problem"]} == too_little | contradictory
    assert client.get("/v1/events", params={"after": 131}).json()["items"] == []


def test_without_a_mapping_one_is_suggested(client: httpx2.Client) -> None:
    """The column of types, days, parties, places, sources and rows are recognized."""
    seen = client.post("/v1/imports/preview", json=_sent(None)).raise_for_status().json()
    assert seen["suggested"]
    assert [one["name"] for one in seen["columns"]][:3] == ["id", "event_type", "occurred_on"]
    assert seen["columns"][2]["samples"] == ["2018-11", "2018", "2019-02-01"]
    mapping = seen["mapping"]
    assert mapping["type"]["column"] == "event_type"
    assert mapping["type"]["values"]["l4_service.launched"] == "service.launched"
    to = {one["column"]: one["to"][0] for one in mapping["columns"]}
    assert to["occurred_on"] == "occurred_on"
    assert to["company"] == "parties"
    assert to["country"] == "markets.country"
    assert to["source_address"] == "sources.url"
    assert to["id"] == "ref"


def test_a_preview_gathers_the_words_that_a_mapping_does_not_know(client: httpx2.Client) -> None:
    """`oem_direct` holds up the 11 partnerships of that mode; `org.renamed` is no type at all."""
    seen = client.post("/v1/imports/preview", json=_sent(None)).raise_for_status().json()
    unknown = {(one["column"], one["says"]): one for one in seen["unknown"]}
    assert unknown["mode_or_kind", "oem_direct"]["rows"] == 11
    assert "carmaker" in unknown["mode_or_kind", "oem_direct"]["may_mean"]
    assert unknown["event_type", "org.renamed"]["may_mean"] == []
    columns = [
        {**one, "values": {"oem_direct": "carmaker"}} if one["column"] == "mode_or_kind" else one
        for one in seen["mapping"]["columns"]
    ]
    told = _sent({**seen["mapping"], "columns": columns})
    again = client.post("/v1/imports/preview", json=told).raise_for_status().json()
    assert ("mode_or_kind", "oem_direct") not in {
        (one["column"], one["says"]) for one in again["unknown"]
    }


def test_a_kept_mapping_imports_a_file_once_and_is_undone_as_one(client: httpx2.Client) -> None:
    """A second time all is there already; refused rows come back; the batch can be undone."""
    kept = client.put("/v1/mappings/Deal desk", json=MAPPING).raise_for_status().json()
    assert kept["name"] == "Deal desk"
    csv = {"Content-Type": "text/csv"}
    asked = {"mapping": "Deal desk"}
    done = client.post("/v1/imports", params=asked, content=SHEET, headers=csv)
    first = done.raise_for_status().json()
    assert first["accepted"] + first["refused"] + first["left_out"] == 166
    assert done.headers["farshore-position"] == str(first["position"])
    header, *rows = first["refused_rows"].splitlines()
    assert header.endswith(",confidence,notes,problem")
    assert len(rows) >= first["refused"]
    again = client.post("/v1/imports", params=asked, content=SHEET, headers=csv).json()
    assert (again["accepted"], again["replayed"]) == (0, first["accepted"])
    seen = {"min_position": first["position"]}
    state = client.get("/v1/partnerships/tusimple-navistar-oem-direct", params=seen).json()
    assert (state["stage"], state["state"]["mode"]) == ("ended", "carmaker")
    [batch] = [
        one for one in client.get("/v1/batches").json()["items"] if one["batch"] == first["batch"]
    ]
    assert batch["events"] == first["accepted"]
    undone = client.post(f"/v1/batches/{first['batch']}/undo", json={"reason": "A trial"})
    assert undone.raise_for_status().json()["retracted"] == first["accepted"]


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (_sent(MAPPING, b"a,a\n1,2\n"), 422, "two columns"),
        (_sent(MAPPING, b"PK\x03\x04"), 422, "no XLSX"),
        (_sent("nothing like it"), 422, "no mapping is kept"),
        (_sent({"type": "partnership.formed", "columns": "all"}), 422, "columns"),
        ({"content": "***", "mapping": MAPPING}, 422, "Base64"),
        ({"content": "文件", "mapping": MAPPING}, 422, "Base64"),
        ({"mapping": MAPPING}, 422, "content"),
        (_sent({**MAPPING, "more": 1}), 422, "more"),
    ],
)
def test_what_cannot_be_imported_is_refused_in_words(
    client: httpx2.Client, body: dict[str, Any], status: int, said: str
) -> None:
    """A broken file, an unknown or a misshapen mapping: a problem that says which."""
    answer = client.post("/v1/imports", json=body)
    assert (answer.status_code, said in answer.text) == (status, True), answer.text


def test_a_date_is_read_as_people_write_it(client: httpx2.Client) -> None:
    """With its first and last day; what may be two days is refused, and both are named."""
    read = client.get("/v1/dates", params={"text": "Q3 2025"}).json()
    assert read == {
        "text": "Q3 2025",
        "edtf": "2025-35",
        "earliest": "2025-07-01",
        "latest": "2025-09-30",
    }
    refused = client.get("/v1/dates", params={"text": "03/04/2025"})
    assert refused.status_code == 422
    assert "2025-03-04 or 2025-04-03" in refused.json()["detail"]


def test_views_are_kept_by_name_for_whoever_keeps_them(client: httpx2.Client) -> None:
    """Kept, kept otherwise, listed, given up; another person has none of them."""
    where = "/v1/saved-views/在欧洲"
    client.put(where, json={"query": "/?country=DE"}).raise_for_status()
    client.put(where, json={"query": "/?country=FR"}).raise_for_status()
    assert client.get(where).json()["query"] == "/?country=FR"
    assert [one["name"] for one in client.get("/v1/saved-views").json()["items"]] == ["在欧洲"]
    token = client.post("/v1/tokens", json={"role": "reader", "name": "Somebody"}).json()
    other = {"Authorization": f"Bearer {token['secret']}"}
    assert client.get("/v1/saved-views", headers=other).json() == {"items": []}
    assert client.put("/v1/mappings/mine", json=MAPPING, headers=other).status_code == 403
    assert client.delete(where).status_code == 204
    assert client.delete(where).status_code == 404
    assert client.put(where, json={"query": "https://elsewhere"}).status_code == 422


def test_the_command_line_imports_a_workbook_and_keeps_what_was_refused(
    client: httpx2.Client, tmp_path: Path
) -> None:
    """Of two rows one is recorded; the other stands in a file, with what is wrong with it."""
    book = tmp_path / "deals.xlsx"
    with Workbook(book) as made:
        page = made.add_worksheet()
        page.write_row(0, 0, ("Who", "With", "When"))
        page.write_row(1, 0, ("文远知行", "A taxi firm", "Q3 2025"))
        page.write_row(2, 0, ("WeRide", "A bus firm", "one day"))
    mapping = {
        "type": "partnership.formed",
        "columns": [
            {"column": "Who", "to": ["parties"]},
            {"column": "With", "to": ["parties"]},
            {"column": "When", "to": ["occurred_on"]},
        ],
        "constants": {"mode": "other"},
    }
    file = tmp_path / "mapping.json"
    file.write_text(json.dumps(mapping))
    run = subprocess.run(
        (sys.executable, "-m", "cli", "import", str(book), "--map", str(file)),
        env={**os.environ, "FARSHORE_URL": str(client.base_url), "FARSHORE_TOKEN": TOKEN},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert "1 recorded" in run.stdout
    assert "row 3" in run.stderr
    refused = (tmp_path / "deals-refused.csv").read_text(encoding="utf-8-sig").splitlines()
    assert refused[0] == "Who,With,When,problem"
    assert refused[1].startswith("WeRide,A bus firm,one day,")
    [event] = client.get("/v1/events", params={"type": "partnership.formed", "limit": 500}).json()[
        "items"
    ][-1:]
    assert event["data"]["parties"] == [{"organization": "weride"}, {"mention": "A taxi firm"}]
    assert (event["occurred_on"], event["data"]["mode"]) == ("2025-35", "other")
