"""Whom a filter means: a key, an id, or any name in any script."""

from typing import Any

from pydantic import BaseModel

from api.refusals import BadParameters
from api.resources import Resources
from domain.event import kinds
from projections.meant import meant

_KINDS = {"organization": "organization", "subject": None}
_NO_FILTER = {"min_position", "limit", "cursor", "format"}


async def narrowed(resources: Resources, query: BaseModel) -> dict[str, Any]:
    """Give the filters of a query, references as keys.

    Raises:
        BadParameters: a reference means nothing, or more than one subject.
    """
    filters = query.model_dump(exclude=_NO_FILTER)
    for name, kind in _KINDS.items():
        if filters.get(name) is not None:
            filters[name] = await _key(resources, name, filters[name], kind)
    return filters


async def _key(resources: Resources, name: str, text: str, kind: str | None) -> str:
    keys = await meant(resources.views, text, kind)
    if len(keys) == 1:
        return keys[0]
    if keys:
        raise BadParameters.one(name, f"'{text}' may mean {' or '.join(keys)}; write which")
    noun = kinds()[kind].noun if kind else "subject"
    raise BadParameters.one(name, f"no {noun} is known by the key, id or name '{text}'")
