"""What happened, in the order of the world or of recording: every event in one line."""

from bisect import bisect_left, bisect_right
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import orjson

from domain.effective import Fact
from domain.history import History
from domain.steps import Step
from domain.subject import State
from domain.telling import tells_of_envelope
from projections.about import About, Group
from projections.mentions import Mentions, json_words, lexemes, organization_facet
from projections.merging import records
from projections.projection import Column, Lately, Projection, Row, Since, Table
from projections.reading import AsyncConnection, Clocks, Page, Seen, Settled, Views
from projections.selection import CHUNK, Selection
from projections.tables import array, as_json
from projections.teller import Line, Teller
from projections.words import tsquery

# Events about events happen in no order of the world: they come last on their day.
LAST = 2**31 - 1

TIMELINE = Table(
    "timeline",
    (Column("position", "bigint"),),
    (
        *("subject", "effective_day", "rank", "kind", "type", "facets", "identity", "data"),
        *("sources", "entry", "words"),
    ),
    "subject = ANY(%(ids)s)",
)
FACETS = Table(
    "timeline_facets",
    (Column("facet", "text"), Column("position", "bigint")),
    ("effective_day", "rank"),
    """(facet, position) IN (
        SELECT unnest(t.facets), t.position
        FROM views.timeline{suffix} t WHERE t.subject = ANY(%(ids)s))""",
)


class Timeline(Projection):
    """One row per event, as it now counts."""

    name = "timeline"
    version = 2
    tables = (TIMELINE, FACETS)

    def rows(self, history: History, since: Since) -> Sequence[Sequence[Row]]:
        """Give the events that count from a step on, and those that do not count in the world."""
        lines: list[Row] = []
        facets: list[Row] = []
        made = _lately.of(history)
        for one, rank, state in _counted(history, since.step):
            if one.position not in made:
                made[one.position] = _made(history, one, rank, state)
            line, found = made[one.position]
            lines.append(line)
            facets += found
        return lines, facets


Facets = tuple[Mentions, tuple[str, ...]]
_lately: Lately[int, tuple[Row, list[Row]]] = Lately()


def _made(history: History, one: Fact, rank: int, state: State) -> tuple[Row, list[Row]]:
    """Give the line of an event, and what it is found by."""
    found = _facets(one, state, history)
    facets: list[Row] = [(facet, one.position, one.day, rank) for facet in found[1]]
    return _line(one, rank, state, found), facets


def _counted(history: History, start: int) -> Iterator[tuple[Fact, int, State]]:
    """Give facts with their rank on their day, and the state to tell them with."""
    for index, step in enumerate(history.steps[start:], start):
        first = bisect_left(history.steps, step.fact.day, key=_day)
        yield step.fact, index - first, step.after
    for one in history.facts:
        if one.retracted_by or one.event.by_knowledge:
            yield one, LAST, _state_on(history, one.day)


def _day(step: Step) -> date:
    return step.fact.day


def _state_on(history: History, day: date) -> State:
    """Give the state on a day, or before anything is known the first one."""
    if not history.steps:
        return history.kind.unknown
    return history.steps[max(0, bisect_right(history.steps, day, key=_day) - 1)].after


def _facets(one: Fact, state: State, history: History) -> Facets:
    """Gather what the event itself speaks of, and what was then known of its subject."""
    mentions = Mentions()
    if history.kind.name == "organization":
        mentions.organizations[one.recorded.key] = None
    mentions.look(one.event)
    mentions.look(state)
    facets = [*mentions.facets(), f"kind:{one.recorded.kind}", f"type:{one.event.type}"]
    if one.contested:
        facets.append("contested")
    return mentions, tuple(dict.fromkeys(facets))


