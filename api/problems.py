"""Every error in one form (RFC 9457), from one table: error, status, title."""

import re
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from itertools import starmap
from typing import Any, NamedTuple

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from api import language
from api import refusals as api
from api.headers import SAFE
from api.parameters import no_such
from domain.refusals import LeftUnopened, NotOpened, Refused
from journal import refusals as journal
from journal import wire
from journal.kept import TooMany
from journal.pools import AWAY, SENSELESS
from journal.refusals import AtLine, Declined, Fault, Malformed
from journal.seal import log as seal
from journal.sheets import BadSheet
from projections import attestation, decisions, reading
from projections.languages import Language, words

MEDIA_TYPE = "application/problem+json"
Handler = Callable[[Request, Exception], Coroutine[Any, Any, Response]]


class Problem(NamedTuple):
    """A kind of error.

    Attributes:
        name: as in `/problems/<name>`, for ever.
        description: the message, with its slots.
    """

    name: str
    status: int
    title: str
    description: str

    @property
    def uri(self) -> str:
        """The stable URI of the type."""
        return f"/problems/{self.name}"


# What a class of errors is answered with; its subclasses too, unless they have a line of their own.
STATUS: Mapping[type[Exception], int] = {
    Refused: 409,
    NotOpened: 422,
    LeftUnopened: 409,
    wire.Unreadable: 400,
    wire.TooLarge: 413,
    wire.Hostile: 422,
    journal.Malformed: 422,
    BadSheet: 422,
    TooMany: 422,
    journal.Unknown: 404,
    journal.NotAllowed: 403,
    journal.Outdated: 412,
    journal.OtherRequest: 422,
    journal.Unavailable: 503,
    api.NotFound: 404,
    api.NotYet: 404,
    api.MethodNotAllowed: 405,
    api.NotSignedIn: 401,
    api.RoleNotAllowed: 403,
    api.ForeignOrigin: 403,
    api.ErasingOneself: 409,
    api.TooManyAttempts: 429,
    api.TooManyStreams: 503,
    api.WrongMediaType: 415,
    reading.NotSeen: 503,
    reading.BadCursor: 422,
    decisions.NotHeld: 404,
    attestation.DigestBusy: 503,
    seal.NotSealed: 503,
    api.BadParameters: 422,
    api.Senseless: 422,
    api.BadRow: 422,
    api.DatabaseAway: 503,
    api.Broken: 500,
}


def problem_of(error: type[Exception]) -> Problem:
    """Give the kind of an error.

    Raises:
        StopIteration: the table does not know it.
    """
    status = next(STATUS[base] for base in error.__mro__ if base in STATUS)
    words = re.findall(r"[A-Z][a-z]*", error.__name__)
    description = (error.__doc__ or "").split("\n")[0]
    return Problem("-".join(words).lower(), status, " ".join(words).capitalize(), description)


def problems() -> dict[str, Problem]:
    """Give every kind of error by its name."""
    errors = (error for known in STATUS for error in (known, *_below(known)))
    return {problem.name: problem for problem in map(problem_of, errors)}


def _below(error: type[Exception]) -> Iterator[type[Exception]]:
    for sub in error.__subclasses__():
        yield from (sub, *_below(sub))


# ── one answer ───────────────────────────────────────────────────────────────────────────────────


def told(error: Exception, spoken: Language = "en") -> dict[str, Any]:
    """Give an error as the members of a problem document, without `instance`."""
    if isinstance(error, AtLine):
        return told(error.cause, spoken) | {"errors": _under(f"/{error.index}", error.cause)}
    problem = problem_of(type(error))
    title, detail = _words(problem, error, spoken)
    document: dict[str, Any] = {"type": problem.uri, "title": title}
    document |= {"status": problem.status, "detail": detail}
    if faults := list(_faults(error)):
        document["errors"] = [fault._asdict() for fault in faults]
    return document | _extensions(error)


def _words(problem: Problem, error: Exception, spoken: Language) -> tuple[str, str]:
    """Give title and detail; a detail that says more than its class stays as it is."""
    found, filled = words(spoken).find("problems", problem.name), getattr(error, "words", {})
    if found is None:
        return problem.title, str(error)
    title, detail = found
    try:
        usual = str(error) == problem.description.format_map(filled)
        return title, detail.format_map(filled) if usual else str(error)
    except KeyError:
        return title, str(error)


def _under(prefix: str, error: Exception) -> list[dict[str, str]]:
    faults = list(_faults(error)) or [Fault("", str(error))]
    return [Fault(prefix + pointer, detail)._asdict() for pointer, detail in faults]


