"""Samples of what can be recorded, put together from the examples that the event types declare."""

from collections.abc import Mapping
from typing import Any

from domain.event import Event, events, kinds
from domain.subject import Kind

Data = Mapping[str, Any]


def opening(kind: Kind) -> Data:
    """Give what identifies a subject of a kind: the fields without which no record opens."""
    told: dict[str, Any] = {}
    for event in events().values():
        if event.kind is kind:
            told = {**event.example, **told}
    return {name: value for name, value in told.items() if name in kind.identity}


def kinds_of(event: type[Event]) -> list[Kind]:
    """Give the kinds of which subjects can have an event."""
    return [event.kind] if event.kind else [*kinds().values()]
