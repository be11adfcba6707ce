"""Settings come from the environment, are typed, and give no secret away."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from journal.settings import Settings


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_explained(name: str) -> None:
    """Each has a help text that is a sentence."""
    description = Settings.model_fields[name].description
    assert description
    assert description.endswith(".")


@pytest.mark.parametrize("name", ["PORT", "FARSHORE_PORT"])
def test_the_port_is_read_from_both_names(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Platforms say PORT, people say FARSHORE_PORT."""
    monkeypatch.setenv(name, "8123")
    assert Settings().port == 8123


def test_our_name_for_the_port_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever says FARSHORE_PORT means us."""
    monkeypatch.setenv("PORT", "1111")
    monkeypatch.setenv("FARSHORE_PORT", "2222")
    assert Settings().port == 2222


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FARSHORE_PORT", "0"),
        ("FARSHORE_WORKERS", "0"),
        ("FARSHORE_ADMIN_TOKEN", "short"),
        ("FARSHORE_ALLOW_UNSAFE", "checksums"),
    ],
)
def test_a_wrong_value_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """A setting that cannot be meant stops the start, instead of surprising later."""
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError):
        Settings()


def test_unsafe_settings_are_allowed_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several names are separated by commas."""
    monkeypatch.setenv("FARSHORE_ALLOW_UNSAFE", "fsync, full_page_writes")
    assert Settings().allow_unsafe == {"fsync", "full_page_writes"}


def test_no_secret_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the token nor the database's password shows when settings are printed."""
    monkeypatch.setenv("FARSHORE_ADMIN_TOKEN", "t0ps3cret" * 4)
    monkeypatch.setenv("FARSHORE_DATABASE_URL", "postgresql://me:t0ps3cret@db/farshore")
    assert "t0ps3cret" not in repr(Settings()) + Settings().model_dump_json()


def test_an_empty_folder_is_the_usual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody means the present folder by nothing."""
    monkeypatch.setenv("FARSHORE_DATA", "")
    assert str(Settings().data) == ".farshore"
