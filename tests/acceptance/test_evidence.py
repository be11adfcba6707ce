"""An auditor takes an answer away and checks it without us."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pytest

from api.app import create_app
from journal.seal.verifier import Invalid, verify
from journal.settings import Settings
from projections.catalogue import PROJECTIONS
from tests.acceptance.asking import see

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx2

WHY = "Audit of the third quarter"
SERVICES = "/v1/services?country=AE"
QUERIES = (
    SERVICES,
    "/v1/timeline?organization=weride",
    "/v1/services/txai-abu-dhabi",
    "/v1/services/txai-abu-dhabi/history?known_position=300",
    "/v1/coverage?service=weride-uber-dubai&effective_at=2026-01-15",
    "/v1/diff?from_known_position=340&to_known_position=356",
    "/v1/events?type=permit.granted&known_position=356",
    "/v1/services/txai-abu-dhabi/explain?known_position=356",
    "/v1/search?q=uber",
    "/v1/graph?organization=weride",
    "/v1/warnings",
    "/v1/targets",
    "/v1/permits?known_at=2999-01-01T00:00:00Z&effective_at=2026-01-01",
    "/v1/timeline?known_at=2999-01-01T00:00:00Z&country=AE",
    "/v1/diff?from_known_position=100&to_known_at=2999-01-01T00:00:00Z",
    "/v1/diff?from_effective_at=2024-01-01&known_at=2999-01-01T00:00:00Z",
)
# What has the clock of knowledge and is no evidence: counts, and who imported what.
NO_EVIDENCE = {
    *("/v1/timeline/density", "/v1/timeline/facets", "/v1/batches", "/v1/batches/{id}"),
}
APP = create_app(Settings())  # only to tell the routes


def _export(client: httpx2.Client, query: str | None = SERVICES) -> bytes:
    given = {"purpose": WHY} | ({"query": query} if query else {})
    return client.get("/v1/log/export", params=given).raise_for_status().content


def _key(client: httpx2.Client) -> str:
    key: str = client.get("/v1/log/key").json()["key"]
    return key


def _member(pack: bytes, name: str) -> bytes:
    return zipfile.ZipFile(io.BytesIO(pack)).read(name)


@pytest.mark.parametrize("query", QUERIES)
def test_an_answer_becomes_evidence(examples: httpx2.Client, tmp_path: Path, query: str) -> None:
    """Every event behind its rows is proven, and asked again it is the same, byte for byte."""
    pack = _export(examples, query)
    file = tmp_path / "pack.zip"
    file.write_bytes(pack)
    assert len(list(verify([_key(examples)], [file]))) == 2
    manifest = json.loads(_member(pack, "manifest.json"))
    rows = [json.loads(row) for row in _member(pack, "rows.ndjson").splitlines()]
    assert len(rows) == manifest["rows"]
    assert {*_words(rows), *_words(manifest["beside"])} == set()
    behind = {*_behind(rows), *_behind(manifest["beside"])}
    assert behind
    proven = [json.loads(one)["position"] for one in _member(pack, "events.ndjson").splitlines()]
    assert proven == sorted(behind)
    assert manifest["control"]["sum_of_positions"] == sum(behind)
    again = _export(examples, manifest["query"])
    for name in ("rows.ndjson", "events.ndjson", "checkpoint.txt"):
        assert _member(pack, name) == _member(again, name)


def _words(told: object) -> Iterator[str]:
    """Give what is told in words of any subject that is named."""
    if isinstance(told, dict):
        if "subject" in told:
            yield from {"title", "headline", "warnings", "message"} & told.keys()
        for one in told.values():
            yield from _words(one)
    for one in told if isinstance(told, list) else ():
        yield from _words(one)


def _routes() -> list[str]:
    """Name every route that reads with the clock of knowledge."""
    clock = "known_position"
    return [
        path
        for path, operations in APP.openapi()["paths"].items()
        if clock in {one.get("name") for one in operations.get("get", {}).get("parameters", ())}
    ]


@pytest.mark.parametrize("route", _routes())
def test_every_question_about_the_world_becomes_evidence(
    examples: httpx2.Client, tmp_path: Path, route: str
) -> None:
    """With both clocks where it has them; only what has no events behind it does not."""
    kind = route.split("/")[2]
    items = examples.get(f"/v1/{kind}", params={"limit": 1}).json().get("items") or [{}]
    some = items[0].get("subject", {}).get("key") or items[0].get("batch")
    more = {"/v1/search": "?q=weride", "/v1/coverage": "?organization=weride"}
    more |= {"/v1/diff": "?from_known_position=100"}
    query = route.format(id=some, position=281) + more.get(route, "")
    answer = examples.get("/v1/log/export", params={"query": query, "purpose": WHY})
    assert answer.status_code == (422 if route in NO_EVIDENCE else 200), answer.text
    if answer.is_success:
        (tmp_path / "pack.zip").write_bytes(answer.content)
        assert len(list(verify([_key(examples)], [tmp_path / "pack.zip"]))) == 2


def test_asked_again_it_is_the_same_whatever_was_recorded_since(expendable: httpx2.Client) -> None:
    """Rows, events and head, byte for byte, from the query in the manifest; the first asks anew."""
    before = {query: _export(expendable, query) for query in QUERIES}
    abroad = {"places": [{"country": "AE", "city": "Sharjah"}]}
    for path, body in (
        ("organizations/weride/rename", {"data": {"name": "Renamed"}}),
        ("services/txai-abu-dhabi/expand", {"occurred_on": "2022-01-01", "data": abroad}),
        ("events/170/correct", {"occurred_on": "2021-11-15", "reason": "In the middle of it"}),
        ("events/171/retract", {"reason": "It was another city"}),
        ("organizations/grab/merge-into", {"data": {"into": "uber"}, "reason": "They are one"}),
    ):
        last = expendable.post(f"/v1/{path}", json=body).raise_for_status().json()["position"]
    see(expendable, last)
    for query, pack in before.items():
        again = _export(expendable, json.loads(_member(pack, "manifest.json"))["query"])
        for name in ("rows.ndjson", "events.ndjson", "checkpoint.txt"):
            assert _member(pack, name) == _member(again, name), (query, name)
    anew = _export(expendable, SERVICES)
    assert _member(anew, "rows.ndjson") != _member(before[SERVICES], "rows.ndjson")
    assert _member(anew, "checkpoint.txt") != _member(before[SERVICES], "checkpoint.txt")


def test_the_manifest_says_who_exported_what_when_and_why(examples: httpx2.Client) -> None:
    """And names every file with its hash; the report is a PDF."""
    pack = _export(examples)
    manifest: dict[str, Any] = json.loads(_member(pack, "manifest.json"))
    assert manifest["purpose"] == WHY
    assert manifest["exported_by"] == examples.get("/v1/me").json()["principal"]
    assert manifest["query"].startswith("/v1/services?country=AE&known_position=")
    assert "effective_at=2" in manifest["query"]
    assert f"known_position={manifest['known_position']}&" in manifest["query"]
    assert manifest["software"] == f"farshore {version('farshore')}"
    assert manifest["views"] == {one.name: one.version for one in PROJECTIONS}
    age = datetime.now(UTC) - datetime.fromisoformat(manifest["exported_at"])
    assert timedelta(0) < age < timedelta(minutes=2)
    assert manifest["files"].keys() == {
        *("rows.ndjson", "events.ndjson", "checkpoint.txt", "key.txt", "verify.py", "report.pdf")
    }
    for name, told in manifest["files"].items():
        assert sha256(_member(pack, name)).hexdigest() == told["sha256"]
    assert _member(pack, "report.pdf").startswith(b"%PDF")
    assert _member(pack, "checkpoint.txt").decode() == manifest["checkpoint"]


def test_an_export_is_on_record(examples: httpx2.Client) -> None:
    """The access record tells the purpose, and the hash of the manifest that was handed out."""
    pack = _export(examples)
    found = examples.get(
        "/v1/access-records", params={"action": "exported", "newest_first": "true"}
    ).json()["items"]
    details = found[0]["details"]
    assert details["purpose"] == WHY
    assert details["manifest"] == sha256(_member(pack, "manifest.json")).hexdigest()


def test_the_verifier_in_a_pack_needs_nothing(examples: httpx2.Client, tmp_path: Path) -> None:
    """Alone, without packages or the project, it proves a journal, and finds what is missing."""
    pack = _export(examples, None)
    (tmp_path / "pack.zip").write_bytes(pack)
    (tmp_path / "verify.py").write_bytes(_member(pack, "verify.py"))
    command = [sys.executable, "-I", "-S", "verify.py", _key(examples), "pack.zip"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "each event is what was sealed" in done.stdout
    lines = _member(pack, "events.ndjson").splitlines(keepends=True)
    (tmp_path / "pack.zip").write_bytes(
        _with(pack, "events.ndjson", b"".join(lines[:99] + lines[100:]))
    )
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "position 100: it is missing" in done.stderr


def _behind(told: object) -> Iterator[int]:
    """Give all positions that are named anywhere."""
    if isinstance(told, dict):
        yield from told.get("positions", ())
    for one in told.values() if isinstance(told, dict) else told if isinstance(told, list) else ():
        yield from _behind(one)


def _with(pack: bytes, name: str, content: bytes) -> bytes:
    """Replace a file of a pack."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(pack)) as old, zipfile.ZipFile(made, "w") as new:
        for one in old.namelist():
            new.writestr(one, content if one == name else old.read(one))
    return made.getvalue()


