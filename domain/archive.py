"""Read what was once accepted: the shape is validated, today's limits are not."""

from typing import Any

from pydantic import BaseModel
from pydantic_core import SchemaValidator

_LIMITS = frozenset(
    {"min_length", "max_length", "pattern", "ge", "gt", "le", "lt", "multiple_of", "strict"}
)


def lenient(model: type[BaseModel]) -> SchemaValidator:
    """Build the validator of a model for the archive.

    A limit tightened or a word dropped today must not make last year unreadable, so limits on
    length, size and pattern and the choices of literals are left out. Limits of our own look at
    the validation context themselves: the archive has none.
    """
    # Without the last argument the limited validators that nested models carry would be reused.
    return SchemaValidator(_unlimited(model.__pydantic_core_schema__), _use_prebuilt=False)


def _unlimited(schema: Any) -> Any:  # noqa: ANN401 - core schemas are nested dicts of anything
    if isinstance(schema, list | tuple):
        return type(schema)(_unlimited(part) for part in schema)
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") == "literal":
        return {"type": "any"}
    kept = {
        key: _unlimited(part)
        for key, part in schema.items()
        if key not in _LIMITS or isinstance(part, dict)  # a field may be called like a limit
    }
    if "extra_fields_behavior" in kept:
        kept["extra_fields_behavior"] = "ignore"
    return kept
