"""The page for auditors can be followed to the letter, with a token, a shell and Python alone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import httpx2

PAGE = (Path(__file__).parents[2] / "docs" / "audit.md").read_text()
FOLLOWED = PAGE[: PAGE.index("## What each proof shows")]
ASKING, KEY, TODAY, LATER, WHOLE, ANSWER = re.findall("```sh\n(.*?)```", FOLLOWED, re.DOTALL)


@pytest.fixture(scope="module")
def environment(expendable: httpx2.Client) -> dict[str, str]:
    """Give what an auditor has: a token of their own."""
    made = expendable.post("/v1/tokens", json={"role": "auditor", "name": "Ann"}).json()
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {"TOKEN": made["secret"], "FARSHORE": str(expendable.base_url), "PATH": path}


def _followed(folder: Path, environment: dict[str, str], *blocks: str) -> str:
    done = subprocess.run(
        ("/bin/sh", "-ec", "".join((ASKING, KEY, *blocks))),
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_page_can_be_followed(
    expendable: httpx2.Client, environment: dict[str, str], tmp_path: Path
) -> None:
    """A receipt today; later, growth, the whole journal and one answer, by the pack's program."""
    told = _followed(tmp_path, environment, TODAY)
    assert "event-281.json: position 281 is in that journal, as it was sealed" in told
    note = {"data": {"details": "Seen by the auditor"}}
    made = expendable.post("/v1/organizations/weride/add-note", json=note).raise_for_status()
    expendable.get(f"/v1/log/proof/inclusion/{made.json()['position']}").raise_for_status()
    told = _followed(tmp_path, environment, LATER)
    assert "growth.json: its journal begins with that of kept.txt, unchanged" in told
    told = _followed(tmp_path, environment, WHOLE)
    assert "journal.zip: each event is what was sealed" in told
    assert "journal.zip: its journal begins with that of event-281.json, unchanged" in told
    assert "services.zip: each event is what" in _followed(tmp_path, environment, ANSWER)


def test_a_step_that_fails_is_not_passed_over(environment: dict[str, str], tmp_path: Path) -> None:
    """With a wrong token the page ends at once, and nothing is said to hold."""
    with pytest.raises(AssertionError, match="401"):
        _followed(tmp_path, environment | {"TOKEN": "wrong"}, TODAY)
