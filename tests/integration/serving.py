"""The application on a database of the test's own, called as over HTTP."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from fastapi.testclient import TestClient
from pydantic import SecretStr

from api.app import create_app
from journal.access import first_token
from journal.settings import Settings
from projections.runner import following

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "a token for tests that opens nothing else"


@contextlib.contextmanager
def served(url: str, **options: Any) -> Iterator[TestClient]:
    """Serve a migrated database; the client is signed in as admin."""
    settings = Settings(database_url=SecretStr(url), admin_token=SecretStr(TOKEN))
    first_token(url, settings)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with following(url), TestClient(create_app(settings), headers=headers, **options) as client:
        yield client


def token(client: TestClient, role: str, **more: Any) -> dict[str, str]:
    """Make a token, and give the header that goes with it."""
    made = client.post("/v1/tokens", json={"role": role, "name": f"The {role}", **more})
    return {"Authorization": f"Bearer {made.json()['secret']}"}
