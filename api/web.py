"""The web application: what Vite built of `web/`, answered from memory, beside the API."""

import mimetypes
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from fastapi import APIRouter, Request, Response
from starlette.types import Scope

from api.refusals import NotFound

_BUILT = Path(__file__).parent / "page"
_INDEX = "index.html"

# No request leaves the origin, no script or style stands in the page itself.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
    "img-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_SAFE = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
# The name of an asset holds a digest of it; the page names them, so it is asked for each time.
_FOR_EVER = "public, max-age=31536000, immutable"
_EACH_TIME = "no-cache"
_ENCODINGS = {"br": ".br", "gzip": ".gz"}

_NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Farshore</title>
<h1>Farshore</h1><p>This server runs, but its web application is not built: run
<code>make web</code> (it needs Node 20.19 or 22.12 and newer, or fetches
one), then start the server again.</p>
<p><a href="/docs">The HTTP interface</a> works without it.</p></html>"""

router = APIRouter(include_in_schema=False)


class File(NamedTuple):
    """A built file.

    Attributes:
        forms: its bytes by encoding; "" for as they are.
    """

    media_type: str
    forms: Mapping[str, bytes]


@lru_cache(maxsize=1)
def files() -> Mapping[str, File]:
    """Read what was built; its names are relative, like `assets/index-….js`."""
    found = [path for path in _BUILT.rglob("*") if path.is_file()]
    plain = [path for path in found if path.suffix not in _ENCODINGS.values()]
    return {path.relative_to(_BUILT).as_posix(): _file(path) for path in plain}


def _file(path: Path) -> File:
    packed = {name: path.with_name(path.name + end) for name, end in _ENCODINGS.items()}
    forms = {name: one.read_bytes() for name, one in packed.items() if one.is_file()}
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return File(kind, {"": path.read_bytes(), **forms})


def is_of_page(scope: Scope) -> bool:
    """Tell whether an address that no route has is one of the web application."""
    path, accept = scope["path"], dict(scope["headers"]).get(b"accept", b"")
    reserved = path == "/v1" or path.startswith(("/v1/", "/problems/", "/assets/"))
    return scope["method"] in ("GET", "HEAD") and not reserved and b"text/html" in accept


@router.api_route("/", methods=["GET", "HEAD"])
async def page(request: Request) -> Response:
    """Give the page; which view it shows is between the browser and its address."""
    if _INDEX not in files():
        return Response(_NOT_BUILT, media_type="text/html; charset=utf-8", headers=_SAFE)
    return _answer(request, _INDEX, _EACH_TIME)


@router.api_route("/assets/{name}", methods=["GET", "HEAD"])
async def asset(request: Request, name: str) -> Response:
    """Give a script, a style or a font."""
    return _answer(request, f"assets/{name}", _FOR_EVER)


@router.api_route("/mark.svg", methods=["GET", "HEAD"])
async def mark(request: Request) -> Response:
    """Give the mark that browsers show beside the title."""
    return _answer(request, "mark.svg", _EACH_TIME)


def _answer(request: Request, name: str, keep: str) -> Response:
    if (file := files().get(name)) is None:
        raise NotFound(path=request.url.path)
    accepted = request.headers.get("accept-encoding", "")
    encoding = next((one for one in _ENCODINGS if one in accepted and one in file.forms), "")
    headers = {**_SAFE, "Cache-Control": keep, "Vary": "Accept-Encoding"}
    if encoding:
        headers["Content-Encoding"] = encoding
    body = file.forms[encoding]
    if request.method == "HEAD":
        headers["Content-Length"] = str(len(body))
        body = b""
    return Response(body, media_type=file.media_type, headers=headers)
