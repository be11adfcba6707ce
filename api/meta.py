"""What there is, and who one is: `/v1/meta` and `/v1/me`."""

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import Annotated

import orjson
from fastapi import APIRouter, FastAPI, Query, Request, Response
from fastapi.routing import APIRoute

from api import bodies, language
from api.catalogue import catalogue
from api.describe.reads import reading
from api.parameters import Nothing
from api.resources import resources
from api.signin import principal
from domain.event import events, kinds

router = APIRouter(prefix="/v1", tags=["about"])


@router.get("/meta", openapi_extra=reading("Catalogue"))
async def meta(request: Request, _: Annotated[Nothing, Query()]) -> Response:
    """Tell every kind, its stages and verbs, what each takes, and what is allowed from where.

    Labels, helps, headlines and words are in the language that `Accept-Language` likes best.
    """
    spoken = language.chosen(request)
    told = catalogue(spoken)
    tag = f'"{blake2b(told, digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", **language.headers(spoken)}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(told, headers=headers, media_type=bodies.JSON)


@router.get("/me", openapi_extra=reading("Me"))
async def me(request: Request, _: Annotated[Nothing, Query()]) -> Response:
    """Tell who you are, and what your role may record and call."""
    asking = principal(request)
    told = {
        "principal": asking.id,
        "display_name": await resources(request).access.name(asking.id),
        "role": asking.role,
        "may_record": [name for name, event in events().items() if asking.role in event.roles],
        "may_call": [call for call, allowed in _guarded(request.app) if asking.role in allowed],
    }
    return Response(orjson.dumps(told), media_type=bodies.JSON)


def _guarded(app: FastAPI) -> Iterator[tuple[str, Sequence[str]]]:
    """Give each call that some roles may not make, but those that record an event of a type."""
    paths = {kind.path for kind in kinds().values()}
    for route in app.routes:
        if isinstance(route, APIRoute):
            allowed = (route.openapi_extra or {}).get("x-roles")
            if allowed and route.path.split("/")[2] not in paths:
                yield from ((f"{method} {route.path}", allowed) for method in route.methods or ())
