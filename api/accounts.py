"""The shapes of who asks: tokens, sessions, principals, and the record of who looked."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from api.shapes import Json, Role, Shape, Wanted


class Me(Shape):
    """Who asks."""

    principal: str
    display_name: str | None
    role: Role
    may_record: Annotated[list[str], Field(description="Types of events.")]
    may_call: Annotated[
        list[str],
        Field(description="What not every role may, and this one may: method and address."),
    ]


class Session(Shape):
    """Who signed in with a browser, and until when."""

    principal: str
    role: Role
    expires_at: datetime


class NewSession(Wanted):
    """Signing in with a browser."""

    token: Annotated[str, Field(min_length=1, max_length=1_000)]


class Token(Shape):
    """What is known of a token."""

    id: UUID
    prefix: Annotated[str, Field(description="The first characters of the secret.")]
    principal: str
    display_name: Annotated[str | None, Field(description="Null: erased.")]
    role: Role
    name: Annotated[str | None, Field(description="Null: erased.")]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class TokenWithSecret(Token):
    """A token that was just made."""

    secret: str


class Tokens(Shape):
    """All tokens."""

    items: list[Token]


class NewToken(Wanted):
    """A token to be made."""

    role: Role
    name: Annotated[str, Field(min_length=1, max_length=200, description="Whose, or what for.")]
    principal: Annotated[
        str | None, Field(min_length=1, max_length=100, description="Who has tokens already.")
    ] = None
    expires_at: Annotated[AwareDatetime | None, Field(description="Left out: never.")] = None


class Principal(Shape):
    """Whom an id in `recorded_by` stands for."""

    id: str
    kind: Literal["person", "program"]
    display_name: Annotated[str | None, Field(description="Null: erased.")]
    created_at: datetime
    erased_at: datetime | None


class Principals(Shape):
    """Everybody who ever had a token."""

    items: list[Principal]


class AccessEntry(Shape):
    """Something that somebody did or looked at."""

    number: Annotated[int, Field(ge=1, description="In the access record, without gaps.")]
    at: datetime
    principal: Annotated[str | None, Field(description="Null: nobody known, or the machine's.")]
    display_name: str | None
    role: Role | None
    action: str
    target: Annotated[str | None, Field(description="An address, or what it was done to.")]
    details: Json


class AccessRecords(Shape):
    """A page of the access record."""

    items: list[AccessEntry]
    next_cursor: str | None
