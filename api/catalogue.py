"""`GET /v1/meta`: what can be recorded, for programs that draw forms and diagrams."""

from functools import lru_cache
from typing import Any

import orjson

from api.describe.schemas import components, payload
from domain.event import Event, events, kinds
from domain.subject import ENDS, Kind

_REF = "#/components/schemas/"


@lru_cache(maxsize=1)
def catalogue() -> bytes:
    """Give the catalogue; it changes only with the program."""
    told = {
        "kinds": [_kind(kind) for kind in kinds().values()],
        "roles": sorted({role for event in events().values() for role in event.roles} | {"reader"}),
        "schemas": components(),
    }
    return orjson.dumps(told).replace(_REF.encode(), b"#/schemas/")


def _kind(kind: Kind) -> dict[str, Any]:
    takes = [event for event in events().values() if event.kind in (None, kind)]
    return {
        "name": kind.name,
        "path": kind.path,
        "noun": kind.noun,
        "title": kind.title,
        "description": kind.state.__doc__,
        "fields": {"$ref": _REF + kind.facts.__name__},
        "opens_with": kind.opens_with,
        "stages": _stages(takes),
        "ladder": kind.ladder,
        "actions": [_action(event, kind) for event in takes],
    }


def _stages(takes: list[type[Event]]) -> list[dict[str, Any]]:
    """Give the stages in the order of life, each with the verbs that it offers."""
    names = [event.leads_to for event in takes if event.leads_to]
    names += [stage for event in takes for stage in event.usual_from if stage]
    return [
        {
            "name": stage,
            "end": stage in ENDS,
            "verbs": [event.verb for event in takes if _offered(event, stage)],
        }
        for stage in dict.fromkeys(["rumoured", *names, "unknown"])
    ]


def _offered(event: type[Event], stage: str) -> bool:
    """Tell whether a form would offer the event at a stage."""
    if stage in ENDS:
        return event.after_end
    return event.kind is None or stage in event.usual_from or not event.usual_from


def _action(event: type[Event], kind: Kind) -> dict[str, Any]:
    return {
        "type": event.type,
        "verb": event.verb,
        "description": event.__doc__,
        "headline": event.headline,
        "schema_number": event.schema_number(),
        "opens": event.kind is not None or event.carries_facts,
        "universal": event.kind is None,
        "usual_from": event.usual_from,
        "leads_to": event.leads_to,
        "ends": event.ends(),
        "after_end": event.after_end,
        "needs_reason": event.needs_reason,
        "roles": sorted(event.roles),
        "data": {"$ref": _REF + payload(event, kind)},
        "example": event.example,
    }
