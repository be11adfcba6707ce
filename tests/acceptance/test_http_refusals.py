"""What a read over HTTP refuses: plainly, and never by a guess."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.reads import READS, asked

if TYPE_CHECKING:
    import httpx2


# ── refusals ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize(
    ("clock", "value", "says"),
    [
        ("effective_at", "2025-02-30", "day"),
        ("effective_at", "yesterday", "day as 2025-11-14"),
        ("known_at", "2025-01-01", "an instant as 2025-11-14T09:30:00Z"),
        ("known_at", "2025-01-01T00:00:00", "an instant as 2025-11-14T09:30:00Z"),
        ("known_position", "1000000", "nothing is recorded at position 1000000 yet"),
        ("known_position", "-1", "whole number"),
    ],
)
def test_clocks_that_tell_nothing_are_refused(
    examples: httpx2.Client, path: str, clock: str, value: str, says: str
) -> None:
    """A day out of the calendar or an instant without its zone is answered with what to write."""
    answer = asked(examples, path, **{clock: value})
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["parameter"]) == (422, clock)
    if clock != "effective_at" or not path.startswith("/v1/events"):
        assert says in error["detail"]


@pytest.mark.parametrize("path", READS)
def test_one_clock_of_knowledge_is_enough(examples: httpx2.Client, path: str) -> None:
    """The instant and the position name the same clock: who gives both may contradict himself."""
    answer = asked(examples, path, known_at="2026-01-01T00:00:00Z", known_position=1)
    assert answer.status_code == 422
    assert "either known_at or known_position" in answer.text


@pytest.mark.parametrize("path", READS)
def test_unknown_parameters_are_refused(examples: httpx2.Client, path: str) -> None:
    """Nothing is ignored."""
    answer = asked(examples, path, colour="red")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "colour"


@pytest.mark.parametrize(
    "query",
    [
        "limit=501",
        "limit=0",
        "limit=x",
        "cursor=x",
        "cursor=WyJ0aW1lbGluZSIsMV0",
        "from=2025",
        "from=2025-02-30",
        "kind=servic",
        "type=service.lunched",
        "country=UAE",
        "country=ae",
        "organization=nobody-at-all",
        "q=%00",
        "contested=maybe",
        "order=random",
        "format=pdf",
        "kind=service&kind=permit",
    ],
)
def test_what_cannot_be_meant_is_refused(examples: httpx2.Client, query: str) -> None:
    """A value out of range is neither clamped nor guessed, and the error names the parameter."""
    answer = examples.get(f"/v1/timeline?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == query.partition("=")[0]


@pytest.mark.parametrize(
    ("path", "made_up"),
    [
        ("/v1/timeline", ["not-a-day", 0, 1]),
        ("/v1/timeline", ["\0", 0, 1]),
        ("/v1/timeline", ["0000-00-00", 0, 1]),
        ("/v1/targets", ["\0", "x", 0]),
        ("/v1/targets", ["", "", "x"]),
        ("/v1/diff?from_effective_at=2023-01-01", [1, "not-a-day", 0, 1]),
    ],
)
def test_a_cursor_that_was_made_up_breaks_nothing(
    examples: httpx2.Client, path: str, made_up: list[Any]
) -> None:
    """Whoever forges a cursor hears that it means nothing."""
    cursor = asked(examples, path, limit=1).json()["next_cursor"]
    name = json.loads(urlsafe_b64decode(cursor + "=="))[0]
    forged = urlsafe_b64encode(json.dumps([name, *made_up], separators=(",", ":")).encode())
    answer = asked(examples, path, cursor=forged.decode().rstrip("="))
    assert answer.status_code == 422


def test_an_alias_that_fits_two_lists_both(examples: httpx2.Client) -> None:
    """A name that two organizations have is an error that says which ones."""
    for key in ("first-twin", "second-twin"):
        body = {"key": key, "data": {"name": "Twin of the tests"}}
        examples.post("/v1/organizations/register", json=body)
    answer = examples.get("/v1/timeline", params={"organization": "twin of the TESTS"})
    detail = answer.json()["errors"][0]["detail"]
    assert answer.status_code == 422
    assert "first-twin" in detail
    assert "second-twin" in detail
