"""What the API tells of the views themselves, and takes to look after them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from api.shapes import Position, Shape, Wanted


class Quarantined(Shape):
    """An event that a view could not take."""

    position: Position
    subject: str
    type: str
    error: str
    attempts: int
    first_attempt: datetime
    last_attempt: datetime
    retry: Annotated[bool, Field(description="Another attempt is asked for.")]
    skipped_reason: Annotated[str | None, Field(description="Why the view does without it.")]
    skipped_by: str | None
    skipped_at: datetime | None


class Quarantine(Shape):
    """What a view could not take, and what it does without."""

    items: list[Quarantined]
    next_after: Annotated[
        Position | None, Field(description="The `after` of the next page; null on the last.")
    ]


class SkipReason(Wanted):
    """Why a view is to do without an event."""

    reason: Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"\S")]


class Digest(Shape):
    """What all rows of a view come to, as the API page defines it."""

    position: Position
    version: int
    rows: int
    sha256: str
    root: Annotated[
        str | None,
        Field(description="Of the journal up to the position; null where it is not sealed yet."),
    ]


class Projection(Shape):
    """How a view is."""

    name: str
    version: int
    build: int
    position: Position
    lag: Annotated[int, Field(description="Events behind the journal.")]
    state: Literal["current", "behind", "rebuilding", "waiting"]
    runner: str | None
    active_since: datetime | None
    updated_at: datetime | None
    quarantined: int
    quarantine: list[Quarantined]
    digest: Annotated[Digest | None, Field(description="Where it is asked for.")] = None


class Projections(Shape):
    """How all views are."""

    items: list[Projection]
