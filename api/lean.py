"""A route without the framework's parsing: for what is called most, or takes any bytes."""

from collections.abc import Callable, Coroutine
from functools import cached_property
from inspect import signature
from typing import Any, get_args
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.parameters import no_such

Endpoint = Callable[[Request], Coroutine[Any, Any, Response]]


class LeanRoute(APIRoute):
    """Calls its endpoint with the request; what it takes and gives is told in `openapi_extra`."""

    def get_route_handler(self) -> Endpoint:
        """Call the endpoint at once."""
        endpoint: Endpoint = self.endpoint
        return endpoint


class QueryRoute(APIRoute):
    """Reads `query: Annotated[Model, Query()]` by the model itself.

    The framework, which still documents it, looks at each parameter by itself: of a page of the
    timeline that took 0.4 of 1.4 ms.
    """

    def get_route_handler(self) -> Endpoint:
        """Call the endpoint with the request and its query."""
        declared = signature(self.endpoint).parameters
        if set(declared) != {"request", "query"}:
            return super().get_route_handler()
        endpoint, model = self.endpoint, get_args(declared["query"].annotation)[0]

        async def handler(request: Request) -> Response:
            answer: Response = await endpoint(request, _query(model, request))
            return answer

        return handler


def _query(model: type[BaseModel], request: Request) -> BaseModel:
    given = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
    known = [field.alias or name for name, field in model.model_fields.items()]
    if unknown := [name for name, _ in given if name not in known]:
        raise no_such(unknown, known)
    try:
        return model.model_validate(dict(given))
    except ValidationError as error:
        faults = [{**one, "loc": ("query", *one["loc"])} for one in error.errors()]
        raise RequestValidationError(faults) from None


def add(
    router: APIRouter,
    path: str,
    endpoint: Endpoint,
    method: str = "POST",
    **documentation: Any,
) -> None:
    """Add a route."""
    route = LeanRoute(
        router.prefix + path,
        endpoint,
        methods=[method],
        response_class=Response,
        response_model=None,
        **documentation,
    )
    route.app = _called(endpoint)
    router.routes.append(route)


def _called(endpoint: Endpoint) -> ASGIApp:
    """Call the endpoint without the framework's stacks of things to close, which it does not use.

    Errors are answered for all routes alike, further out.
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        response = await endpoint(_Request(scope, receive, send))
        await response(scope, receive, send)

    return app


class _Request(Request):
    """Finds headers by their names; the framework compares each, and raises where one is absent."""

    @cached_property
    def headers(self) -> Headers:
        """Give the headers."""
        return _Headers(scope=self.scope)


class _Headers(Headers):
    @cached_property
    def _first(self) -> dict[str, str]:
        return {name.decode("latin-1"): value.decode("latin-1") for name, value in self.raw[::-1]}

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - as it is declared there
        return self._first.get(key.lower(), default)
