"""What R&D centers and other sites have in common: a place, people, a life of opening and closing."""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, Field

from domain.refusals import NotThere
from domain.subject import Facts, State, Warned
from domain.telling import place_words
from domain.vocabulary import Organization, Organizations, People, Place, SquareMetres, Text

OPENING = ("", "rumoured", "announced")


class FacilityFacts(Facts):
    """What is known of a place of work."""

    organizations: Organizations | None = None
    place: Place | None = None
    headcount: People | None = None
    floor_area_m2: SquareMetres | None = None
    host: Annotated[Organization, Field(description="In whose building it is.")] | None = None


class Relocation(BaseModel):
    """The fields and rules of a move."""

    from_: Annotated[Place | None, Field(alias="from", description="Where it was.")] = None
    to: Annotated[Place, Field(description="Where it is now.")]
    what_stays: Annotated[
        Text | None,
        Field(
            validation_alias=AliasChoices("what_stays", "stays"),
            serialization_alias="what_stays",
            description="What does not move.",
        ),
    ] = None

    def check(self, state: Any) -> None:  # noqa: ANN401 - the state of either kind
        """Move it only from where it is."""
        if self.from_ and state.place and self.from_.contradicts(state.place):
            raise NotThere("place", start=place_words(self.from_.model_dump()), place=place_words(state.place.model_dump()))

    def warn(self, state: Any) -> Iterable[Warned]:  # noqa: ANN401 - as above
        """Warn where nothing tells where it was."""
        if state.place is None:
            yield Warned("no_predecessor", "nothing on record says where it was before")

    def evolve(self, state: State) -> State:
        """Put it where it moved to."""
        after: State = super().evolve(state)  # type: ignore[misc] - the event class beside it
        return after.model_copy(update={"place": self.to})
