"""Organizations: developers, carmakers, platforms, operators, authorities, and their names."""

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from domain.event import Event
from domain.limits import limit
from domain.parties import Organization, OrganizationNames, Organizations
from domain.places import Place
from domain.quantities import Money, People
from domain.subject import Facts, Kind, State
from domain.vocabulary import Country, Name, WebAddress

Role = Literal[
    "developer",
    "carmaker",
    "tier1",
    "supplier",
    "platform",
    "transport_operator",
    "authority",
    "investor",
    "association",
    "exchange",
    "institute",
    "other",
]


class OrganizationFacts(Facts):
    """What is known of an organization."""

    name: (
        Annotated[Name, Field(description="The name people use now.", examples=["WeRide"])] | None
    ) = None
    names: (
        Annotated[OrganizationNames, Field(description="Other scripts, former names, aliases.")]
        | None
    ) = None
    roles: (
        Annotated[
            tuple[Role, ...],
            Field(
                description="What it does in the field.", max_length=12, examples=[["developer"]]
            ),
        ]
        | None
    ) = None
    home_country: (
        Annotated[Country, Field(description="Where its head office is. ISO 3166-1 alpha-2.")]
        | None
    ) = None
    website: Annotated[WebAddress, Field(description="Its own page.")] | None = None
    parents: Annotated[Organizations, Field(description="Who owns it.")] | None = None


class OrganizationState(OrganizationFacts, State):
    """A company, authority or other body that takes part."""

    def names_in_use(self) -> Iterable[str]:
        """Give the main name and all others, in every script."""
        if self.name:
            yield self.name
        yield from (other.name for other in self.names or ())


class OrganizationEvent(OrganizationFacts, Event):
    """An event of an organization."""

    kind = Kind(
        name="organization",
        path="organizations",
        noun="organization",
        title="{name}",
        facts=OrganizationFacts,
        state=OrganizationState,
        opens_with=(("name",),),
    )


class OrganizationRegistered(OrganizationEvent):
    """Its record was opened; it existed by the day given, if one is given."""

    type = "organization.registered"
    verb = "register"
    headline = "{name} entered the register"
    usual_from = ("", "rumoured")
    opens_record = True
    example: ClassVar = {
        "name": "WeRide",
        "names": [{"name": "文远知行", "lang": "zh", "script": "Hans", "kind": "official"}],
        "roles": ["developer"],
        "home_country": "CN",
        "website": "https://www.weride.ai",
    }


class OrganizationFounded(OrganizationEvent):
    """It was founded."""

    type = "organization.founded"
    verb = "found"
    headline = "{name} founded[ in {place}][, from {predecessors}]"
    usual_from = ("", "rumoured", "registered")
    example: ClassVar = {"name": "DeepRoute.ai", "place": {"country": "CN", "city": "Shenzhen"}}

    place: Annotated[Place, Field(description="Where.")] | None = None
    predecessors: (
        Annotated[Organizations, Field(description="From which organizations it came.")] | None
    ) = None


class OrganizationRenamed(OrganizationEvent):
    """It goes by another name; the former one stays searchable."""

    type = "organization.renamed"
    verb = "rename"
    headline = "Now called {name}"
    leads_to = None
    example: ClassVar = {"name": "CreateAI"}


class OrganizationAliasAdded(OrganizationEvent):
    """Further names were found, in any script; they are added to those known."""

    type = "organization.alias_added"
    verb = "add-alias"
    headline = "{name} is also called {names}"
    leads_to = None
    example: ClassVar = {"names": [{"name": "文远知行", "script": "Hans", "kind": "alias"}]}

    @limit
    def _names_one(self) -> None:
        if not self.names:
            raise ValueError("give the further names in `names`")

    def evolve(self, state: OrganizationState) -> OrganizationState:
        """Add the names to those known."""
        after: OrganizationState = super().evolve(state)
        known = state.names or ()
        added = tuple(name for name in self.names or () if name not in known)
        return after.model_copy(update={"names": known + added})


class OrganizationRestructured(OrganizationEvent):
    """It was split, spun off or put together anew."""

    type = "organization.restructured"
    verb = "restructure"
    headline = "{name} restructured[: {details}]"
    example: ClassVar = {"details": "Separated from DJI"}


