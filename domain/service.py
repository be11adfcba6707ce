"""Services: vehicles that drive themselves for people or goods, from plan to daily run."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from domain.event import Event
from domain.limits import limit
from domain.parties import Organizations, Parties
from domain.places import Places
from domain.quantities import Kilometres, Quantity, Vehicles
from domain.subject import Facts, Kind, State
from domain.vocabulary import Level

LADDER = ("rumoured", "announced", "testing", "pilot", "launched")
RUNNING = ("testing", "pilot", "launched")

VehicleKind = Literal["robotaxi", "robobus", "shuttle", "robovan", "robosweeper", "robotruck"]


class ServiceFacts(Facts):
    """What is known of a service."""

    operators: (
        Annotated[
            Organizations, Field(description="Who runs it; the developer while nobody is named.")
        ]
        | None
    ) = None
    places: Annotated[Places, Field(description="Where it runs.")] | None = None
    vehicle_kinds: (
        Annotated[
            tuple[VehicleKind, ...], Field(description="What drives.", min_length=1, max_length=6)
        ]
        | None
    ) = None
    technology_suppliers: (
        Annotated[Organizations, Field(description="Whose driving system it is.")] | None
    ) = None
    platforms: Annotated[Organizations, Field(description="Whose app it is on.")] | None = None
    partners: Annotated[Parties, Field(description="Who else takes part, and as what.")] | None = (
        None
    )
    authorities: Annotated[Organizations, Field(description="Who watches over it.")] | None = None
    level: Level | None = None
    access: (
        Annotated[Literal["staff", "invited", "public"], Field(description="Who may ride.")] | None
    ) = None
    fare: (
        Annotated[Literal["none", "free", "paid"], Field(description="What a ride costs.")] | None
    ) = None
    safety_operator: (
        Annotated[
            Literal["on_board", "remote", "none"],
            Field(description="Who stands by to take over, and where."),
        ]
        | None
    ) = None
    fleet: Annotated[Vehicles, Field(description="All vehicles in it, not those added.")] | None = (
        None
    )
    route_km: Kilometres | None = None
    area: (
        Annotated[
            Quantity,
            Field(
                description="How large the served area is.",
                examples=[{"value": 120, "unit": "km2"}],
            ),
        ]
        | None
    ) = None


class Service(ServiceFacts, State):
    """An L4 service: robotaxi, robobus, robovan and the like, at its places."""


class ServiceEvent(ServiceFacts, Event):
    """An event of a service."""

    kind = Kind(
        name="service",
        path="services",
        noun="service",
        title="{operators} {vehicle_kinds}[, {places}]",
        facts=ServiceFacts,
        state=Service,
        opens_with=(("operators",), ("places",), ("vehicle_kinds",)),
        ladder=LADDER,
        goes_dormant=True,
    )


class ServiceAnnounced(ServiceEvent):
    """It is planned."""

    type = "service.announced"
    verb = "announce"
    headline = "{operators} announced {vehicle_kinds}[ in {places}]"
    usual_from = ("", "rumoured")
    example: ClassVar = {
        "operators": ["weride"],
        "places": [{"country": "AE", "subdivision": "AE-AZ", "city": "Abu Dhabi"}],
        "vehicle_kinds": ["robotaxi"],
        "technology_suppliers": ["weride"],
        "platforms": ["uber"],
        "level": "L4",
    }


class ServiceTestingStarted(ServiceEvent):
    """The vehicles are tested on the spot."""

    type = "service.testing_started"
    verb = "start-testing"
    headline = "{operators} test {vehicle_kinds}[ in {places}]"
    leads_to = "testing"
    usual_from = ("", "rumoured", "announced")
    example: ClassVar = {
        "operators": ["tusimple"],
        "places": [{"country": "JP", "label": "Tomei Expressway"}],
        "vehicle_kinds": ["robotruck"],
        "level": "L4",
    }


class ServicePilotStarted(ServiceEvent):
    """The first passengers or goods are carried, on trial."""

    type = "service.pilot_started"
    verb = "start-pilot"
    headline = "{operators} pilot {vehicle_kinds}[ in {places}]"
    leads_to = "pilot"
    usual_from = ("", "rumoured", "announced", "testing")
    example: ClassVar = {
        "access": "invited",
        "places": [{"country": "QA", "city": "Doha", "label": "Old Doha Port"}],
    }


class ServiceLaunched(ServiceEvent):
    """It runs as a regular service."""

    type = "service.launched"
    verb = "launch"
    headline = "{operators} launched {vehicle_kinds}[ in {places}]"
    usual_from = ("", *LADDER[:-1])
    example: ClassVar = {
        "operators": ["tawasul-transport"],
        "access": "public",
        "fare": "paid",
        "safety_operator": "on_board",
    }


class ServiceExpanded(ServiceEvent):
    """It covers more: places, vehicles, hours."""

    type = "service.expanded"
    verb = "expand"
    headline = "{operators} expand {vehicle_kinds}[ in {places}][ to {fleet}]"
    leads_to = None
    usual_from = RUNNING
    example: ClassVar = {"fleet": {"value": 50, "unit": "vehicles"}}


class ServiceDriverRemoved(ServiceEvent):
    """Nobody sits ready to take over any more; unless said otherwise, nobody does remotely."""

    type = "service.driver_removed"
    verb = "remove-driver"
    headline = "{operators} run {vehicle_kinds}[ in {places}] without a safety driver on board"
    leads_to = None
    usual_from = RUNNING
    example: ClassVar = {"safety_operator": "none", "fare": "paid"}

    @limit
    def _removes_the_driver(self) -> None:
        if self.safety_operator == "on_board":
            raise ValueError(
                "a removed driver is not on board: give safety_operator remote or none"
            )

    def evolve(self, state: Service) -> Service:
        """Leave nobody on board, whatever was said of it."""
        after: Service = super().evolve(state)
        given = self.safety_operator or state.safety_operator == "remote"
        return after if given else after.model_copy(update={"safety_operator": "none"})


class ServiceSuspended(ServiceEvent):
    """It stopped, not for good."""

    type = "service.suspended"
    verb = "suspend"
    headline = "{operators} suspend {vehicle_kinds}[ in {places}]"
    usual_from = RUNNING
    example: ClassVar = {"details": "Fleet paused"}


class ServiceResumed(ServiceEvent):
    """It runs again, perhaps at a lower stage."""

    type = "service.resumed"
    verb = "resume"
    headline = "{operators} resume {vehicle_kinds}[ in {places}][ at stage {stage}]"
    leads_to = "unknown"  # where nothing on record tells the stage to return to
    usual_from = ("suspended",)
    undoes = "suspended"
    example: ClassVar = {"stage": "testing"}

    stage: Annotated[
        Literal["announced", "testing", "pilot", "launched"] | None,
        Field(description="The stage that it returns to, where it is not the one before."),
    ] = None

    def next_stage(self, state: Service) -> str:
        """Return to the stage given, or to the one before the suspension."""
        return self.stage or state.suspended_from or "unknown"


class ServiceEnded(ServiceEvent):
    """It no longer runs."""

    type = "service.ended"
    verb = "end"
    headline = "{operators} ended {vehicle_kinds}[ in {places}]"
    usual_from = (*RUNNING, "suspended")
    example: ClassVar = {"details": "Contract not renewed"}


class ServiceCancelled(ServiceEvent):
    """It will not come."""

    type = "service.cancelled"
    verb = "cancel"
    headline = "{operators} cancelled {vehicle_kinds}[ in {places}]"
    usual_from = ("rumoured", "announced")
    example: ClassVar = {"details": "Plan given up"}
