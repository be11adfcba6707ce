"""The application inside this process, for commands that find no server running."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import httpx2
from pydantic import SecretStr

from api.app import create_app
from cli.client import TIMEOUT
from journal.access import first_token
from journal.postgres import running
from journal.schema import migrate
from journal.seal.sealing import sealing
from projections.runner import following

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from journal.settings import Settings

_LOOKS, _BETWEEN_LOOKS = 200, 0.05  # ten seconds in all


@contextlib.asynccontextmanager
async def inside(settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    """Run application and projections here, on the database that the settings name."""
    with running(settings) as url:
        migrate(url)
        token = settings.token.get_secret_value() if settings.token else first_token(url, settings)
        app = create_app(settings.model_copy(update={"database_url": SecretStr(url)}))
        with (
            following(url),
            sealing(url, settings) if settings.sealing else contextlib.nullcontext(),
        ):
            async with (
                app.router.lifespan_context(app),
                httpx2.AsyncClient(
                    transport=httpx2.ASGITransport(app),
                    base_url="http://farshore",
                    headers={"Authorization": f"Bearer {token}"},
                    timeout=TIMEOUT,
                ) as http,
            ):
                await _caught_up(http)
                yield http


async def _caught_up(http: httpx2.AsyncClient) -> None:
    """Let what was recorded before be seen, as long as that does not take too long.

    What others record meanwhile is not waited for: they may never pause.
    """
    wanted: int | None = None
    for _ in range(_LOOKS):
        answer = await http.get("/v1/projections")
        items = [] if answer.is_error else answer.json()["items"]
        if wanted is None:
            wanted = max((item["position"] + item["lag"] for item in items), default=0)
        if all(item["position"] >= wanted for item in items):
            return
        await asyncio.sleep(_BETWEEN_LOOKS)
