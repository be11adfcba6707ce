"""The OpenAPI document as a whole."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.describe import writes
from api.describe.answers import responses
from api.describe.schemas import components, tidy
from api.problems import STATUS


def document(app: FastAPI) -> dict[str, Any]:
    """Make it at the first call, and keep it."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            openapi_version="3.1.0",
            routes=app.routes,
        )
        parts = made.setdefault("components", {})
        parts["schemas"] = parts.get("schemas", {}) | components()
        parts["parameters"] = writes.COMPONENTS
        parts["responses"] = responses({*STATUS.values()}) | {
            "Recorded": writes.recorded("Recorded")
        }
        parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        made["paths"] = tidy(made["paths"])
        for path, operations in made["paths"].items():
            for operation in operations.values():
                _finish(path, operation)
        app.openapi_schema = made
    return app.openapi_schema


def _finish(path: str, operation: dict[str, Any]) -> None:
    """Say what holds for every route, and drop what the framework says of its own errors."""
    if path.startswith("/v1"):
        operation["security"] = [{"token": []}]
    for parameter in operation.get("parameters", ()):
        _drop_null(parameter.get("schema", {}))
    for status, answer in list(operation["responses"].items()):
        if "$ref" in answer:
            operation["responses"][status] = {"$ref": answer["$ref"]}
        elif "HTTPValidationError" in str(answer):
            del operation["responses"][status]


def _drop_null(schema: dict[str, Any]) -> None:
    """Say of a parameter that can be left out what it is when it is given."""
    choices = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    if len(choices) == 1:
        del schema["anyOf"]
        schema |= choices[0]
