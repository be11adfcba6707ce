"""R&D centers: where engineers work, and where they moved."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from domain.event import Event
from domain.facility import OPENING, FacilityFacts, Relocation
from domain.subject import Kind, State

RUNNING = ("open",)

Purpose = Literal[
    "perception", "planning", "maps", "safety", "validation", "data", "vehicle_integration", "other"
]


class RDCenterFacts(FacilityFacts):
    """What is known of an R&D center."""

    purposes: (
        Annotated[tuple[Purpose, ...], Field(description="What is done there.", max_length=8)]
        | None
    ) = None


class RDCenter(RDCenterFacts, State):
    """A place where engineers develop, test or adapt driving systems."""


class RDCenterEvent(RDCenterFacts, Event):
    """An event of an R&D center."""

    kind = Kind(
        name="rd_center",
        path="rd-centers",
        noun="R&D center",
        title="R&D center of {organizations}[, {place}]",
        facts=RDCenterFacts,
        state=RDCenter,
        opens_with=(("organizations",), ("place",)),
        ladder=("rumoured", "announced", "open"),
        goes_dormant=True,
    )


class RDCenterAnnounced(RDCenterEvent):
    """It is planned."""

    type = "rd_center.announced"
    verb = "announce"
    headline = "{organizations} plan: R&D center[ in {place}]"
    usual_from = ("", "rumoured")
    example: ClassVar = {"organizations": ["nio"], "place": {"country": "DE", "city": "Schönefeld"}}


class RDCenterOpened(RDCenterEvent):
    """It opened."""

    type = "rd_center.opened"
    verb = "open"
    headline = "{organizations} opened: R&D center[ in {place}]"
    leads_to = "open"
    usual_from = OPENING
    example: ClassVar = {
        "organizations": ["nio"],
        "place": {"country": "DE", "city": "Schönefeld"},
        "headcount": {"value": 25, "unit": "people"},
    }


class RDCenterConfirmed(RDCenterEvent):
    """Somebody saw it open on that day; when it opened is not known."""

    type = "rd_center.confirmed"
    verb = "confirm"
    headline = "{organizations} seen open: R&D center[ in {place}]"
    leads_to = "open"
    usual_from = (*OPENING, "open")
    example: ClassVar = {"details": "Open, opening day unknown"}


class RDCenterRelocated(Relocation, RDCenterEvent):
    """It moved to another place."""

    type = "rd_center.relocated"
    verb = "relocate"
    headline = (
        "{organizations} moved: R&D center[ from {from}] to {to}[ ({stays})][ ({what_stays})]"
    )
    leads_to = None
    usual_from = RUNNING
    example: ClassVar = {
        "from": {"country": "SE", "city": "Gothenburg"},
        "to": {"country": "NL", "city": "Amsterdam"},
        "stays": "R&D stays in Gothenburg",
    }


class RDCenterExpanded(RDCenterEvent):
    """It grew."""

    type = "rd_center.expanded"
    verb = "expand"
    headline = "{organizations} expanded: R&D center[ in {place}][, {headcount}]"
    leads_to = None
    usual_from = RUNNING
    example: ClassVar = {"headcount": {"value": 60, "unit": "people"}}


class RDCenterDownsized(RDCenterEvent):
    """It shrank."""

    type = "rd_center.downsized"
    verb = "downsize"
    headline = "{organizations} downsized: R&D center[ in {place}][, {headcount}]"
    leads_to = None
    usual_from = RUNNING
    example: ClassVar = {"details": "141 jobs cut"}


class RDCenterMerged(RDCenterEvent):
    """It went into another one."""

    type = "rd_center.merged"
    verb = "merge"
    headline = "{organizations} merged: R&D center[ in {place}]"
    usual_from = RUNNING
    example: ClassVar = {"details": "Joined with the centre in Frankfurt"}


class RDCenterClosureAnnounced(RDCenterEvent):
    """It is to close."""

    type = "rd_center.closure_announced"
    verb = "announce-closure"
    headline = "{organizations} will close: R&D center[ in {place}]"
    leads_to = None
    usual_from = RUNNING
    example: ClassVar = {"details": "Staff told that it will shut"}


class RDCenterClosed(RDCenterEvent):
    """It closed."""

    type = "rd_center.closed"
    verb = "close"
    headline = "{organizations} closed: R&D center[ in {place}]"
    usual_from = RUNNING
    example: ClassVar = {"details": "Shut with 70 job cuts"}


class RDCenterPlanCancelled(RDCenterEvent):
    """It will not be opened."""

    type = "rd_center.plan_cancelled"
    verb = "cancel-plan"
    headline = "{organizations} dropped the plan: R&D center[ in {place}]"
    usual_from = ("rumoured", "announced")
    example: ClassVar = {"details": "Plan given up"}
