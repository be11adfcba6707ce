"""What the OpenAPI document says of the routes that read."""

from api.describe.answers import given, problems
from api.describe.schemas import Schema
from api.export import MEDIA_TYPES

_NOT_MODIFIED: Schema = {"304": {"description": "What If-None-Match names is still so."}}
_SUBJECT: Schema = {"$ref": "#/components/parameters/Subject"}


def reading(shape: str, *statuses: int) -> Schema:
    """Describe a route whose parameters the framework knows."""
    return {
        "responses": {"200": given(shape, "Found."), **_NOT_MODIFIED, **problems(422, *statuses)}
    }


def listing(shape: str, *statuses: int) -> Schema:
    """Describe a list, which can be had as a file as well."""
    described = reading(shape, *statuses)
    for media_type in MEDIA_TYPES.values():
        described["responses"]["200"]["content"][media_type] = {"schema": {"type": "string"}}
    return described


def of_subject(shape: str) -> Schema:
    """Describe a route about the subject in its address."""
    return reading(shape, 404) | {"parameters": [_SUBJECT]}
