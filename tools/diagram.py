"""Draw the life of a kind: a state diagram derived from its events."""

from collections.abc import Iterator, Sequence

from domain.event import Event
from domain.subject import ENDS

_NOTHING = ("", "rumoured")  # a record opens with nothing known, or with a rumour


def diagram(life: Sequence[type[Event]]) -> Iterator[str]:
    """Give the lines of a mermaid diagram of the events of one kind."""
    yield "stateDiagram-v2"
    arrows = dict.fromkeys(arrow for event in life for arrow in _arrows(event, life))
    yield from (f"    {arrow}" for arrow in arrows)
    yield from (f"    {event.leads_to} --> [*]" for event in life if event.leads_to in ENDS)


def _arrows(event: type[Event], life: Sequence[type[Event]]) -> Iterator[str]:
    if event.leads_to is None:
        return
    if event.undoes and event.leads_to == "unknown":
        yield from (f"{event.undoes} --> {stage} : {event.verb}" for stage in _before(event, life))
        return
    for stage in event.usual_from or ("",):
        if stage != event.leads_to:
            yield f"{'[*]' if stage in _NOTHING else stage} --> {event.leads_to} : {event.verb}"


def _before(event: type[Event], life: Sequence[type[Event]]) -> Iterator[str]:
    """Give the stages from which what the event undoes usually comes."""
    for other in life:
        if other.leads_to == event.undoes:
            yield from other.usual_from
