"""Localizations: what a system must learn to drive somewhere else."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from domain.event import Event
from domain.parties import Jurisdiction, Organization
from domain.places import Place
from domain.subject import Facts, Kind, State
from domain.vocabulary import Text

Topic = Literal["traffic_rule", "behaviour", "weather", "road", "language", "data", "hardware"]


class LocalizationFacts(Facts):
    """What is known of a localization."""

    organization: Annotated[Organization, Field(description="Whose system is adapted.")] | None = (
        None
    )
    requirement: (
        Annotated[
            Text,
            Field(
                description="What it must learn to respect or to handle.",
                examples=["left-hand traffic"],
            ),
        ]
        | None
    ) = None
    jurisdiction: (
        Annotated[Jurisdiction, Field(description="Whose rule it is, where it is one.")] | None
    ) = None
    place: Annotated[Place, Field(description="Where it holds.")] | None = None
    topic: Annotated[Topic, Field(description="What it is about.")] | None = None
    proving_ground: Annotated[Place, Field(description="Where it is tried out.")] | None = None


class Localization(LocalizationFacts, State):
    """A local rule, habit, climate or language to which a system is adapted."""


class LocalizationEvent(LocalizationFacts, Event):
    """An event of a localization."""

    kind = Kind(
        name="localization",
        path="localizations",
        noun="localization",
        title="{organization}: {requirement}[, {place}][, {jurisdiction}]",
        facts=LocalizationFacts,
        state=Localization,
        opens_with=(("organization",), ("requirement",), ("jurisdiction", "place")),
        goes_dormant=True,
    )


class LocalizationIdentified(LocalizationEvent):
    """Somebody saw that it is needed."""

    type = "localization.identified"
    verb = "identify"
    headline = "{organization} must adapt to {requirement}[ in {place}][ in {jurisdiction}]"
    usual_from = ("", "rumoured")
    example: ClassVar = {
        "organization": "qcraft",
        "requirement": "road sections without a speed limit",
        "place": {"country": "DE"},
        "topic": "traffic_rule",
    }


class LocalizationStarted(LocalizationEvent):
    """Work on it began."""

    type = "localization.started"
    verb = "start"
    headline = "{organization} adapts to {requirement}[ in {place}][ in {jurisdiction}]"
    usual_from = ("", "rumoured", "identified")
    example: ClassVar = {
        "organization": "mogo",
        "requirement": "heavy rain",
        "place": {"country": "SG", "city": "Singapore"},
        "topic": "weather",
    }


class LocalizationValidated(LocalizationEvent):
    """It was shown to work."""

    type = "localization.validated"
    verb = "validate"
    headline = "{organization} validated: {requirement}[ in {place}][ in {jurisdiction}]"
    usual_from = ("started",)
    example: ClassVar = {"details": "10,000 km without a fault"}


class LocalizationDeployed(LocalizationEvent):
    """It is on the road."""

    type = "localization.deployed"
    verb = "deploy"
    headline = "{organization} deployed: {requirement}[ in {place}][ in {jurisdiction}]"
    usual_from = ("started", "validated")
    example: ClassVar = {"details": "Delivered over the air"}


class LocalizationDropped(LocalizationEvent):
    """It was given up."""

    type = "localization.dropped"
    verb = "drop"
    headline = "{organization} dropped: {requirement}[ in {place}][ in {jurisdiction}]"
    usual_from = ("identified", "started", "validated")
    example: ClassVar = {"details": "Market left"}
