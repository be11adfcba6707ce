"""The example data in all views, for all tests that only read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conftest import fresh
from tests.integration.viewing import example_lines, follow, record

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def examples(server: str, template: str) -> Iterator[str]:
    """Give a database with the example data in all views."""
    with fresh(server, template) as url:
        record(url, example_lines())
        follow(url)
        yield url
