"""What an event type is: one frozen class, from which everything else is derived."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, create_model

from domain.archive import lenient
from domain.references import References
from domain.subject import ENDS, Facts, Kind, State, Warned
from domain.vocabulary import Details

if TYPE_CHECKING:
    from domain.history import History

Data = dict[str, Any]
CLAIM, LIFE, UNIVERSAL = range(3)  # the phases in which events of one day are told

_events: dict[str, type["Event"]] = {}


class Event(BaseModel):
    """One immutable fact about one subject: the payload; the envelope is the journal's."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    type: ClassVar[str]  # the stored name, a literal for ever
    verb: ClassVar[str]  # route, command line and button
    headline: ClassVar[str]  # its line in the timeline; [ ] drops out when a slot in it is empty
    kind: ClassVar[Kind | None] = None  # None: any subject can have it
    leads_to: ClassVar[str | None] = None  # the stage it sets; the participle unless declared
    usual_from: ClassVar[tuple[str, ...]] = ()  # the stages that offer it; else it is a warning
    undoes: ClassVar[str | None] = None  # the stage that it needs before it; else it is a warning
    after_end: ClassVar[bool] = False  # may be logged about what has ended
    needs_reason: ClassVar[bool] = False
    by_knowledge: ClassVar[bool] = False  # acts on the record, on every day, not in the world
    opens_record: ClassVar[bool] = False  # comes first and holds on every day
    carries_facts: ClassVar[bool] = False  # takes the fields of the subject's kind as well
    phase: ClassVar[int] = LIFE
    order: ClassVar[tuple[int, int]]  # its place in the order of life
    roles: ClassVar[frozenset[str]] = frozenset({"contributor", "admin"})
    upcasts: ClassVar[tuple[Callable[[Data], Data], ...]] = ()  # from schema n to n + 1, pure
    example: ClassVar[Data] = {}  # a payload that would be accepted

    details: Details | None = None

    @classmethod
    def __pydantic_init_subclass__(cls, **_: object) -> None:
        """Enter the type into the catalogue and derive what its name tells."""
        if "type" not in cls.__dict__:
            return
        if cls.kind and "leads_to" not in cls.__dict__:
            cls.leads_to = cls.type.partition(".")[2]
        cls.order = (cls.phase, len(_events))
        _events[cls.type] = cls

    @classmethod
    def schema_number(cls) -> int:
        """Give the version of the payload's shape, counted from 1."""
        return 1 + len(cls.upcasts)

    @classmethod
    def ends(cls) -> bool:
        """Tell whether the subject's life is over with it."""
        return cls.leads_to in ENDS

    @classmethod
    def admit(cls, data: bytes, references: References) -> Self:
        """Validate a payload at the door, with every limit of today.

        Args:
            data: a JSON object.
            references: takes up what the payload refers to, and resolves it where it can.

        Raises:
            pydantic.ValidationError: what is wrong with which field.
        """
        return cls.model_validate_json(data, context=references)

    @classmethod
    def revive(cls, schema: int, data: Data) -> Self:
        """Read a payload from the archive: any schema ever written, none of today's limits."""
        for upcast in cls.upcasts[schema - 1 :]:
            data = upcast(data)
        revived: Self = _archive(cls).validate_python(data)
        return revived

    def complete(self, history: "History", references: References) -> Self:  # noqa: ARG002
        """Finish validation with what only the subject's history tells."""
        return self

    def to_json(self) -> bytes:
        """Give the payload as it was given, references as keys."""
        return self.__pydantic_serializer__.to_json(self, exclude_unset=True, by_alias=True)

    def next_stage(self, state: State) -> str | None:  # noqa: ARG002
        """Give the stage that follows; None where it stays."""
        return self.leads_to

    def check(self, state: Any) -> None:  # noqa: ANN401 - the state of the event's kind
        """Refuse what contradicts the state; runs once, before recording.

        Raises:
            Refused: what it contradicts.
        """

    def warn(self, state: Any) -> Iterable[Warned]:  # noqa: ANN401, ARG002 - as above
        """Say what about this event a person should look at."""
        return ()

    def evolve(self, state: Any) -> Any:  # noqa: ANN401 - as above
        """Give the state after the event; pure, on every replay, and it never refuses."""
        return state.restated(self, self.next_stage(state))


@lru_cache(maxsize=None)
def _archive(event: type[Event]) -> Any:  # noqa: ANN401 - a SchemaValidator
    return lenient(event)


def events() -> Mapping[str, type[Event]]:
    """Give every event type by its stored name, each kind's in the order of life."""
    return MappingProxyType(_events)


def kinds() -> Mapping[str, Kind]:
    """Give every kind of subject by its name."""
    return {event.kind.name: event.kind for event in _events.values() if event.kind}


@lru_cache(maxsize=None)
def event_class(name: str, kind: str) -> type[Event]:
    """Give the class of an event type on a kind of subject.

    Raises:
        KeyError: there is no such type, or the kind has none of that type.
    """
    event = _events[name]
    if event.kind and event.kind.name != kind:
        raise KeyError(name)
    if not event.carries_facts:
        return event
    bases = (event, kinds()[kind].facts)
    return create_model(event.__name__, __base__=bases, __doc__=event.__doc__)
