"""One server with the example data and one browser for all tests of the web application.

They end with the last of these tests: while Playwright runs, its thread has an event loop of its
own, in which the tests that come next in the process could run none.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.loading import loaded
from tests.web import browsing

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx2
    from playwright.sync_api import Browser, Page

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep all tests of the web application in one process, since each has a server of its own."""
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.xdist_group("web"))


@pytest.fixture(scope="package")
def server() -> Iterator[httpx2.Client]:
    """Run Farshore with the example data; tests may add records of their own, and no more."""
    with loaded(workers=1) as client:
        yield client


@pytest.fixture(scope="package")
def origin(server: httpx2.Client) -> str:
    """Give the address of the server."""
    return str(server.base_url).rstrip("/")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Run the browser."""
    with browsing.browser() as started:
        yield started


@pytest.fixture
def page(browser: Browser, origin: str) -> Iterator[Page]:
    """Give a page of a person who is signed in as admin; nothing may go wrong on it unseen."""
    with browsing.person(browser, origin) as opened:
        yield opened


def token(server: httpx2.Client, role: str) -> str:
    """Make a token of a role."""
    made = server.post("/v1/tokens", json={"role": role, "name": f"{role} of tests"})
    return str(made.raise_for_status().json()["secret"])


@pytest.fixture(scope="package")
def reader_token(server: httpx2.Client) -> str:
    """Give a token that may only read."""
    return token(server, "reader")


@pytest.fixture(scope="package")
def contributor_token(server: httpx2.Client) -> str:
    """Give a token that may log events."""
    return token(server, "contributor")
