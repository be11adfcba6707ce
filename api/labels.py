"""What kinds, stages, types, fields and words are called, in the language of a reader."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel

from domain.event import Event
from domain.subject import Kind
from domain.telling import word_words
from projections.languages import Language, words

Json = dict[str, Any]

# What letters alone do not tell.
_SPELT = {"mou": "MoU", "url": "URL", "sha256": "SHA-256", "tier1": "tier 1", "rd": "R&D"}
_UNITS = {"m2": "m²", "km": "km", "percent": "%"}


def plain(name: str) -> str:
    """Make words of a name: `floor_area_m2` is “Floor area (m²)”."""
    *parts, last = name.replace("-", "_").split("_")
    unit = f" ({_UNITS[last]})" if parts and last in _UNITS else ""
    told = " ".join(_SPELT.get(part, part) for part in (parts if unit else [*parts, last]))
    return told[:1].upper() + told[1:] + unit


def of_kind(kind: Kind, language: Language) -> Json:
    """Give what one subject of a kind is called, several are, its title and what it is."""
    found = words(language).find("kinds", kind.name)
    label, title, about = found or (kind.noun, kind.title, kind.state.__doc__)
    one = label[:1].upper() + label[1:]
    plural = one if found else f"{one}s"
    return {"label": one, "plural": plural, "title": title, "description": about}


def of_stage(kind: Kind, stage: str, language: Language) -> str:
    """Give what a stage of a kind is called."""
    found: str | None = words(language).find("stages", f"{kind.name}.{stage}", stage)
    return found or plain(stage)


def of_type(event: type[Event], language: Language) -> Json:
    """Give what a button says that records an event, what it is called, its line and meaning."""
    if found := words(language).find("types", event.type):
        label, line, about = found
        return {"label": label, "happened": label, "headline": line, "description": about}
    return {
        "label": plain(event.verb),
        "happened": plain(_told(event)),
        "headline": event.headline,
        "description": event.__doc__,
    }


def _told(event: type[Event]) -> str:
    """Name what was done: `formed`; of what any subject can have, to what: `target.set`."""
    return event.type.partition(".")[2] if event.kind else event.type.replace(".", "_")


def of_word(section: str, word: str, language: Language) -> str:
    """Give what a word of a list is called: a role, a warning."""
    found: str | None = words(language).find(section, word)
    return found or plain(word)


def free(language: Language) -> dict[str, str]:
    """Give the usual words of fields that take any: milestones, units, names of places."""
    told = words(language)
    return {
        word: told.find("free", word) or word_words(word) for word in words("zh").sections["free"]
    }


def labelled(schema: Json, model: type[BaseModel], language: Language) -> Json:
    """Give the schema of a model with the labels, helps and words of its fields."""
    fields = {
        name: _field(name, told, declaring(model, name), language)
        for name, told in schema.get("properties", {}).items()
    }
    return {**schema, "properties": fields} if fields else schema


def _field(name: str, told: Json, owner: str, language: Language) -> Json:
    label, about = words(language).find("fields", f"{owner}.{name}", name) or (plain(name), None)
    flat = _flat(told)
    about = about or flat.get("description")
    named = {**_worded(name, flat, language), "title": label}
    return {**named, "description": about} if about else named


def _flat(told: Json) -> Json:
    """Give a field that can be left out as what it is when it is given."""
    choices = [one for one in told.get("anyOf", ()) if one != {"type": "null"}]
    if len(choices) != 1:
        return told
    rest = {name: value for name, value in told.items() if name not in ("anyOf", "default")}
    return {**choices[0], **rest}


def _worded(name: str, told: Any, language: Language) -> Any:  # noqa: ANN401 - any part of a schema
    """Say beside each list of words what they are called."""
    if isinstance(told, list):
        return [_worded(name, part, language) for part in told]
    if not isinstance(told, Mapping):
        return told
    inner = {key: _worded(name, part, language) for key, part in told.items()}
    if "enum" in inner:
        inner["x-labels"] = {word: _word(name, word, language) for word in inner["enum"]}
    return inner


def _word(field: str, word: str, language: Language) -> str:
    found: str | None = words(language).find("words", f"{field}.{word}", word)
    return found or plain(word_words(word))


def declaring(model: type[BaseModel], name: str) -> str:
    """Name the class that declares a field first."""
    for of in reversed(model.__mro__):
        if issubclass(of, BaseModel) and name in _names(of):
            return of.__name__
    return model.__name__


def _names(model: type[BaseModel]) -> Iterator[str]:
    return (field.alias or name for name, field in model.model_fields.items())


# ── which models there are ───────────────────────────────────────────────────────────────────────


def models(roots: Iterable[type[BaseModel]]) -> Mapping[str, type[BaseModel]]:
    """Give models and all that their fields hold, by their names."""
    found: dict[str, type[BaseModel]] = {}
    for root in roots:
        for model in _within(root):
            found.setdefault(model.__name__, model)
    return found


@cache
def _within(model: type[BaseModel]) -> tuple[type[BaseModel], ...]:
    held = [one for field in model.model_fields.values() for one in _held(field.annotation)]
    return (model, *(one for below in held for one in _within(below)))


def _held(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _held(part)
