"""What a subject is: its kind, the fields its events may restate, and its state."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import ClassVar, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict

from domain.dates import span
from domain.quantities import Quantity
from domain.vocabulary import EdtfDate, Milestone, Value

ENDS = frozenset(
    {
        *("ended", "abandoned", "closed", "cancelled", "plan_cancelled", "merged"),
        *("revoked", "expired", "refused", "repealed", "withdrawn", "dropped", "exited"),
    }
)

# What a person should look at; the API page says what each means.
Code = Literal[
    "no_predecessor",
    "unusual",
    "contradicting_claims",
    "weak_source",
    "base_differs",
    "unit_differs",
    "period_differs",
    "legs_do_not_add_up",
    "target_overdue",
    "dormant",
    "no_permit_on_record",
    "outside_every_permit",
    "test_before_permit",
    "exclusive_elsewhere",
    "likely_duplicate",
]
Outcome = Literal["open", "met", "dropped", "lapsed"]  # of a promise

PROMISE = "target:"  # what begins the name of the field that a promise is told as
_STILL = "suspended"  # the end of every stage in which something stands still


def is_still(stage: str) -> bool:
    """Tell whether what is in this stage stands still."""
    return stage.endswith(_STILL)


class Warned(NamedTuple):
    """Something accepted that a person should look at; `fields` lead to the events behind it."""

    code: Code
    message: str
    fields: tuple[str, ...] = ()


class Target(Value):
    """A promise about a milestone, as it now stands."""

    milestone: Milestone
    target_date: EdtfDate | None = None
    quantity: Quantity | None = None
    announced_by: str | None = None
    outcome: Outcome = "open"

    @property
    def field(self) -> str:
        """The name under which its changes and origins are told."""
        return f"{PROMISE}{self.milestone}"

    @property
    def due(self) -> date | None:
        """The last day by which it can be met; None where it is closed, or has no such day."""
        if self.outcome != "open" or self.target_date is None:
            return None
        return span(self.target_date).latest

    def is_overdue(self, day: date) -> bool:
        """Tell whether the last possible day has passed without a result."""
        return self.due is not None and self.due < day

    def closed(self, outcome: Outcome) -> Self:
        """Close it, unless it is closed already."""
        return self.model_copy(update={"outcome": outcome}) if self.outcome == "open" else self


class Facts(BaseModel):
    """The fields of a kind: every event of the kind may restate them, its state shows them."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class State(BaseModel):
    """One subject on one day: its stage beside the fields of its kind."""

    model_config = ConfigDict(frozen=True)

    kind: ClassVar["Kind"]

    stage: str = ""  # empty while nothing is on record
    suspended_from: str | None = None  # the stage to return to
    targets: tuple[Target, ...] = ()
    merged_into: str | None = None

    @property
    def ended(self) -> bool:
        """Whether its life is over."""
        return self.stage in ENDS

    @property
    def reached(self) -> str:
        """The stage on the ladder: the present one, or the one before its suspension."""
        return self.suspended_from or self.stage

    def restated(self, facts: BaseModel, stage: str | None = None) -> Self:
        """Take over the fields that are given, and move to `stage` where one is given."""
        told = facts.__dict__
        given = ((name, told[name]) for name in facts.model_fields_set & self.kind.fields)
        changes: dict[str, object] = {name: value for name, value in given if value is not None}
        return self.model_copy(update=changes | self._staged(stage))

    def _staged(self, stage: str | None) -> dict[str, object]:
        if stage is None:
            return {} if self.stage else {"stage": "unknown"}
        changes: dict[str, object] = {"stage": stage, "suspended_from": None}
        if stage == "suspended":
            changes["suspended_from"] = self.suspended_from or self.stage or "unknown"
        if stage in ENDS:
            changes["targets"] = tuple(target.closed("lapsed") for target in self.targets)
        return changes

    def missing(self) -> tuple[str, ...]:
        """Name the fields without which a record cannot be opened."""
        return tuple(
            " or ".join(names)
            for names in self.kind.opens_with
            if not any(getattr(self, name) is not None for name in names)
        )

    def check(self, before: Self) -> None:
        """Refuse to be what contradicts itself, where it was not so before.

        Raises:
            Refused: which fields do not go together.
        """

    def names_in_use(self) -> Iterable[str]:
        """Give the names by which it may be referred to, beside its key."""
        return ()

    def warnings(self) -> Iterable[Warned]:
        """Say what about this state a person should look at."""
        return ()


@dataclass(frozen=True)
class Kind:
    """A kind of subject.

    Attributes:
        name: as in `partnership.formed`.
        path: as in `/v1/partnerships`.
        noun: as in "log a partnership".
        title: template of what people call one; slots are identity fields.
        facts: the fields of the kind.
        state: the state of the kind.
        opens_with: the fields needed to open a record; of a group one is enough.
        recalls: further fields that headlines tell although the event does not restate them.
        ladder: stages in which only a resumption may go back.
        goes_dormant: whether silence is worth a warning.
    """

    name: str
    path: str
    noun: str
    title: str
    facts: type[Facts]
    state: type[State]
    opens_with: tuple[tuple[str, ...], ...]
    recalls: tuple[str, ...] = ()
    ladder: tuple[str, ...] = ()
    goes_dormant: bool = False

    def __post_init__(self) -> None:
        """Tell the state what kind it is of."""
        self.state.kind = self

    @cached_property
    def unknown(self) -> State:
        """The state while nothing is on record."""
        return self.state()

    @cached_property
    def fields(self) -> frozenset[str]:
        """The names of the fields."""
        return frozenset(self.facts.model_fields)

    @cached_property
    def identity(self) -> frozenset[str]:
        """The names of the fields that headlines and titles may tell from the state."""
        return frozenset(name for names in self.opens_with for name in names) | {*self.recalls}
