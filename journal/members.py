"""Which members a model takes, for the help of who wrote others."""

from collections.abc import Iterator, Sequence
from typing import Any, get_args

from pydantic import BaseModel


def members_at(model: type[BaseModel] | None, location: Sequence[int | str]) -> list[str]:
    """Name the members of the part of a model at a place; none where that is not sure."""
    for part in location:
        field = model.model_fields.get(str(part)) if model else None
        if field is None:
            continue  # an index, or pydantic's name of a branch
        found = [*_models(field.annotation)]
        model = found[0] if len(found) == 1 else None
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def _models(annotation: Any) -> Iterator[type[BaseModel]]:  # noqa: ANN401 - any annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)