def _line(one: Fact, rank: int, state: State, found: Facets) -> Row:
    mentions, facets = found
    recorded = one.recorded
    data, identity = one.event.to_json(), _identity(one, state)
    texts = (*json_words(data), *json_words(identity), *mentions.place_words())
    return (
        *(one.position, recorded.subject, one.day, rank, recorded.kind, one.event.type),
        *(array(facets), identity.decode(), data.decode(), _replaced_sources(one)),
        _entry(one, mentions),
        lexemes(
            (recorded.key, one.event.type, *texts),
            map(organization_facet, mentions.organizations),
        ),
    )


def _identity(one: Fact, state: State) -> bytes:
    """Give what the line is told from beside the payload: what the subject is, and the envelope."""
    identity = as_json(state, state.kind.identity)
    if not tells_of_envelope(type(one.event)):
        return identity
    envelope = {"about": one.target, "reason": one.recorded.reason}
    given = {name: value for name, value in envelope.items() if value is not None}
    return orjson.dumps({**orjson.loads(identity), **given})


def _replaced_sources(one: Fact) -> str | None:
    if one.sources is one.recorded.sources:
        return None
    return orjson.dumps([s.model_dump(exclude_unset=True) for s in one.sources]).decode()


def _entry(one: Fact, mentions: Mentions) -> str:
    """Write the line, all but the closing brace: title and headline are told on reading."""
    recorded = one.recorded
    amended_by = (*one.corrections, *one.disputes, *one.denials, one.retracted_by)
    document = {
        "position": one.position,
        "type": one.event.type,
        "subject": {"kind": recorded.kind, "id": recorded.subject, "key": recorded.key},
        "occurred_on": one.occurred_on,
        "effective_day": None if one.day == date.min else one.day,
        "recorded_at": recorded.recorded_at,
        "recorded_by": recorded.recorded_by,
        "organizations": list(mentions.organizations),
        "places": orjson.Fragment(mentions.places_json()),
        "status": one.status,
        "confidence": one.confidence,
        "contested": one.contested,
        "positions": [one.position, *sorted(filter(None, amended_by))],
    }
    return orjson.dumps(document, option=orjson.OPT_UTC_Z)[:-1].decode()


# ── reading ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(About):
    """Which events to tell.

    Attributes:
        subject: its id or key.
        first, last: of the effective days, both inclusive.
        order: of the world or of recording.
    """

    kind: str | None = None
    type: str | None = None
    first: date | None = None
    last: date | None = None
    q: str | None = None
    contested: bool | None = None
    subject: str | None = None
    order: Literal["effective", "recorded"] = "effective"
    newest_first: bool = False

    @property
    def walks(self) -> bool:
        """Whether an index of all events is to be walked; those of a subject are few."""
        by_day = self.order == "recorded" and (self.first or self.last)
        return self.q is None and self.subject is None and not by_day

    def groups(self, organization: Sequence[str], *more: str) -> list[Group]:
        """Give what must be said of the events, what is said of fewest first."""
        of_type = [f"type:{self.type}"] if self.type else []
        return [
            *About.groups(self, organization, *of_type, *more),
            *([["contested"]] if self.contested else []),
            *([[f"kind:{self.kind}"]] if self.kind else []),
        ]


async def page(
    views: Views, question: Question, clocks: Clocks, *, limit: int = 50, cursor: str | None = None
) -> Page:
    """Tell a page of events; the day of the clocks is the one whose names are told in titles.

    Raises:
        BadCursor: it is from another list.
    """
    clocks = await views.settled(clocks)
    asked = question, limit, cursor
    known: Page | None = views.kept(asked, clocks)
    if known is None:
        known = await _page(views, question, clocks, limit, cursor)
        views.keep(asked, known, clocks, known.size)
    return known


async def _page(
    views: Views, question: Question, clocks: Settled, limit: int, cursor: str | None
) -> Page:
    async with views.lines(walk=question.walks and clocks.walks) as connection:
        selection = await selected(views, connection, question, clocks, limit)
        selection.after(cursor)
        rows = await selection.rows(connection)
        day, teller = clocks.effective_at, views.teller(clocks, clocks.seen)
        items = await told(teller, connection, clocks.seen, rows[:limit], day)
    return selection.page(items, rows, clocks.seen)


