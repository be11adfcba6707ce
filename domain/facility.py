"""What R&D centers and other sites have in common: a place, people, and moves."""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import Field

from domain.event import Event
from domain.limits import limit
from domain.parties import Organization, Organizations
from domain.places import Place
from domain.quantities import People, SquareMetres
from domain.refusals import NotThere
from domain.subject import Facts, State, Warned
from domain.telling import place_words
from domain.vocabulary import Text

OPENING = ("", "rumoured", "announced")


class FacilityFacts(Facts):
    """What is known of a place of work."""

    organizations: Annotated[Organizations, Field(description="Who works there.")] | None = None
    place: Annotated[Place, Field(description="Where it is.")] | None = None
    headcount: (
        Annotated[People, Field(description="All people there, not those added or cut.")] | None
    ) = None
    floor_area_m2: SquareMetres | None = None
    host: Annotated[Organization, Field(description="In whose building it is.")] | None = None


class Relocation(FacilityFacts, Event):
    """The fields and rules of a move."""

    from_: Annotated[Place | None, Field(alias="from", description="Where it was.")] = None
    to: Annotated[Place, Field(description="Where it is now.")]
    stays: Annotated[
        Text | None, Field(examples=["R&D stays in Gothenburg"], description="What does not move.")
    ] = None
    what_stays: Annotated[
        Text | None, Field(examples=["R&D stays in Gothenburg"], description="The same as `stays`.")
    ] = None

    @limit
    def _says_once_what_stays(self) -> None:
        if self.stays and self.what_stays:
            raise ValueError("give either stays or what_stays: they mean the same")

    def check(self, state: Any) -> None:  # noqa: ANN401 - the state of either kind
        """Move it only from where it is."""
        place: Place | None = state.place
        if self.from_ and place and self.from_.contradicts(place):
            raise NotThere("place", start=_words(self.from_), place=_words(place))

    def warn(self, state: Any) -> Iterable[Warned]:  # noqa: ANN401 - as above
        """Warn where nothing tells where it was."""
        if state.place is None:
            yield Warned("no_predecessor", "nothing on record says where it was before")

    def evolve(self, state: Any) -> State:  # noqa: ANN401 - as above
        """Put it where it moved to."""
        after: State = super().evolve(state)
        return after.model_copy(update={"place": self.to})


def _words(place: Place) -> str:
    return place_words(place.model_dump())