class OrganizationHeadquartersMoved(OrganizationEvent):
    """Its head office moved."""

    type = "organization.headquarters_moved"
    verb = "move-headquarters"
    headline = "{name} moves its headquarters[ from {from}] to {to}"
    example: ClassVar = {"from": {"country": "US", "city": "San Diego"}, "to": {"country": "CN"}}

    from_: Annotated[Place | None, Field(alias="from", description="Where it was.")] = None
    to: Annotated[Place, Field(description="Where it is now.")]


class Listing(OrganizationEvent):
    """Something that happened to its shares on an exchange."""

    exchange: Annotated[Organization, Field(description="On which exchange.")] | None = None
    place: Annotated[Place, Field(description="Where the exchange is.")] | None = None
    money: Annotated[Money, Field(description="What the listing raised.")] | None = None


class OrganizationListed(Listing):
    """Its shares were listed."""

    type = "organization.listed"
    verb = "list"
    headline = "{name} listed[ on {exchange}][ in {place}][, raising {money}]"
    example: ClassVar = {
        "exchange": "hkex",
        "place": {"country": "HK", "city": "Hong Kong"},
        "money": {"amount": "1422000000", "currency": "HKD"},
    }


class OrganizationDelisted(Listing):
    """Its shares were taken off an exchange."""

    type = "organization.delisted"
    verb = "delist"
    headline = "{name} delisted[ from {exchange}]"
    example: ClassVar = {"details": "Taken off Nasdaq"}


class OrganizationAcquired(OrganizationEvent):
    """Others took it over."""

    type = "organization.acquired"
    verb = "acquire"
    headline = "{name} acquired[ by {acquirers}]"
    example: ClassVar = {"acquirers": ["volkswagen"]}

    acquirers: Annotated[Organizations, Field(description="By whom.")] | None = None


class Sanction(OrganizationEvent):
    """An authority put it on a list, or took it off."""

    authority: Annotated[Organization, Field(description="Who put it there.")] | None = None
    list: (
        Annotated[
            Name, Field(description="Which list, as the authority calls it.", examples=["1260H"])
        ]
        | None
    ) = None


class OrganizationSanctioned(Sanction):
    """An authority restricted business with it."""

    type = "organization.sanctioned"
    verb = "sanction"
    headline = "{name} sanctioned[ by {authority}][ (list {list})]"
    example: ClassVar = {"authority": "us-department-of-defense", "list": "1260H"}


class OrganizationSanctionLifted(Sanction):
    """An authority lifted its restriction."""

    type = "organization.sanction_lifted"
    verb = "lift-sanction"
    headline = "Sanction on {name} lifted[ by {authority}][ (list {list})]"
    example: ClassVar = {"authority": "us-department-of-defense", "list": "1260H"}


class OrganizationOperationsSuspended(OrganizationEvent):
    """It stopped work, not for good."""

    type = "organization.operations_suspended"
    verb = "suspend-operations"
    headline = "{name} stops work[, {headcount}]"
    example: ClassVar = {"headcount": {"value": 300, "unit": "people", "qualifier": "<"}}

    headcount: Annotated[People, Field(description="Whom it concerns.")] | None = None


class OrganizationOperationsResumed(OrganizationEvent):
    """It took up work again."""

    type = "organization.operations_resumed"
    verb = "resume-operations"
    headline = "{name} works again"
    usual_from = ("operations_suspended",)
    undoes = "operations_suspended"
    example: ClassVar = {"details": "Work taken up again"}


class OrganizationExitedMarket(OrganizationEvent):
    """It left a market."""

    type = "organization.exited_market"
    verb = "exit-market"
    headline = "{name} leaves[ {place}]"
    example: ClassVar = {"place": {"country": "US"}}

    place: Annotated[Place, Field(description="Which market.")] | None = None


class OrganizationMerged(OrganizationEvent):
    """It went into another organization."""

    type = "organization.merged"
    verb = "merge"
    headline = "{name} merged[ into {successor}]"
    example: ClassVar = {"successor": "stellantis"}

    successor: Annotated[Organization, Field(description="Into which one.")] | None = None


class OrganizationClosed(OrganizationEvent):
    """It ceased to exist."""

    type = "organization.closed"
    verb = "close"
    headline = "{name} closed"
    example: ClassVar = {"details": "Broke up after a quarrel of its founders"}
