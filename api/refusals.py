"""Why the API itself says no, beside the domain and the journal. A docstring is the message."""

from collections.abc import Iterable
from datetime import date
from typing import Self

from journal.refusals import Declined, Fault, listed


class NotFound(Declined):
    """There is nothing at {path} that you may see."""


class NotYet(Declined):
    """'{key}' is on record, but nothing of it holds on {day} yet."""

    def __init__(self, key: str, day: date, effective_from: date | None) -> None:
        """Keep the day to ask for instead.

        Args:
            key: of the subject.
            day: asked for.
            effective_from: the first day of which anything is known; None where nothing counts.
        """
        super().__init__(key=key, day=day)
        self.effective_from = effective_from
        if effective_from is None:
            self.args = (f"'{key}' is on record, but nothing of it counts any more.",)
        else:
            self.args = (f"{self} It begins on {effective_from}.",)


class MethodNotAllowed(Declined):
    """{path} takes {allow} only."""

    def __init__(self, path: str, allow: str) -> None:
        """Keep what it takes, for the header."""
        super().__init__(path=path, allow=allow)
        self.allow = allow


class NotSignedIn(Declined):
    """Send a valid token as `Authorization: Bearer <token>`; this one is {fault}."""


class SessionOver(NotSignedIn):
    """Your sign-in has ended; sign in again with your token."""


class ForeignOrigin(Declined):
    """A cookie may write only from the page that this server serves, and this came from {origin}; programs send `Authorization: Bearer <token>` instead."""  # noqa: E501 - the docstring is the message


class ErasingOneself(Declined):
    """Nobody erases themselves: ask another admin, who will still be able to sign in."""


class TooManyAttempts(Declined):
    """Too many failed sign-ins from your address; try again in {seconds} seconds."""

    def __init__(self, seconds: int) -> None:
        """Keep the time to wait."""
        super().__init__(seconds=seconds)
        self.retry_after = seconds


class TooManyStreams(Declined):
    """This process serves as many streams as it can, or is about to stop; come again."""

    retry_after = 2  # seconds; another process may have room


class RoleNotAllowed(Declined):
    """The role {role} may not do this; it takes {roles}."""


class WrongMediaType(Declined):
    """Send {expected}, not '{given}'."""


class BadParameters(Declined):
    """The parameters {names} cannot be used as they are."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Keep the faults.

        Args:
            faults: each with the name of the parameter as its pointer.
        """
        self.faults = tuple(faults)
        super().__init__(names=", ".join(name for name, _ in self.faults))
        if type(self) is BadParameters:
            self.args = (listed(self.faults),)

    @classmethod
    def one(cls, name: str, detail: str) -> Self:
        """Say what is wrong with one parameter."""
        return cls([Fault(name, detail)])


class BadRow(Declined):
    """A cell of the column '{column}' makes no sense there: {detail}."""

    def __init__(self, column: str, detail: str) -> None:
        """Keep the column."""
        super().__init__(column=column, detail=detail)
        self.column = column


class Senseless(Declined):
    """A value that was given means nothing: a day out of the calendar, or a cursor made up."""


class DatabaseAway(Declined):
    """The database is away; ask again in a moment."""

    retry_after = 2  # seconds: a restart of the embedded server takes less than one


class Broken(Declined):
    """Something went wrong on our side; it is logged, and nothing was written by halves."""