def _faults(error: Exception) -> Iterable[Fault]:
    """Say where in the request each fault is."""
    if isinstance(error, Malformed):
        return error.faults
    if isinstance(error, api.BadRow):
        return [Fault(f"/cells/{error.column}", str(error))]
    if isinstance(error, wire.Hostile):
        return [Fault(error.pointer, error.detail)]
    if isinstance(error, NotOpened) and not isinstance(error, LeftUnopened):
        return [
            Fault(
                f"/data/{name}",
                "add it: the first event of a record needs it, and this one would come first",
            )
            for names in error.fields
            for name in names.split(" or ")
        ]
    return ()


def _extensions(error: Exception) -> dict[str, Any]:
    if isinstance(error, Refused):
        positions = list(error.conflicting_positions)
        return {"conflicting_positions": positions, "allowed": list(error.allowed)}
    if isinstance(error, api.NotYet):
        return {"effective_from": error.effective_from}
    if isinstance(error, api.BadParameters):
        return {"errors": [{"parameter": name, "detail": why} for name, why in error.faults]}
    if isinstance(error, reading.BadCursor):
        return {"errors": [{"parameter": "cursor", "detail": str(error)}]}
    return {}


def answer(request: Request, error: Exception) -> Response:
    """Answer a request with an error."""
    spoken = language.chosen(request)
    document = told(error, spoken) | {"instance": request.url.path}
    headers = {**_headers(error), **language.headers(spoken)}
    return Response(orjson.dumps(document), document["status"], headers, MEDIA_TYPE)


def _headers(error: Exception) -> dict[str, str]:
    headers = {"Cache-Control": "no-store"}
    if isinstance(error, api.NotSignedIn):
        headers["WWW-Authenticate"] = 'Bearer realm="farshore"'
    if isinstance(error, api.MethodNotAllowed):
        headers["Allow"] = error.allow
    if isinstance(error, reading.NotSeen):
        headers["Retry-After"] = "1"  # views follow within milliseconds, unless they are rebuilt
    if seconds := getattr(error, "retry_after", None):
        headers["Retry-After"] = str(seconds)
    return headers


# ── what the framework raises ────────────────────────────────────────────────────────────────────


async def _known(request: Request, error: Exception) -> Response:
    return answer(request, error)


async def _invalid(request: Request, error: Exception) -> Response:
    """Answer for parameters that the framework refused."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - for the type checker
    faults = {_name(one): one for one in error.errors()}
    if unknown := [name for name, one in faults.items() if one["type"] == "extra_forbidden"]:
        return answer(request, no_such(unknown))
    told = {name: journal.worded(one) for name, one in faults.items()}
    return answer(request, api.BadParameters(starmap(Fault, told.items())))


def _name(error: Mapping[str, Any]) -> str:
    return ".".join(str(part) for part in error["loc"][1:] if isinstance(part, str))


async def _http(request: Request, error: Exception) -> Response:
    """Answer for what the framework says by a status alone."""
    assert isinstance(error, HTTPException)  # noqa: S101 - for the type checker
    path = request.url.path
    if error.status_code == 405:  # noqa: PLR2004 - by its number everywhere
        allow = (error.headers or {}).get("Allow", "")
        return answer(request, api.MethodNotAllowed(path, allow))
    return answer(request, api.NotFound(path=path))


async def _away(request: Request, _: Exception) -> Response:
    return answer(request, api.DatabaseAway())


async def _senseless(request: Request, _: Exception) -> Response:
    return answer(request, api.Senseless())


async def _gone(request: Request, _: Exception) -> Response:
    """Answer a client that went away in the middle of its body, as far as anybody listens."""
    return answer(request, wire.Unreadable("the body ends in the middle"))


async def _broken(request: Request, _: Exception) -> Response:
    response = answer(request, api.Broken())
    response.headers.update(SAFE)  # it is sent from further out than where they are added
    return response


def install(app: FastAPI) -> None:
    """Let no error leave the application in another form."""
    handlers: list[tuple[type[Exception], Handler]] = [
        *((error, _known) for error in (Refused, Declined, *_OTHERS)),
        *((error, _away) for error in AWAY),
        (SENSELESS, _senseless),
        (ClientDisconnect, _gone),
        (RequestValidationError, _invalid),
        (HTTPException, _http),
        (Exception, _broken),
    ]
    for error, handler in handlers:
        app.add_exception_handler(error, handler)


_OTHERS = (
    *(wire.Unreadable, wire.TooLarge, wire.Hostile, reading.NotSeen, reading.BadCursor),
    *(decisions.NotHeld, attestation.DigestBusy),
)
