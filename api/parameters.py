"""What may be asked for: query parameters, checked once, never ignored and never clamped."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Annotated, Literal, Self
from urllib.parse import parse_qsl

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.export import Format
from api.refusals import BadParameters
from api.values import (
    DIGITS,
    Country,
    Day,
    Flag,
    Instant,
    KindName,
    ModeName,
    Reference,
    StageName,
    Text,
    TypeName,
    Whole,
)
from domain.subject import Code
from journal.refusals import Fault

MOST = 500  # items of a page
_FLAGS = {"true": True, "false": False}


# ── routes that read their query themselves ──────────────────────────────────────────────────────


def only(request: Request, *known: str) -> None:
    """Refuse parameters that the route does not have.

    Raises:
        BadParameters
    """
    if not request.scope["query_string"]:
        return
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        raise no_such(unknown, known)


def once(query: bytes) -> None:
    """Refuse parameters that are given twice: two readers could take different ones.

    Raises:
        BadParameters
    """
    if b"&" in query:
        names = Counter(
            name for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True)
        )
        if twice := [name for name, number in names.items() if number > 1]:
            raise BadParameters.one(twice[0], "it can be given once")


def flag(request: Request, name: str) -> bool:
    """Give a yes-or-no parameter; no where it is left out.

    Raises:
        BadParameters
    """
    if not request.scope["query_string"] or name not in request.query_params:
        return False
    given = request.query_params[name]
    if given not in _FLAGS:
        raise BadParameters.one(name, "it is either true or false")
    return _FLAGS[given]


def as_position(text: str) -> int | None:
    """Read a position; None where none is written so."""
    written_so = text.isascii() and text.isdigit() and len(text) <= DIGITS
    return int(text) if written_so else None


def no_such(names: Sequence[str], known: Iterable[str] = ()) -> BadParameters:
    """Say of parameters that they do not exist, and which do."""
    others = ", ".join(known)
    told = "there is no such parameter here" + (f"; it takes {others}" if others else "")
    return BadParameters(Fault(name, told) for name in names)


# ── sets of parameters ───────────────────────────────────────────────────────────────────────────


class Nothing(BaseModel):
    """No parameters at all."""

    model_config = ConfigDict(extra="forbid")


class Knowing(Nothing):
    """What every read takes that looks at the record itself."""

    known_at: Annotated[
        Instant | None,
        Field(description="Only what was recorded by this instant, itself included. RFC 3339."),
    ] = None
    known_position: Annotated[
        Whole | None, Field(description="Only what was recorded up to this position.")
    ] = None
    min_position: Annotated[
        Whole | None, Field(description="Wait until this position is seen, at most 5 seconds.")
    ] = None

    @model_validator(mode="after")
    def check_one_clock(self) -> Self:
        """Take one of the two names of knowledge."""
        if self.known_at is not None and self.known_position is not None:
            raise ValueError("give either known_at or known_position")
        return self


class Seeing(Knowing):
    """What every read takes that looks at the world as it is known."""

    effective_at: Annotated[
        Day | None, Field(description="The day in the world. Left out: today, in UTC.")
    ] = None


class Paging(Nothing):
    """What every list takes."""

    limit: Annotated[Whole, Field(ge=1, le=MOST)] = 50
    cursor: Annotated[
        Text | None, Field(description="`next_cursor` of the page before.", max_length=1_000)
    ] = None


class Exporting(Paging):
    """What every list takes that can be had as a file."""

    format: Annotated[
        Format | None, Field(description="As a file: all rows; wins over `Accept`.")
    ] = None


class Narrowing(Nothing):
    """Which events are meant."""

    kind: KindName | None = None
    type: TypeName | None = None
    organization: Reference | None = None
    subject: Reference | None = None
    country: Country | None = None
    city: Text | None = None
    from_: Annotated[Day | None, Field(alias="from", description="Effective day, inclusive.")] = (
        None
    )
    to: Annotated[Day | None, Field(description="Effective day, inclusive.")] = None
    q: Annotated[Text | None, Field(description="Words, or names in any script.")] = None
    contested: Flag | None = None


class Timeline(Exporting, Seeing, Narrowing):
    """What narrows the timeline; without `effective_at` it tells all that is known."""

    order: Literal["effective", "recorded"] = "effective"
    newest_first: Flag = False


class Facets(Seeing, Narrowing):
    """What narrows the events that are counted."""


class Density(Facets):
    """What narrows the events that are counted, and how."""

    by: Annotated[
        Literal["effective", "recorded"],
        Field(description="The clock: when they happened, or began to be known."),
    ] = "effective"
    unit: Literal["day", "month", "year"] = "month"


class Stream(Narrowing):
    """What narrows the stream."""

    after: Annotated[
        Whole | None,
        Field(description="The position behind which to begin; `Last-Event-ID` wins."),
    ] = None


class History(Paging, Seeing):
    """What narrows a history; without `effective_at` it tells all that is known."""


class States(Exporting, Seeing):
    """What narrows a list of subjects."""

    organization: Reference | None = None
    country: Country | None = None
    city: Text | None = None
    stage: StageName | None = None
    mode: ModeName | None = None
    q: Annotated[Text | None, Field(description="Words, or names in any script.")] = None
    contested: Flag | None = None
    sort: Literal["key", "-key", "recorded", "-recorded"] = "key"


class Log(Exporting, Knowing):
    """What narrows the log."""

    after: Annotated[Whole, Field(description="The position behind which to begin.")] = 0
    type: TypeName | None = None
    subject: Reference | None = None


class Warnings(Paging, Seeing):
    """What narrows the warnings."""

    kind: KindName | None = None
    code: Code | None = None
    organization: Reference | None = None
    country: Country | None = None


class Places(Paging, Seeing):
    """What narrows the places."""

    kind: KindName | None = None
    organization: Reference | None = None
    country: Country | None = None
    city: Text | None = None
    stage: StageName | None = None


class Search(Seeing):
    """What to search for."""

    q: Annotated[Text, Field(description="A name in any script, part of one, or words.")]
    kind: KindName | None = None
    limit: Annotated[Whole, Field(ge=1, le=MOST)] = 50
