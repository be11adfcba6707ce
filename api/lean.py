"""A route without the framework's parsing: for what is called most, or takes any bytes."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

Endpoint = Callable[[Request], Coroutine[Any, Any, Response]]


class LeanRoute(APIRoute):
    """Calls its endpoint with the request; what it takes and gives is told in `openapi_extra`."""

    def get_route_handler(self) -> Endpoint:
        """Call the endpoint at once."""
        endpoint: Endpoint = self.endpoint
        return endpoint


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
    router.routes.append(route)
