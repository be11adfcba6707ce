"""Tokens: who may come in. For admins; a secret is shown once, when it is made."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request, Response

from api import bodies, lean
from api.accounts import NewToken
from api.describe.answers import given, problems
from api.describe.reads import reading
from api.describe.schemas import ref
from api.gate import roles
from api.parameters import Nothing, only
from api.refusals import ErasingOneself, NotFound
from api.resources import resources
from api.signin import principal
from journal.access import Token
from journal.refusals import Malformed

_LONGEST = timedelta(days=36_525)


router = APIRouter(prefix="/v1", tags=["access"])


async def create(request: Request) -> Response:
    """Make a token; its secret is in the answer and nowhere else."""
    only(request)
    wanted = _wanted((await bodies.read_json(request)).document)
    access = resources(request).access
    try:
        token, secret = await access.create(
            wanted.role,
            wanted.name,
            principal=wanted.principal,
            expires_at=wanted.expires_at,
            by=principal(request),
        )
    except LookupError:
        raise Malformed.at(
            "/principal", "nobody is known by that id, or they were erased"
        ) from None
    body = orjson.dumps({**_shown(token), "secret": secret}, option=orjson.OPT_UTC_Z)
    headers = {"Location": f"/v1/tokens/{token.id}", "Cache-Control": "no-store"}
    return Response(body, 201, headers, bodies.JSON)


def _wanted(document: object) -> NewToken:
    wanted = bodies.wanted(document, NewToken)
    left = wanted.expires_at - datetime.now(UTC) if wanted.expires_at else _LONGEST
    if not timedelta(0) < left <= _LONGEST:
        raise Malformed.at("/expires_at", "it lies in the past, or more than a century ahead")
    return wanted


lean.add(
    router,
    "/tokens",
    create,
    name="create_token",
    tags=["access"],
    summary="Make a token",
    description=create.__doc__,
    status_code=201,
    openapi_extra=roles("admin")
    | {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": ref("NewToken"),
                    "example": {"role": "contributor", "name": "Deal desk"},
                }
            },
        },
        "responses": {
            "201": given("TokenWithSecret", "Made; the secret is not shown again."),
            **problems(400, 403, 413, 415, 422),
        },
    },
)


@router.get("/tokens", openapi_extra=roles("admin") | reading("Tokens", 403))
async def tokens(request: Request, _: Annotated[Nothing, Query()]) -> Response:
    """List all tokens there ever were, the oldest first, without their secrets."""
    found = await resources(request).access.tokens()
    body = orjson.dumps({"items": [_shown(one) for one in found]}, option=orjson.OPT_UTC_Z)
    return Response(body, media_type=bodies.JSON, headers={"Cache-Control": "no-store"})


@router.get("/principals", openapi_extra=reading("Principals"))
async def principals(request: Request, _: Annotated[Nothing, Query()]) -> Response:
    """Tell whom the ids in `recorded_by` stand for; names are kept here alone."""
    found = await resources(request).access.principals()
    items = [one._asdict() for one in found]
    body = orjson.dumps({"items": items}, option=orjson.OPT_UTC_Z)
    return Response(body, media_type=bodies.JSON, headers={"Cache-Control": "no-store"})


@router.delete(
    "/tokens/{id}",
    status_code=204,
    openapi_extra=roles("admin") | {"responses": problems(403, 404, 422)},
)
async def revoke(request: Request, id: UUID, _: Annotated[Nothing, Query()]) -> Response:  # noqa: A002 - the name in the address
    """End a token; processes that just saw it stop taking it within five seconds."""
    if not await resources(request).access.revoke(id, by=principal(request)):
        raise NotFound(path=request.url.path)
    return Response(status_code=204)


@router.delete(
    "/principals/{id}",
    status_code=204,
    openapi_extra=roles("admin") | {"responses": problems(403, 404, 409, 422)},
)
async def erase(request: Request, id: str, _: Annotated[Nothing, Query()]) -> Response:  # noqa: A002 - the name in the address
    """Erase a person: the name goes everywhere, the tokens end; the id in events stays.

    What was recorded stays as it is, to the last bit: only an opaque id stands there.
    """
    if id == principal(request).id:
        raise ErasingOneself
    if not await resources(request).access.erase(id, by=principal(request)):
        raise NotFound(path=request.url.path)
    return Response(status_code=204)


def _shown(token: Token) -> dict[str, Any]:
    return token._asdict()
