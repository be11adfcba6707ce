"""Tenders: what public buyers ask for, and who wins."""

from typing import Annotated, ClassVar

from pydantic import Field

from domain.event import Event
from domain.parties import Organization, Parties
from domain.places import Place
from domain.quantities import Money
from domain.subject import Facts, Kind, State
from domain.vocabulary import EdtfDate, Text


class TenderFacts(Facts):
    """What is known of a tender."""

    buyer: Annotated[Organization, Field(description="Who asks for offers.")] | None = None
    object: (
        Annotated[Text, Field(examples=["autonomous bus pilot"], description="What is bought.")]
        | None
    ) = None
    place: Annotated[Place, Field(description="Where it is for.")] | None = None
    money: Annotated[Money, Field(description="What it is worth, or was awarded for.")] | None = (
        None
    )
    closing_on: Annotated[EdtfDate, Field(description="Last day for offers.")] | None = None
    options: (
        Annotated[Text, Field(examples=["14 more buses"], description="What may be bought later.")]
        | None
    ) = None
    awardees: Annotated[Parties, Field(description="Who won, and as what.")] | None = None


class Tender(TenderFacts, State):
    """A call for offers."""


class TenderEvent(TenderFacts, Event):
    """An event of a tender."""

    kind = Kind(
        name="tender",
        path="tenders",
        noun="tender",
        title="{object}, {buyer}",
        facts=TenderFacts,
        state=Tender,
        opens_with=(("buyer",), ("object",)),
    )


class TenderOpened(TenderEvent):
    """Offers are asked for."""

    type = "tender.opened"
    verb = "open"
    headline = "{buyer} asks for offers: {object}[, until {closing_on}]"
    usual_from = ("", "rumoured")
    example: ClassVar = {
        "buyer": "lta-singapore",
        "object": "autonomous bus pilot",
        "place": {"country": "SG", "city": "Singapore"},
        "closing_on": "2025-04-01",
    }


class TenderAmended(TenderEvent):
    """Its terms were altered."""

    type = "tender.amended"
    verb = "amend"
    headline = "{buyer} amended: {object}[, until {closing_on}]"
    leads_to = None
    usual_from = ("opened",)
    example: ClassVar = {"closing_on": "2025-06-09"}


class TenderAwarded(TenderEvent):
    """Somebody won."""

    type = "tender.awarded"
    verb = "award"
    headline = "{buyer} awarded {object}[ to {awardees}][ for {money}]"
    usual_from = ("", "rumoured", "opened")
    example: ClassVar = {
        "awardees": [
            {"organization": "mogo", "role": "developer"},
            {"organization": "byd", "role": "carmaker"},
        ],
        "money": {"amount": "8140000", "currency": "SGD"},
    }


class TenderContracted(TenderEvent):
    """The contract was signed."""

    type = "tender.contracted"
    verb = "contract"
    headline = "{buyer} signed for {object}[ with {awardees}][ for {money}]"
    usual_from = ("awarded",)
    example: ClassVar = {"details": "Contract signed"}


class TenderCancelled(TenderEvent):
    """Nothing is bought."""

    type = "tender.cancelled"
    verb = "cancel"
    headline = "{buyer} cancelled: {object}"
    usual_from = ("", "rumoured", "opened", "awarded")
    example: ClassVar = {"details": "No offer met the terms"}
