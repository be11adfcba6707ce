"""The cookie of a session, and from where it may be used."""

from datetime import UTC, datetime
from typing import Literal
from urllib.parse import urlsplit

from fastapi import Request, Response
from starlette.datastructures import Headers
from starlette.requests import cookie_parser

from api.refusals import ForeignOrigin

SESSION = "farshore_session"

Origin = Literal["here", "elsewhere", "unknown"]


def session_of(headers: Headers) -> str | None:
    """Give the secret of the session whose cookie came along."""
    return cookie_parser("; ".join(headers.getlist("cookie"))).get(SESSION)


def set_session(request: Request, response: Response, secret: str, expires_at: datetime) -> None:
    """Have the browser keep a session, for this server's own page alone and out of scripts."""
    left = max(0, int((expires_at - datetime.now(UTC)).total_seconds()))
    _set(request, response, secret, left)


def drop_session(request: Request, response: Response) -> None:
    """Have the browser forget the session."""
    _set(request, response, "", 0)


def _set(request: Request, response: Response, secret: str, seconds: int) -> None:
    response.set_cookie(
        SESSION,
        secret,
        max_age=seconds,
        path="/",
        secure="https" in (request.url.scheme, request.headers.get("x-forwarded-proto")),
        httponly=True,
        samesite="strict",
    )


def refuse_foreign(headers: Headers, *, unknown: bool = True) -> None:
    """Refuse what another site may have had the browser send; SameSite takes other ports for ours.

    Args:
        headers: of the request.
        unknown: whether to refuse also what does not tell where it comes from.

    Raises:
        ForeignOrigin
    """
    came_from = _origin(headers)
    if came_from == "elsewhere" or (came_from == "unknown" and unknown):
        raise ForeignOrigin(origin=headers.get("origin") or "an address that it does not tell")


def _origin(headers: Headers) -> Origin:
    """Tell from where a request was sent, as far as the browser says."""
    if site := headers.get("sec-fetch-site"):
        return "here" if site == "same-origin" else "elsewhere"
    if origin := headers.get("origin"):  # over plain HTTP browsers send no Sec-Fetch-Site
        return "here" if _place(origin) == headers.get("host") else "elsewhere"
    return "unknown"


def _place(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc or None
    except ValueError:
        return None
