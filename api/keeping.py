"""`/v1/saved-views` and `/v1/mappings`: what people keep by a name for the next time."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response

from api import bodies, lean
from api.describe import imports as described
from api.describe.answers import problems
from api.describe.reads import reading
from api.gate import WRITERS, roles
from api.parameters import Nothing, only
from api.refusals import BadParameters, NotFound
from api.resources import resources
from api.signin import principal
from journal.mapping import SheetMapping

_LONGEST = 100

router = APIRouter(prefix="/v1", tags=["kept"])


def _answer(told: Any) -> Response:  # noqa: ANN401 - any JSON
    body = orjson.dumps(told, option=orjson.OPT_UTC_Z)
    return Response(body, media_type=bodies.JSON, headers={"Cache-Control": "no-store"})


def _name(name: str) -> str:
    if not name.strip() or len(name) > _LONGEST or not name.isprintable():
        raise BadParameters.one("name", f"it is a text of at most {_LONGEST} characters")
    return name


# ── views ────────────────────────────────────────────────────────────────────────────────────────


@router.get("/saved-views", openapi_extra=reading("KeptViews"))
async def saved_views(request: Request, _: Annotated[Nothing, Query()]) -> Response:
    """Give the views that you keep, by name; nobody else sees them."""
    kept = await resources(request).shelf.views(principal(request).id)
    return _answer({"items": [one._asdict() for one in kept]})


@router.get(
    "/saved-views/{name}",
    openapi_extra=reading("KeptView", 404),
)
async def saved_view(request: Request, name: str, _: Annotated[Nothing, Query()]) -> Response:
    """Give a view that you keep."""
    wanted = _name(name)
    for one in await resources(request).shelf.views(principal(request).id):
        if one.name == wanted:
            return _answer(one._asdict())
    raise NotFound(path=request.url.path)


async def save_view(request: Request) -> Response:
    """Keep a view by a name, in the place of one that had it."""
    only(request)
    wanted = bodies.wanted((await bodies.read_json(request)).document, described.NewView)
    shelf, who = resources(request).shelf, principal(request).id
    return _answer(
        (await shelf.keep_view(who, _name(request.path_params["name"]), wanted.query))._asdict()
    )


@router.delete(
    "/saved-views/{name}",
    status_code=204,
    openapi_extra={"responses": problems(404, 422)},
)
async def drop_view(request: Request, name: str, _: Annotated[Nothing, Query()]) -> Response:
    """Give up a view that you keep."""
    if not await resources(request).shelf.drop_view(principal(request).id, _name(name)):
        raise NotFound(path=request.url.path)
    return Response(status_code=204)


lean.add(
    router,
    "/saved-views/{name}",
    save_view,
    "PUT",
    name="save_view",
    tags=["kept"],
    summary="Keep a view",
    description=save_view.__doc__,
    openapi_extra=described.keeping("KeptView", "NewView"),
)


# ── mappings ─────────────────────────────────────────────────────────────────────────────────────


@router.get("/mappings", openapi_extra=reading("KeptMappings"))
async def mappings(request: Request, _: Annotated[Nothing, Query()]) -> Response:
    """Give the mappings of spreadsheets, by name; all share them."""
    kept = await resources(request).shelf.mappings()
    return _answer({"items": [one._asdict() for one in kept]})


@router.get(
    "/mappings/{name}",
    openapi_extra=reading("KeptMapping", 404),
)
async def mapping(request: Request, name: str, _: Annotated[Nothing, Query()]) -> Response:
    """Give a mapping."""
    if (kept := await resources(request).shelf.mapping(_name(name))) is None:
        raise NotFound(path=request.url.path)
    return _answer(kept._asdict())


async def keep_mapping(request: Request) -> Response:
    """Keep a mapping by a name, in the place of one that had it."""
    only(request)
    wanted = bodies.wanted((await bodies.read_json(request)).document, SheetMapping)
    shelf, who = resources(request).shelf, principal(request).id
    kept = await shelf.keep_mapping(_name(request.path_params["name"]), wanted.model_dump(), who)
    return _answer(kept._asdict())


@router.delete(
    "/mappings/{name}",
    status_code=204,
    openapi_extra=roles(*WRITERS) | {"responses": problems(403, 404, 422)},
)
async def drop_mapping(request: Request, name: str, _: Annotated[Nothing, Query()]) -> Response:
    """Give up a mapping."""
    if not await resources(request).shelf.drop_mapping(_name(name)):
        raise NotFound(path=request.url.path)
    return Response(status_code=204)


lean.add(
    router,
    "/mappings/{name}",
    keep_mapping,
    "PUT",
    name="keep_mapping",
    tags=["kept"],
    summary="Keep a mapping",
    description=keep_mapping.__doc__,
    openapi_extra=roles(*WRITERS) | described.keeping("KeptMapping", "SheetMapping"),
)
