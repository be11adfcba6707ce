"""What is so: every subject on any day."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from domain.history import History
from journal.names import is_id
from projections.about import About, Group
from projections.mentions import MERGED
from projections.merging import Subject, records
from projections.notices import warnings
from projections.pair import WITHIN, last_of, state_of
from projections.projection import Column, Projection, Row, Since, Table
from projections.ranges import cut
from projections.reading import AsyncConnection, Clocks, Page, Seen, Settled, Views
from projections.selection import CHUNK, Selection
from projections.teller import Line
from projections.words import tsquery

SUBJECTS = Table(
    "subjects",
    (Column("id", "uuid"),),
    ("kind", "key", "version", "last_position", "effective_from"),
    "id = ANY(%(ids)s)",
)
STATE = Table(
    "state",
    (Column("id", "uuid"), Column("effective_from", "date")),
    (
        *("effective_to", "kind", "key", "stage", "facets", "identity", "head"),
        *("origins", "places", "notices", "aging", "aging_from", "words"),
    ),
    "id = ANY(%(ids)s)",
)
FACETS = Table(
    "state_facets",
    (Column("facet", "text"), Column("kind", "text"), Column("key", "text"), Column("id", "uuid")),
    (),
    "id = ANY(%(ids)s)",
    least=(Column("effective_from", "date"),),
)


class State(Projection):
    """The state of every subject, cut into ranges of days on which it is the same."""

    name = "state"
    version = 3
    tables = (SUBJECTS, STATE, FACETS)

    def rows(self, history: History, since: Since) -> Sequence[Sequence[Row]]:
        """Give the subject, its ranges from the one before `since` on, and their facets."""
        ranges, facets = cut(history, since.day)
        return [_subject(history)], ranges, facets


def _subject(history: History) -> Row:
    last = history.recorded[-1]
    return (
        *(last.subject, last.kind, last.key, last.version, last.position),
        history.effective_from,
    )


# ── reading ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class One:
    """One subject, as far as it is known.

    Attributes:
        body: its state as JSON; None before anything is known of it.
        effective_from: the first day on which anything is; None where nothing counts any more.
    """

    body: bytes | None
    version: int
    effective_from: date | None
    seen: Seen


async def one(views: Views, kind: str, subject: str, clocks: Clocks) -> One | None:
    """Give the state of a subject, by id or key; None where there is no such subject."""
    clocks = await views.settled(clocks)
    asked = ("one", kind, subject)
    known: One | None = views.kept(asked, clocks)
    if known is None and (known := await _one(views, kind, subject, clocks)):
        views.keep(asked, known, clocks, len(known.body or b""))
    if known is None or known.body is None:
        return known
    return replace(known, body=known.body + clocks.told(known.seen.position))


async def _one(views: Views, kind: str, subject: str, clocks: Settled) -> One | None:
    day, known = clocks.at
    given = {"subject": subject, "kind": kind, "day": day, "known": known}
    async with views.lines(walk=True) as connection:
        found = await connection.execute(_ONE_BY_ID if is_id(subject) else _ONE_BY_KEY, given)
        if (row := await found.fetchone()) is None:
            return None
        *line, effective_from = row
        bodies = await _told(views, connection, clocks, [line] if line[-1] else [])
    return One(bodies[0] if bodies else None, line[0], effective_from, clocks.seen)


_TOLD = """u.version, u.last_position AS position, u.kind, s.stage, s.notices,
    CASE WHEN s.aging_from <= %(day)s::date THEN s.aging END AS aged, s.identity, s.head"""
_ONE = f"""
SELECT {_TOLD}, u.effective_from FROM (
    SELECT * FROM views.subjects
    WHERE {{}} = %(subject)s AND kind = %(kind)s AND last_position <= %(known)s::bigint
    ORDER BY last_position DESC LIMIT 1
) u LEFT JOIN {state_of("u.id")}
"""
_ONE_BY_ID, _ONE_BY_KEY = _ONE.format("id"), _ONE.format("key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(About):
    """Which subjects of a kind.

    Attributes:
        sort: by key or by their last event; the latest or greatest first with a hyphen before it.
    """

    kind: str
    stage: str | None = None
    mode: str | None = None
    q: str | None = None
    contested: bool | None = None
    sort: Literal["key", "-key", "recorded", "-recorded"] = "key"

    @property
    def is_narrow(self) -> bool:
        """Whether a facet leads to the subjects."""
        narrow = self.city, self.organization, self.mode, self.contested, self.country
        return any(narrow)

    def walks(self, clocks: Settled) -> bool:
        """Tell whether an index holds the states asked for in their order, and few others."""
        if self.q is not None:
            return False
        if self.sort.endswith("key") and self.is_narrow:
            return clocks.walks
        return clocks.present and not self.is_narrow

    def groups(self, organization: Sequence[str], *more: str) -> list[Group]:
        """Give what must be said of the subjects, what is said of fewest first."""
        mode = [f"mode:{self.mode}"] if self.mode else []
        doubt = ["contested"] if self.contested else []
        return About.groups(self, organization, *mode, *doubt, *more)


async def page(
    views: Views, question: Question, clocks: Clocks, *, limit: int = 50, cursor: str | None = None
) -> Page:
    """Give a page of states.

    Raises:
        BadCursor: it is from another list.
    """
    clocks = await views.settled(clocks)
    asked = question, limit, cursor
    known: Page | None = views.kept(asked, clocks)
    if known is None:
        known = await _page(views, question, clocks, limit, cursor)
        views.keep(asked, known, clocks, known.size)
    told = clocks.told(known.position)
    return replace(known, items=[item + told for item in known.items])


async def _page(
    views: Views, question: Question, clocks: Settled, limit: int, cursor: str | None
) -> Page:
    async with views.lines(walk=question.walks(clocks)) as connection:
        selection = await _selected(views, connection, question, clocks, limit)
        selection.after(cursor)
        rows = await selection.rows(connection)
        items = await _told(views, connection, clocks, rows[:limit])
    return selection.page(items, rows, clocks.seen)


async def stream(views: Views, question: Question, clocks: Clocks) -> AsyncIterator[bytes]:
    """Give all states, of one moment, without holding them all."""
    clocks = await views.settled(clocks)
    told, walk = clocks.told(clocks.seen.position), question.walks(clocks)
    async with views.lines(walk=walk) as connection:
        selection = await _selected(views, connection, question, clocks, None)
    async with selection.cursor(views, State.tables, walk=walk) as (connection, cursor):
        while rows := await cursor.fetchmany(CHUNK):
            for item in await _told(views, connection, clocks, rows):
                yield item + told


async def _selected(
    views: Views,
    connection: AsyncConnection,
    question: Question,
    clocks: Clocks,
    limit: int | None,
) -> Selection:
    """Put the statement together; of merged records, those of all are meant."""
    same = await records(views, connection, question.organization, clocks)
    selection = _selection(question, same, clocks, limit)
    if question.q is not None:
        words = await tsquery(connection, question.q, clocks.known)
        selection.where("s.words @@ %(words)s::tsquery", words=words)
    return selection


def _selection(
    question: Question, organization: Subject, clocks: Clocks, limit: int | None
) -> Selection:
    """Walk what leads to few subjects, in the order asked for, and look at the state of each."""
    groups, by_key = question.groups(organization), question.sort.endswith("key")
    if question.q is not None or (question.stage and by_key and not groups):
        by, source = "s", f"views.state s JOIN {last_of('s.id')}"
    elif groups and by_key:
        by, source = "f", f"{last_of('f.id')} JOIN {state_of('u.id')}"
    else:
        by, source = "u", f"views.subjects u JOIN {state_of('u.id')}"
    order, of = (f"{by}.key", str) if by_key else ("u.last_position", int)
    descending = question.sort.startswith("-")
    selection = Selection("state", f"{order}, {_TOLD}", source, [order], [of], descending, limit)
    if by == "f":
        selection.lead("views.state_facets", groups[0], "s")
    day, known = clocks.at
    selection.where(f"{by}.kind = %(kind)s", kind=question.kind)
    selection.where(_HOLDS[by], day=day, known=known)
    selection.said("s", groups)
    _narrow(selection, question)
    return selection


# What narrows each way to what may hold at the pair of dates; joined is only what does.
_HOLDS = {
    "s": WITHIN,
    "f": "f.effective_from <= %(day)s::date AND f.known_from <= %(known)s::bigint",
    "u": """u.last_position <= %(known)s::bigint AND u.known @> %(known)s::bigint
        AND u.effective_from <= %(day)s::date""",
}


def _narrow(selection: Selection, question: Question) -> None:
    selection.where(f"NOT s.facets @> ARRAY['{MERGED}']")
    if question.stage:
        selection.where("s.stage = %(stage)s", stage=question.stage)
    if question.contested is False:
        selection.where("NOT s.facets @> ARRAY['contested']")


async def _told(
    views: Views, connection: AsyncConnection, clocks: Settled, rows: Sequence[Sequence[Any]]
) -> list[bytes]:
    """Complete states with title, warnings and version, all but the clocks."""
    day, seen = clocks.effective_at, clocks.seen
    lines = [Line("", row[-6], row[-2], "", day) for row in rows]
    titles = await views.teller(clocks, seen).tell(connection, seen.names, lines)
    return [_complete(row, title, day) for row, title in zip(rows, titles, strict=True)]


def _complete(row: Sequence[Any], title: bytes, day: date) -> bytes:
    *_, version, position, kind, stage, notices, aged, _, head = row
    return b'%s,"title":%s,"warnings":%s,"version":%d,"last_position":%d' % (
        head.encode(),
        title,
        warnings(kind, stage, notices, aged, day),
        version,
        position,
    )
