"""A served journal that is sealed, for the tests of proofs."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from journal.seal.sealing import sealing
from journal.settings import Settings
from tests.folders import open_folder
from tests.integration.serving import served
from tests.proof.sealed import fill

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi.testclient import TestClient


@pytest.fixture
def client(database: str, tmp_path: Path) -> Iterator[TestClient]:
    """Serve the test's database, sealed by a thread as `farshore serve` does."""
    with sealed_server(database, tmp_path) as client:
        yield client


@contextlib.contextmanager
def sealed_server(url: str, folder: Path) -> Iterator[TestClient]:
    """Serve and seal a database."""
    settings = Settings(database_url=SecretStr(url), data=folder)
    with sealing(url, settings), served(url) as client:
        yield client


@pytest.fixture(scope="module")
def few(server: str, template: str) -> Iterator[TestClient]:
    """Serve 300 sealed events to all tests of a module that only read them."""
    from tests.conftest import fresh  # noqa: PLC0415 - a database for a whole module

    with (
        fresh(server, template) as url,
        open_folder() as folder,
        sealed_server(url, folder) as client,
    ):
        fill(url, 300)
        client.get("/v1/log/proof/inclusion/300").raise_for_status()
        yield client