@pytest.mark.parametrize(
    "name", ["rows.ndjson", "events.ndjson", "checkpoint.txt", "verify.py", "report.pdf", "more"]
)
def test_a_changed_file_in_a_pack_is_found(
    examples: httpx2.Client, tmp_path: Path, name: str
) -> None:
    """Whichever it is; the control is the pack as it was."""
    pack = _export(examples)
    file = tmp_path / "pack.zip"
    file.write_bytes(pack)
    assert list(verify([_key(examples)], [file]))
    if name == "more":
        with zipfile.ZipFile(file, "a") as more:
            more.writestr("more", b"put in later")
    else:
        file.write_bytes(_with(pack, name, _member(pack, name).replace(b"e", b"f", 1)))
    with pytest.raises((Invalid, LookupError, ValueError)):
        list(verify([_key(examples)], [file]))


@pytest.mark.parametrize(
    "query",
    [
        "/v1/tokens",
        "/v1/log/checkpoint",
        "/v1/access-records",
        "/v1/timeline/../tokens",
        "/v1/timeline?format=csv",
        "/v1/timeline?nothing=1",
        "/v1/timeline/density",
        "/v1/services/nothing",
        "/v1/nothing",
        "timeline",
        "/v1/stream",
    ],
)
def test_only_reads_become_evidence(examples: httpx2.Client, query: str) -> None:
    """Anything else is refused with the reason; nothing that one may not see gets out."""
    answer = examples.get("/v1/log/export", params={"query": query, "purpose": WHY})
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["parameter"] == "query"


def test_the_command_line_exports_and_verifies(examples: httpx2.Client, tmp_path: Path) -> None:
    """`export --evidence` and `verify` are enough; a broken file ends with exit code 1."""
    file, key = str(tmp_path / "pack.zip"), _key(examples)
    token = examples.headers["Authorization"].removeprefix("Bearer ")
    farshore = (sys.executable, "-m", "cli", "--url", str(examples.base_url), "--token", token)

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run((*farshore, *words), capture_output=True, text=True, check=False)

    done = run("export", "services", "--evidence", "-f", "country=AE", "--purpose", WHY, "-o", file)
    assert done.returncode == 0, done.stderr
    done = run("verify", file, "--key", key)
    assert (done.returncode, done.stdout.count("pack.zip")) == (0, 2)
    done = run("verify", file, "--key", key.replace("farshore-", "farshore_"))
    assert done.returncode == 1
    assert "is no public key" in " ".join(done.stderr.split())
    assert run("export", "services", "--evidence").returncode == 1
    assert run("verify", file).returncode == 1
