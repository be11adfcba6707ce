"""`/v1/log/…`: what an auditor needs to trust nobody: heads, tiles, proofs, keys."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Request, Response

from api import bodies
from api.describe.answers import given
from api.describe.reads import reading
from api.parameters import Nothing
from api.proofs import AtSize, FromTo
from api.refusals import BadParameters, NotFound
from api.resources import resources
from api.values import DIGITS
from journal.seal.log import Head, Log
from journal.seal.tiles import WIDTH

router = APIRouter(prefix="/v1/log", tags=["proof"])

_TEXT = "text/plain; charset=utf-8"
_TILE = "application/octet-stream"
# What never changes can be kept for ever, but by the asker alone: it is behind a token.
_FOR_EVER = {"Cache-Control": "private, max-age=31536000, immutable"}
_FOR_NOW = {"Cache-Control": "private, max-age=1"}
# Witnesses may add their names to a checkpoint until the next one, and for as long as they answer.
_SETTLED = timedelta(hours=1)

_NOTE = {
    "responses": reading("LogKeys", 404)["responses"]
    | {"200": given({"type": "string"}, "A C2SP checkpoint.", "text/plain")}
}
_BYTES = {"type": "string", "format": "binary"}
_TILES = {
    "responses": reading("LogKeys", 404)["responses"]
    | {"200": given(_BYTES, "Hashes, 32 bytes each.", _TILE)}
}


@router.get("/checkpoint", openapi_extra=_NOTE)
async def checkpoint(request: Request, query: Annotated[AtSize, Query()]) -> Response:
    """Give the newest signed head of the journal, or the first over so many events."""
    log = _log(request)
    head = await log.head(query.size or 0)
    if head is None:
        raise NotFound(path=request.url.path)
    followed = await log.followed_at(head) if query.size else None
    old = followed and datetime.now(UTC) - followed > _SETTLED
    return Response(head.note, headers=_FOR_EVER if old else _FOR_NOW, media_type=_TEXT)


@router.get("/key", openapi_extra=reading("LogKeys", 404))
async def key(request: Request, _: Annotated[Nothing, Query()]) -> Response:
    """Give the public keys of the log: the first, and those that followed it."""
    keys = await _log(request).keys()
    if not keys:
        raise NotFound(path=request.url.path)
    first, successions = await _log(request).chain()
    body = {
        "origin": first.partition("+")[0],
        "key": first,
        "keys": [one._asdict() for one in keys],
        "successions": successions,
    }
    return _json(body)


Level = Annotated[str, Path(pattern="^([0-9]|[1-5][0-9]|6[0-3])$", description="0 to 63.")]
Outer = Annotated[str, Path(pattern="^x[0-9]{3}$", description="Three digits behind an x.")]
Last = Annotated[str, Path(pattern="^[0-9]{3}$", description="The last three digits.")]
Width = Annotated[str, Path(pattern="^([1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])$")]


@router.get("/tile/{level}/{number}", openapi_extra=_TILES)
async def tile(
    request: Request, level: Level, number: Last, _: Annotated[Nothing, Query()]
) -> Response:
    """Give a complete tile of the tree, C2SP tlog-tiles."""
    return await _tile(request, level, [number])


# Before the next one, whose address would fit as well.
@router.get("/tile/{level}/{number}.p/{width}", openapi_extra=_TILES)
async def partial_tile(
    request: Request, level: Level, number: Last, width: Width, _: Annotated[Nothing, Query()]
) -> Response:
    """Give the first hashes of a tile."""
    return await _tile(request, level, [number], width)


@router.get("/tile/{level}/{outer}/{number}", openapi_extra=_TILES)
async def tile_of_thousands(
    request: Request, level: Level, outer: Outer, number: Last, _: Annotated[Nothing, Query()]
) -> Response:
    """Give a complete tile with a number above 999: x001/067."""
    return await _tile(request, level, [outer, number])


@router.get("/tile/{level}/{outer}/{number}.p/{width}", openapi_extra=_TILES)
async def partial_tile_of_thousands(
    request: Request,
    level: Level,
    outer: Outer,
    number: Last,
    width: Width,
    _: Annotated[Nothing, Query()],
) -> Response:
    """Give the first hashes of a tile with a number above 999."""
    return await _tile(request, level, [outer, number], width)


async def _tile(
    request: Request, level: str, parts: list[str], width: str = str(WIDTH)
) -> Response:
    number = int("".join(part.removeprefix("x") for part in parts))
    hashes = await _log(request).tile(int(level), number, int(width))
    if hashes is None:
        raise NotFound(path=request.url.path)
    return Response(hashes, headers=_FOR_EVER, media_type=_TILE)


@router.get("/proof/inclusion/{position}", openapi_extra=reading("Receipt", 404))
async def inclusion(request: Request, position: int, _: Annotated[Nothing, Query()]) -> Response:
    """Give the receipt of an event: its bytes, and the proof that the newest head covers them."""
    log = _log(request)
    entry = await log.entry(position) if 0 < position < 10**DIGITS else None
    if entry is None:
        raise NotFound(path=request.url.path)
    head = await log.sealing(position)
    proof = await log.inclusion(position, head)
    body = {
        "position": position,
        "leaf": (await log.leaf(position, head)).hex(),
        "entry": base64.b64encode(entry).decode(),
        "size": head.size,
        "proof": [one.hex() for one in proof],
        **await _signed(log, head),
    }
    return _json(body)


@router.get("/proof/consistency", openapi_extra=reading("Growth"))
async def consistency(request: Request, query: Annotated[FromTo, Query()]) -> Response:
    """Prove that the journal of the newer size begins with that of the older one."""
    log = _log(request)
    head = await log.head(query.to or 0)
    if head is None or head.size != (query.to or head.size):
        raise BadParameters.one("to", "there is no checkpoint over so many events")
    if query.from_ > head.size:
        raise BadParameters.one("from", f"it is more than {head.size}")
    proof = await log.consistency(query.from_, head) if query.from_ else []
    body = {
        "from": query.from_,
        "to": head.size,
        "proof": [one.hex() for one in proof],
        **await _signed(log, head),
    }
    return _json(body)


@router.get("/breaks", openapi_extra=reading("LogBreaks"))
async def breaks(request: Request, _: Annotated[Nothing, Query()]) -> Response:
    """Give what persons have settled when the sealer refused to sign: both heads, who and why."""
    return _json({"items": [one._asdict() for one in await _log(request).breaks()]})


@router.get("/timestamps", openapi_extra=reading("LogTimestamps"))
async def timestamps(request: Request, _: Annotated[Nothing, Query()]) -> Response:
    """Give what timestamping authorities said of checkpoints, RFC 3161."""
    found = await _log(request).timestamps()
    items = [
        {
            "size": one.size,
            "checkpoint": one.note,
            "authority": one.authority,
            "token": base64.b64encode(one.token).decode(),
            "received_at": one.received_at,
        }
        for one in found
    ]
    return _json({"items": items})


async def _signed(log: Log, head: Head) -> dict[str, Any]:
    """Give a checkpoint with what it takes to check it from the first key on."""
    return {
        "checkpoint": head.note,
        "successions": (await log.chain())[1],
    }


def _json(body: dict[str, Any]) -> Response:
    raw = orjson.dumps(body, option=orjson.OPT_UTC_Z)
    return Response(raw, headers=_FOR_NOW, media_type=bodies.JSON)


def _log(request: Request) -> Log:
    return resources(request).log
