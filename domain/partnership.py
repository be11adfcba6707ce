"""Partnerships: who works with whom, how, and where."""

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from domain.event import Event
from domain.limits import Limit
from domain.parties import Organization, Parties, Party, distinct
from domain.places import Place, Places
from domain.quantities import Money, Percent
from domain.refusals import NoSuchParty, TooFewParties
from domain.subject import Facts, Kind, State
from domain.vocabulary import EdtfDate, Level, Name, Text, Value

LADDER = ("rumoured", "proposed", "negotiating", "mou", "formed", "established")
TALKING = LADDER[:4]
WORKING = ("formed", "established")

_FEWEST_PARTIES = 2

Mode = Literal[
    "tier1_supplier",
    "carmaker",
    "carmaker_export",
    "platform_operator",
    "transport_operator",
    "public_authority",
    "joint_venture",
    "equity",
    "other",
]


class Exclusivity(Value):
    """Who may not do the same with whom, in what, where and until when."""

    bound: Annotated[Organization, Field(description="Who is bound by it.")] | None = None
    scope: Annotated[Text, Field(description="In what.", examples=["robotaxis"])] | None = None
    place: Annotated[Place, Field(description="Where.")] | None = None
    until: Annotated[EdtfDate, Field(description="Until when.")] | None = None


def _check_parties(parties: Iterable[Party]) -> None:
    if len(distinct(parties)) < _FEWEST_PARTIES:
        raise ValueError("a partnership has at least two different parties")


class PartnershipFacts(Facts):
    """What is known of a partnership."""

    parties: (
        Annotated[
            Annotated[Parties, Limit(_check_parties)],
            Field(description="Who works together; at least two."),
        ]
        | None
    ) = None
    mode: Annotated[Mode, Field(description="The way abroad that it opens.")] | None = None
    offering: (
        Annotated[
            Literal["component", "software", "vehicle", "solution"],
            Field(description="What the developer brings."),
        ]
        | None
    ) = None
    markets: Annotated[Places, Field(description="Where it holds.")] | None = None
    markets_excluded: (
        Annotated[Places, Field(description="Where it expressly does not hold.")] | None
    ) = None
    exclusivity: (
        Annotated[Exclusivity, Field(description="Who may not do the same with others.")] | None
    ) = None
    value: Annotated[Money, Field(description="What it is worth, as told.")] | None = None
    autonomy_level: Level | None = None
    created: Annotated[Organization, Field(description="The joint company.")] | None = None
    probability: (
        Annotated[Percent, Field(description="That it comes about, in percent.")] | None
    ) = None
    owner: (
        Annotated[
            Name,
            Field(description="Id of the principal who looks after it.", examples=["principal-7"]),
        ]
        | None
    ) = None
    next_step: (
        Annotated[
            Text, Field(description="What is to happen next.", examples=["Draft of the contract"])
        ]
        | None
    ) = None
    next_step_on: EdtfDate | None = None


class Partnership(PartnershipFacts, State):
    """Organizations that work together, or talk about it."""

    def has(self, party: Party) -> bool:
        """Whether an organization is a party."""
        return party.identity in distinct(self.parties or ())


class PartnershipEvent(PartnershipFacts, Event):
    """An event of a partnership."""

    kind = Kind(
        name="partnership",
        path="partnerships",
        noun="partnership",
        title="{parties}",
        facts=PartnershipFacts,
        state=Partnership,
        opens_with=(("parties",), ("mode",)),
        ladder=LADDER,
        goes_dormant=True,
    )


class PartnershipProposed(PartnershipEvent):
    """One side proposed to work together."""

    type = "partnership.proposed"
    verb = "propose"
    headline = "{parties}: partnership proposed"
    usual_from = ("", "rumoured")
    example: ClassVar = {
        "parties": [
            {"organization": "weride", "role": "developer"},
            {"mention": "A taxi firm in Jakarta", "role": "transport_operator"},
        ],
        "mode": "transport_operator",
        "probability": 20,
    }


class PartnershipNegotiationStarted(PartnershipEvent):
    """The parties negotiate."""

    type = "partnership.negotiation_started"
    verb = "start-negotiation"
    headline = "{parties} negotiate"
    leads_to = "negotiating"
    usual_from = ("", "rumoured", "proposed")
    example: ClassVar = {"next_step": "Draft of the contract", "next_step_on": "2026-02-15"}


class PartnershipMouSigned(PartnershipEvent):
    """The parties signed a memorandum that does not bind them."""

    type = "partnership.mou_signed"
    verb = "sign-mou"
    headline = "{parties} signed a memorandum of understanding"
    leads_to = "mou"
    usual_from = ("", *TALKING[:3])
    example: ClassVar = {
        "parties": [
            {"organization": "plus", "role": "developer"},
            {"organization": "iveco", "role": "carmaker"},
        ],
        "mode": "carmaker",
        "markets": [{"country": "IT"}, {"country": "DE"}],
    }


