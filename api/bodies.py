"""Request bodies: as bytes, within their limits, in the form that was asked for."""

from codecs import BOM_UTF8
from collections.abc import AsyncIterator
from typing import Any, NamedTuple, TypeVar

import orjson
from fastapi import Request
from pydantic import BaseModel, ValidationError

from api.refusals import WrongMediaType
from journal import wire
from journal.refusals import Malformed

M = TypeVar("M", bound=BaseModel)

JSON, NDJSON = "application/json", "application/x-ndjson"


def media_type(request: Request) -> str:
    """Give the media type of the body, without its parameters.

    Raises:
        WrongMediaType: it is compressed.
    """
    coding = request.headers.get("content-encoding", "identity")
    if coding.lower() != "identity":
        raise WrongMediaType(expected="the body without a Content-Encoding", given=coding)
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def expect(request: Request, *types: str) -> None:
    """Refuse a body of another media type.

    Raises:
        WrongMediaType
    """
    given = media_type(request)
    if given not in types and not (JSON in types and given.endswith("+json")):
        raise WrongMediaType(expected=" or ".join(types), given=given)


async def read(request: Request, most: int = wire.MOST_BYTES) -> bytes:
    """Read a whole body; one that is too large is read no further than it may be.

    Raises:
        TooLarge
    """
    if int(request.headers.get("content-length") or 0) > most:
        raise wire.TooLarge
    parts, size = [], 0
    async for part in request.stream():
        parts.append(part)
        size += len(part)
        if size > most:
            raise wire.TooLarge
    return b"".join(parts)


def wanted(document: object, model: type[M]) -> M:
    """Read a document by a model.

    Raises:
        Malformed: pointing into it.
    """
    try:
        return model.model_validate_json(orjson.dumps(document), strict=True)
    except ValidationError as error:
        raise Malformed.of(error, document, model=model) from None


class Body(NamedTuple):
    """A JSON body: as it was sent, and parsed."""

    raw: bytes
    document: Any


async def read_json(request: Request) -> Body:
    """Read and parse a JSON body.

    Raises:
        WrongMediaType, TooLarge, Unreadable, Hostile
    """
    expect(request, JSON)
    raw = await read(request)
    return Body(raw, wire.loads(raw))


async def lines(request: Request) -> AsyncIterator[bytes]:
    """Give the lines of a body of any length as they come in.

    A line that is too large is cut off, but not so far that it could pass for one that is not.
    A mark of the byte order, which some editors write before the first, is left out.
    """
    marked = True
    async for line in _lines(request):
        yield line.removeprefix(BOM_UTF8) if marked else line
        marked = False


async def _lines(request: Request) -> AsyncIterator[bytes]:
    most = wire.MOST_BYTES + 1
    rest = b""
    async for part in request.stream():
        first, *others = part.split(b"\n")
        rest += first[: most - len(rest)]
        for line in others:
            yield rest
            rest = line[:most]
    if rest:
        yield rest
