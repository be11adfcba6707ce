"""Quantities and words of the field: unit, limit, help text and example, once each."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.dates import check_date
from domain.limits import (
    COUNTRIES,
    CURRENCIES,
    REGIONS,
    SUBDIVISIONS,
    Limit,
    check_web_address,
    limit,
    one_of,
)
from domain.references import Key, OrganizationKey


class Value(BaseModel):
    """A value without identity of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


# ── words ────────────────────────────────────────────────────────────────────────────────────────

Text = Annotated[str, Field(pattern=r"\S", max_length=2_000)]
Name = Annotated[str, Field(pattern=r"\S", max_length=300, examples=["WeRide"])]
Unit = Annotated[str, Field(pattern=r"\S", max_length=60, examples=["vehicles"])]
Word = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9]+(_[a-z0-9]+)*$",
        max_length=100,
        description="Lower case, words joined by _.",
    ),
]
Milestone = Annotated[
    Word, Field(description="What was promised, in a word.", examples=["service_start"])
]
Details = Annotated[Text, Field(description="One sentence of your own.")]
EdtfDate = Annotated[
    str,
    Limit(check_date),
    Field(
        description="A date in EDTF: 2025-11-14, 2025-11, 2025, 2025-35 (third quarter),"
        " 2025-07/2025-09, ../2025-07-17, 2025-11~.",
        examples=["2025-11-14"],
        json_schema_extra={"format": "edtf"},
    ),
]
WebAddress = Annotated[
    str,
    Limit(check_web_address),
    Field(
        max_length=2_000, examples=["https://www.weride.ai"], json_schema_extra={"format": "uri"}
    ),
]
Country = Annotated[
    str,
    one_of(COUNTRIES, "ISO 3166-1 country code"),
    Field(description="ISO 3166-1 alpha-2.", examples=["AE"]),
]
Subdivision = Annotated[
    str,
    one_of(frozenset(SUBDIVISIONS), "ISO 3166-2 subdivision"),
    Field(description="ISO 3166-2.", examples=["AE-DU"]),
]
Region = Annotated[
    str,
    one_of(REGIONS, "UN M49 region"),
    Field(description="Where no single country is meant.", examples=["Europe"]),
]
Level = Annotated[
    str,
    Field(
        pattern=r"^L[0-5]\+?(-L[0-5])?$",
        description="SAE level or range of levels.",
        examples=["L4"],
    ),
]

# ── quantities ───────────────────────────────────────────────────────────────────────────────────

Number = Annotated[int | float, Field(allow_inf_nan=False)]
Kilometres = Annotated[
    Number, Field(ge=0, le=1_000_000, description="Length in km.", examples=[3.3])
]
SquareMetres = Annotated[
    Number, Field(ge=0, le=1e9, description="Floor area in m².", examples=[1200])
]
Percent = Annotated[Number, Field(ge=0, le=100, description="In percent.", examples=[49])]
Operator = Literal["=", ">", "<", "~"]
Qualifier = Annotated[
    str,
    Field(
        min_length=1, max_length=60, description="~ about, > more than, < fewer than, or a word."
    ),
]


class Quantity(Value):
    """A number of things: one value, or a least and a most. Totals, not differences."""

    value: Number | None = None
    min: Number | None = None
    max: Number | None = None
    unit: Unit
    qualifier: Qualifier | None = None

    @limit
    def _has_number(self) -> None:
        if self.value is None and self.min is None and self.max is None:
            raise ValueError("a quantity has a value, or a min or max")
        if self.min is not None and self.max is not None and self.max < self.min:
            raise ValueError("max is below min")


Vehicles = Annotated[Quantity, Field(examples=[{"value": 50, "unit": "vehicles"}])]
People = Annotated[Quantity, Field(examples=[{"value": 25, "unit": "people"}])]


class Money(Value):
    """An amount in one currency; never converted."""

    amount: Annotated[
        str,
        Field(
            pattern=r"^\d{1,18}(\.\d{1,6})?$",
            description="A decimal number as text.",
            examples=["300000000"],
        ),
    ]
    currency: Annotated[
        str,
        one_of(CURRENCIES, "ISO 4217 currency"),
        Field(description="ISO 4217.", examples=["USD"]),
    ]
    qualifier: Qualifier | None = None


# ── places ───────────────────────────────────────────────────────────────────────────────────────

