"""Many subjects at a pair of dates, all of one moment: for what is computed when it is asked."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from pydantic_core import SchemaValidator

from domain.archive import lenient
from domain.event import kinds
from domain.history import History
from domain.merges import Merges, same_as, survivor
from domain.subject import Target
from journal.rows import COLUMNS, Row
from projections.catalogue import TABLES
from projections.mentions import organization_facet
from projections.merging import Subject, known_merges, together
from projections.pair import WITHIN, state_of
from projections.reading import AsyncConnection, Clocks, Settled, Views
from projections.selection import Selection
from projections.teller import Line
from projections.words import tsquery

Given = Sequence[object] | Mapping[str, object]  # the parameters of a statement

ORGANIZATION = organization_facet("")  # what begins the facet of an organization


class Shown(NamedTuple):
    """A subject as it is at the pair of dates.

    Attributes:
        identity, places, notices: JSON.
        head: its JSON but for the closing brace.
        aged: what passing time may warn of, as JSON; None where it does not yet.
        effective_from: the first day on which it is so.
    """

    kind: str
    key: str
    id: UUID
    stage: str
    identity: str
    places: str
    head: str
    facets: list[str]
    notices: str
    aged: str | None
    effective_from: date

    @property
    def subject(self) -> dict[str, Any]:
        """What it is."""
        return {"kind": self.kind, "id": self.id, "key": self.key}

    def document(self) -> dict[str, Any]:
        """Give its state as told."""
        told: dict[str, Any] = orjson.loads(self.head + "}")
        return told

    def state(self, told: dict[str, Any]) -> Any:  # noqa: ANN401 - the state of its kind
        """Give its state as the domain knows it, from its document."""
        return _state(self.kind).validate_python({**told["state"], "stage": self.stage})

    def targets(self) -> list[Target]:
        """Give its promises as they stand."""
        return [_target(one) for one in self.document()["targets"]]


_target = lenient(Target).validate_python


@cache
def _state(kind: str) -> SchemaValidator:
    return lenient(kinds()[kind].state)


@dataclass(frozen=True, slots=True, kw_only=True)
class Among:
    """Which subjects to walk through, by kind and key.

    Attributes:
        kind: of all where it is None.
        facets: what is said of them at the pair of dates, what fewest have first.
        once: a facet that they had at some time; it narrows the walk where nothing else does.
        stage: in which they are.
        key: of the only one.
        where: a further condition on their state.
    """

    kind: str | None = None
    facets: tuple[str, ...] = ()
    once: str | None = None
    stage: str | None = None
    key: str | None = None
    where: str | None = None


class Snapshot:
    """The views and the journal at a pair of dates, of one moment.

    Attributes:
        day: the effective day.
        known: the position up to which everything is told.
        merges: the records that were merged into others, as known.
    """

    merges: Merges = MappingProxyType({})

    def __init__(self, views: Views, connection: AsyncConnection, clocks: Settled) -> None:
        self.seen = clocks.seen
        self.day = clocks.effective_at
        self.known = clocks.known
        self._connection = connection
        self._views, self._clocks = views, clocks

    # ── records of one subject ───────────────────────────────────────────────────────────────────

    def survivor(self, key: str) -> str:
        """Give the key of what stands for a subject: its own, unless it is a duplicate."""
        return survivor(key, self.merges)

    def alive(self, shown: Iterable[Shown]) -> list[Shown]:
        """Leave out what was merged into another record."""
        return [one for one in shown if one.key not in self.merges]

    def as_one(self, told: Any) -> Any:  # noqa: ANN401 - any JSON
        """Let references to duplicates, anywhere in a document, be such to what stands for them."""
        if not self.merges:
            return told
        if isinstance(told, dict):
            return {name: self.as_one(value) for name, value in told.items()}
        if isinstance(told, list):
            return [self.as_one(value) for value in told]
        return self.survivor(told) if isinstance(told, str) else told

    def speaking_of(self, organizations: Iterable[str]) -> list[str]:
        """Give the facets of what speaks of any of some organizations, or of their duplicates."""
        keys = {one for key in organizations for one in (key, *same_as(key, self.merges))}
        return [organization_facet(key) for key in sorted(keys)]

    def records(self, key: str | None) -> Subject:
        """Give the keys of all records of the subject that a key means; nothing for no key."""
        return together(key, self.merges) if key else ()

    def group(self, facet: str) -> list[str]:
        """Give the facets that mean the same as one: those of all records of an organization."""
        key = facet.removeprefix(ORGANIZATION)
        return [facet] if key == facet else [*map(organization_facet, self.records(key))]

    # ── looking ──────────────────────────────────────────────────────────────────────────────────

    async def walk(self, among: Among, at: tuple[str, str], limit: int) -> list[Shown]:
        """Give subjects in the order of kind and key, from one on."""
        groups = [self.group(facet) for facet in among.facets]
        lead = next(iter(groups), [among.once] if among.once else None)
        by, source = ("f", state_of("f.id")) if lead else ("s", "views.state s")
        order = f"{by}.kind", f"{by}.key"
        selection = Selection("walk", _SHOWN, source, order, (str, str), limit=limit - 1)
        if lead:
            selection.lead("views.state_facets", lead, "s")
            selection.where("f.known_from <= %(known)s")
        selection.said("s", groups)
        _narrow(selection, among, by, at)
        if among.key:
            selection.where(f"{by}.key = %(key)s", key=self.survivor(among.key))
        selection.where(WITHIN)
        return await self._shown(selection.statement(), selection.given)

    async def mentioning(
        self, kinds: Iterable[str], organizations: Iterable[str], once: str | None = None
    ) -> list[Shown]:
        """Give subjects that speak of any of some organizations, also those that are yet to come.

        A subject of which nothing holds yet is shown as it will begin.

        Args:
            kinds: of the subjects.
            organizations: by key.
            once: a facet that the subjects had at some time.
        """
        facets = self.speaking_of(organizations)
        given = {"facets": facets, "kinds": list(kinds), "once": once}
        return self.alive(await self._shown(_MENTIONING, given)) if facets else []

    async def named(self, kind: str, keys: Iterable[str]) -> dict[str, Shown]:
        """Give the subjects of a kind with some keys, those of which something holds."""
        given = {"kind": kind, "keys": sorted(keys)}
        return {one.key: one for one in await self._shown(_NAMED, given)}

    async def by_id(self, subjects: Iterable[UUID]) -> dict[UUID, Shown]:
        """Give subjects by their ids, those of which something holds."""
        given = {"ids": list(subjects)}
        return {one.id: one for one in self.alive(await self._shown(_BY_ID, given))}

    async def _shown(self, query: str, given: Mapping[str, object]) -> list[Shown]:
        at = {"day": self.day, "known": self.known}
        return [Shown._make(row) for row in await self.rows(query, {**given, **at})]

    async def rows(self, query: str, given: Given) -> list[tuple[Any, ...]]:
        """Ask something else of the same moment."""
        return await (await self._connection.execute(query, given)).fetchall()

    async def histories(self, subjects: Iterable[UUID]) -> dict[UUID, History]:
        """Give what was recorded of subjects, as known, and as far as the states follow it."""
        taken: dict[UUID, list[Row]] = defaultdict(list)
        empty: dict[UUID, History] = {}
        for *columns, is_taken in await self.rows(_EVENTS, (list(subjects), self.known)):
            row = Row._make(columns)
            empty[row.subject] = History(kinds()[row.kind])
            taken[row.subject] += [row] if is_taken else []
        told = {one: [row.recorded() for row in rows] for one, rows in taken.items()}
        return {one: History.of(events) if events else empty[one] for one, events in told.items()}

    async def titles(self, shown: Iterable[Shown]) -> list[bytes]:
        """Tell what subjects are called, as JSON."""
        return await self.tell(Line("", one.kind, one.identity, "", self.day) for one in shown)

    async def words(self, text: str) -> str:
        """Turn a question into a `tsquery`."""
        return await tsquery(self._connection, text, self.known)

    async def tell(self, lines: Iterable[Line], clocks: Clocks | None = None) -> list[bytes]:
        """Tell titles and headlines, as JSON, with the names known then or at other clocks."""
        teller = self._views.teller(clocks or self._clocks, self.seen)
        return await teller.tell(self._connection, self.seen.names, lines)


_SHOWN = """s.kind, s.key, s.id, s.stage, s.identity, s.places, s.head, s.facets, s.notices,
    CASE WHEN s.aging_from <= %(day)s::date THEN s.aging END, s.effective_from"""


def _narrow(selection: Selection, among: Among, by: str, at: tuple[str, str]) -> None:
    """Begin at a place of the walk, among those of some kind and stage."""
    kind, key = at
    if among.kind:
        selection.where(f"{by}.kind = %(kind)s AND {by}.key >= %(from)s", kind=among.kind)
    else:
        selection.where(f"({by}.kind, {by}.key) >= (%(from_kind)s, %(from)s)", from_kind=kind)
    selection.given["from"] = key
    if among.stage:
        selection.where("s.stage = %(stage)s", stage=among.stage)
    if among.where:
        selection.where(among.where)


# The last state by the day, or else the first one after it.
_MENTIONING = f"""
SELECT {_SHOWN} FROM (
    SELECT DISTINCT id FROM views.state_facets m
    WHERE facet = ANY(%(facets)s) AND kind = ANY(%(kinds)s) AND known_from <= %(known)s
        AND (%(once)s::text IS NULL OR EXISTS (
            SELECT FROM views.state_facets o WHERE o.facet = %(once)s AND o.kind = m.kind
                AND o.key = m.key AND o.known_from <= %(known)s))
) f JOIN LATERAL (
    SELECT * FROM views.state s WHERE s.id = f.id AND s.known @> %(known)s::bigint
    ORDER BY s.effective_from <= %(day)s::date DESC, abs(s.effective_from - %(day)s::date) LIMIT 1
) s ON true WHERE s.facets && %(facets)s::text[] ORDER BY s.kind, s.key
"""
_NAMED = f"""
SELECT {_SHOWN} FROM views.state s WHERE s.kind = %(kind)s AND s.key = ANY(%(keys)s) AND {WITHIN}
"""
_BY_ID = f"SELECT {_SHOWN} FROM views.state s WHERE s.id = ANY(%(ids)s) AND {WITHIN}"
# Events of a subject from the first in quarantine on are not in its state, nor is what is skipped.
_EVENTS = f"""
SELECT {COLUMNS}, NOT EXISTS (
    SELECT FROM views.quarantine q WHERE q.subject = e.subject AND q.projection = 'state'
        AND (q.position = e.position OR q.position < e.position AND q.skipped_reason IS NULL))
