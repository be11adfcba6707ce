"""Fill a journal fast: append what the import would append, without asking whether it may.

A million lines take the import, which checks every rule, a quarter of an hour; this takes minutes.
The rows are the same (`tests/integration/test_bench.py`), and so is the function that writes them.
"""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Any

import orjson
import psycopg
from rich.progress import Progress
from uuid_utils.compat import uuid7

from bench.stories import lines
from domain.dates import span
from domain.event import events
from journal.append import APPEND, Proposal, parameters
from journal.committer import MOST_EVENTS
from journal.database import conninfo
from journal.names import fold
from journal.rows import Draft

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from bench.stories import Line

_PRINCIPAL = "bench"
_KEPT = ("sources", "reason", "ref")


def fill(url: str, number: int, seed: int = 1) -> None:
    """Append that many made events."""
    drafter, told = Drafter(), lines(seed)
    dsn = conninfo(url, "farshore_app", program="farshore-bench")
    with (
        psycopg.connect(dsn, autocommit=True) as connection,
        ThreadPoolExecutor(1) as writer,
        Progress() as progress,
    ):
        task, under_way = progress.add_task(f"{number:,} events", total=number), _nothing()
        for start in range(0, number, MOST_EVENTS):
            part = islice(told, min(MOST_EVENTS, number - start))
            proposals = [Proposal(uuid7(), _PRINCIPAL, (drafter.draft(line),)) for line in part]
            under_way.result()
            under_way = writer.submit(_append, connection, proposals)
            progress.update(task, completed=start + len(proposals))
        under_way.result()


def _nothing() -> Future[None]:
    done: Future[None] = Future()
    done.set_result(None)
    return done


def _append(connection: psycopg.Connection[Any], proposals: Sequence[Proposal]) -> None:
    given = parameters(proposals)
    rulings = connection.execute(APPEND, given, prepare=True, binary=True).fetchall()
    if not all(verdict == "new" for _, verdict, *_ in rulings):
        raise ValueError(rulings)


class Drafter:
    """Makes rows of lines; remembers subjects, versions and names."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._subjects: defaultdict[str, UUID] = defaultdict(uuid7)
        self._versions: defaultdict[str, int] = defaultdict(int)
        self._names: defaultdict[str, set[str]] = defaultdict(set)

    def draft(self, line: Line) -> Draft:
        """Make the row of a line, as it would be recorded."""
        key, event_type, occurred_on = line["subject"], line["type"], line["occurred_on"]
        self._versions[key] += 1
        earliest, latest = span(occurred_on) if occurred_on else (None, None)
        kept = {name: line[name] for name in _KEPT if line.get(name)}
        return Draft(
            uuid7(),
            line.get("kind") or event_type.partition(".")[0],
            self._subjects[key],
            key,
            self._versions[key],
            event_type,
            events()[event_type].schema_number(),
            occurred_on,
            earliest,
            latest,
            orjson.dumps({"data": line["data"], **kept}),
            self._aliases(line),
        )

    def _aliases(self, line: Line) -> tuple[str, ...] | None:
        """Give all names of an organization once there is a new one."""
        if not line["type"].startswith("organization."):
            return None
        names = self._names[line["subject"]]
        if not (new := set(map(fold, _names(line["data"]))) - names):
            return None
        names |= new
        return tuple(sorted(names))


def _names(data: Line) -> Iterator[str]:
    if "name" in data:
        yield data["name"]
    yield from (one["name"] for one in data.get("names", ()))
