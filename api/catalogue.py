"""`GET /v1/meta`: what can be recorded, for programs that draw forms and diagrams."""

from collections.abc import Iterable
from functools import cache
from typing import Any, get_args

import orjson
from pydantic import BaseModel

from api import labels
from api.describe.schemas import components, payload, payloads
from api.gate import ROLES
from domain.event import Event, events, kinds, stages
from domain.subject import ENDS, Code, Kind
from journal.commands import Envelope
from projections.languages import Language

_REF = "#/components/schemas/"


@cache
def catalogue(language: Language) -> bytes:
    """Give the catalogue in a language; it changes only with the program."""
    told = {
        "language": language,
        "kinds": [_kind(kind, language) for kind in kinds().values()],
        "roles": ROLES,
        "labels": {
            "roles": {role: labels.of_word("roles", role, language) for role in ROLES},
            "warnings": {
                code: labels.of_word("warnings", code, language) for code in get_args(Code)
            },
            "free": labels.free(language),
        },
        "schemas": _schemas(language),
    }
    return orjson.dumps(told).replace(_REF.encode(), b"#/schemas/")


def _schemas(language: Language) -> dict[str, Any]:
    """Give the schema of everything that an event can hold, and of its envelope."""
    known = components()
    return {
        name: labels.labelled(known[name], model, language)
        for name, model in labels.models(roots()).items()
        if name in known
    }


def roots() -> Iterable[type[BaseModel]]:
    """Give the models of what can be sent: envelopes, payloads, and the fields of kinds."""
    return [Envelope, *payloads(), *(kind.facts for kind in kinds().values())]


def _kind(kind: Kind, language: Language) -> dict[str, Any]:
    takes = [event for event in events().values() if event.kind in (None, kind)]
    return {
        "name": kind.name,
        "path": kind.path,
        "noun": kind.noun,
        **labels.of_kind(kind, language),
        "fields": {"$ref": _REF + kind.facts.__name__},
        "opens_with": kind.opens_with,
        "stages": _stages(kind, takes, language),
        "ladder": kind.ladder,
        "actions": [_action(event, kind, language) for event in takes],
    }


def _stages(kind: Kind, takes: list[type[Event]], language: Language) -> list[dict[str, Any]]:
    """Give the stages, each with the verbs that it offers."""
    return [
        {
            "name": stage,
            "label": labels.of_stage(kind, stage, language),
            "end": stage in ENDS,
            "verbs": [event.verb for event in takes if _offered(event, stage)],
        }
        for stage in stages(takes)
    ]


def _offered(event: type[Event], stage: str) -> bool:
    """Tell whether a form would offer the event at a stage."""
    if stage in ENDS:
        return event.after_end
    return event.kind is None or stage in event.usual_from or not event.usual_from


def _action(event: type[Event], kind: Kind, language: Language) -> dict[str, Any]:
    return {
        "type": event.type,
        "verb": event.verb,
        **labels.of_type(event, language),
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
