"""What the OpenAPI document says of answers, problems among them."""

from http import HTTPStatus

from api.describe.schemas import Schema, ref
from api.problems import MEDIA_TYPE

_ALWAYS = (401, 429, 503)


def given(shape: str | Schema, description: str, media_type: str = "application/json") -> Schema:
    """Describe an answer."""
    schema = ref(shape) if isinstance(shape, str) else shape
    return {"description": description, "content": {media_type: {"schema": schema}}}


def problems(*statuses: int) -> dict[str, Schema]:
    """Describe the problems that a route can answer with, beside those of every route."""
    return {
        str(status): {"$ref": f"#/components/responses/{_name(status)}"}
        for status in sorted({*statuses, *_ALWAYS})
    }


def _name(status: int) -> str:
    return HTTPStatus(status).phrase.replace(" ", "")


def responses(statuses: set[int]) -> dict[str, Schema]:
    """Give the components to which `problems` refers."""
    return {
        _name(status): given("ProblemDocument", HTTPStatus(status).phrase, MEDIA_TYPE)
        for status in sorted(statuses)
    }
