"""Put the statement of a list together, so that it walks an index in the order asked for."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg

from journal.names import is_id
from projections import cursor
from projections.about import Group
from projections.projection import Table
from projections.reading import AsyncConnection, Page, Seen, Views

AsyncServerCursor = psycopg.AsyncServerCursor[tuple[Any, ...]]

# Rows fetched at once when everything is asked for.
CHUNK = 1_000


@dataclass(slots=True)
class Selection:
    """Which rows of a projection, and in what order.

    Attributes:
        projection: whose rows they are.
        columns: what is selected; begins with the columns by which it is sorted.
        source: tables and joins.
        order: the columns by which it is sorted; together they tell rows apart.
        types: what values of these columns are in a cursor.
        descending: whether the greatest come first.
        limit: the most rows; None for all.
    """

    projection: str
    columns: str
    source: str
    order: Sequence[str]
    types: Sequence[type]
    descending: bool = False
    limit: int | None = None
    conditions: list[str] = field(default_factory=list)
    given: dict[str, Any] = field(default_factory=dict)

    def where(self, condition: str, **given: object) -> None:
        """Add a condition with its parameters."""
        self.conditions.append(condition)
        self.given |= given

    def said(self, of: str, groups: Iterable[Group]) -> None:
        """Narrow to rows of which something of every group is said."""
        every = [facet for group in groups for facet in group if len(group) == 1]
        if every:
            self.where(f"{of}.facets @> %(every)s", every=every)
        for number, group in enumerate(groups):
            if len(group) > 1:
                self.where(f"{of}.facets && %(any_{number})s", **{f"any_{number}": list(group)})

    def lead(self, table: str, group: Group, of: str) -> None:
        """Walk what leads, in order, to rows of which any of a group is said.

        A row to which two of them lead is taken by the first of them alone.
        """
        facets = {f"lead_{number}": facet for number, facet in enumerate(group)}
        ways = " UNION ALL ".join(
            f"SELECT * FROM {table} WHERE facet = %({one})s" for one in facets
        )
        self.source = f"({ways}) f JOIN {self.source}"
        self.given |= facets
        if len(group) > 1:
            first = f"unnest(%(lead)s::text[]) one WHERE {of}.facets @> ARRAY[one] LIMIT 1"
            self.where(f"f.facet = (SELECT one FROM {first})", lead=list(group))

    def after(self, text: str | None) -> None:
        """Begin behind a cursor.

        Raises:
            BadCursor: it belongs to another list.
        """
        if text is not None:
            at = cursor.read(self._name(), text, self.types)
            behind = {f"behind_{number}": value for number, value in enumerate(at)}
            sign, marks = "<" if self.descending else ">", ", ".join(f"%({one})s" for one in behind)
            self.where(f"({', '.join(self.order)}) {sign} ({marks})", **behind)

    def statement(self) -> str:
        """Give the statement; one row more than the limit tells whether there is another page."""
        direction = " DESC" if self.descending else ""
        limit = "" if self.limit is None else f"LIMIT {self.limit + 1}"
        return (
            f"{self.all(self.columns)}"
            f" ORDER BY {', '.join(f'{column}{direction}' for column in self.order)} {limit}"
        )

    def all(self, columns: str) -> str:
        """Give the statement for columns of all rows, in no order."""
        conditions = " AND ".join(self.conditions) or "true"
        return f"SELECT {columns} FROM {self.source} WHERE {conditions}"

    async def rows(self, connection: AsyncConnection) -> list[tuple[Any, ...]]:
        """Give the rows, all at once."""
        return await (await connection.execute(self.statement(), self.given)).fetchall()

    @asynccontextmanager
    async def cursor(
        self, views: Views, tables: Iterable[Table], *, walk: bool
    ) -> AsyncIterator[tuple[AsyncConnection, AsyncServerCursor]]:
        """Give a cursor over the rows, of one moment, with its connection."""
        async with (
            views.moment(tables, walk=walk, level="READ COMMITTED") as connection,
            connection.cursor("rows") as rows,
        ):
            await rows.execute(self.statement(), self.given)
            yield connection, rows

    def page(self, items: Sequence[bytes], rows: Sequence[tuple[Any, ...]], seen: Seen) -> Page:
        """Make a page of the first items; `rows` may hold one more."""
        if self.limit is None or len(rows) <= self.limit:
            return Page(items, None, seen)
        last = rows[self.limit - 1][: len(self.order)]
        return Page(items, cursor.written(self._name(), last), seen)

    def _name(self) -> str:
        return f"{self.projection} {'-' * self.descending}{','.join(self.order)}"


def subject_id(text: str) -> str:
    """Give the expression for a subject's id, its parameter being an id or a key."""
    if is_id(text):
        return "%s::uuid"
    return "(SELECT subject FROM journal.names WHERE key = %s AND alias IS NULL)"


async def find(
    connection: AsyncConnection, kind: str, subject: str, known: int
) -> tuple[UUID, str] | None:
    """Give the id and key of a subject, by either; None where the kind had no such by then."""
    found = await connection.execute(
        "SELECT subject, key FROM journal.names"
        f" WHERE subject = {subject_id(subject)} AND kind = %s AND alias IS NULL"
        " AND position <= %s::bigint",
        (subject, kind, known),
    )
    meant: tuple[UUID, str] | None = await found.fetchone()
    return meant
