"""The views themselves: how they are, what they come to, and what people decide about them."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from api import bodies, lean
from api.describe.answers import given, problems
from api.describe.reads import reading
from api.describe.schemas import ref
from api.gate import roles
from api.noting import note
from api.parameters import MOST, Nothing, as_position, only
from api.refusals import NotFound, RoleNotAllowed
from api.resources import resources
from api.signin import principal
from api.upkeep import SkipReason
from api.values import Whole
from projections import decisions
from projections.attestation import Digest, digests
from projections.catalogue import NoSuchProjection, named
from projections.status import status

# A digest reads every row of every view.
_ATTESTING = ("auditor", "admin")

router = APIRouter(prefix="/v1", tags=["server"])


class Attesting(Nothing):
    """What can be asked of the views."""

    digest: Annotated[
        bool,
        Field(description="With a digest of the rows of each view; for auditors and admins."),
    ] = False


@router.get("/projections", openapi_extra=reading("Projections", 403))
async def projections(request: Request, query: Annotated[Attesting, Query()]) -> Response:
    """Tell of each view how far it is, who keeps it up to date, and what it could not take.

    With `digest` also what all its rows come to: the same on every server with the same journal up
    to that position, the same version of the view and the same events skipped. Every row is read,
    which takes a minute or two for a million events; one request at a time may do that.
    """
    views = resources(request).views
    items = await status(views)
    if query.digest:
        if (role := principal(request).role) not in _ATTESTING:
            raise RoleNotAllowed(role=role, roles=" or ".join(_ATTESTING))
        found = await digests(views)
        items = [one | {"digest": await _rooted(request, found[one["name"]])} for one in items]
    return _json({"items": items})


async def _rooted(request: Request, digest: Digest) -> dict[str, Any]:
    """Tell with a digest of which sealed journal it is."""
    root = await resources(request).log.root(digest.position)
    return digest._asdict() | {"root": root.hex() if root else None}


def _json(document: object) -> Response:
    return Response(orjson.dumps(document, option=orjson.OPT_UTC_Z), media_type=bodies.JSON)


# ── what a view could not take ───────────────────────────────────────────────────────────────────


class Held(Nothing):
    """Which part of the quarantine to give."""

    after: Annotated[Whole, Field(description="The position behind which to begin.")] = 0
    limit: Annotated[Whole, Field(ge=1, le=MOST)] = MOST


@router.get("/projections/{name}/quarantine", openapi_extra=reading("Quarantine", 404))
async def quarantine(request: Request, name: str, query: Annotated[Held, Query()]) -> Response:
    """List the events that a view could not take, and those that it does without.

    In the order of the journal; `next_after` is the `after` of the next page, null on the last.
    """
    views, view = resources(request).views, _view(request, name)
    found = await decisions.held(views, view, query.after, query.limit + 1)
    items = found[: query.limit]
    following = items[-1]["position"] if len(found) > query.limit else None
    return _json({"items": items, "next_after": following})


def _view(request: Request, name: str) -> str:
    try:
        named([name])
    except NoSuchProjection:
        raise NotFound(path=request.url.path) from None
    return name


def _addressed(request: Request) -> tuple[str, int]:
    """Give view and position of the address.

    Raises:
        NotFound: there is no such view, or it is no position.
    """
    only(request)
    given = request.path_params
    if (position := as_position(given["position"])) is None:
        raise NotFound(path=request.url.path)
    return _view(request, given["name"]), position


async def retry(request: Request) -> Response:
    """Have a view try an event again, as after a fix, with those that wait behind it.

    The process that keeps the view up to date does so at once; what fails again stays, with one
    attempt more. An event that was skipped is no longer.
    """
    name, position = _addressed(request)
    note(request, "quarantine_retried", f"{name} {position}")
    return _json(await decisions.retry(resources(request).views, name, position))


async def skip(request: Request) -> Response:
    """Have a view do without an event, for a reason that stays on record with who decided so.

    The events of its subject that wait behind it are tried at once. Nothing is taken from the
    journal, and `retry` takes the decision back.
    """
    name, position = _addressed(request)
    given = bodies.wanted((await bodies.read_json(request)).document, SkipReason)
    views, who = resources(request).views, principal(request).id
    note(request, "quarantine_skipped", f"{name} {position}")
    return _json(await decisions.skip(views, name, position, given.reason, who))


def _deciding(*statuses: int) -> dict[str, Any]:
    parameters = [
        {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}},
        {"name": "position", "in": "path", "required": True, "schema": {"type": "integer"}},
    ]
    answers = {"200": given("Quarantined", "Decided."), **problems(403, 404, 422, *statuses)}
    return roles("admin") | {"parameters": parameters, "responses": answers}


lean.add(
    router,
    "/projections/{name}/quarantine/{position}/retry",
    retry,
    name="retry_quarantined",
    tags=["server"],
    summary="Try an event again",
    description=retry.__doc__,
    openapi_extra=_deciding(),
)
lean.add(
    router,
    "/projections/{name}/quarantine/{position}/skip",
    skip,
    name="skip_quarantined",
    tags=["server"],
    summary="Do without an event",
    description=skip.__doc__,
    openapi_extra=_deciding(400, 413, 415)
    | {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": ref("SkipReason"),
                    "example": {"reason": "Sent twice by the importer, see ticket 231"},
                }
            },
        }
    },
)
