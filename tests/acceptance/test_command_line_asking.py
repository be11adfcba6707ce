"""Questions on the command line: the answers of the API, as tables that fit a narrow window."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import orjson
import pytest

from cli.asking import QUESTIONS
from tests.acceptance.running import TOKEN

if TYPE_CHECKING:
    import httpx2

KNOWN = ("--known-at", "356")
DAY = ("--effective-at", "2026-06-30", *KNOWN)


def ask(client: httpx2.Client, *arguments: str) -> list[str]:
    """Ask in a window of 80 characters; give the lines of the answer."""
    asked = (sys.executable, "-m", "cli", "--url", str(client.base_url), *arguments)
    environment = {**os.environ, "FARSHORE_TOKEN": TOKEN, "COLUMNS": "80"}
    said = subprocess.run(asked, env=environment, capture_output=True, text=True, check=True)
    return said.stdout.splitlines()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ("coverage", "--service", "weride-uber-dubai", "--effective-at", "2026-01-15", *KNOWN),
            [
                "weride-uber-dubai: outside every permit",
                "weride-abu-dhabi-driverless-commercial lacks: place",
                "weride-dubai-trial lacks: activity",
            ],
        ),
        (("coverage", "--country", "HK", *DAY), ["baidu-hong-kong-pilot-licence", "1257"]),
        (
            ("targets", "--outcome", "dropped", *DAY),
            ["sale of china unit", "dropped", "tusimple", "days late"],
        ),
        (
            ("suspensions", "--kind", "organization", *DAY),
            ["haomo-ai", "2025-11-24", "218", "days"],
        ),
        (("warnings", "--code", "no_permit_on_record", *DAY), ["no permit on"]),
        (("search", "文远知行", *DAY), ["weride", "文远知行"]),
        (
            (
                *("diff", "--from-effective-at", "2026-02-28", "--to-effective-at", "2026-06-30"),
                *("--subject", "weride-uber-dubai", *KNOWN),
            ),
            ["weride-uber-dubai", "pilot → suspended", "false → true", "343"],
        ),
        (("explain", "weride-uber-dubai", *DAY), ["Azernews", "suspended", "robotaxi", "308"]),
        (("timeline", "--subject", "weride-uber-dubai", *DAY), ["2025-12-12", "Dubai, United"]),
        (("list", "services", "--country", "QA", *DAY), ["pony-ai-mowasalat-doha", "testing"]),
    ],
    ids=lambda given: given[0] if isinstance(given, tuple) else "",
)
def test_an_answer_is_readable_in_a_narrow_window(
    examples: httpx2.Client, arguments: tuple[str, ...], expected: list[str]
) -> None:
    """Keys, dates and positions stand whole, and no line is longer than the window."""
    lines = ask(examples, *arguments)
    assert max(map(len, lines)) <= 80
    for part in expected:
        assert any(part in line for line in lines), (part, lines)


def test_an_answer_is_there_for_programs_too(examples: httpx2.Client) -> None:
    """One JSON object a line, as the API gives it."""
    lines = ask(examples, "targets", "--milestone", "driver_removal", "--ndjson", *DAY)
    address = "/v1/targets?milestone=driver_removal&effective_at=2026-06-30&known_position=356"
    told = examples.get(address).json()["items"]
    assert [orjson.loads(line) for line in lines] == told


def test_every_filter_of_a_question_is_a_parameter_of_its_route(examples: httpx2.Client) -> None:
    """What the command line offers, the API takes."""
    paths = examples.get("/openapi.json").json()["paths"]
    for question in QUESTIONS:
        route = question.path.format("/v1/services/{id}")
        taken = {one.get("name") for one in paths[route]["get"]["parameters"]}
        argument = {question.argument[0]} if question.argument else set()
        assert {*question.takes, *argument - {"subject"}} <= taken, question.name
