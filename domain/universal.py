"""Events that any subject can have: notes, evidence, claims, targets, and events about events."""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import Field
from pydantic_core import from_json, to_json

from domain.event import CLAIM, UNIVERSAL, Event, event_class
from domain.limits import limit
from domain.parties import Organization
from domain.quantities import Quantity
from domain.references import Key, References
from domain.refusals import KeepsTarget
from domain.subject import Outcome, State, Target
from domain.vocabulary import EdtfDate, Milestone, Pointer, Sources, Text, Word

if TYPE_CHECKING:
    from domain.history import History

_ANYBODY = frozenset({"contributor", "auditor", "admin"})


class UniversalEvent(Event):
    """An event that any subject can have; it changes no stage."""

    phase = UNIVERSAL

    def evolve(self, state: State) -> State:
        """Leave the state as it is."""
        return state


class NoteAdded(UniversalEvent):
    """Somebody wrote something down about it."""

    type = "note.added"
    verb = "add-note"
    headline = "{subject}: {details}"
    after_end = True
    roles = _ANYBODY
    example: ClassVar = {"details": "Robotaxi Zeekr RT now called Ojai"}


class Pointing(UniversalEvent):
    """An event about an earlier event of the same subject."""

    target: (
        Annotated[Pointer, Field(description="The event of this subject that is meant.")] | None
    ) = None

    def check_target(self, history: "History", position: int) -> None:
        """Let it take the place of the event at a position only where it is about the same.

        Raises:
            KeepsTarget: it is about another.
        """
        meant = history.find(self.target).position if self.target else None
        if meant != history.fact(position).target:
            raise KeepsTarget(positions=[history.original(position)], position=position)


class EvidenceAdded(Pointing):
    """A further source bears on the subject, or on one of its events."""

    type = "evidence.added"
    verb = "add-evidence"
    headline = "Evidence on [position {about}, ]{subject}[: {details}]"
    after_end = True
    roles = _ANYBODY
    example: ClassVar = {"target": {"position": 12}, "details": "First bus in the country"}


# ── claims ───────────────────────────────────────────────────────────────────────────────────────


class ClaimReported(Event):
    """Somebody says so, and nobody who must know has confirmed it."""

    type = "claim.reported"
    verb = "report-claim"
    headline = "Rumoured: {subject}[: {details}]"
    phase = CLAIM
    carries_facts = True
    example: ClassVar = {"details": "Press report: plan to launch in Türkiye"}

    def evolve(self, state: State) -> State:
        """Open a record as rumoured; what is known otherwise stands."""
        return state.restated(self, "rumoured") if state.stage in ("", "rumoured") else state


class ClaimDenied(Pointing):
    """Somebody who must know denies a claim; without a target, every claim made before."""

    type = "claim.denied"
    verb = "deny-claim"
    headline = "[{denied_by} denies: ]{subject}[: {claim}]"
    after_end = True
    example: ClassVar = {"claim": "service starts in May", "denied_by": "baidu-apollo-go"}

    claim: (
        Annotated[
            Text, Field(description="What is denied, in words.", examples=["service starts in May"])
        ]
        | None
    ) = None
    denied_by: Annotated[Organization, Field(description="Who denies it.")] | None = None


# ── milestones and targets ───────────────────────────────────────────────────────────────────────


class MilestoneReached(UniversalEvent):
    """Something worth remembering was achieved that no other event says."""

    type = "milestone.reached"
    verb = "reach-milestone"
    headline = "{subject} reached {milestone}[: {quantity}]"
    example: ClassVar = {"milestone": "series_production"}

    milestone: Milestone
    quantity: Annotated[Quantity, Field(description="How much was reached.")] | None = None


class TargetEvent(UniversalEvent):
    """A promise about a milestone, and what became of it."""

    outcome: ClassVar[Outcome] = "open"

    milestone: Milestone
    target_date: Annotated[EdtfDate, Field(description="By when.")] | None = None
    quantity: Annotated[Quantity, Field(description="How much.")] | None = None
    announced_by: Annotated[Organization, Field(description="Who promised it.")] | None = None

    def evolve(self, state: State) -> State:
        """Let this be how the promise about the milestone now stands."""
        others = [target for target in state.targets if target.milestone != self.milestone]
        before = [target for target in state.targets if target.milestone == self.milestone]
        now = (before or [Target(milestone=self.milestone)])[-1]
        promise = {"target_date": self.target_date, "quantity": self.quantity}
        promise["announced_by"] = _key(self.announced_by)
        given = {name: value for name, value in promise.items() if value is not None}
        changed = now.model_copy(update={**given, "outcome": self.outcome})
        return state.model_copy(update={"targets": (*others, changed)})


class TargetSet(TargetEvent):
    """A promise: this will be reached, by then."""

    type = "target.set"
    verb = "set-target"
    headline = "{subject}: {milestone} promised[ for {target_date}][, {quantity}]"
    example: ClassVar = {"milestone": "service_start", "target_date": "2026-40"}


class TargetReaffirmed(TargetEvent):
    """The promise was repeated."""

    type = "target.reaffirmed"
    verb = "reaffirm-target"
    headline = "{subject}: {milestone} promised again[ for {target_date}][, {quantity}]"
    example: ClassVar = {"milestone": "production_start", "target_date": "2026-07/2027-06"}


