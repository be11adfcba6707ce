"""What is measured is real: made events are accepted, and filling stores what an import stores."""

from __future__ import annotations

import asyncio
from itertools import islice
from typing import TYPE_CHECKING, Any

import orjson
import psycopg
import pytest

from bench.board import Board, Sample
from bench.filling import fill
from bench.goals import GOALS, Goal
from bench.stories import lines, ndjson
from journal.commands import Principal
from journal.journal import Journal
from journal.round import Recording
from journal.schema import migrate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_NUMBER = 1_200  # 356 of the example data, the others made
_STORED = """
SELECT kind, key, version, type, schema, occurred_on, earliest, latest,
    convert_from(body, 'UTF8')::jsonb
FROM journal.events WHERE key <> ALL (%s) ORDER BY key, version
"""
_NAMES = """
SELECT key, kind, alias FROM journal.names WHERE key <> ALL (%s) ORDER BY key, kind, alias
"""


def test_the_same_seed_tells_the_same_and_another_one_other_subjects() -> None:
    """So that a run can be repeated, and two series meet in one journal without a clash."""
    assert list(ndjson(_NUMBER, 1)) == list(ndjson(_NUMBER, 1))
    first, second = ({line["subject"] for line in islice(lines(s), 356, 2_000)} for s in (1, 2))
    assert not first & second


def test_filling_stores_what_an_import_stores(database: str, bare_database: str) -> None:
    """Every column that says something is the same but for the order in JSON; so are names."""
    refused = asyncio.run(_imported(database, list(ndjson(_NUMBER))))
    assert len(refused) <= _NUMBER / 200

    migrate(bare_database)
    fill(bare_database, _NUMBER)
    for query in (_STORED, _NAMES):
        assert _rows(bare_database, query, refused) == _rows(database, query, refused)


@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: f"{goal.what} / {goal.beside}")
def test_a_ratio_is_judged_by_its_goal(goal: Goal) -> None:
    """What is exactly as good as it must be is ok; half as good is short."""
    board = Board()
    board.note(goal.beside, Sample(1.0, 1.0, 1.0))
    board.note(goal.what, Sample(goal.least, goal.least, goal.least))
    assert goal.reached(goal.ratio(board.middle(goal.what), board.middle(goal.beside)))
    assert not goal.reached(goal.least * (2 if goal.less else 0.5))


async def _imported(url: str, told: list[bytes]) -> list[str]:
    """Import lines; give the subjects of those that were refused."""

    async def stream() -> AsyncIterator[bytes]:
        for line in told:
            yield line

    async with Journal(url) as journal:
        answers = [one async for one in journal.stream(Principal("bench", "admin"), stream())]
    bad = [one.number for one in answers if not isinstance(one.outcome, Recording)]
    return [orjson.loads(told[number - 1])["subject"] for number in bad]


def _rows(url: str, query: str, without: list[str]) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query, (without,)).fetchall()
