"""What there is, and who one is: `/v1/meta` and `/v1/me`."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request, Response

from api import bodies
from api.catalogue import catalogue
from api.describe.reads import reading
from api.parameters import Nothing
from api.signin import principal
from domain.event import events

router = APIRouter(prefix="/v1", tags=["about"])


@router.get("/meta", openapi_extra=reading("Catalogue"))
async def meta(_: Annotated[Nothing, Query()]) -> Response:
    """Tell every kind, its stages and verbs, what each takes, and what is allowed from where."""
    return Response(catalogue(), media_type=bodies.JSON)


@router.get("/me", openapi_extra=reading("Me"))
async def me(request: Request, _: Annotated[Nothing, Query()]) -> Response:
    """Tell who you are, and what your role may record."""
    asking = principal(request)
    told = {
        "principal": asking.id,
        "role": asking.role,
        "may_record": [name for name, event in events().items() if asking.role in event.roles],
    }
    return Response(orjson.dumps(told), media_type=bodies.JSON)
