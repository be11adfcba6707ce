"""Read the values of options: plain words, `name=value,name=value`, or JSON."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any

import orjson
import typer

Schema = dict[str, Any]

_NAMED = re.compile(r"(\w+)=")
_NEXT = re.compile(r",(?=\w+=)")  # a comma within a value stays


def parsed(root: Schema, schema: Schema, given: str | list[str]) -> Any:  # noqa: ANN401 - JSON
    """Read what was given for a field.

    Args:
        root: the JSON Schema that holds the definitions.
        schema: the one of the field.
        given: as typed; a list where the option may be repeated.

    Raises:
        typer.BadParameter: it is broken JSON, no number where a number is wanted, or
            `name=value` of a name that the field does not have.
    """
    choices = list(_choices(root, schema))
    if isinstance(given, list):
        items = next(one["items"] for one in choices if one.get("type") == "array")
        return [parsed(root, items, one) for one in given]
    if given[:1] in ("{", "["):
        return _json(given)
    shapes = [one["properties"] for one in choices if "properties" in one]
    if shapes and (named := _NAMED.match(given)):
        return _pairs(root, _having(named[1], shapes), given)
    types = {one.get("type") for one in choices}
    if types & {"number", "integer"}:
        return _json(given)
    if "string" not in types and any(
        "organization" in one.get("properties", ()) for one in choices
    ):
        return {"organization": given}
    return given


def help_of(root: Schema, schema: Schema) -> str:
    """Describe a field: what it means, what may be said, and an example."""
    choices = [schema, *_choices(root, schema)]
    inner = [part for one in choices for part in _choices(root, one.get("items", {}))]
    said = next((one["description"] for one in choices if "description" in one), "")
    words = next((one["enum"] for one in choices + inner if "enum" in one), ())
    shape = next((one["properties"] for one in choices + inner if "properties" in one), ())
    example = next((one["examples"][0] for one in choices if "examples" in one), None)
    parts = [said.rstrip("."), ", ".join(words), ",".join(f"{name}=…" for name in shape)]
    if example is not None and not (words or shape):
        said_so = example if isinstance(example, str) else orjson.dumps(example).decode()
        parts.append(f"such as {said_so}")
    return ". ".join(part for part in parts if part) + ("." if any(parts) else "")


def _pairs(root: Schema, properties: Schema, given: str) -> dict[str, Any]:
    pairs = (pair.partition("=") for pair in _NEXT.split(given))
    return {name: parsed(root, properties.get(name, {}), value) for name, _, value in pairs}


def _having(name: str, shapes: list[Schema]) -> Schema:
    for properties in shapes:
        if name in properties:
            return properties
    known = [*dict.fromkeys(one for properties in shapes for one in properties)]
    near = get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(known)}"
    raise typer.BadParameter(f"'{name}=' means nothing here; {hint}")


def _json(given: str) -> Any:  # noqa: ANN401 - JSON
    try:
        return orjson.loads(given)
    except orjson.JSONDecodeError as error:
        raise typer.BadParameter(f"'{given}' cannot be read: {error}") from None


def _choices(root: Schema, schema: Schema) -> list[Schema]:
    if "$ref" in schema:
        return _choices(root, root["$defs"][schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema:
        return [one for choice in schema["anyOf"] for one in _choices(root, choice)]
    return [schema]
