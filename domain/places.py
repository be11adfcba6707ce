"""Where: as much of a place as is known."""

import unicodedata
from functools import lru_cache
from typing import Annotated

from pydantic import Field

from domain.limits import limit
from domain.vocabulary import Country, Name, Region, Subdivision, Value

Latitude = Annotated[
    float, Field(ge=-90, le=90, description="Degrees north, WGS 84.", examples=[25.08])
]
Longitude = Annotated[
    float, Field(ge=-180, le=180, description="Degrees east, WGS 84.", examples=[55.14])
]

# What cities are called at home, and in English: one name is as good as the other.
_AT_HOME = (
    "Wien: Vienna, Genève: Geneva, Genf: Geneva, Luzern: Lucerne, München: Munich, Köln: Cologne",
    "Nürnberg: Nuremberg, Hannover: Hanover, Antwerpen: Antwerp, Gent: Ghent, Bruxelles: Brussels",
    "Brussel: Brussels, Den Haag: The Hague, København: Copenhagen, Göteborg: Gothenburg",
    "Milano: Milan, Torino: Turin, Firenze: Florence, Roma: Rome, Sevilla: Seville",
    "Lisboa: Lisbon, Praha: Prague, Warszawa: Warsaw, Bengaluru: Bangalore, Macao: Macau",
    "澳门: Macau, 香港: Hong Kong, 北京: Beijing, 上海: Shanghai, 广州: Guangzhou, 深圳: Shenzhen",
    "武汉: Wuhan, 重庆: Chongqing, 東京: Tokyo, 서울: Seoul",
    "دبي: Dubai, أبوظبي: Abu Dhabi, الرياض: Riyadh, الدوحة: Doha",
)


@lru_cache(maxsize=16_384)
def fold(text: str) -> str:
    """Give what spellings of a text have in common: no case, no accents, single spaces."""
    bare = unicodedata.normalize("NFKD", text)
    kept = "".join(c for c in bare if not unicodedata.combining(c)) if not bare.isascii() else bare
    return " ".join(kept.casefold().split())


_ENGLISH = dict(fold(pair).split(": ") for pair in ", ".join(_AT_HOME).split(", "))


def _english(name: str) -> str:
    """Give what all names of one place have in common."""
    bare = fold(name)
    return _ENGLISH.get(bare, bare)


class Place(Value):
    """A country, or where none is named a region; as much of the rest as is known."""

    country: Country | None = None
    region: Region | None = None
    subdivision: Subdivision | None = None
    city: (
        Annotated[Name, Field(description="City, by the name in use.", examples=["Dubai"])] | None
    ) = None
    town: (
        Annotated[Name, Field(description="Town, village or district.", examples=["Deira"])] | None
    ) = None
    label: (
        Annotated[Name, Field(description="What people call the spot.", examples=["Yas Island"])]
        | None
    ) = None
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
            one and theirs[name] and _english(one) != _english(theirs[name])
            for name, one in mine.items()
        )

    def contains(self, other: "Place") -> bool:
        """Whether every field that it gives is the same in the other, which may say more.

        Who names the city need not name its state as well.
        """
        if self.contradicts(other):
            return False
        given = {name for name, one in self.model_dump(exclude={"lat", "lon"}).items() if one}
        if self.city and other.city:
            given -= {"subdivision"}
        return all(getattr(other, name) is not None for name in given)


def differ(one: object, other: object) -> bool:
    """Whether two values cannot both be true; of places, one may merely say more."""
    if isinstance(one, Place) and isinstance(other, Place):
        return one.contradicts(other)
    return one is not None and other is not None and one != other


Places = Annotated[tuple[Place, ...], Field(min_length=1, max_length=300)]
