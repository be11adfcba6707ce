"""Incidents: what went wrong on the road, and what followed."""

from typing import Annotated, ClassVar

from pydantic import Field

from domain.event import Event
from domain.parties import Organization
from domain.places import Place
from domain.references import ServiceKey
from domain.subject import Facts, Kind, State
from domain.vocabulary import Text


class IncidentFacts(Facts):
    """What is known of an incident."""

    service: (
        Annotated[
            ServiceKey,
            Field(
                examples=["weride-uber-abu-dhabi-robotaxi"],
                description="The service, where it is known.",
            ),
        ]
        | None
    ) = None
    organization: (
        Annotated[Organization, Field(description="Whose vehicle or system it was.")] | None
    ) = None
    place: Annotated[Place, Field(description="Where it happened.")] | None = None
    what_happened: (
        Annotated[
            Text,
            Field(
                description="In a sentence.", examples=["Hit a centre divider after a right turn"]
            ),
        ]
        | None
    ) = None
    injuries: (
        Annotated[Text, Field(description="Who was hurt, as it was told.", examples=["none"])]
        | None
    ) = None
    cause: (
        Annotated[
            Text, Field(description="As far as it is known.", examples=["suspected software fault"])
        ]
        | None
    ) = None


class Incident(IncidentFacts, State):
    """A crash, a fault, an outage."""


class IncidentEvent(IncidentFacts, Event):
    """An event of an incident."""

    kind = Kind(
        name="incident",
        path="incidents",
        noun="incident",
        title="Incident[ of {organization}][ of {service}], {place}",
        facts=IncidentFacts,
        state=Incident,
        opens_with=(("service", "organization"), ("place",)),
    )


class IncidentOccurred(IncidentEvent):
    """It happened."""

    type = "incident.occurred"
    verb = "occur"
    headline = "[{organization}: ][{service}: ]{what_happened}[ in {place}]"
    usual_from = ("", "rumoured")
    example: ClassVar = {
        "organization": "pony-ai",
        "place": {"country": "US", "subdivision": "US-CA", "city": "Fremont"},
        "what_happened": "Hit a centre divider and a sign after a right turn",
        "injuries": "none",
    }


class IncidentCauseRevised(IncidentEvent):
    """The cause is now seen otherwise."""

    type = "incident.cause_revised"
    verb = "revise-cause"
    headline = "[{organization}: ][{service}: ]cause now {cause}"
    leads_to = None
    usual_from = ("occurred", "recalled")
    example: ClassVar = {"cause": "suspected software fault"}


class IncidentRecalled(IncidentEvent):
    """Vehicles were called back."""

    type = "incident.recalled"
    verb = "recall"
    headline = "[{organization}: ][{service}: ]recall[ in {place}][: {what_happened}]"
    usual_from = ("", "rumoured", "occurred")
    example: ClassVar = {
        "organization": "pony-ai",
        "place": {"country": "US"},
        "what_happened": "Three vehicles recalled",
        "cause": "suspected software fault",
    }


class IncidentClosed(IncidentEvent):
    """It was settled."""

    type = "incident.closed"
    verb = "close"
    headline = "[{organization}: ][{service}: ]incident closed"
    usual_from = ("occurred", "recalled")
    example: ClassVar = {"details": "Inquiry closed"}
