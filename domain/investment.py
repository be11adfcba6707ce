"""Investments: who put how much into whom."""

from typing import Annotated, ClassVar

from pydantic import Field

from domain.event import Event
from domain.parties import Organization, Organizations
from domain.quantities import Money, Percent
from domain.subject import Facts, Kind, State

PLANNED = ("", "rumoured", "announced", "agreed")


class InvestmentFacts(Facts):
    """What is known of an investment."""

    investors: Annotated[Organizations, Field(description="Who gives the money.")] | None = None
    investee: Annotated[Organization, Field(description="Who gets it.")] | None = None
    money: Annotated[Money, Field(description="How much, of all investors together.")] | None = None
    stake_percent: Annotated[Percent, Field(description="Share acquired, in percent.")] | None = (
        None
    )


class Investment(InvestmentFacts, State):
    """Money for a share."""


class InvestmentEvent(InvestmentFacts, Event):
    """An event of an investment."""

    kind = Kind(
        name="investment",
        path="investments",
        noun="investment",
        title="{investors} in {investee}",
        facts=InvestmentFacts,
        state=Investment,
        opens_with=(("investors",), ("investee",)),
    )


class InvestmentAnnounced(InvestmentEvent):
    """It is planned."""

    type = "investment.announced"
    verb = "announce"
    headline = "{investors} to invest[ {money}] in {investee}[ ({stake_percent}%)]"
    usual_from = ("", "rumoured")
    example: ClassVar = {
        "investors": ["uber"],
        "investee": "weride",
        "money": {"amount": "100000000", "currency": "USD"},
    }


class InvestmentAgreed(InvestmentEvent):
    """It was agreed."""

    type = "investment.agreed"
    verb = "agree"
    headline = "{investors} agreed to invest[ {money}] in {investee}[ ({stake_percent}%)]"
    usual_from = PLANNED[:3]
    example: ClassVar = {"stake_percent": 4.99}


class InvestmentMade(InvestmentEvent):
    """The money was paid."""

    type = "investment.made"
    verb = "make"
    headline = "{investors} invested[ {money}] in {investee}[ ({stake_percent}%)]"
    usual_from = PLANNED
    example: ClassVar = {
        "investors": ["general-motors"],
        "investee": "momenta",
        "money": {"amount": "300000000", "currency": "USD"},
    }


class InvestmentExited(InvestmentEvent):
    """The share was sold."""

    type = "investment.exited"
    verb = "exit"
    headline = "{investors} sold their share in {investee}"
    usual_from = ("made",)
    example: ClassVar = {"details": "Share sold on the exchange"}


class InvestmentCancelled(InvestmentEvent):
    """It did not come about."""

    type = "investment.cancelled"
    verb = "cancel"
    headline = "{investors} did not invest in {investee}"
    usual_from = PLANNED[1:]
    example: ClassVar = {"details": "Approval not given"}
