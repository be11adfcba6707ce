"""What nobody means well by is refused in words, and nothing is ever broken by it."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from tests.integration.serving import TOKEN, served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient

NOTE = "/v1/organizations/weride/add-note?dry_run=true"
BODY = orjson.dumps({"data": {"details": "A note"}})
JSON = {"Content-Type": "application/json"}
ENDS = {
    "effective_at": ("0001-01-01", "9999-12-31"),
    "from": ("0001-01-01", "9999-12-31"),
    "to": ("0001-01-01", "9999-12-31"),
    "known_at": (
        *("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z"),
        *("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59-12:00"),
    ),
    "known_position": ("0", "9" * 18),
    "after": ("9" * 18,),
    "expiring_within": ("0d", "99999d"),
    "cursor": ("bnVsbA", "W10", "e30", "IiI", "+/==", "😀"),
    "q": ("*", "\\", "' OR 1=1 --", "a & | ! (", "\u202e", "\u200b", " "),
    "city": ("\u200b",),
    "organization": ("\u200b", " "),
}


@pytest.fixture(scope="module")
def client(examples: str) -> Iterator[TestClient]:
    """Serve the example data."""
    with served(examples, raise_server_exceptions=False) as client:
        yield client


def test_every_read_answers_at_the_ends_of_the_calendar(client: TestClient) -> None:
    """Every read route takes or refuses the first and last of everything, one by one."""
    document = client.get("/openapi.json").json()
    asked = 0
    for path, operations in document["paths"].items():
        for name in _parameters(document, operations.get("get", {})):
            clock = next((end for end in ENDS if name.endswith(end)), "")
            for value in ENDS.get(clock, ()) if path != "/v1/stream" else ():
                query = {name: value}
                if name == "expiring_within":
                    query["effective_at"] = "9999-12-31"
                answer = client.get(re.sub(r"\{\w+\}", "weride", path), params=query)
                assert answer.status_code in (200, 404, 422), (path, query, answer.text)
                asked += 1
    assert asked > 500


def _parameters(document: dict[str, Any], operation: dict[str, Any]) -> list[str]:
    shared = document["components"]["parameters"]
    told = [
        shared[one["$ref"].rpartition("/")[2]] if "$ref" in one else one
        for one in operation.get("parameters", ())
    ]
    return [one["name"] for one in told if one["in"] == "query"]


@pytest.mark.parametrize(
    ("headers", "status", "detail"),
    [
        ([("If-Match", '"1"'), ("If-Match", '"2"')], 422, 'such as "3", not "1", "2"'),
        ([("Idempotency-Key", "k" * 150), ("Idempotency-Key", "k" * 150)], 422, "1 to 200"),
        ([("Content-Encoding", "gzip")], 415, "Send the body without a Content-Encoding"),
        ([("Authorization", f"Bearer {TOKEN}"), ("Authorization", "Bearer x")], 401, "given twice"),
    ],
)
def test_headers_that_two_readers_could_take_differently_are_refused(
    client: TestClient, headers: list[tuple[str, str]], status: int, detail: str
) -> None:
    """Of a header given twice neither the first nor the last is taken for the whole."""
    answer = client.post(NOTE, content=BODY, headers=[*JSON.items(), *headers])
    assert answer.status_code == status
    assert detail in answer.json()["detail"]


def test_a_compressed_body_is_refused_by_name(client: TestClient) -> None:
    """Its sender is told of the coding, not of bytes that are no UTF-8."""
    headers = {**JSON, "Content-Encoding": "gzip"}
    answer = client.post(NOTE, content=gzip.compress(BODY), headers=headers)
    assert answer.status_code == 415
    assert "'gzip'" in answer.json()["detail"]


def test_a_mark_of_the_byte_order_before_lines_is_passed_over(client: TestClient) -> None:
    """Editors that write one before a file of lines are forgiven."""
    line = {"type": "organization.registered", "subject": "marked", "data": {"name": "Marked"}}
    lines = {"Content-Type": "application/x-ndjson"}
    content = b"\xef\xbb\xbf" + orjson.dumps(line)
    told = client.post("/v1/events?dry_run=true", content=content, headers=lines).json()
    assert (told["accepted"], told["refused"]) == (1, 0)


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"[]", "the body is a JSON object"),
        (b'{"data": {"details": " "}}', "/data/details: it is empty"),
        (b'{"sources": [' + b'{"title": "t"},' * 300 + b'{"title": "t"}]}', "at most 300 items"),
    ],
)
def test_what_is_wrong_is_told_in_words_of_the_domain(
    client: TestClient, body: bytes, detail: str
) -> None:
    """No regular expression, no tuple, no colon before nothing."""
    answer = client.post(NOTE, content=body, headers=JSON)
    assert answer.status_code == 422
    assert detail in answer.json()["detail"]
    assert not answer.json()["detail"].startswith(":")


def test_who_is_nearly_meant_is_told_as_far_as_was_known(client: TestClient) -> None:
    """A name that is only a part of one leads to the record, not before it was recorded."""
    asked: dict[str, Any] = {"organization": "Baidu", "known_position": 356}
    answer = client.get("/v1/timeline", params=asked)
    assert answer.status_code == 422
    assert "did you mean baidu-apollo-go" in answer.json()["detail"]
    earlier = client.get("/v1/timeline", params={**asked, "known_position": 1})
    assert earlier.status_code == 422
    assert "did you mean" not in earlier.json()["detail"]
