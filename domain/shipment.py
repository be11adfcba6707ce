"""Shipments: vehicles and parts on their way."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Annotated, ClassVar, Self

from pydantic import Field

from domain.event import Event
from domain.parties import Organization
from domain.places import Place
from domain.quantities import Quantity
from domain.subject import Code, Facts, Kind, State, Warned
from domain.telling import quantity_words
from domain.vocabulary import Name, Text, Value

_UNEQUAL: Code = "legs_do_not_add_up"


class Leg(Value):
    """One stretch of the way."""

    origin: Annotated[Place, Field(description="Where it starts.")] | None = None
    destination: Annotated[Place, Field(description="Where it ends.")]
    vessel: (
        Annotated[Name, Field(description="The ship's name.", examples=["Explorer No. 1"])] | None
    ) = None
    carrier: Annotated[Organization, Field(description="Who carries it.")] | None = None
    quantity: Annotated[Quantity, Field(description="How much it carries.")] | None = None

    def leaves_elsewhere(self, before: Self) -> bool:
        """Whether it starts where the leg before it did not end."""
        return self.origin is not None and self.origin.contradicts(before.destination)


class ShipmentFacts(Facts):
    """What is known of a shipment."""

    goods: Annotated[Text, Field(description="What is shipped.", examples=["BYD cars"])] | None = (
        None
    )
    legs: (
        Annotated[
            tuple[Leg, ...],
            Field(description="Its way, leg after leg.", min_length=1, max_length=100),
        ]
        | None
    ) = None
    shipper: Annotated[Organization, Field(description="Who sends it.")] | None = None
    consignee: Annotated[Organization, Field(description="Who is to get it.")] | None = None
    place: Annotated[Place, Field(description="Where it was then.")] | None = None
    quantity: Annotated[Quantity, Field(description="How much of it was seen then.")] | None = None


class Shipment(ShipmentFacts, State):
    """Goods on their way, by one or more legs."""

    def warnings(self) -> Iterator[Warned]:
        """Warn of legs that do not meet, or of which one carries more than another."""
        legs = self.legs or ()
        if any(then.leaves_elsewhere(one) for one, then in pairwise(legs)):
            yield Warned(_UNEQUAL, "a leg starts where the one before did not end", ("legs",))
        counts = [leg.quantity for leg in legs if leg.quantity]
        if any(one.unit == then.unit and one.value != then.value for one, then in pairwise(counts)):
            told = ", then ".join(quantity_words(count.model_dump()) for count in counts)
            yield Warned(_UNEQUAL, f"its legs carry {told}", ("legs",))


class ShipmentEvent(ShipmentFacts, Event):
    """An event of a shipment."""

    kind = Kind(
        name="shipment",
        path="shipments",
        noun="shipment",
        title="{goods}[, {legs}]",
        facts=ShipmentFacts,
        state=Shipment,
        opens_with=(("goods",), ("legs",)),
    )

    def warn(self, state: Shipment) -> Iterable[Warned]:
        """Warn where the count is that of no leg."""
        count, legs = self.quantity, self.legs or state.legs or ()
        carried = [leg.quantity for leg in legs if leg.quantity]
        comparable = [one.value for one in carried if count and one.unit == count.unit]
        if count and comparable and count.value not in comparable:
            yield Warned(_UNEQUAL, "what was counted is not what any leg carries", ("legs",))


class ShipmentLoaded(ShipmentEvent):
    """It was taken on board."""

    type = "shipment.loaded"
    verb = "load"
    headline = "{goods} loaded[ in {place}][: {legs}]"
    usual_from = ("", "rumoured")
    example: ClassVar = {
        "goods": "XPeng G3 cars",
        "shipper": "xpeng",
        "legs": [
            {"origin": {"country": "CN", "city": "Guangzhou"}, "destination": {"country": "NO"}}
        ],
    }


class ShipmentDeparted(ShipmentEvent):
    """It left."""

    type = "shipment.departed"
    verb = "depart"
    headline = "{goods} left[ {place}][: {legs}]"
    usual_from = ("", "rumoured", "loaded", "called")
    example: ClassVar = {
        "goods": "NIO ES8 cars",
        "shipper": "nio",
        "legs": [
            {"origin": {"country": "CN", "city": "Shanghai"}, "destination": {"country": "NO"}}
        ],
    }


class ShipmentCalled(ShipmentEvent):
    """It touched a port on its way."""

    type = "shipment.called"
    verb = "call"
    headline = "{goods} called[ at {place}]"
    usual_from = ("loaded", "departed", "called")
    example: ClassVar = {"place": {"country": "DE", "city": "Bremerhaven"}}


class ShipmentArrived(ShipmentEvent):
    """It came to where it was sent, or to the end of a leg."""

    type = "shipment.arrived"
    verb = "arrive"
    headline = "{goods} arrived[ in {place}]"
    usual_from = ("", "rumoured", "loaded", "departed", "called")
    example: ClassVar = {"place": {"country": "DE", "city": "Bremerhaven"}}


class ShipmentUnloaded(ShipmentEvent):
    """It was taken off board."""

    type = "shipment.unloaded"
    verb = "unload"
    headline = "{goods} unloaded[ in {place}][: {quantity}]"
    usual_from = ("departed", "called", "arrived")
    example: ClassVar = {
        "place": {"country": "DE", "city": "Bremerhaven"},
        "quantity": {"value": 3000, "unit": "vehicles", "qualifier": "~"},
    }


class ShipmentStockReported(ShipmentEvent):
    """Somebody counted what still stands there."""

    type = "shipment.stock_reported"
    verb = "report-stock"
    headline = "{goods} in stock[ in {place}][: {quantity}]"
    usual_from = ("arrived", "unloaded", "stock_reported")
    example: ClassVar = {
        "place": {"country": "DE", "city": "Bremerhaven"},
        "quantity": {"value": 2000, "unit": "vehicles", "qualifier": "~"},
    }

    def warn(self, state: Shipment) -> Iterable[Warned]:  # noqa: ARG002 - a rest need not add up
        """Expect no more than a rest."""
        return ()