class PartnershipFormed(PartnershipEvent):
    """The parties agreed to work together."""

    type = "partnership.formed"
    verb = "form"
    headline = "{parties} work together[ in {markets}]"
    usual_from = ("", *TALKING)
    example: ClassVar = {
        "parties": [
            {"organization": "weride", "role": "developer"},
            {"organization": "uber", "role": "platform"},
        ],
        "mode": "platform_operator",
        "markets": [{"country": "AE", "subdivision": "AE-AZ", "city": "Abu Dhabi"}],
        "autonomy_level": "L4",
    }


class PartnershipEstablished(PartnershipEvent):
    """What was agreed exists: the joint company is founded, the organization stands."""

    type = "partnership.established"
    verb = "establish"
    headline = "{parties}: partnership established[ as {created}]"
    usual_from = ("", *TALKING, "formed")
    example: ClassVar = {"created": "leapmotor-international"}


class PartnershipExpanded(PartnershipEvent):
    """It covers more: markets, products, numbers."""

    type = "partnership.expanded"
    verb = "expand"
    headline = "{parties} expand their partnership[ to {markets}]"
    leads_to = None
    usual_from = WORKING
    example: ClassVar = {"markets": [{"country": "AE", "city": "Dubai"}]}


class PartnershipAmended(PartnershipEvent):
    """Its terms were altered."""

    type = "partnership.amended"
    verb = "amend"
    headline = "{parties} amend their partnership[: {details}]"
    leads_to = None
    usual_from = ("mou", *WORKING)
    example: ClassVar = {"details": "MoU signed on pilot operation"}


class PartnershipPartyJoined(PartnershipEvent):
    """A further party joined."""

    type = "partnership.party_joined"
    verb = "add-party"
    headline = "{party} joined the partnership of {parties}"
    leads_to = None
    usual_from = (*TALKING, *WORKING)
    example: ClassVar = {"party": {"organization": "dubai-rta", "role": "authority"}}

    party: Annotated[Party, Field(description="Who joined.")]

    def evolve(self, state: Partnership) -> Partnership:
        """Add the party."""
        after: Partnership = super().evolve(state)
        if after.has(self.party):
            return after
        return after.model_copy(update={"parties": (*(after.parties or ()), self.party)})


class PartnershipPartyLeft(PartnershipEvent):
    """A party left."""

    type = "partnership.party_left"
    verb = "remove-party"
    headline = "{party} left the partnership with {parties}"
    leads_to = None
    usual_from = (*TALKING, *WORKING)
    example: ClassVar = {"party": {"organization": "dubai-rta"}}

    party: Annotated[Party, Field(description="Who left.")]

    def check(self, state: Partnership) -> None:
        """Let only a party leave, and keep two."""
        if state.parties is None:
            return
        if not state.has(self.party):
            raise NoSuchParty("parties", party=self.party.identity.removeprefix("mention:"))
        if len(distinct(state.parties)) <= _FEWEST_PARTIES:
            raise TooFewParties("parties")

    def evolve(self, state: Partnership) -> Partnership:
        """Take the party out."""
        after: Partnership = super().evolve(state)
        rest = tuple(one for one in after.parties or () if one.identity != self.party.identity)
        return after.model_copy(update={"parties": rest or None})


class PartnershipSuspended(PartnershipEvent):
    """The parties stopped working together, not for good."""

    type = "partnership.suspended"
    verb = "suspend"
    headline = "{parties} suspend their partnership"
    usual_from = WORKING
    example: ClassVar = {"details": "On hold after the change of rules"}


class PartnershipResumed(PartnershipEvent):
    """The parties work together again."""

    type = "partnership.resumed"
    verb = "resume"
    headline = "{parties} resume their partnership"
    leads_to = "unknown"  # where nothing on record tells the stage to return to
    usual_from = ("suspended",)
    undoes = "suspended"
    example: ClassVar = {"details": "Work taken up again"}

    def next_stage(self, state: Partnership) -> str:
        """Return to the stage before the suspension."""
        return state.suspended_from or "unknown"


class PartnershipEnded(PartnershipEvent):
    """The parties no longer work together."""

    type = "partnership.ended"
    verb = "end"
    headline = "{parties} end their partnership"
    usual_from = (*WORKING, "suspended")
    example: ClassVar = {"details": "Joint development ended by both sides"}


class PartnershipAbandoned(PartnershipEvent):
    """It never came about."""

    type = "partnership.abandoned"
    verb = "abandon"
    headline = "{parties}: no partnership after all"
    usual_from = TALKING
    example: ClassVar = {"details": "Talks broken off"}
