"""The OpenAPI document tells the truth, and no request that it leads to breaks the server.

Here in a short form: one derived operation of each sort, and all that are not derived. All
operations, with more examples each:
`TESTS_SOAK=1 python -m pytest tests/acceptance/test_http_schema.py`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from domain.event import kinds

if TYPE_CHECKING:
    import httpx2

ROOT = Path(__file__).parents[2]
SOAK = bool(os.environ.get("TESTS_SOAK"))
KINDS = "|".join(kind.path for kind in kinds().values() if kind.name != "partnership")
VERBS = "form|add-party|add-note|report-claim|history"  # of those derived, one of each sort
ALIKE = rf"^/v1/(({KINDS})|partnerships/({{id}}/)?(?!{VERBS}|{{id}}$))"
SHORT = ("--exclude-path-regex", ALIKE, "--max-examples", "1")
LONG = ("--max-examples", "30")


@pytest.mark.timeout(7_200 if SOAK else 300)
def test_every_operation_does_what_the_document_says(
    expendable: httpx2.Client, tmp_path: Path
) -> None:
    """Statuses, headers and shapes are as documented; what does not fit is refused, never 500."""
    # One worker: Python 3.11 cannot parse in two threads at once, which Hypothesis does.
    run = subprocess.run(
        (
            *(
                sys.executable,
                "-m",
                "schemathesis.cli",
                "run",
                f"{expendable.base_url}/openapi.json",
            ),
            *("--header", f"Authorization: {expendable.headers['Authorization']}"),
            *("--phases", "examples,coverage,fuzzing", "--workers", "1", "--no-color"),
            *(LONG if SOAK else SHORT),
        ),
        cwd=ROOT,
        env={**os.environ, "HYPOTHESIS_STORAGE_DIRECTORY": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-6_000:] + run.stderr[-2_000:]
    assert " passed" in run.stdout


def test_the_document_tells_of_every_operation(examples: httpx2.Client) -> None:
    """It is OpenAPI 3.1, and every operation has a summary, an answer and its problems."""
    document = examples.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation["summary"]
            assert any(status.startswith("2") for status in operation["responses"])
            assert not path.startswith("/v1") or operation["security"]
            assert not path.startswith("/v1") or operation["responses"]["401"]