FROM journal.events e WHERE subject = ANY(%s) AND position <= %s ORDER BY subject, version
"""


@asynccontextmanager
async def snapshot(views: Views, clocks: Clocks, *, walk: bool = True) -> AsyncIterator[Snapshot]:
    """Look at everything as of this moment.

    Args:
        views: to look at.
        clocks: the day, and with which knowledge.
        walk: whether indexes hold what is asked for in order.
    """
    clocks = await views.settled(clocks)
    async with views.moment(TABLES, walk=walk) as connection:
        now = Snapshot(views, connection, clocks)
        now.merges = await known_merges(views, connection, clocks)
        yield now


async def duplicates(now: Snapshot) -> dict[UUID, UUID]:
    """Give the id of each duplicate with that of the record that stands for it."""
    keys = {one: now.survivor(one) for one in now.merges}
    given = [*keys, *keys.values()]
    ids = dict(await now.rows(_IDS, (given,))) if given else {}
    return {ids[one]: ids[other] for one, other in keys.items()}


_IDS = "SELECT key, subject FROM journal.names WHERE key = ANY(%s) AND alias IS NULL"


async def standing(views: Views, keys: Iterable[str], clocks: Clocks) -> list[str]:
    """Give the records that stand for some, each once."""
    async with snapshot(views, clocks) as now:
        return sorted({now.survivor(key) for key in keys})
