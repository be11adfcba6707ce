"""Statements: what people of weight said in public."""

from typing import Annotated, ClassVar

from pydantic import Field

from domain.event import Event
from domain.parties import Organization
from domain.subject import Facts, Kind, State
from domain.vocabulary import Name, Text, Word


class StatementFacts(Facts):
    """What is known of a statement."""

    speaker: (
        Annotated[
            Name,
            Field(
                description="Who said it, by the name the source gives.", examples=["Zhang Yongwei"]
            ),
        ]
        | None
    ) = None
    gist: (
        Annotated[
            Text,
            Field(
                examples=["1,000 robotaxis in the Middle East by 2028"],
                description="What was said, in your words.",
            ),
        ]
        | None
    ) = None
    organization: Annotated[Organization, Field(description="For whom.")] | None = None
    offices: (
        Annotated[
            tuple[Name, ...],
            Field(description="The speaker's offices then.", max_length=20, examples=[["CEO"]]),
        ]
        | None
    ) = None
    occasion: (
        Annotated[
            Text,
            Field(
                description="Where it was said.",
                examples=["7th Global Intelligent Driving Conference"],
            ),
        ]
        | None
    ) = None
    topics: (
        Annotated[
            tuple[Word, ...],
            Field(
                description="What it is about, in words.", max_length=20, examples=[["strategy"]]
            ),
        ]
        | None
    ) = None


class Statement(StatementFacts, State):
    """Something said in public that others act upon."""


class StatementEvent(StatementFacts, Event):
    """An event of a statement."""

    kind = Kind(
        name="statement",
        path="statements",
        noun="statement",
        title="{speaker}: {gist}",
        facts=StatementFacts,
        state=Statement,
        opens_with=(("speaker",), ("gist",)),
    )


class StatementMade(StatementEvent):
    """It was said."""

    type = "statement.made"
    verb = "make"
    headline = "{speaker}[ ({organization})]: {gist}"
    usual_from = ("", "rumoured")
    example: ClassVar = {
        "speaker": "Ann Shi",
        "gist": "1,000 robotaxis in the Middle East by 2028",
        "topics": ["target"],
        "organization": "pony-ai",
    }


class StatementClarified(StatementEvent):
    """The speaker said what was meant."""

    type = "statement.clarified"
    verb = "clarify"
    headline = "{speaker} clarified: {gist}"
    usual_from = ("made", "clarified")
    example: ClassVar = {"gist": "1,000 vehicles, robotaxis among them"}


class StatementWithdrawn(StatementEvent):
    """The speaker took it back."""

    type = "statement.withdrawn"
    verb = "withdraw"
    headline = "{speaker} withdrew: {gist}"
    usual_from = ("made", "clarified")
    example: ClassVar = {"details": "Taken back a day later"}
