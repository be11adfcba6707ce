"""What answers tell browsers to be careful with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.integration.journaling import superuser
from tests.integration.serving import served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient
    from httpx2 import Response

ANSWERS = (
    *("/", "/docs", "/problems", "/problems/not-found", "/openapi.json", "/healthz", "/metrics"),
    *("/v1/me", "/v1/timeline", "/v1/timeline?format=csv", "/v1/nothing", "/v1/timeline?limit=0"),
    *("/v1/organizations/nobody", "/nothing", "/assets/nothing.js"),
)


@pytest.fixture
def client(database: str) -> Iterator[TestClient]:
    """Serve an empty journal."""
    with served(database) as client:
        yield client


def policy(answer: Response) -> dict[str, str]:
    """Read the content security policy of an answer."""
    parts = [one.strip() for one in answer.headers["content-security-policy"].split(";")]
    return dict(part.partition(" ")[::2] for part in parts)


def test_no_answer_is_framed_sniffed_or_told_to_other_sites(client: TestClient) -> None:
    """Pages, JSON, files and problems alike, each header once."""
    for path in ANSWERS:
        for accept in ("text/html", "application/json"):
            answer = client.get(path, headers={"Accept": accept})
            names = [name.lower() for name, _ in answer.headers.multi_items()]
            assert len(names) == len(set(names)), path
            assert answer.headers["x-content-type-options"] == "nosniff", path
            assert answer.headers["referrer-policy"] == "no-referrer", path
            found = policy(answer)
            assert found["default-src"] == "'none'", path
            assert found["frame-ancestors"] == "'none'", path


def test_no_page_runs_what_stands_in_it(client: TestClient) -> None:
    """No script but files of this server, of which /docs and the problems need none at all."""
    for path in ("/", "/docs", "/problems", "/problems/not-found"):
        answer = client.get(path, headers={"Accept": "text/html"})
        assert policy(answer).get("script-src", "'none'") in {"'none'", "'self'"}
        assert policy(answer)["base-uri"] == "'none'"
        assert not re.search(r"<script(?![^>]*\ssrc=)|\son\w+=|javascript:", answer.text)


def test_what_went_wrong_on_our_side_is_answered_with_care_too(database: str) -> None:
    """The one answer that comes from further out than all others has the same headers."""
    with served(database, raise_server_exceptions=False) as client:
        with superuser(database) as connection:
            connection.execute("REVOKE SELECT ON access.principals FROM farshore_app")
        answer = client.get("/v1/principals")
    assert answer.status_code == 500
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert policy(answer)["default-src"] == "'none'"
    assert "principals" not in answer.json()["detail"]
