"""A database that is given is used as it is, or refused before anything is made there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from journal import postgres
from journal.database import UnfitServer, Unreachable
from journal.postgres import Embedded
from journal.settings import Settings
from tests.conftest import QUICK

if TYPE_CHECKING:
    from pathlib import Path


def test_a_given_database_is_used_as_it_is(database: str, folder: Path) -> None:
    """With FARSHORE_DATABASE_URL nothing is started and no folder is made."""
    given = Settings(database_url=database, data=folder, allow_unsafe=frozenset(QUICK))
    with postgres.running(given) as url:
        assert url == database
    assert not folder.exists()


def test_a_given_database_that_cannot_be_reached_is_refused(folder: Path) -> None:
    """What the database or the network says is told, and no other one is started instead."""
    given = Settings(database_url="postgresql://127.0.0.1:1/farshore", data=folder)
    told = r"cannot be used: .*127\.0\.0\.1"
    with pytest.raises(Unreachable, match=told), postgres.running(given):
        pass
    assert not folder.exists()


def test_a_given_database_that_is_unfit_is_refused_untouched(folder: Path) -> None:
    """Whichever command asks for it: the fault is named before anything is made there."""
    with Embedded(folder, {"fsync": "off"}) as server:
        unfit = Settings(database_url=server.url, data=folder)
        with pytest.raises(UnfitServer, match="fsync is off"), postgres.running(unfit):
            pass
        allowed = unfit.model_copy(update={"allow_unsafe": frozenset({"fsync"})})
        with postgres.running(allowed) as url:
            assert url == server.url
