"""Which permit lets which service run: for whom, where, for what, and until when."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Literal, NamedTuple

from domain.dates import Span, span
from domain.effective import Fact
from domain.history import History
from domain.parties import Organization
from domain.permit import (
    COMMERCIAL,
    DRIVERLESS,
    PILOT,
    REACHES,
    TESTING,
    Permit,
    PermitGranted,
)
from domain.places import Place
from domain.references import Key
from domain.service import RUNNING, Service
from domain.slippage import Days, between, possible
from domain.steps import Step
from domain.subject import State
from domain.telling import date_words
from domain.views import Notice

Reason = Literal["not_live", "organization", "place", "activity"]
Verdict = Literal["not_running", "covered", "no_permit_on_record", "outside_every_permit"]

_NEEDS = dict(zip(RUNNING, (TESTING, PILOT, COMMERCIAL), strict=True))


class Held(NamedTuple):
    """A permit as seen on a day.

    Attributes:
        begun: whether it was already on record then; else it is shown as it will begin.
        positions: the events behind it.
    """

    key: str
    permit: Permit
    positions: tuple[int, ...]
    begun: bool = True


# ── one permit and one service ───────────────────────────────────────────────────────────────────


def is_live(permit: Permit, day: date) -> bool:
    """Tell whether a permit holds on a day: granted, not suspended, within its dates."""
    begins = span(permit.valid_from).earliest if permit.valid_from else None
    ends = span(permit.valid_until).latest if permit.valid_until else None
    in_time = (begins is None or begins <= day) and (ends is None or day <= ends)
    return permit.stage == "granted" and in_time


def gaps(permit: Permit, service: Service, day: date) -> tuple[Reason, ...]:
    """Say why a permit does not cover a service on a day; nothing where it does."""
    return tuple(_gaps(permit, service, day))


def _gaps(permit: Permit, service: Service, day: date) -> Iterator[Reason]:
    if not is_live(permit, day):
        yield "not_live"
    if not (_shares_organization(permit, service) and _may_operate(permit, service)):
        yield "organization"
    if not _contains_place(permit, service):
        yield "place"
    if not _reaches(permit, service, _NEEDS.get(service.stage, 0)):
        yield "activity"


def _shares_organization(permit: Permit, service: Service) -> bool:
    given = (permit.holders, permit.operators, permit.technology_suppliers)
    taking_part = (service.operators, service.technology_suppliers)
    return bool(_keys(given) & _keys(taking_part))


def _may_operate(permit: Permit, service: Service) -> bool:
    """Tell whether an operator of the service is one that the permit names, if it names any."""
    named = permit.operators or ()
    return not named or bool(_keys([named]) & _keys([service.operators]))


def _keys(groups: Iterable[Iterable[Organization] | None]) -> set[str]:
    """Give the organizations on record; whom a mention means nobody knows."""
    return {one for group in groups for one in group or () if isinstance(one, Key)}


def area(permit: Permit) -> tuple[Place, ...]:
    """Give the places where a permit holds: its own, or else those of its jurisdictions."""
    if permit.places:
        return permit.places
    return tuple(one.place for one in permit.jurisdictions or () if one.place)


def _contains_place(permit: Permit, service: Service) -> bool:
    return any(one.contains(there) for one in area(permit) for there in service.places or ())


def _reaches(permit: Permit, service: Service, needed: int) -> bool:
    if service.safety_operator == "none" and permit.activity not in DRIVERLESS:
        return False
    return REACHES.get(permit.activity or "", 0) >= needed


def concerns(permit: Permit, service: Service) -> bool:
    """Tell whether a permit speaks of a service at all.

    They share an organization, and a country; where a country is missing, they may.
    """
    here = {place.country for place in area(permit)} or {None}
    there = {place.country for place in service.places or ()} or {None}
    nearby = bool(here & there) or None in here | there
    return nearby and _shares_organization(permit, service)


def days_left(permit: Permit, day: date) -> Days | None:
    """Give the days until a permit runs out; None where it does not say when."""
    return between(Span(day, day), span(permit.valid_until)) if permit.valid_until else None


def may_expire(permit: Permit, day: date, within: int) -> bool:
    """Tell whether a permit may run out within so many days."""
    left = days_left(permit, day)
    return left is not None and left.least is not None and left.least <= within


# ── a service and all permits that speak of it ───────────────────────────────────────────────────


def judged(service: Service, permits: Iterable[Held], day: date) -> dict[str, tuple[Reason, ...]]:
    """Say of each permit that speaks of a service why it does not cover it on a day."""
    return {
        one.key: gaps(one.permit, service, day) if one.begun else _unbegun(one.permit, service, day)
        for one in permits
        if concerns(one.permit, service)
    }


def _unbegun(permit: Permit, service: Service, day: date) -> tuple[Reason, ...]:
    return tuple(dict.fromkeys(("not_live", *_gaps(permit, service, day))))


def verdict(service: Service, judgements: Iterable[tuple[Reason, ...]]) -> Verdict:
    """Say whether a service runs under a permit, as far as is on record."""
    if service.stage not in _NEEDS:
        return "not_running"
    found = list(judgements)
    if not found:
        return "no_permit_on_record"
    return "outside_every_permit" if all(found) else "covered"


def warn(service: Service, running: int, permits: Iterable[Held], day: date) -> Notice | None:
    """Warn of a service that runs under no permit on record, or outside all of them.

    Args:
        service: as seen on the day.
        running: the position of the event by which it runs.
        permits: those that may speak of it.
        day: of looking.
    """
    held = list(permits)
    reasons = judged(service, held, day)
    found = verdict(service, reasons.values())
    if found == "no_permit_on_record":
        return Notice(
            found, f"no permit is on record for where it runs (stage {service.stage})", (running,)
        )
    if found != "outside_every_permit":
        return None
    told = ", ".join(f"{key} ({_words(why)})" for key, why in sorted(reasons.items()))
    behind = {one.positions[-1] for one in held if one.key in reasons}
    words = f"runs (stage {service.stage}) outside every recorded permit: {told}"
    return Notice(found, words, tuple(sorted({running, *behind})))


def _words(reasons: Iterable[Reason]) -> str:
    return ", ".join(reasons).replace("_", " ")


# ── which came first ─────────────────────────────────────────────────────────────────────────────


def ran_early(service: History, permits: Iterable[History], day: date) -> Notice | None:
    """Warn of a service that surely was tested before the first permit for that was given."""
    tested = _first_test(service)
    if tested is None or tested.fact.day > day:
        return None
    grants = [found for one in permits if (found := _first_grant(one, tested.after, day))]
    if not grants or any(began is None or began <= tested.fact.latest for _, began in grants):
        return None
    first = min((fact for fact, _ in grants), key=lambda one: one.order)
    began, granted = (date_words(one.occurred_on or str(one.day)) for one in (tested.fact, first))
    words = f"ran since {began}, its first permit is of {granted}"
    positions = tuple(sorted((tested.fact.position, first.position)))
    return Notice("test_before_permit", words, positions)


def _first_test(service: History) -> Step | None:
    return next((one for one in service.steps if one.after.stage in _NEEDS), None)


def _first_grant(permit: History, tested: State, day: date) -> tuple[Fact, date | None] | None:
    """Give the event with which a permit first let a service be tested, and since when it did.

    One that was only seen valid some day was granted nobody knows when.
    """
    for one in permit.steps:
        state, fact = one.after, one.fact
        if fact.day > day or not isinstance(state, Permit) or not isinstance(tested, Service):
            continue
        if state.stage == "granted" and _lets_test(state, tested):
            return fact, possible(fact).earliest if isinstance(fact.event, PermitGranted) else None
    return None


def _lets_test(permit: Permit, service: Service) -> bool:
    fits = _shares_organization(permit, service) and _may_operate(permit, service)
    return fits and _contains_place(permit, service) and _reaches(permit, service, TESTING)
