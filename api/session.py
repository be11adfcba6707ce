"""`/v1/session`: signing in and out with a browser, which then keeps a cookie, not the token."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request, Response

from api import bodies, lean
from api.accounts import NewSession
from api.cookies import drop_session, refuse_foreign, session_of, set_session
from api.describe.answers import given, problems
from api.describe.schemas import ref
from api.parameters import Nothing, only
from api.resources import resources
from api.signin import SignIn, principal

router = APIRouter(prefix="/v1", tags=["access"])


async def sign_in(request: Request) -> Response:
    """Sign in: the answer sets a cookie that stands for the token, for at most seven days.

    It is kept from scripts and from other sites, and ends with the token.
    """
    only(request)
    refuse_foreign(request.headers, unknown=False)
    wanted = bodies.wanted((await bodies.read_json(request)).document, NewSession)
    address = request.client.host if request.client else ""
    opened = await _knows(request).open(wanted.token, address)
    told = opened.principal._asdict() | {"expires_at": opened.expires_at}
    told["principal"] = told.pop("id")
    body = orjson.dumps(told, option=orjson.OPT_UTC_Z)
    response = Response(body, 201, {"Cache-Control": "no-store"}, bodies.JSON)
    set_session(request, response, opened.secret, opened.expires_at)
    return response


def _knows(request: Request) -> SignIn:
    known: SignIn = request.app.state.sign_in
    return known


lean.add(
    router,
    "/session",
    sign_in,
    name="sign_in",
    tags=["access"],
    summary="Sign in with a browser",
    description=sign_in.__doc__,
    status_code=201,
    openapi_extra={
        "security": [{}],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": ref("NewSession"),
                    "example": {"token": "fs_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"},
                }
            },
        },
        "responses": {
            "201": given("Session", "Signed in; the cookie comes along."),
            **problems(400, 403, 413, 415, 422),
        },
    },
)


@router.delete("/session", status_code=204, openapi_extra={"responses": problems(403, 422)})
async def sign_out(request: Request, _: Annotated[Nothing, Query()]) -> Response:
    """Sign out: the session ends, and the browser forgets its cookie."""
    if secret := session_of(request.headers):
        await resources(request).sessions.close(secret, principal(request))
        _knows(request).forget(secret)
    response = Response(status_code=204)
    drop_session(request, response)
    return response
