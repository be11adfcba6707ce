"""Shipments: vehicles and parts on their way."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Annotated, ClassVar

from pydantic import Field

from domain.event import Event
from domain.subject import Facts, Kind, State, Warned
from domain.telling import quantity_words
from domain.vocabulary import Name, Organization, Place, Quantity, Text, Value


class Leg(Value):
    """One stretch of the way."""

    origin: Place | None = None
    destination: Place
    vessel: Name | None = None
    carrier: Organization | None = None
    quantity: Quantity | None = None


class ShipmentFacts(Facts):
    """What is known of a shipment."""

    goods: Annotated[Text, Field(examples=["BYD cars"])] | None = None
    legs: Annotated[tuple[Leg, ...], Field(min_length=1, max_length=100)] | None = None
    shipper: Organization | None = None
    consignee: Organization | None = None
    place: Annotated[Place, Field(description="Where it was then.")] | None = None
    quantity: Annotated[Quantity, Field(description="How much of it was seen then.")] | None = None


class Shipment(ShipmentFacts, State):
    """Goods on their way, by one or more legs."""

    def warnings(self) -> Iterator[Warned]:
        """Warn of legs that do not meet."""
        for one, then in pairwise(self.legs or ()):
            if then.origin and then.origin.contradicts(one.destination):
                yield Warned(
                    "legs_do_not_meet", "a leg starts where the one before did not end", ("legs",)
                )

    def carried(self) -> Quantity | None:
        """How much the last leg that says so carries."""
        given = [leg.quantity for leg in self.legs or () if leg.quantity]
        return given[-1] if given else None


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
        """Warn where the count differs from what the legs say."""
        after: Shipment = self.evolve(state)
        carried = after.carried()
        if self.quantity and carried and carried.unit == self.quantity.unit:
            if carried.value != self.quantity.value:
                words = f"{quantity_words(self.quantity.model_dump())} here, {quantity_words(carried.model_dump())} by its legs"
                yield Warned("legs_do_not_add_up", words, ("legs",))


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
