"""What the API tells of the seal."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from api.parameters import Nothing
from api.shapes import Position, Shape
from api.values import Whole

Size = Annotated[int, Field(ge=0, description="How many events, from the first on.")]
Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="SHA-256, hexadecimal.")]
Note = Annotated[str, Field(description="A C2SP signed note.")]
Successions = Annotated[
    list[Note], Field(description="The checkpoints in which one key names the next, in order.")
]


class Receipt(Shape):
    """That an event is in the journal, and with which content: complete in itself."""

    position: Position
    leaf: Hash
    entry: Annotated[str, Field(description="The bytes that are hashed, base64.")]
    size: Size
    proof: Annotated[list[Hash], Field(description="RFC 9162 §2.1.3, from the leaf up.")]
    checkpoint: Note
    successions: Successions


class Growth(Shape):
    """That a journal begins with an older one."""

    from_: Annotated[int, Field(alias="from")]
    to: Size
    proof: Annotated[list[Hash], Field(description="RFC 9162 §2.1.4.")]
    checkpoint: Annotated[Note, Field(description="Over `to` events.")]
    successions: Successions


class LogKey(Shape):
    """A public key of the log."""

    key: str
    since: datetime
    succession: Annotated[Note | None, Field(description="In which the key before names it.")]


class LogKeys(Shape):
    """The keys of the log, the present one last."""

    origin: str
    key: Annotated[str, Field(description="The first one: it vouches for all that it names.")]
    keys: list[LogKey]
    successions: Successions


class LogBreak(Shape):
    """What a person settled when the sealer refused to sign."""

    epoch: int
    statement: Annotated[Note, Field(description="Both heads, the refusal, who and why.")]
    refusal: str
    before: Annotated[Note, Field(description="The last checkpoint before.")]
    settled_at: datetime


class LogBreaks(Shape):
    """All breaks that persons have settled."""

    items: list[LogBreak]


class LogTimestamp(Shape):
    """What an authority said of a checkpoint, RFC 3161."""

    size: Size
    checkpoint: Note
    authority: str
    token: Annotated[str, Field(description="The response, DER in base64.")]
    received_at: datetime


class LogTimestamps(Shape):
    """All timestamps of checkpoints."""

    items: list[LogTimestamp]


class AtSize(Nothing):
    """Which checkpoint."""

    size: Annotated[
        Whole | None,
        Field(ge=1, description="The first over at least so many events; else the newest."),
    ] = None


class FromTo(Nothing):
    """Which two sizes."""

    from_: Annotated[Whole, Field(alias="from", ge=0, description="The older size.")]
    to: Annotated[
        Whole | None, Field(ge=1, description="The newer one; else that of the newest checkpoint.")
    ] = None