Latitude = Annotated[float, Field(ge=-90, le=90, description="Degrees north, WGS 84.")]
Longitude = Annotated[float, Field(ge=-180, le=180, description="Degrees east, WGS 84.")]


class Place(Value):
    """A country, or where none is named a region; as much of the rest as is known."""

    country: Country | None = None
    region: Region | None = None
    subdivision: Subdivision | None = None
    city: Annotated[Name, Field(examples=["Dubai"])] | None = None
    town: Annotated[Name, Field(description="Town, village or district.")] | None = None
    label: Annotated[Name, Field(description="What people call the spot.")] | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None

    @limit
    def _has_extent(self) -> None:
        if (self.country is None) == (self.region is None):
            raise ValueError("a place has either a country or a region")
        if self.subdivision and not self.subdivision.startswith(f"{self.country}-"):
            raise ValueError(f"{self.subdivision} is not in {self.country}")

    def contradicts(self, other: "Place") -> bool:
        """Whether a field that both give differs; coordinates never agree to the last digit."""
        mine, theirs = (one.model_dump(exclude={"lat", "lon"}) for one in (self, other))
        return any(
            one and theirs[name] and one.casefold() != theirs[name].casefold()
            for name, one in mine.items()
        )


def differ(one: object, other: object) -> bool:
    """Whether two values cannot both be true; of places, one may merely say more."""
    if isinstance(one, Place) and isinstance(other, Place):
        return one.contradicts(other)
    return one is not None and other is not None and one != other


Places = Annotated[tuple[Place, ...], Field(min_length=1, max_length=300)]


# ── organizations ────────────────────────────────────────────────────────────────────────────────


class Mention(Value):
    """A name nobody could resolve; stored as it was written, never guessed."""

    mention: Name


Organization = OrganizationKey | Mention
Organizations = Annotated[tuple[Organization, ...], Field(min_length=1, max_length=300)]


class Party(Value):
    """An organization, or the mention of one, and its part in the matter."""

    organization: Organization | None = None
    mention: Name | None = None
    role: Word | None = None
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

    name: Name
    lang: Annotated[str, Field(pattern=r"^[a-z]{2,3}$", examples=["zh"])] | None = None
    script: Annotated[str, Field(pattern=r"^[A-Z][a-z]{3}$", examples=["Hans"])] | None = None
    kind: Literal["official", "alias", "former"] | None = None
    from_: Annotated[EdtfDate | None, Field(alias="from")] = None
    to: EdtfDate | None = None


OrganizationNames = Annotated[tuple[OrganizationName, ...], Field(max_length=300)]


class Jurisdiction(Value):
    """Whose rules apply: the level of government, the authority, and where."""

    level: Literal[
        "international", "national", "state", "region", "city", "district", "town", "village"
    ]
    authority: Organization | None = None
    place: Place | None = None


Jurisdictions = Annotated[tuple[Jurisdiction, ...], Field(min_length=1, max_length=300)]


# ── evidence ─────────────────────────────────────────────────────────────────────────────────────


class Source(Value):
    """Where a fact was read, and how far it can be trusted."""

    title: Text
    url: WebAddress | None = None
    publisher: Name | None = None
    published_on: EdtfDate | None = None
    quote: Text | None = None
    stance: Literal["supports", "contradicts", "denies"] = "supports"
    about: Literal["event", "date", "place", "amount", "kind", "party"] | None = None
    confidence: Literal["confirmed", "probable", "possible", "doubtful"] | None = None
    sha256: (
        Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of an archived copy.")]
        | None
    ) = None

    @property
    def weak(self) -> bool:
        """Whether it should not stand alone."""
        return self.confidence in ("possible", "doubtful")


Sources = Annotated[tuple[Source, ...], Field(max_length=300)]


class ByPosition(Value):
    """An event of the same subject, by its position."""

    position: Annotated[int, Field(ge=1, le=2**62)]

    @property
    def words(self) -> str:
        """What a refusal calls it."""
        return f"position {self.position}"


class ByRef(Value):
    """An event of the same subject, by the row of the client's file that it came from."""

    ref: Annotated[str, Field(min_length=1, max_length=200)]
    type: Annotated[str, Field(min_length=1, max_length=100)]

    @property
    def words(self) -> str:
        """What a refusal calls it."""
        return f"{self.type} of row {self.ref}"


Pointer = ByPosition | ByRef
