"""A stranger can set Farshore up from the files alone, and gets what we tested."""

from __future__ import annotations

import re
import subprocess
import tomllib
from typing import Any

import pytest

from tools.house import ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = ("requirements.txt", "requirements-dev.txt")
PINNED = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>\S+)", re.MULTILINE)


def _pinned(lock: str) -> dict[str, str]:
    return dict(PINNED.findall((ROOT / lock).read_text()))


def _name(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement)[0].lower().replace("_", "-")


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_names_no_address(lock: str) -> None:
    """Packages come from wherever the machine is told to look, and nowhere else."""
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert "--index-url" not in text


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_by_hash(lock: str) -> None:
    """What is installed is what was tested, byte for byte."""
    text = (ROOT / lock).read_text()
    blocks = re.split(r"^(?=[a-z0-9-]+==)", text, flags=re.MULTILINE)[1:]
    assert len(blocks) >= len(_pinned(lock)) > 0
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_the_lock_covers_what_we_ask_for() -> None:
    """Each dependency of pyproject.toml is in the lock that brings it."""
    asked = {_name(requirement) for requirement in PROJECT["project"]["dependencies"]}
    groups = PROJECT["dependency-groups"].values()
    asked_too = {_name(requirement) for group in groups for requirement in group}
    assert asked <= _pinned("requirements.txt").keys()
    assert asked_too <= _pinned("requirements-dev.txt").keys()


def test_developers_test_what_users_run() -> None:
    """Both locks agree on every package that they share."""
    runtime, development = (_pinned(lock) for lock in LOCKS)
    assert runtime.items() <= development.items()


def test_make_explains_itself() -> None:
    """`make` alone prints help that names every target a person may want."""
    said = subprocess.run(
        ["/usr/bin/env", "make"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    targets = re.findall(r"^  make (\w+)", said, re.MULTILINE)
    wanted = {"serve", "demo", "test", "check", "bench", "docs", "golden", "soak", "setup"}
    assert wanted <= set(targets)


def test_the_wheel_holds_all_that_runs() -> None:
    """A built wheel would carry every shipped package, and no tests or tools."""
    shipped = PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
    expected = {"domain", "journal", "projections", "api", "cli", "migrations", "examples"}
    assert {name.rstrip("*") for name in shipped} == expected
