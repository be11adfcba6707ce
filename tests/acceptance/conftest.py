"""One Farshore with the example data, for all tests that only read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.acceptance.loading import loaded

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx2


@pytest.fixture(scope="session")
def examples() -> Iterator[httpx2.Client]:
    """Give the example data to all tests that read them, or add records of their own."""
    with loaded() as client:
        yield client


@pytest.fixture(scope="module")
def expendable() -> Iterator[httpx2.Client]:
    """Give the example data to tests that may do anything to the server, tokens included."""
    with loaded() as client:
        yield client
