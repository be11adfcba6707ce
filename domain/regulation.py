"""Regulations: the rules that decide who may drive, sell or ship what, and since when."""

from typing import Annotated, ClassVar

from pydantic import Field

from domain.event import Event
from domain.parties import Jurisdictions
from domain.references import RegulationKey
from domain.subject import Facts, Kind, State
from domain.vocabulary import EdtfDate, Text, Value, Word

PENDING = ("", "rumoured", "proposed")


class Application(Value):
    """From when a rule applies, and to what."""

    day: Annotated[EdtfDate, Field(description="From when.")]
    to: (
        Annotated[
            Text,
            Field(description="To what.", examples=["exports of pure electric passenger cars"]),
        ]
        | None
    ) = None


class RegulationFacts(Facts):
    """What is known of a regulation."""

    title: (
        Annotated[
            Text,
            Field(
                description="As people cite it.",
                examples=["UN R171 on driver control assistance systems"],
            ),
        ]
        | None
    ) = None
    jurisdictions: Annotated[Jurisdictions, Field(description="Where it holds.")] | None = None
    topic: (
        Annotated[
            Word, Field(description="What it is about, in a word.", examples=["l4_framework"])
        ]
        | None
    ) = None
    amends: (
        Annotated[
            RegulationKey, Field(examples=["un-r171"], description="The regulation that it alters.")
        ]
        | None
    ) = None
    applies_from: (
        Annotated[
            tuple[Application, ...],
            Field(description="Since when it holds, for what.", max_length=100),
        ]
        | None
    ) = None


class Regulation(RegulationFacts, State):
    """A law, ordinance, UN regulation, tariff, or practice of an authority."""


class RegulationEvent(RegulationFacts, Event):
    """An event of a regulation."""

    kind = Kind(
        name="regulation",
        path="regulations",
        noun="regulation",
        title="{title}",
        facts=RegulationFacts,
        state=Regulation,
        opens_with=(("title",), ("jurisdictions",)),
    )


class RegulationProposed(RegulationEvent):
    """A draft was tabled."""

    type = "regulation.proposed"
    verb = "propose"
    headline = "Proposed: {title}[, {jurisdictions}]"
    usual_from = ("", "rumoured")
    example: ClassVar = {
        "title": "Supplement to UN R171",
        "jurisdictions": [{"level": "international", "authority": "unece"}],
        "topic": "dcas",
        "amends": "un-r171",
    }


class RegulationAdopted(RegulationEvent):
    """It was decided."""

    type = "regulation.adopted"
    verb = "adopt"
    headline = "Adopted: {title}[, {jurisdictions}]"
    usual_from = PENDING
    example: ClassVar = {
        "title": "Export licence for pure electric passenger cars",
        "jurisdictions": [{"level": "national", "place": {"country": "CN"}}],
        "applies_from": [{"day": "2026-01-01", "to": "exports of pure electric passenger cars"}],
    }


class RegulationInForce(RegulationEvent):
    """It applies."""

    type = "regulation.in_force"
    verb = "enter-into-force"
    headline = "In force: {title}[, {jurisdictions}]"
    usual_from = (*PENDING, "adopted")
    example: ClassVar = {"details": "Applies to all new types"}


class RegulationAmended(RegulationEvent):
    """Its text was altered."""

    type = "regulation.amended"
    verb = "amend"
    headline = "Amended: {title}[: {details}]"
    leads_to = None
    usual_from = ("adopted", "in_force")
    example: ClassVar = {"details": "Scope widened"}


class RegulationRepealed(RegulationEvent):
    """It no longer applies."""

    type = "regulation.repealed"
    verb = "repeal"
    headline = "Repealed: {title}"
    usual_from = ("adopted", "in_force")
    example: ClassVar = {"details": "Replaced by a new law"}


class RegulationIssuanceFrozen(RegulationEvent):
    """No permits are issued under it for now."""

    type = "regulation.issuance_frozen"
    verb = "freeze-issuance"
    headline = "Frozen: {title}[, {jurisdictions}]"
    example: ClassVar = {
        "title": "Issuing of autonomous vehicle permits in China",
        "jurisdictions": [{"level": "national", "authority": "miit", "place": {"country": "CN"}}],
    }


class RegulationIssuanceResumed(RegulationEvent):
    """Permits are issued under it again."""

    type = "regulation.issuance_resumed"
    verb = "resume-issuance"
    headline = "Issued again: {title}[, {jurisdictions}]"
    usual_from = ("issuance_frozen",)
    undoes = "issuance_frozen"
    example: ClassVar = {"details": "Applications taken again"}
