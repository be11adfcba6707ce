"""What is built from the tree runs without the tree."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = ("domain", "journal", "projections", "api", "cli", "migrations", "examples")
CHECK = """
import sys
from journal.schema import migrate
import migrations
assert migrations.__file__.startswith(sys.argv[1]), migrations.__file__
migrate(sys.argv[2])
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder into which the project was installed from a copy of its sources."""
    sources = tmp_path_factory.mktemp("sources")
    for part in PARTS:
        shutil.copytree(ROOT / part, sources / part)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, sources)
    target = sources / "installed"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    command += ["--no-build-isolation", "--disable-pip-version-check", "--target", str(target)]
    subprocess.run([*command, str(sources)], check=True)
    return target


def test_every_file_is_shipped(installed: Path) -> None:
    """Whatever lies in a package, code or not, is there after an installation; no hidden marks."""
    expected = {
        path.relative_to(ROOT)
        for part in PARTS
        for path in (ROOT / part).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }
    assert {path for path in expected if not (installed / path).exists()} == set()


def test_an_installation_migrates_a_database(installed: Path, bare_database: str) -> None:
    """The migrations are found where they were installed, from any folder."""
    command = [sys.executable, "-c", CHECK, str(installed), bare_database]
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    subprocess.run(command, cwd="/", env=environment, check=True)