async def stream(views: Views, question: Question, clocks: Clocks) -> AsyncIterator[bytes]:
    """Tell all events, of one moment, without holding them all."""
    clocks = await views.settled(clocks)
    walk = question.walks and clocks.walks
    async with views.lines(walk=walk) as connection:
        selection = await selected(views, connection, question, clocks, None)
    day, teller = clocks.effective_at, views.teller(clocks, clocks.seen)
    async with selection.cursor(views, Timeline.tables, walk=walk) as (connection, cursor):
        while rows := await cursor.fetchmany(CHUNK):
            for item in await told(teller, connection, clocks.seen, rows, day):
                yield item


async def selected(
    views: Views,
    connection: AsyncConnection,
    question: Question,
    clocks: Clocks,
    limit: int | None,
) -> Selection:
    """Put the statement together; of merged records, those of all are meant."""
    organization = await records(views, connection, question.organization, clocks)
    subject = await records(views, connection, question.subject, clocks)
    selection = _selection(question, question.groups(organization), clocks, limit)
    if subject:
        query = "SELECT subject FROM journal.names WHERE key = ANY(%(keys)s) AND alias IS NULL"
        # An array would hide from the planner that one index holds the events in their order.
        wanted = f"({query})" if len(subject) == 1 else f"ANY(ARRAY({query}))"
        selection.where(f"t.subject = {wanted}", keys=list(subject))
    if question.q is not None:
        words = await tsquery(connection, question.q, clocks.known)
        selection.where("t.words @@ %(words)s::tsquery", words=words)
    return selection


def _selection(
    question: Question, groups: list[Group], clocks: Clocks, limit: int | None
) -> Selection:
    by = "f" if groups and not question.subject else "t"
    columns: list[tuple[str, type]] = [("effective_day", str), ("rank", int), ("position", int)]
    sort = columns[2:] if question.order == "recorded" else columns
    order, types = [f"{by}.{name}" for name, _ in sort], [of for _, of in sort]
    shown = f"{', '.join(order)}, {TOLD}"
    source = _OF_FACET if by == "f" else "views.timeline t"
    selection = Selection("timeline", shown, source, order, types, question.newest_first, limit)
    selection.where(f"{by}.position <= %(known)s::bigint", known=clocks.known)
    selection.where(f"{by}.known @> %(known)s::bigint")
    if by == "f":
        selection.lead("views.timeline_facets", groups.pop(0), "t")
    selection.said("t", groups)
    _narrow(selection, question, by)
    return selection


_OF_FACET = "views.timeline t ON t.position = f.position AND t.known @> %(known)s::bigint"
TOLD = "t.type, t.kind, t.identity, t.data, t.effective_day AS day, t.entry"


def _narrow(selection: Selection, question: Question, by: str) -> None:
    if question.contested is False:
        selection.where("NOT t.facets @> ARRAY['contested']")
    if question.first:
        selection.where(f"{by}.effective_day >= %(first)s::date", first=question.first)
    if question.last:
        selection.where(f"{by}.effective_day <= %(last)s::date", last=question.last)


async def told(
    teller: Teller,
    connection: AsyncConnection,
    seen: Seen,
    rows: Sequence[tuple[Any, ...]],
    day_of_titles: date,
) -> list[bytes]:
    """Complete entries with title and headline."""
    lines: list[Line] = []
    for *_, type_, kind, identity, data, day, _ in rows:
        lines += Line("", kind, identity, "", day_of_titles), Line(type_, kind, identity, data, day)
    words = iter(await teller.tell(connection, seen.names, lines))
    return [
        b'%s,"title":%s,"headline":%s}' % (row[-1].encode(), next(words), next(words))
        for row in rows
    ]