class TargetMoved(TargetEvent):
    """The promise was given another date or another size."""

    type = "target.moved"
    verb = "move-target"
    headline = "{subject}: {milestone} now promised[ for {target_date}][, {quantity}]"
    example: ClassVar = {"milestone": "service_start", "target_date": "2027"}


class TargetMet(TargetEvent):
    """The promise was kept."""

    type = "target.met"
    verb = "meet-target"
    headline = "{subject}: {milestone} reached as promised"
    after_end = True
    outcome = "met"
    example: ClassVar = {"milestone": "first_delivery"}


class TargetDropped(TargetEvent):
    """The promise was given up."""

    type = "target.dropped"
    verb = "drop-target"
    headline = "{subject}: {milestone} no longer promised"
    after_end = True
    outcome = "dropped"
    example: ClassVar = {"milestone": "sale_of_china_unit"}


def _key(organization: Organization | None) -> str | None:
    if organization is None or isinstance(organization, Key):
        return organization
    return organization.mention


# ── events about events ──────────────────────────────────────────────────────────────────────────


class Amendment(Pointing):
    """An event about an earlier event that acts by knowledge alone."""

    by_knowledge = True
    after_end = True
    needs_reason = True

    target: Annotated[Pointer, Field(description="The event of this subject that is meant.")]


class EventCorrected(Amendment):
    """What was recorded is replaced, and stays readable for ever."""

    type = "event.corrected"
    verb = "correct"
    headline = "Corrected: [position {about}, ]{subject}[: {reason}][; {details}]"
    example: ClassVar = {"target": {"position": 12}, "occurred_on": "2024-09-25"}

    occurred_on: (
        Annotated[
            EdtfDate,
            Field(description="The date that replaces the old one; null where nobody knows."),
        ]
        | None
    ) = None
    data: (
        Annotated[
            dict[str, Any],
            Field(
                description="The payload that replaces the old one whole.",
                examples=[{"level": "L4"}],
            ),
        ]
        | None
    ) = None
    sources: (
        Annotated[Sources, Field(description="The sources that replace the old ones, all of them.")]
        | None
    ) = None
    schema_: Annotated[
        int | None,
        Field(alias="schema", ge=1, description="Of `data`; set by the server.", examples=[2]),
    ] = None

    @limit
    def _replaces_something(self) -> None:
        replaced = "occurred_on" in self.model_fields_set or self.data is not None
        if not replaced and self.sources is None:
            raise ValueError("a correction gives occurred_on, data or sources, to replace the old")
        if self.schema_ is not None:
            raise ValueError("schema is set by the server, as the version of data")

    def complete(self, history: "History", references: References) -> Self:
        """Validate the new payload as one of the corrected event."""
        if self.data is None:
            return self
        target = history.find(self.target)
        corrected = event_class(target.event.type, target.kind)
        payload = corrected.admit(to_json(self.data), references)
        if isinstance(payload, Pointing):
            payload.check_target(history, target.position)
        payload = payload.complete(history, references)
        changes: dict[str, Any] = {"data": from_json(payload.to_json())}
        if corrected.schema_number() > 1:
            changes["schema_"] = corrected.schema_number()
        return self.model_copy(update=changes)


class EventRetracted(Amendment):
    """What was recorded was wrong, or was recorded by mistake; it no longer counts."""

    type = "event.retracted"
    verb = "retract"
    headline = "Withdrawn: [position {about}, ]{subject}[: {reason}][; {details}]"
    example: ClassVar = {"target": {"position": 12}}


class EventDisputed(Amendment):
    """Somebody doubts what was recorded."""

    type = "event.disputed"
    verb = "dispute"
    headline = "Disputed: [position {about}, ]{subject}[: {reason}][; {details}]"
    roles = _ANYBODY
    needs_reason = False
    example: ClassVar = {"target": {"position": 12}, "details": "One page says planned"}


class EventDisputeResolved(Amendment):
    """A dispute was settled."""

    type = "event.dispute_resolved"
    verb = "resolve-dispute"
    headline = "Settled[ ({outcome})]: [position {about}, ]{subject}[: {reason}][; {details}]"
    roles = frozenset({"admin"})
    needs_reason = False
    example: ClassVar = {"target": {"position": 12}, "outcome": "upheld"}

    outcome: Annotated[Word, Field(description="How.", examples=["upheld"])] | None = None


# ── duplicates ───────────────────────────────────────────────────────────────────────────────────


class SubjectMerged(UniversalEvent):
    """This record is a duplicate of another subject's."""

    type = "subject.merged"
    verb = "merge-into"
    headline = "{subject} is the same as {into}[: {reason}]"
    by_knowledge = True
    after_end = True
    needs_reason = True
    roles = frozenset({"admin"})
    example: ClassVar = {"into": "weride-uber-abu-dhabi"}

    into: Annotated[Key, Field(examples=["weride-uber-abu-dhabi"])]


class SubjectUnmerged(UniversalEvent):
    """It is no duplicate after all."""

    type = "subject.unmerged"
    verb = "unmerge"
    headline = "{subject} is a record of its own again[: {reason}]"
    by_knowledge = True
    after_end = True
    needs_reason = True
    roles = frozenset({"admin"})
    example: ClassVar = {"details": "Two different services"}
