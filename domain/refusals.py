"""Why we say no. The docstring of a refusal is its message."""

from collections.abc import Iterable


class Refused(Exception):
    """The event contradicts what is recorded.

    Attributes:
        fields: the state fields that the event contradicts ("stage" for the stage), from which
            the history finds the events behind them.
        conflicting_positions: those events, by position; filled in by the history.
        allowed: the verbs that are possible instead, where one state decides that.
        words: what the message was filled with.
    """

    def __init__(self, *fields: str, positions: Iterable[int] = (), **words: object) -> None:
        super().__init__((type(self).__doc__ or "").split("\n")[0].format_map(words))
        self.words = words
        self.fields = fields
        self.conflicting_positions: tuple[int, ...] = tuple(positions)
        self.allowed: tuple[str, ...] = ()

    @property
    def detail(self) -> str:
        """The message for people."""
        return str(self.args[0])


class SubjectEnded(Refused):
    """It has {stage}; after that only notes, evidence, disputes, corrections, denials and results of targets can be logged."""  # noqa: E501 - a message is one line


class AlreadySuspended(Refused):
    """It is already suspended; log that it resumed first, or correct the earlier suspension."""


class StageTooLow(Refused):
    """It is at stage {present}, which is past {wanted}; only a resumption may go back, so check the dates or correct the earlier event."""  # noqa: E501 - a message is one line


class NotThere(Refused):
    """It cannot move from {start}, because it then was in {place}."""


class NoSuchParty(Refused):
    """{party} is no party of this partnership then."""


class TooFewParties(Refused):
    """A partnership keeps at least two different parties."""


class EndsBeforeStart(Refused):
    """It would be valid until {until}, before it is valid from {start}."""


class NotOpened(Refused):
    """The first event of a record needs {lacking}, and the event at position {position} ({type}) would come first without."""  # noqa: E501 - a message is one line

    def __init__(self, position: int, event: str, lacking: tuple[str, ...]) -> None:
        super().__init__(*lacking, lacking=", ".join(lacking), position=position, type=event)


class LeftUnopened(NotOpened):
    """The first event of a record needs {lacking}, and the event at position {position} ({type}) would be left as the first without; retract that one before, or correct it."""  # noqa: E501 - a message is one line


class NoSuchTarget(Refused):
    """No event of this record matches the target {target}."""


class AmbiguousTarget(Refused):
    """More than one event of this record matches the target {target}; name it by its position."""


class CorrectsRetracted(Refused):
    """The event at position {position} is retracted, by position {by}; log it anew instead of correcting it."""  # noqa: E501 - a message is one line


class AlreadyRetracted(Refused):
    """The event at position {position} is already retracted, by position {by}; retract that one to have it back."""  # noqa: E501 - a message is one line


class KeepsTarget(Refused):
    """The event at position {position} is about another event, and a correction leaves it so; retract it and log it anew."""  # noqa: E501 - a message is one line


class PointsForward(Refused):
    """It points to an event that does not come before it: one that is unknown, recorded later, or dated later."""  # noqa: E501 - a message is one line


class NotDisputed(Refused):
    """Nothing about the event at position {position} is disputed."""


class NotMerged(Refused):
    """This record is not merged into another one."""


class AlreadyMerged(Refused):
    """This record is already merged into {into}."""


class MergedIntoItself(Refused):
    """A record cannot be merged into itself; name the other one in `into`."""


class MergedInCircle(Refused):
    """{into} is itself a duplicate of this record, by way of {merged}; undo that merge first."""


class MergedAcrossKinds(Refused):
    """A record can be merged only into one of its own kind, and {into} is of another: {kind}."""
