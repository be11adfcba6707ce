"""Permits: what a regulator lets whom do, where, and until when."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field

from domain.dates import span
from domain.event import Event
from domain.parties import Jurisdictions, Organizations
from domain.places import Places
from domain.quantities import Vehicles
from domain.refusals import EndsBeforeStart
from domain.subject import Facts, Kind, State
from domain.vocabulary import EdtfDate, Name, Text

LIVE = ("granted", "suspended")

Activity = Literal[
    "testing",
    "testing_driverless",
    "passenger_pilot",
    "passenger_pilot_driverless",
    "operation_driverless",
    "no_manual_controls",
    "commercial",
    "commercial_driverless",
    "type_approval",
    "data",
    "export",
]

TESTING, PILOT, COMMERCIAL = 1, 2, 3
# How far each activity reaches; what is not here (type approval, data, export) runs no service.
REACHES = {
    "testing": TESTING,
    "testing_driverless": TESTING,
    "passenger_pilot": PILOT,
    "passenger_pilot_driverless": PILOT,
    "operation_driverless": COMMERCIAL,
    "no_manual_controls": COMMERCIAL,
    "commercial": COMMERCIAL,
    "commercial_driverless": COMMERCIAL,
}
DRIVERLESS = {name for name in REACHES if "driverless" in name} | {"no_manual_controls"}


class PermitFacts(Facts):
    """What is known of a permit."""

    holders: Annotated[Organizations, Field(description="To whom it was given.")] | None = None
    operators: (
        Annotated[
            Organizations, Field(description="Who may run the vehicles; unnamed, the holders.")
        ]
        | None
    ) = None
    technology_suppliers: (
        Annotated[Organizations, Field(description="Whose driving system it names.")] | None
    ) = None
    jurisdictions: Annotated[Jurisdictions, Field(description="Whose permit it is.")] | None = None
    places: Annotated[Places, Field(description="The permitted area.")] | None = None
    activity: Annotated[Activity, Field(description="What it allows.")] | None = None
    number: (
        Annotated[Name, Field(description="As the regulator numbers it.", examples=["2025-014"])]
        | None
    ) = None
    valid_from: (
        Annotated[EdtfDate, Field(description="The first day on which it holds.")] | None
    ) = None
    valid_until: (
        Annotated[EdtfDate, Field(description="The last day on which it holds.")] | None
    ) = None
    conditions: (
        Annotated[
            Text,
            Field(
                description="Under which it holds.",
                examples=["named streets, by day, below 60 km/h"],
            ),
        ]
        | None
    ) = None
    fleet_limit: (
        Annotated[Vehicles, Field(description="How many vehicles it allows in all.")] | None
    ) = None


class Permit(PermitFacts, State):
    """A regulator's leave to run, test, sell, export or collect data."""

    def check(self, before: Self) -> None:
        """Let nothing end before it starts."""
        validity = self.valid_from, self.valid_until
        if None in validity or validity == (before.valid_from, before.valid_until):
            return
        start, until = validity
        if _ends_before(start or "", until or ""):
            raise EndsBeforeStart("valid_from", "valid_until", start=start, until=until)

    def missing(self) -> tuple[str, ...]:
        """Ask for no holder of a type approval: it is the vehicle's."""
        names = super().missing()
        if self.activity == "type_approval":
            return tuple(name for name in names if name != "holders")
        return names


def _ends_before(start: str, until: str) -> bool:
    first, last = span(start).earliest, span(until).latest
    return bool(first and last and last < first)


class PermitEvent(PermitFacts, Event):
    """An event of a permit."""

    kind = Kind(
        name="permit",
        path="permits",
        noun="permit",
        title="[{holders}: ]{activity} permit[, {jurisdictions}]",
        facts=PermitFacts,
        state=Permit,
        opens_with=(("holders",), ("jurisdictions",), ("activity",)),
    )


class PermitApplied(PermitEvent):
    """Somebody asked for it."""

    type = "permit.applied"
    verb = "apply"
    headline = "{holders} applied for {activity} in {jurisdictions}"
    usual_from = ("", "rumoured")
    example: ClassVar = {
        "holders": ["pony-ai"],
        "jurisdictions": [{"level": "city", "place": {"country": "HK", "city": "Hong Kong"}}],
        "activity": "testing",
    }


class PermitGranted(PermitEvent):
    """A regulator allowed the holder to run vehicles here."""

    type = "permit.granted"
    verb = "grant"
    headline = "{holders} may run {activity} in {jurisdictions}[ until {valid_until}]"
    usual_from = ("", "rumoured", "applied")
    example: ClassVar = {
        "holders": ["weride"],
        "jurisdictions": [
            {
                "level": "city",
                "authority": "dubai-rta",
                "place": {"country": "AE", "subdivision": "AE-DU", "city": "Dubai"},
            }
        ],
        "activity": "testing",
        "valid_until": "2029-12-08",
        "fleet_limit": {"value": 50, "unit": "vehicles"},
    }


class PermitConfirmed(PermitEvent):
    """Somebody saw it valid on that day; when it was granted is not known."""

    type = "permit.confirmed"
    verb = "confirm"
    headline = "{holders}: {activity} permit seen valid in {jurisdictions}"
    leads_to = "granted"
    usual_from = ("", "rumoured", "applied", "granted")
    example: ClassVar = {"details": "Valid; day of grant unknown"}


class PermitAmended(PermitEvent):
    """Its terms were altered."""

    type = "permit.amended"
    verb = "amend"
    headline = "{holders}: {activity} permit amended[: {details}]"
    leads_to = None
    usual_from = LIVE
    example: ClassVar = {"details": "Twice as many cars and new areas"}


class PermitRenewed(PermitEvent):
    """It was prolonged."""

    type = "permit.renewed"
    verb = "renew"
    headline = "{holders}: {activity} permit renewed[ until {valid_until}]"
    leads_to = "granted"
    usual_from = ("granted",)
    example: ClassVar = {"valid_until": "2030-12-08"}


class PermitSuspended(PermitEvent):
    """It does not hold for now."""

    type = "permit.suspended"
    verb = "suspend"
    headline = "{holders}: {activity} permit suspended in {jurisdictions}"
    usual_from = ("granted",)
    example: ClassVar = {"details": "Suspended with immediate effect"}


class PermitReinstated(PermitEvent):
    """It holds again."""

    type = "permit.reinstated"
    verb = "reinstate"
    headline = "{holders}: {activity} permit reinstated in {jurisdictions}"
    leads_to = "granted"
    usual_from = ("suspended",)
    undoes = "suspended"
    example: ClassVar = {"details": "Reinstated after a review"}


class PermitRevoked(PermitEvent):
    """The regulator took it back."""

    type = "permit.revoked"
    verb = "revoke"
    headline = "{holders}: {activity} permit revoked in {jurisdictions}"
    usual_from = LIVE
    example: ClassVar = {"details": "Revoked over drivers' records"}


class PermitExpired(PermitEvent):
    """It ran out."""

    type = "permit.expired"
    verb = "expire"
    headline = "{holders}: {activity} permit expired in {jurisdictions}"
    usual_from = LIVE
    example: ClassVar = {"details": "Not renewed"}


class PermitRefused(PermitEvent):
    """The regulator said no."""

    type = "permit.refused"
    verb = "refuse"
    headline = "{holders}: {activity} permit refused in {jurisdictions}"
    usual_from = ("", "rumoured", "applied")
    example: ClassVar = {"details": "Refused for lack of data"}
