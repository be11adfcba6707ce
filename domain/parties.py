"""Who: organizations, mentions of them, their names and their parts in a matter."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from domain.limits import limit
from domain.places import Place
from domain.quantities import Percent
from domain.references import Key, OrganizationKey
from domain.vocabulary import EdtfDate, Name, Value, Word


class Mention(Value):
    """A name nobody could resolve; stored as it was written, never guessed."""

    mention: Annotated[
        Name, Field(description="The name as it was written.", examples=["A taxi firm"])
    ]


Organization = OrganizationKey | Mention
Organizations = Annotated[tuple[Organization, ...], Field(min_length=1, max_length=300)]


class Party(Value):
    """An organization, or the mention of one, and its part in the matter."""

    organization: (
        Annotated[Organization, Field(description="An organization on record.")] | None
    ) = None
    mention: (
        Annotated[Name, Field(description="A name nobody could resolve.", examples=["A taxi firm"])]
        | None
    ) = None
    role: Annotated[Word, Field(description="What it brings.", examples=["developer"])] | None = (
        None
    )
    stake_percent: Percent | None = None

    @limit
    def _is_named(self) -> None:
        if (self.organization is None) == (self.mention is None):
            raise ValueError("a party is either an organization or a mention")

    @property
    def identity(self) -> str:
        """What tells one party from another: the key, or the folded mention."""
        if isinstance(self.organization, Key):
            return self.organization
        mention = self.mention or (self.organization.mention if self.organization else "")
        return f"mention:{mention.casefold()}"


Parties = Annotated[tuple[Party, ...], Field(min_length=1, max_length=300)]


def distinct(parties: Iterable[Party]) -> set[str]:
    """Give what tells each of the parties from the others."""
    return {party.identity for party in parties}


class OrganizationName(Value):
    """A name beside the main one, in any script, and when it was in use."""

    name: Annotated[Name, Field(description="As it is written.", examples=["文远知行"])]
    lang: (
        Annotated[
            str, Field(description="Language, ISO 639.", pattern=r"^[a-z]{2,3}$", examples=["zh"])
        ]
        | None
    ) = None
    script: (
        Annotated[
            str,
            Field(description="Script, ISO 15924.", pattern=r"^[A-Z][a-z]{3}$", examples=["Hans"]),
        ]
        | None
    ) = None
    kind: (
        Annotated[
            Literal["official", "alias", "former"], Field(description="What sort of name it is.")
        ]
        | None
    ) = None
    from_: Annotated[EdtfDate | None, Field(alias="from")] = None
    to: Annotated[EdtfDate, Field(description="The last day on which it was in use.")] | None = None


OrganizationNames = Annotated[tuple[OrganizationName, ...], Field(max_length=300)]


class Jurisdiction(Value):
    """Whose rules apply: the level of government, the authority, and where."""

    level: Annotated[
        Literal[
            "international", "national", "state", "region", "city", "district", "town", "village"
        ],
        Field(description="Of government."),
    ]
    authority: Annotated[Organization, Field(description="Who decides.")] | None = None
    place: Annotated[Place, Field(description="Where its rules hold.")] | None = None


Jurisdictions = Annotated[tuple[Jurisdiction, ...], Field(min_length=1, max_length=300)]
