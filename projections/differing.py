"""Compare the rows of a table that are read with those that are expected, and name what differs."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from journal.rows import Row
from projections.projection import Table
from projections.tables import Connection

# Told of one table of one part; the rest is counted.
MOST_TOLD = 20
# As much of a value as makes a difference seen.
_SHOWN = 60


class Difference(NamedTuple):
    """A row that is not as it follows from the journal.

    Attributes:
        subject: whose row it is; None where it is nobody's.
        row: the columns that tell it apart.
        fault: what is wrong with it.
    """

    table: str
    subject: str | None
    row: str
    fault: str

    def __str__(self) -> str:
        """Tell it in one line."""
        return f"{self.table} of {self.subject or 'no subject'}, {self.row}: {self.fault}"


@dataclass(slots=True)
class Comparison:
    """What came of comparing some rows.

    Attributes:
        rows: how many were looked at, by table.
        different: how many differ, are missing or should not be there.
        differences: the first of them.
    """

    events: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    different: int = 0
    differences: list[Difference] = field(default_factory=list)

    def add(self, other: "Comparison") -> None:
        """Add what came of other rows."""
        self.events += other.events
        self.rows += other.rows
        self.different += other.different
        self.differences += other.differences


def compare_table(connection: Connection, table: Table, names: "Names") -> Comparison:
    """Compare the rows of some subjects with the expected ones."""
    wanted = table.of_subject.format(suffix="").replace("views.", "pg_temp.")
    statement = _DIFFERENCES.format(table=table.name, columns=table.columns, wanted=wanted)
    found = connection.execute(statement, {"ids": list(names.keys), "most": MOST_TOLD}).fetchall()
    rows, different, *_ = found[0]
    sides: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    for *_, expected, row in found:
        if row is not None:
            sides[expected].append(orjson.loads(row))
    told = list(_told(table, sides[True], sides[False], names))
    return Comparison(0, Counter({table.name: rows}), different, told)


# The text of a row as JSON is the same for the same row, and tells its columns.
_DIFFERENCES = """
WITH found AS MATERIALIZED (
    SELECT to_jsonb(it)::text COLLATE "C" AS row
    FROM (SELECT {columns} FROM views.{table} WHERE {wanted}) it
), expected AS MATERIALIZED (
    SELECT to_jsonb(it)::text COLLATE "C" AS row FROM (SELECT {columns} FROM pg_temp.{table}) it
), different AS MATERIALIZED (
    (SELECT true AS expected, row FROM (TABLE expected EXCEPT ALL TABLE found) missing)
    UNION ALL
    (SELECT false, row FROM (TABLE found EXCEPT ALL TABLE expected) more)
)
SELECT (SELECT count(*) FROM found),
    (SELECT greatest(count(*) FILTER (WHERE expected), count(*) FILTER (WHERE NOT expected))
     FROM different),
    d.expected, d.row
FROM (SELECT) one LEFT JOIN (SELECT * FROM different ORDER BY row LIMIT %(most)s) d ON true
"""


class Names(NamedTuple):
    """The keys of subjects by their ids, and by the positions of their events."""

    keys: Mapping[UUID, str]
    positions: Mapping[int, str]


def names_of(subjects: Iterable[Sequence[Row]]) -> Names:
    """Give the keys of subjects."""
    keys = {rows[0].subject: rows[0].key for rows in subjects}
    return Names(keys, {row.position: row.key for rows in subjects for row in rows})


def _told(
    table: Table,
    expected: Sequence[dict[str, Any]],
    found: Sequence[dict[str, Any]],
    names: Names,
) -> Iterator[Difference]:
    """Tell of the rows of one key together: as it is, and as it should be."""
    keys = [column.name for column in table.key]
    known = "known_from" if table.least else "known"
    by_key = [
        {tuple(row[name] for name in keys): row for row in side} for side in (expected, found)
    ]
    for key in dict.fromkeys((*by_key[0], *by_key[1])):
        wanted, there = (side.get(key) for side in by_key)
        row = wanted or there or {}
        told = ", ".join(f"{name} {row[name]}" for name in (*keys, known))
        yield Difference(f"views.{table.name}", _subject(row, names), told, _fault(wanted, there))


def _subject(row: dict[str, Any], names: Names) -> str | None:
    if told := row.get("id") or row.get("subject"):
        return names.keys.get(UUID(told), str(told))
    return names.positions.get(row.get("position", 0))


def _fault(wanted: dict[str, Any] | None, there: dict[str, Any] | None) -> str:
    if there is None:
        return "is missing"
    if wanted is None:
        return "should not be there"
    return "; ".join(
        f"{name} is {_cut(there[name], should)} and should be {_cut(should, there[name])}"
        for name, should in wanted.items()
        if should != there[name]
    )


def _cut(value: object, other: object) -> str:
    """Show a value from about where it differs from another one."""
    text, beside = str(value), str(other)
    same = next(
        (at for at, (a, b) in enumerate(zip(text, beside, strict=False)) if a != b), len(beside)
    )
    start = max(0, same - _SHOWN // 3)
    return f"{'…' * (start > 0)}{text[start : start + _SHOWN]}{'…' * (len(text) > start + _SHOWN)}"


def strays(connection: Connection, table: Table, compared: int) -> Comparison:
    """Find the rows that belong to no subject, where there are more than were compared."""
    [(rows,)] = connection.execute(f"SELECT count(*) FROM views.{table.name}")
    if rows == compared:
        return Comparison()
    of_any = table.of_subject.format(suffix="").replace("%(ids)s", _ALL)
    query = f"SELECT to_jsonb(it)::text FROM views.{table.name} it WHERE NOT ({of_any})"
    found = [orjson.loads(row) for (row,) in connection.execute(f"{query} LIMIT {MOST_TOLD}")]
    told = list(_told(table, [], found, Names({}, {})))
    return Comparison(0, Counter(), rows - compared, told)


_ALL = "ARRAY(SELECT DISTINCT subject FROM journal.events)"
