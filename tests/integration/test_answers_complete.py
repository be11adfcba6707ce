"""Answers miss nothing: what walks an index finds what a look at every history finds."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from domain.differences import UNCERTAIN, Sight, differences
from domain.history import History
from domain.slippage import promises
from domain.suspensions import suspensions
from journal.database import conninfo
from journal.rows import COLUMNS, Row
from projections import computed, difference, kept
from tests.integration.serving import served
from tests.integration.viewing import example_lines, follow, record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient

DAYS = ("2019-06-01", "2022-05-15", "2024-12-31", "2025-09-10", "2026-03-01", "2026-06-30")
KNOWN = (0, 131, 200, 304, 342, 356)


@pytest.fixture(scope="module")
def examples(server: str, template: str) -> Iterator[tuple[TestClient, list[History]]]:
    """Give the example data, served, and all histories straight from the journal."""
    from tests.conftest import fresh  # noqa: PLC0415 - a database for a whole module

    with fresh(server, template) as url:
        record(url, example_lines())
        follow(url)
        with served(url) as client:
            yield client, histories(url)


def histories(url: str) -> list[History]:
    """Fold every subject."""
    recorded: dict[str, list[Row]] = {}
    with psycopg.connect(conninfo(url)) as connection:
        query = f"SELECT {COLUMNS} FROM journal.events ORDER BY position"  # noqa: S608 - our own
        for found in connection.execute(query):
            row = Row._make(found)
            recorded.setdefault(row.key, []).append(row)
    return [History.of([row.recorded() for row in rows]) for rows in recorded.values()]


def items(client: TestClient, path: str, **query: Any) -> list[dict[str, Any]]:
    """Walk a list to its end."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = client.get(path, params={**query, **cursor, "limit": 11}).json()
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}


@pytest.mark.parametrize("known", [*pairwise(KNOWN), (356, 200)])
@pytest.mark.parametrize("days", [(DAYS[5], DAYS[5]), (DAYS[1], DAYS[3]), (DAYS[4], DAYS[2])])
def test_no_difference_is_missed(
    examples: tuple[TestClient, list[History]], known: tuple[int, int], days: tuple[str, str]
) -> None:
    """Subjects, fields and events are those of comparing every history with itself.

    Between two days alone, a subject of which nothing but a doubt ran out may be missed.
    """
    client, recorded = examples
    told = {
        one["subject"]["key"]: {each["field"]: each["positions"] for each in one["fields"]}
        for one in items(
            client,
            "/v1/diff",
            from_known_position=known[0],
            to_known_position=known[1],
            from_effective_at=days[0],
            to_effective_at=days[1],
        )
    }
    naive = {}
    for history in recorded:
        before, after = (
            Sight(history.at(position), date.fromisoformat(day))
            for position, day in zip(known, days, strict=True)
        )
        if found := differences(before, after):
            naive[history.recorded[0].key] = {one.field: [*one.made_by] for one in found}
    missed = {key: fields for key, fields in naive.items() if key not in told}
    assert all(fields.keys() == {UNCERTAIN} for fields in missed.values())
    assert told == {key: fields for key, fields in naive.items() if key not in missed}


@pytest.mark.parametrize(
    "path",
    [
        "/v1/diff?from_known_position=0",
        "/v1/diff?from_effective_at=2019-01-01",
        "/v1/targets?outcome=dropped",
        "/v1/warnings?code=weak_source",
        "/v1/coverage?expiring_within=3000d",
    ],
)
def test_pages_of_what_is_rare_are_short_and_miss_nothing(
    examples: tuple[TestClient, list[History]], path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page looks at no more than so many subjects; the pages join to the same list."""
    client, _ = examples
    path, _, query = path.partition("?")
    asked = dict([query.split("=")])
    whole = items(client, path, **asked)
    for module in (computed, difference):
        monkeypatch.setattr(module, "MOST_LOOKED", 2)
    monkeypatch.setattr(kept.Kept, "get", lambda *_: None)
    assert items(client, path, **asked) == whole
    assert whole


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("known", KNOWN[1:])
def test_no_promise_and_no_suspension_is_missed(
    examples: tuple[TestClient, list[History]], day: str, known: int
) -> None:
    """At each pair of dates: as many as all histories tell, by what they rest on."""
    client, recorded = examples
    on, clocks = date.fromisoformat(day), {"effective_at": day, "known_position": known}
    for path, of in (("/v1/targets", promises), ("/v1/suspensions", suspensions)):
        naive = [one.positions for each in recorded for one in of(each.at(known), on)]
        told = [tuple(one["positions"]) for one in items(client, path, **clocks)]
        assert sorted(told) == sorted(naive)
