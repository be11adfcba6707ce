"""Whom a filter means: a key, an id, or any name in any script."""

from typing import Any

import orjson
from pydantic import BaseModel

from api.parameters import Exporting, Seeing
from api.refusals import BadParameters
from api.resources import Resources
from domain.event import kinds
from projections import search
from projections.meant import meant
from projections.reading import Clocks
from projections.snapshot import standing

_KINDS = {"organization": "organization", "service": "service", "subject": None}
_NO_FILTER = {*Seeing.model_fields, *Exporting.model_fields}


async def narrowed(resources: Resources, query: BaseModel, clocks: Clocks) -> dict[str, Any]:
    """Give the filters of a query, references as keys, as far as they were known.

    Raises:
        BadParameters: a reference means nothing, or more than one subject.
    """
    filters = query.model_dump(exclude=_NO_FILTER)
    for name, kind in _KINDS.items():
        if filters.get(name) is not None:
            filters[name] = await _key(resources, (name, filters[name], kind), clocks)
    return filters


async def _key(resources: Resources, asked: tuple[str, str, str | None], clocks: Clocks) -> str:
    name, text, kind = asked
    keys = await meant(resources.views, text, kind, clocks)
    if len(keys) > 1:  # of a duplicate and what it was merged into, the latter is meant
        keys = await standing(resources.views, keys, clocks)
    if len(keys) == 1:
        return keys[0]
    if keys:
        raise BadParameters.one(name, f"'{text}' may mean {' or '.join(keys)}; write which")
    near = await search.page(resources.views, search.Question(text, kind), clocks, limit=3)
    found = [orjson.loads(item)["subject"]["key"] for item in near.items]
    hint = f"; did you mean {' or '.join(found)}?" if found else ""
    noun = kinds()[kind].noun if kind else "subject"
    raise BadParameters.one(name, f"no {noun} is known by the key, id or name '{text}'{hint}")
