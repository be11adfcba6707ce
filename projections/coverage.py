"""What is permitted where: permits, their places and activities on a day, and what they cover."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from domain import coverage
from domain.coverage import Held, Reason, Verdict
from domain.permit import Permit
from domain.places import Place
from domain.service import Service
from projections import cursor, snapshot
from projections.about import About
from projections.computed import Telling
from projections.reading import Clocks, Page, Views
from projections.snapshot import Among, Shown, Snapshot

_OF_SERVICE = "coverage of a service"
_FACTS = ("holders", "operators", "technology_suppliers", "jurisdictions")
_TERMS = ("number", "conditions", "fleet_limit", "valid_from", "valid_until")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(About):
    """Which permits.

    Attributes:
        expiring_within: days after the effective day; they may run out by then.
        open_ended: whether nobody recorded until when they hold.
    """

    activity: str | None = None
    expiring_within: int | None = None
    open_ended: bool | None = None

    def facets(self) -> tuple[str, ...]:
        """Give the facets of such permits; one for a whole country holds in its cities too."""
        return About.facets(replace(self, city=None) if self.country else self)

    def reaches(self, place: Place | None) -> bool:
        """Tell whether what holds at a place holds where it is asked for."""
        if place is None:
            return not (self.country or self.city)
        whole = Place(country=self.country) if self.country else None
        return self.names(place) or place == whole

    def wants(self, permit: Permit, now: Snapshot) -> bool:
        """Tell whether a permit holds, and is one of those asked for."""
        if not coverage.is_live(permit, now.day) or self.activity not in (None, permit.activity):
            return False
        if self.open_ended not in (None, permit.valid_until is None):
            return False
        within = self.expiring_within
        return within is None or coverage.may_expire(permit, now.day, within)


def telling(question: Question) -> Telling:
    """Give the list of them."""
    among = Among(kind="permit", facets=question.facets(), stage="granted")
    return Telling("coverage", question, among, partial(_tell, question=question))


async def _tell(now: Snapshot, shown: Sequence[Shown], *, question: Question) -> list[list[bytes]]:
    permits = {one.id: one.state(one.document()) for one in shown}
    wanted = [one for one in shown if question.wants(permits[one.id], now)]
    places = {
        one.id: [at for at in coverage.area(permits[one.id]) or (None,) if question.reaches(at)]
        for one in wanted
    }
    items = await _items(now, wanted, places)
    return [items.get(one.id, []) for one in shown]


async def _items(
    now: Snapshot, shown: Sequence[Shown], places: Mapping[UUID, Iterable[Place | None]]
) -> dict[UUID, list[bytes]]:
    """Tell of permits, one item for each of some places."""
    titles = await now.titles(shown)
    return {
        one.id: [_item(one, title, place, now) for place in places[one.id]]
        for one, title in zip(shown, titles, strict=True)
    }


def _item(shown: Shown, title: bytes, place: Place | None, now: Snapshot) -> bytes:
    told = shown.document()
    facts, permit = told["state"], shown.state(told)
    left = coverage.days_left(permit, now.day)
    return orjson.dumps(
        {
            "subject": shown.subject,
            "title": orjson.Fragment(title),
            "stage": shown.stage,
            "activity": permit.activity,
            "place": place.model_dump(exclude_none=True) if place else None,
            **{name: facts.get(name, []) for name in _FACTS},
            **{name: facts.get(name) for name in _TERMS},
            "days_left": left._asdict() if left else None,
            "uncertain": told["uncertain"],
            "contested": told["contested"],
            "positions": told["positions"],
        }
    )


# ── of one service ───────────────────────────────────────────────────────────────────────────────


class Judged(NamedTuple):
    """What was found about a service.

    Attributes:
        page: the permits that cover it, one item a place; None where nothing of it holds yet.
        service: what is told of the service, as JSON.
        effective_from: the first day on which anything of it holds; None where nothing does.
    """

    page: Page | None
    service: bytes
    effective_from: date | None = None


async def of_service(
    views: Views,
    key: str,
    question: Question,
    clocks: Clocks,
    *,
    limit: int | None = None,
    at: str | None = None,
) -> Judged:
    """Give the permits that cover a service on the day.

    Raises:
        BadCursor: `at` is from another list.
    """
    first = cursor.read(_OF_SERVICE, at, (int,))[0] if at else 0
    async with snapshot.snapshot(views, clocks) as now:
        key = now.survivor(key)
        found = await now.named("service", [key])
        if key not in found:
            return Judged(None, b"", await _begin(now, key))
        shown, told = found[key], found[key].document()
        service = _there(shown.state(now.as_one(told)), question)
        permits = await permits_of(now, [service])
        reasons = coverage.judged(service, [held(one, now) for one in permits], now.day)
        verdict = coverage.verdict(service, reasons.values()) if service.places else "not_there"
        covering = [one for one in permits if reasons.get(one.key) == ()]
        items = await _covering(now, covering, service, question)
        answer = await _service(now, shown, told, (verdict, permits, reasons))
    stop = None if limit is None or first + limit >= len(items) else first + limit
    next_cursor = None if stop is None else cursor.written(_OF_SERVICE, [stop])
    return Judged(Page(items[first:stop], next_cursor, now.seen), answer)


async def _begin(now: Snapshot, key: str) -> date | None:
    found = await now.rows(_BEGIN, (key, now.known))
    began: date | None = found[0][0] if found else None
    return began


_BEGIN = """
SELECT effective_from FROM views.subjects
WHERE key = %s AND kind = 'service' AND last_position <= %s::bigint
ORDER BY last_position DESC LIMIT 1
"""


async def _covering(
    now: Snapshot, shown: Sequence[Shown], service: Service, question: Question
) -> list[bytes]:
    """Tell of the permits that are asked for, each at the places where the service is."""
    spoken_of = now.speaking_of([question.organization] if question.organization else [])
    permits = {
        one.id: one.state(one.document())
        for one in shown
        if not (spoken_of and set(spoken_of).isdisjoint(one.facets))
    }
    wanted = [one for one in shown if one.id in permits and question.wants(permits[one.id], now)]
    places = {
        one.id: [
            area
            for area in coverage.area(permits[one.id])
            if any(area.contains(place) for place in service.places or ())
        ]
        for one in wanted
    }
    items = await _items(now, wanted, places)
    return [item for one in wanted for item in items[one.id]]


def _there(service: Service, question: Question) -> Service:
    """Leave only those places of a service that are asked for."""
    places = tuple(one for one in service.places or () if question.names(one))
    return service.model_copy(update={"places": places})


async def permits_of(now: Snapshot, services: Iterable[Service]) -> list[Shown]:
    """Give the permits that may speak of services, also those that are yet to come."""
    taking_part = {
        str(one)
        for service in services
        for group in (service.operators, service.technology_suppliers)
        for one in group or ()
        if isinstance(one, str)
    }
    return await now.mentioning(("permit",), taking_part)


def held(shown: Shown, now: Snapshot) -> Held:
    """Give a permit as the domain judges it."""
    told = shown.document()
    begun = shown.effective_from <= now.day
    return Held(shown.key, shown.state(now.as_one(told)), tuple(told["positions"]), begun)


async def _service(
    now: Snapshot,
    shown: Shown,
    told: dict[str, Any],
    found: tuple[Verdict | str, Sequence[Shown], dict[str, tuple[Reason, ...]]],
) -> bytes:
    verdict, permits, reasons = found
    lacking = [one for one in permits if reasons.get(one.key)]
    title, *titles = await now.titles([shown, *lacking])
    outside = [
        {
            "subject": one.subject,
            "title": orjson.Fragment(name),
            "lacks": reasons[one.key],
            "positions": one.document()["positions"],
        }
        for one, name in zip(lacking, titles, strict=True)
    ]
    return orjson.dumps(
        {
            "subject": shown.subject,
            "title": orjson.Fragment(title),
            "stage": shown.stage,
            "safety_operator": told["state"].get("safety_operator"),
            "verdict": verdict,
            "positions": told["positions"],
            "outside": outside,
        }
    )
