"""The schemas of the OpenAPI document, derived from event classes and shapes."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from api import shapes
from domain.event import Event, event_class, events, kinds
from domain.subject import Kind
from journal.commands import Envelope
from journal.mapping import SheetMapping

Schema = dict[str, Any]
TEMPLATE = "#/components/schemas/{model}"


def ref(name: str) -> Schema:
    """Refer to a schema of the components."""
    return {"$ref": TEMPLATE.format(model=name)}


def payload(event: type[Event], kind: Kind) -> str:
    """Name the schema of a payload; a type that takes the kind's facts has one for each kind."""
    return event.__name__ + (kind.facts.__name__ if event.carries_facts else "")


def components() -> dict[str, Schema]:
    """Give all schemas by their names."""
    models: list[tuple[type[BaseModel], JsonSchemaMode]] = [(Envelope, "validation")]
    models += [(wanted, "validation") for wanted in _below(shapes.Wanted)]
    models.append((SheetMapping, "validation"))
    models += [(event, "validation") for event in payloads()]
    models += [(kind.facts, "validation") for kind in kinds().values()]
    models += [(shape, "serialization") for shape in _below(shapes.Shape)]
    _, schema = models_json_schema(models, by_alias=True, ref_template=TEMPLATE)
    return {name: tidy(one) for name, one in schema["$defs"].items()}


def payloads() -> Iterable[type[Event]]:
    """Give the model of every payload, one for each kind where it takes the fields of the kind."""
    for kind in kinds().values():
        for event in events().values():
            if event.kind is kind:
                yield event
            elif event.carries_facts:
                yield _named(event_class(event.type, kind.name), payload(event, kind))
    yield from (event for event in events().values() if not event.kind and not event.carries_facts)


def _named(event: type[Event], name: str) -> type[Event]:
    return type(name, (event,), {"__doc__": event.__doc__, "__module__": event.__module__})


def _below(base: type[BaseModel]) -> Iterable[type[BaseModel]]:
    """Give all that is derived from a class, wherever it is declared."""
    for shape in base.__subclasses__():
        yield shape
        yield from _below(shape)


def tidy(schema: Any) -> Any:  # noqa: ANN401 - any part of a schema
    """Write limits of numbers as JSON Schema does; pydantic leaves those of unions as they are."""
    if isinstance(schema, list):
        return [tidy(part) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    return {_KEYWORDS.get(name, name): tidy(part) for name, part in schema.items()}


_KEYWORDS = {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}
