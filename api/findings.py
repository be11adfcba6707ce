"""The shapes of answers that are computed when they are asked; see `api.shapes` for the others."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from api.shapes import Dated, Edtf, Json, Position, Shape, Subject
from domain.coverage import Reason, Verdict
from domain.subject import Outcome


class DayRange(Shape):
    """A number of days, as precise as the dates; null is an open side."""

    least: int | None
    most: int | None


# ── coverage ─────────────────────────────────────────────────────────────────────────────────────


class Permitted(Shape):
    """A permit that holds on the day, at one of its places."""

    subject: Subject
    title: str
    stage: str
    activity: str
    place: Annotated[Json | None, Field(description="Null where none is recorded.")]
    jurisdictions: list[Json]
    holders: list[Any]
    operators: list[Any]
    technology_suppliers: list[Any]
    number: str | None
    conditions: str | None
    fleet_limit: Json | None
    valid_from: Edtf | None
    valid_until: Edtf | None
    days_left: Annotated[DayRange | None, Field(description="Null: it does not say until when.")]
    uncertain: bool
    contested: bool
    positions: list[Position]


class Lacking(Shape):
    """A permit that speaks of a service and does not cover it."""

    subject: Subject
    title: str
    lacks: list[Reason]
    positions: list[Position]


class ServiceJudged(Shape):
    """Whether a service runs under a permit, as far as is on record."""

    subject: Subject
    title: str
    stage: str
    safety_operator: str | None
    verdict: Literal[Verdict, "not_there"]
    positions: list[Position]
    outside: list[Lacking]


class CoveragePage(Dated):
    """A page of what is permitted; of one service, all of it."""

    items: list[Permitted]
    service: ServiceJudged | None = None


# ── promises and suspensions ─────────────────────────────────────────────────────────────────────


class Named(Shape):
    """An event, in short."""

    position: Position
    type: str
    occurred_on: Edtf | None
    effective_day: date


class Promised(Shape):
    """What was promised."""

    target_date: Edtf | None
    quantity: Json | None


class TargetTold(Named):
    """One telling of a promise."""

    target_date: Edtf | None
    quantity: Json | None


class PromiseMoved(Shape):
    """A change of a promise."""

    position: Position
    occurred_on: Edtf | None
    from_: Annotated[Promised, Field(alias="from")]
    to: Promised
    days: Annotated[DayRange | None, Field(description="By which the date moved.")]


class Lateness(Shape):
    """How late a promise was met, or is."""

    first: Annotated[DayRange | None, Field(description="After the date promised first.")]
    present: Annotated[DayRange | None, Field(description="After the date that stands.")]


class TargetOfSubject(Shape):
    """A promise about a milestone, from its first telling on."""

    subject: Subject
    title: str
    milestone: str
    outcome: Outcome
    overdue: bool
    target_date: Edtf | None
    quantity: Json | None
    announced_by: str | None
    told: list[TargetTold]
    moved: Annotated[int, Field(ge=0)]
    moves: list[PromiseMoved]
    settled: Named | None
    late: Lateness
    positions: list[Position]


class TargetsPage(Dated):
    """A page of promises, by their subjects."""

    items: list[TargetOfSubject]


class SuspensionOfSubject(Shape):
    """A time in which a subject stood still."""

    subject: Subject
    title: str
    stage: str
    open: bool
    began: Named
    ended: Named | None
    days: DayRange
    positions: list[Position]


class SuspensionsPage(Dated):
    """A page of suspensions, by their subjects."""

    items: list[SuspensionOfSubject]


# ── the graph ────────────────────────────────────────────────────────────────────────────────────


class Via(Shape):
    """What two organizations do together, and as what."""

    subject: Subject
    stage: str
    as_: Annotated[list[str], Field(alias="as")]
    partner_as: list[str]
    positions: list[Position]


class Partner(Shape):
    """An organization with which another one works."""

    subject: Subject
    title: str
    roles: list[str]
    via: list[Via]


class Node(Shape):
    """An organization and those with which it works."""

    subject: Subject
    title: str
    roles: list[str]
    partners: list[Partner]
    positions: list[Position]


class GraphPage(Dated):
    """A page of organizations with their partners, by key."""

    items: list[Node]
