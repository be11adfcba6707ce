"""What there is, and who one is: `/v1/meta` and `/v1/me`."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api import bodies
from api.catalogue import catalogue
from api.describe.answers import reading
from api.parameters import Nothing

router = APIRouter(prefix="/v1", tags=["about"])


@router.get("/meta", openapi_extra=reading("Catalogue"))
async def meta(_: Annotated[Nothing, Query()]) -> Response:
    """Tell every kind, its stages and verbs, what each takes, and what is allowed from where."""
    return Response(catalogue(), media_type=bodies.JSON)


@router.get("/me", openapi_extra=reading("Me"))
async def me(request: Request, _: Annotated[Nothing, Query()]) -> Response:
    """Tell who you are, and what your role may record."""
    return Response(b"{}", media_type=bodies.JSON)
