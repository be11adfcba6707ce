"""Warnings that need several subjects: permits, exclusive deals, likely duplicates."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from uuid import UUID

import orjson

from domain import coverage, duplicates, exclusivity
from domain.archive import lenient
from domain.coverage import Held
from domain.duplicates import NEAR, Told
from domain.exclusivity import Deal
from domain.history import History
from domain.places import Place
from domain.service import Service
from domain.subject import ENDS
from domain.views import Notice
from projections.coverage import held, permits_of
from projections.mentions import EXCLUSIVE
from projections.ranges import looked_at
from projections.reading import Clocks, Views
from projections.snapshot import ORGANIZATION, Shown, Snapshot, snapshot

Notices = Mapping[UUID, Sequence[Notice]]
Histories = Mapping[UUID, History]

# The warnings, and the kinds that they are about; None for all but organizations.
OF_SERVICES = ("no_permit_on_record", "outside_every_permit", "test_before_permit")
OF_PARTNERSHIPS = ("exclusive_elsewhere",)
OF_ALL = ("likely_duplicate",)

_place = lenient(Place).validate_python


async def notices(
    now: Snapshot,
    shown: Sequence[Shown],
    code: str | None = None,
    foreseen: Histories = MappingProxyType({}),
) -> Notices:
    """Give such warnings about some subjects: all, or those of one code.

    Args:
        now: the moment of looking.
        shown: the subjects.
        code: of the warnings.
        foreseen: what some of them would be; they are shown so too.
    """
    found: dict[UUID, list[Notice]] = defaultdict(list)
    for codes, look in (
        (OF_SERVICES, _permits),
        (OF_PARTNERSHIPS, _exclusive),
        (OF_ALL, _duplicates),
    ):
        if code is None or code in codes:
            for subject, notice in await look(now, shown, foreseen):
                found[subject].append(notice)
    return found


# ── what somebody is about to record ─────────────────────────────────────────────────────────────


async def brought(
    views: Views, clocks: Clocks, changes: Iterable[tuple[History, History]]
) -> Notices:
    """Give the warnings that changes of subjects would bring and that need other subjects.

    Args:
        views: to look at.
        clocks: of looking.
        changes: of each subject, what it is and what it would be; nothing recorded where it is new.
    """
    pairs = list(changes)
    async with snapshot(views, clocks) as now:
        was = await _foreseen(now, [before for before, _ in pairs if before.recorded])
        would = await _foreseen(now, [after for _, after in pairs])
    return {
        subject: [one for one in warned if not _is_among(one, was.get(subject, ()))]
        for subject, warned in would.items()
    }


def _is_among(one: Notice, others: Iterable[Notice]) -> bool:
    return any((one.code, one.message) == (other.code, other.message) for other in others)


async def _foreseen(now: Snapshot, histories: Iterable[History]) -> Notices:
    told = {history.recorded[-1].subject: history for history in histories}
    shown = [one for history in told.values() if (one := _shown(history, now.day))]
    return await notices(now, shown, foreseen=told)


def _shown(history: History, day: date) -> Shown | None:
    """Show a subject as a history has it: on a day, or on its first one still to come."""
    last, began = history.recorded[-1], history.effective_from
    view = began and history.view(max(began, day))
    if not (began and view):
        return None
    identity, places, head, facets = looked_at(history, view)
    about = last.kind, last.key, last.subject, view.state.stage
    return Shown(*about, identity, places, head, facets, "[]", None, began)


# ── services and their permits ───────────────────────────────────────────────────────────────────


async def _permits(
    now: Snapshot, shown: Sequence[Shown], foreseen: Histories
) -> list[tuple[UUID, Notice]]:
    services = {one.id: one for one in shown if one.kind == "service"}
    states: dict[UUID, Service] = {
        subject: one.state(now.as_one(one.document())) for subject, one in services.items()
    }
    permits = [(one, held(one, now)) for one in await permits_of(now, states.values())]
    near = {
        subject: [
            (one, permit) for one, permit in permits if coverage.concerns(permit.permit, state)
        ]
        for subject, state in states.items()
    }
    recorded = {one.id for found in near.values() for one, _ in found}
    histories = {**await now.histories([*services, *recorded]), **foreseen}
    return [
        (subject, notice)
        for subject, found in near.items()
        for notice in _of_service(
            states[subject],
            histories[subject],
            ([permit for _, permit in found], [histories[one.id] for one, _ in found]),
            now.day,
        )
    ]


def _of_service(
    service: Service,
    history: History,
    permits: tuple[Iterable[Held], Iterable[History]],
    day: date,
) -> Iterator[Notice]:
    view, (known, recorded) = history.view(day), permits
    if view and (warned := coverage.warn(service, view.origins["stage"], known, day)):
        yield warned
    if warned := coverage.ran_early(history, recorded, day):
        yield warned


# ── exclusive deals ──────────────────────────────────────────────────────────────────────────────


async def _exclusive(
    now: Snapshot, shown: Sequence[Shown], _: Histories
) -> list[tuple[UUID, Notice]]:
    mine = [one for one in shown if one.kind == "partnership" and one.stage not in ENDS]
    binding = await _partnerships(now, mine, EXCLUSIVE)
    # Who binds its parties may have a deal beside it with anybody.
    others = await _partnerships(now, [one for one in mine if EXCLUSIVE in one.facets])
    deals = {one.id: _deal(one, now) for one in (*binding, *others)}
    return [
        (one.id, notice)
        for one in (mine if deals else ())
        for other in deals.values()
        for notice in _of_deals(_deal(one, now), other, now.day)
    ]


async def _partnerships(
    now: Snapshot, beside: Iterable[Shown], once: str | None = None
) -> list[Shown]:
    """Give the partnerships of any who take part in some, those that hold on the day."""
    parties = {key for one in beside for key in organizations(one)}
    return [
        one
        for one in await now.mentioning(("partnership",), parties, once)
        if one.stage not in ENDS and one.effective_from <= now.day
    ]


def _deal(shown: Shown, now: Snapshot) -> Deal:
    told = shown.document()
    return Deal(shown.key, shown.state(now.as_one(told)), tuple(told["positions"]))


def _of_deals(one: Deal, other: Deal, day: date) -> Iterator[Notice]:
    """Warn where either is exclusive and the other is not allowed by it."""
    for exclusive, second in ((one, other), (other, one)):
        if warned := exclusivity.warn(exclusive, second, day):
            yield warned


# ── likely duplicates ────────────────────────────────────────────────────────────────────────────


async def _duplicates(
    now: Snapshot, shown: Sequence[Shown], foreseen: Histories
) -> list[tuple[UUID, Notice]]:
    mine = {one.id: one for one in shown if one.kind != "organization" and organizations(one)}
    began = dict(await now.rows(_BEGAN, (list(mine), now.known)))
    began |= {subject: one.effective_from for subject, one in foreseen.items()}
    told = {one.id: _told(one, began[one.id], now) for one in mine.values()}
    near = await _near(now, told)
    return [
        (subject, notice)
        for subject, one in told.items()
        for notice in duplicates.warn(one, near.get(subject, ()))
    ]


async def _near(now: Snapshot, told: Mapping[UUID, Told]) -> Mapping[UUID, Sequence[Told]]:
    """Give what may be the same: it shares a kind, an organization, and about the first day."""
    near_to = [
        (subject, one.kind, facet, one.began)
        for subject, one in told.items()
        for facet in now.speaking_of([min(one.organizations)])
    ]
    columns = [list(column) for column in zip(*near_to, strict=True)] or [[]] * 4
    given = (*columns, now.known, now.known, NEAR.days, NEAR.days)
    pairs = await now.rows(_NEAR, given)
    others = await now.by_id({other for _, other, _ in pairs})
    near = defaultdict(list)
    for subject, other, other_began in pairs:
        if other in others:
            near[subject].append(_told(others[other], other_began, now))
    return near


def organizations(shown: Shown) -> frozenset[str]:
    """Give the organizations that a subject speaks of, by key."""
    return frozenset(
        facet.removeprefix(ORGANIZATION) for facet in shown.facets if facet.startswith(ORGANIZATION)
    )


def _told(shown: Shown, began: date, now: Snapshot) -> Told:
    told = now.as_one(shown.document())
    speaks_of = frozenset(map(now.survivor, organizations(shown)))
    places = tuple(_place(one) for one in orjson.loads(shown.places))
    position = told["positions"][0]
    return Told(shown.kind, shown.key, speaks_of, places, told["state"], began, position)


_BEGAN = """
SELECT DISTINCT ON (id) id, effective_from FROM views.subjects
WHERE id = ANY(%s) AND last_position <= %s::bigint ORDER BY id, last_position DESC
"""
# Subjects of a kind that speak of an organization and began about on a day.
_NEAR = """
SELECT one.id, f.id, theirs.effective_from
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::date[]) AS one(id, kind, facet, began)
JOIN views.state_facets f ON f.facet = one.facet AND f.kind = one.kind AND f.id <> one.id
    AND f.known_from <= %s
JOIN LATERAL (
    SELECT effective_from FROM views.subjects WHERE id = f.id AND last_position <= %s::bigint
    ORDER BY last_position DESC LIMIT 1
) theirs ON theirs.effective_from BETWEEN one.began - %s AND one.began + %s
ORDER BY one.id, f.id
"""
