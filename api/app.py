"""The application: every route behind one gate, every error in one form."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import APIRouter, FastAPI

from api import (
    access_records,
    amending,
    batches,
    commands,
    comparing,
    computing,
    door,
    evidence,
    health,
    importing,
    keeping,
    live,
    log,
    meta,
    pages,
    problems,
    proof,
    questions,
    session,
    states,
    timeline,
    tokens,
    views,
    web,
)
from api.describe.document import document
from api.gate import Gate
from api.headers import Careful
from api.resources import opened
from api.signin import SignIn
from journal.settings import Settings


def create_app(settings: Settings) -> FastAPI:
    """Make the application; its lifespan opens the database."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with opened(settings) as app.state.resources:
            yield

    app = FastAPI(
        title="Farshore",
        version=version("farshore"),
        summary="How intelligent-driving companies go abroad: every deal as an event.",
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # looked for at each request
    )
    for part in _parts():
        app.router.routes.extend(part.routes)
    app.state.sign_in = SignIn(lambda: app.state.resources)
    app.router.routes.insert(0, Gate(app.routes, app.state.sign_in))
    app.openapi = lambda: document(app)  # type: ignore[method-assign]  # the way FastAPI documents
    app.add_middleware(Careful)
    problems.install(app)
    return app


def _parts() -> Iterator[APIRouter]:
    yield commands.router()
    yield amending.router()
    yield states.router()
    yield comparing.router()
    yield views.router
    for part in _PARTS:
        yield part.router


_PARTS = (
    door,
    batches,
    timeline,
    live,
    importing,
    keeping,
    log,
    questions,
    computing,
    meta,
    proof,
    evidence,
    tokens,
    session,
    access_records,
    health,
    pages,
    web,
)
