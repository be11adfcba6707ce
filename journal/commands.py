"""What somebody asks to be recorded, checked as far as one can without looking anything up."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from hashlib import sha256
from typing import Annotated, Any, Literal, NamedTuple, Self
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from uuid_utils.compat import uuid7

from domain.event import Event, event_class, events, kinds
from domain.references import References
from domain.vocabulary import EdtfDate, Pointer, Sources, Text
from journal import wire
from journal.names import is_id, is_key
from journal.refusals import Malformed

Role = Literal["reader", "contributor", "auditor", "admin"]


class Principal(NamedTuple):
    """Who asks. Names of people are no part of it: it goes into the journal."""

    id: str
    role: Role


class Envelope(BaseModel):
    """What a line of the generic door consists of, beside its payload."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    type: str
    kind: str | None = None
    subject: Annotated[str, Field(min_length=1)] | None = None
    occurred_on: EdtfDate | None = None
    after: Pointer | None = None
    sources: Sources = ()
    reason: Text | None = None
    ref: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    idempotency_key: Annotated[str, Field(min_length=1, max_length=200)] | None = None


class Line(NamedTuple):
    """One event that somebody asks to be recorded.

    Attributes:
        document: as it was sent; what is not a reference is stored as it is here.
        opens: whether it must open its subject; None: it does where the subject is new.
        kind: of the subject; None where only the subject itself can tell.
        event: the payload, where its kind is known, and what it refers to.
    """

    document: Mapping[str, Any]
    envelope: Envelope
    opens: bool | None
    kind: str | None
    event: Event | None
    references: References

    @classmethod
    def read(cls, document: object, *, opens: bool | None = None) -> "Line":
        """Check one document: the generic door's line, or a typed route's body with its type.

        Raises:
            Malformed: with everything that is wrong with it.
        """
        checked, envelope = _envelope(document)
        kind = _kind(envelope)
        line = cls(checked, envelope, opens, kind, None, References())
        if kind is None:
            return line
        event_type = event_class(envelope.type, kind)
        return line._replace(event=line.admitted(event_type, line.references))

    @property
    def data(self) -> Mapping[str, Any]:
        """The payload as it was sent."""
        data: Mapping[str, Any] = self.document.get("data", {})
        return data

    def admitted(self, event: type[Event], references: References) -> Event:
        """Validate the payload at the door.

        Raises:
            Malformed: pointing from the top of the line.
        """
        if event.needs_reason and not self.envelope.reason:
            raise Malformed.at("/reason", f"{event.type} needs a reason")
        try:
            return event.admit(orjson.dumps(self.data), references)
        except ValidationError as error:
            raise Malformed.of(error, self.data, "/data", event) from None

    def body(self, data: bytes) -> bytes:
        """Give the stored bytes: the payload, and the rest of the document where it was given."""
        given = {name: self.document[name] for name in _KEPT if self.document.get(name)}
        rest = orjson.dumps(given)[1:]
        return b'{"data":' + data + (b"," if given else b"") + rest


_KEPT = ("sources", "reason", "after", "ref")


def _envelope(document: object) -> tuple[dict[str, Any], Envelope]:
    if not isinstance(document, dict) or not isinstance(document.get("data", {}), dict):
        where = "/data" if isinstance(document, dict) else ""
        raise Malformed.at(where, "write a JSON object here")
    rest = {name: value for name, value in document.items() if name != "data"}
    try:
        envelope = Envelope.model_validate_json(orjson.dumps(rest), context=References())
    except ValidationError as error:
        raise Malformed.of(error, rest, model=Envelope) from None
    subject = envelope.subject
    if subject is not None and not is_key(subject) and not is_id(subject):
        raise Malformed.at("/subject", _SUBJECT)
    return document, envelope


_SUBJECT = (
    "a subject is a UUID or a key: lower-case letters and digits joined by single hyphens, at most"
    " 100 characters, such as weride-uber"
)


def _kind(envelope: Envelope) -> str | None:
    """Give the kind that the type or the line names; None where only the subject can tell."""
    event = events().get(envelope.type)
    if event is None:
        raise Malformed.at("/type", _unknown("event type", envelope.type, events()))
    if envelope.kind is not None and envelope.kind not in kinds():
        raise Malformed.at("/kind", _unknown("kind of subject", envelope.kind, kinds()))
    own = event.kind.name if event.kind else None
    if own and envelope.kind and own != envelope.kind:
        raise Malformed.at(
            "/kind", f"{envelope.type} is of the kind {own}: write that, or leave it out"
        )
    return own or envelope.kind


def _unknown(what: str, text: str, known: Mapping[str, object]) -> str:
    near = get_close_matches(text, known, n=3, cutoff=0.5)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    return f"'{text[:100]}' is no {what}{hint}"


@dataclass(frozen=True, slots=True)
class Command:
    """Lines to be recorded together or not at all.

    Attributes:
        id: names the command for ever.
        fingerprint: of the request, where the client chose the id.
        content: the digest of the line, where that names the command whoever sends it.
        expected_version: of the first line's subject (If-Match).
        batch: the import it belongs to.
        dry_run: decide, but write nothing.
        tolerant: of a dry run: leave out the lines that are refused, and decide on the others.
        warn: whether anybody will look at the warnings.
    """

    principal: Principal
    lines: tuple[Line, ...]
    id: UUID = field(default_factory=uuid7)
    fingerprint: bytes | None = None
    content: bytes | None = None
    expected_version: int | None = None
    batch: UUID | None = None
    dry_run: bool = False
    tolerant: bool = False
    warn: bool = True

    @property
    def repeatable(self) -> bool:
        """Whether it may have been recorded before it came here."""
        return self.fingerprint is not None or self.content is not None

    @classmethod
    def keyed(cls, principal: Principal, lines: tuple[Line, ...], key: str, request: bytes) -> Self:
        """Let the client's own key, scoped to the principal, name the command."""
        name = sha256(b"\0".join([b"key", principal.id.encode(), key.encode()]))
        return cls(principal, lines, _id(name.digest()), fingerprint=sha256(request).digest())

    @classmethod
    def told(
        cls,
        principal: Principal,
        lines: tuple[Line, ...],
        batch: UUID | None = None,
        *,
        warn: bool = True,
    ) -> Self:
        """Let lines of a file name their command by what they say, or one by its own key."""
        content = b"\n".join(wire.canonical(line.document) for line in lines)
        key = lines[0].envelope.idempotency_key
        if key and len(lines) == 1:
            return replace(cls.keyed(principal, lines, key, content), batch=batch, warn=warn)
        digest = sha256(content).digest()
        return cls(principal, lines, _id(digest), content=digest, batch=batch, warn=warn)

    def again(self, position: int) -> UUID:
        """Name the command that says the same once more, after the recording there was retracted.

        Whoever says it names it alike, so that it is recorded once however many say it at once.
        """
        said = b"".join([self.content or b"", b"again", position.to_bytes(8)])
        return _id(sha256(said).digest())


def _id(digest: bytes) -> UUID:
    """Make a UUID of version 8 of the first bytes of a digest."""
    bits = int.from_bytes(digest[:16])
    return UUID(int=bits & ~(0xF << 76) & ~(0x3 << 62) | (8 << 76) | (2 << 62))
