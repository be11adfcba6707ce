"""Sites: headquarters, offices, plants, hubs and test grounds."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from domain.event import Event
from domain.facility import OPENING, FacilityFacts, Relocation
from domain.subject import Kind, State

RUNNING = ("open", "producing")

Purpose = Literal[
    "headquarters",
    "regional_headquarters",
    "regional_office",
    "plant",
    "operations_hub",
    "test_site",
]


class SiteFacts(FacilityFacts):
    """What is known of a site."""

    purposes: (
        Annotated[
            tuple[Purpose, ...], Field(description="What it is for.", min_length=1, max_length=6)
        ]
        | None
    ) = None


class Site(SiteFacts, State):
    """A place of work other than an R&D center."""


class SiteEvent(SiteFacts, Event):
    """An event of a site."""

    kind = Kind(
        name="site",
        path="sites",
        noun="site",
        title="{purposes} of {organizations}[, {place}]",
        facts=SiteFacts,
        state=Site,
        opens_with=(("organizations",), ("place",), ("purposes",)),
        ladder=("rumoured", "announced", "open", "producing"),
        goes_dormant=True,
    )


class SiteAnnounced(SiteEvent):
    """It is planned."""

    type = "site.announced"
    verb = "announce"
    headline = "{organizations} plan: {purposes}[ in {place}]"
    usual_from = ("", "rumoured")
    example: ClassVar = {
        "organizations": ["zeekr"],
        "place": {"country": "NL", "city": "Amsterdam"},
        "purposes": ["regional_headquarters"],
    }


class SiteOpened(SiteEvent):
    """It opened."""

    type = "site.opened"
    verb = "open"
    headline = "{organizations} opened: {purposes}[ in {place}]"
    leads_to = "open"
    usual_from = OPENING
    example: ClassVar = {
        "organizations": ["zeekr"],
        "place": {"country": "NL", "city": "Amsterdam"},
        "purposes": ["regional_headquarters"],
        "headcount": {"value": 25, "unit": "people"},
    }


class SiteConfirmed(SiteEvent):
    """Somebody saw it open on that day; when it opened is not known."""

    type = "site.confirmed"
    verb = "confirm"
    headline = "{organizations} seen open: {purposes}[ in {place}]"
    leads_to = "open"
    usual_from = (*OPENING, *RUNNING)
    example: ClassVar = {"details": "Open, opening day unknown"}

    def next_stage(self, state: Site) -> str:
        """Leave a plant that produces at that: to be open is no less."""
        return "producing" if state.stage == "producing" else "open"


class SiteProductionStarted(SiteEvent):
    """The first vehicles or parts were made there."""

    type = "site.production_started"
    verb = "start-production"
    headline = "{organizations} produce[ in {place}][ at {host}]"
    leads_to = "producing"
    usual_from = (*OPENING, "open")
    example: ClassVar = {
        "host": "magna-steyr",
        "details": "First G6 and G9 built under contract in Europe",
    }


class SiteRelocated(Relocation, SiteEvent):
    """It moved to another place."""

    type = "site.relocated"
    verb = "relocate"
    headline = (
        "{organizations} moved: {purposes}[ from {from}] to {to}[ ({stays})][ ({what_stays})]"
    )
    leads_to = None
    usual_from = RUNNING
    example: ClassVar = {
        "from": {"country": "SE", "city": "Gothenburg"},
        "to": {"country": "NL", "city": "Amsterdam"},
        "stays": "R&D stays in Gothenburg",
    }


class SiteExpanded(SiteEvent):
    """It grew."""

    type = "site.expanded"
    verb = "expand"
    headline = "{organizations} expanded: {purposes}[ in {place}][, {headcount}]"
    leads_to = None
    usual_from = RUNNING
    example: ClassVar = {"headcount": {"value": 60, "unit": "people"}}


class SiteDownsized(SiteEvent):
    """It shrank."""

    type = "site.downsized"
    verb = "downsize"
    headline = "{organizations} downsized: {purposes}[ in {place}][, {headcount}]"
    leads_to = None
    usual_from = RUNNING
    example: ClassVar = {"details": "141 jobs cut"}


class SiteMerged(SiteEvent):
    """It went into another one."""

    type = "site.merged"
    verb = "merge"
    headline = "{organizations} merged: {purposes}[ in {place}]"
    usual_from = RUNNING
    example: ClassVar = {"details": "Joined with the centre in Frankfurt"}


class SiteClosureAnnounced(SiteEvent):
    """It is to close."""

    type = "site.closure_announced"
    verb = "announce-closure"
    headline = "{organizations} will close: {purposes}[ in {place}]"
    leads_to = None
    usual_from = RUNNING
    example: ClassVar = {"details": "Staff told that it will shut"}


class SiteClosed(SiteEvent):
    """It closed."""

    type = "site.closed"
    verb = "close"
    headline = "{organizations} closed: {purposes}[ in {place}]"
    usual_from = RUNNING
    example: ClassVar = {"details": "Shut with 70 job cuts"}


class SitePlanCancelled(SiteEvent):
    """It will not be opened."""

    type = "site.plan_cancelled"
    verb = "cancel-plan"
    headline = "{organizations} dropped the plan: {purposes}[ in {place}]"
    usual_from = ("rumoured", "announced")
    example: ClassVar = {"details": "Plan given up"}
