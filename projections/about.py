"""What subjects and events are to speak of: the part of a question that narrows most lists."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.places import Place, fold
from projections.mentions import city_facet, country_facet, organization_facet

Group = Sequence[str]  # facets, of which one at least must be said


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Who and where."""

    organization: str | None = None
    country: str | None = None
    city: str | None = None

    def groups(self, organization: Sequence[str], *more: str) -> list[Group]:
        """Give what must be said, what is said of fewest first.

        Args:
            organization: the keys of all its records.
            more: further facets, said of more than one city or organization is.
        """
        return [
            *([[city_facet(self.city)]] if self.city else []),
            *([[organization_facet(key) for key in organization]] if organization else []),
            *([one] for one in more),
            *([[country_facet(self.country)]] if self.country else []),
        ]

    def facets(self) -> tuple[str, ...]:
        """Give the facets, of an organization that of the record that is asked for."""
        return tuple(facet for [facet] in self.groups([*filter(None, [self.organization])]))

    def names(self, place: Place) -> bool:
        """Tell whether a place lies where it is asked for."""
        towns = {fold(name) for name in (place.city, place.town) if name}
        in_city = self.city is None or fold(self.city) in towns
        return in_city and self.country in (None, place.country)
