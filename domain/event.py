"""What an event type is: one frozen class, from which everything else is derived."""

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, ClassVar
from warnings import catch_warnings, simplefilter

from pydantic import create_model

from domain.payload import Data, Payload
from domain.subject import ENDS, Kind, State, Warned
from domain.vocabulary import Details

CLAIM, LIFE, UNIVERSAL = range(3)  # the phases in which events of one day are told

_events: dict[str, type["Event"]] = {}
_kinds: dict[str, Kind] = {}


class Event(Payload):
    """One immutable fact about one subject: the payload; the envelope is the journal's."""

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
    example: ClassVar[Data] = {}  # a payload that would be accepted

    details: Details | None = None

    @classmethod
    def __pydantic_init_subclass__(cls, **_: object) -> None:
        """Enter the type into the catalogue and derive what its name tells."""
        if cls.kind:
            _kinds[cls.kind.name] = cls.kind
        if "type" not in cls.__dict__:
            return
        if cls.type in _events:
            raise TypeError(f"{cls.type} is declared twice: {cls} and {_events[cls.type]}")
        if cls.kind and "leads_to" not in cls.__dict__:
            cls.leads_to = cls.type.partition(".")[2]
        cls.order = (cls.phase, len(_events))
        _events[cls.type] = cls

    @classmethod
    def ends(cls) -> bool:
        """Tell whether the subject's life is over with it."""
        return cls.leads_to in ENDS

    def next_stage(self, state: Any) -> str | None:  # noqa: ANN401, ARG002 - the state of its kind
        """Give the stage that follows; None where it stays."""
        return self.leads_to

    def check(self, state: Any) -> None:  # noqa: ANN401 - as above
        """Refuse what contradicts the state; runs once, before recording.

        Raises:
            Refused: what it contradicts.
        """

    def warn(self, state: Any) -> Iterable[Warned]:  # noqa: ANN401, ARG002 - as above
        """Say what about this event a person should look at."""
        return ()

    def evolve(self, state: Any) -> Any:  # noqa: ANN401 - as above
        """Give the state after the event; pure, on every replay, and it never refuses."""
        before: State = state
        return before.restated(self, self.next_stage(before))


def events() -> Mapping[str, type[Event]]:
    """Give every event type by its stored name, each kind's in the order of life."""
    return MappingProxyType(_events)


def kinds() -> Mapping[str, Kind]:
    """Give every kind of subject by its name."""
    return MappingProxyType(_kinds)


@cache
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
    bases: tuple[Any, ...] = (event, _kinds[kind].facts)
    hidden: dict[str, Any] = {
        name: (field.annotation, field)
        for name, field in _kinds[kind].facts.model_fields.items()
        if hasattr(Event, name)
    }
    with catch_warnings():
        # An organization has `roles`, and so have events: on the payload the field is meant.
        simplefilter("ignore", UserWarning)
        return create_model(event.__name__, __base__=bases, __doc__=event.__doc__, **hidden)


def stages(takes: Collection[type[Event]]) -> list[str]:
    """Name the stages to which events lead, or from which they are usual, in the order of life."""
    names = [event.leads_to for event in takes if event.leads_to]
    names += [stage for event in takes for stage in event.usual_from if stage]
    return list(dict.fromkeys(["rumoured", *names, "unknown"]))
