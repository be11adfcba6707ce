"""How the server is: for load balancers, for Prometheus, for people."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from api import bodies, metrics
from api.describe.answers import given
from api.resources import resources
from journal.pools import AWAY
from journal.schema import pending
from projections.status import status

MOST_BEHIND = 10_000  # events; a view that far behind answers, but not what people expect
MOST_ABANDONED = timedelta(seconds=10)  # twice the time in which another process takes over

MOST_UNSEALED = 10.0  # seconds; ten times what it takes

router = APIRouter(tags=["server"])


@router.get("/healthz", openapi_extra={"responses": {"200": given("Health", "It runs.")}})
async def healthz() -> Response:
    """Tell that the process runs."""
    return Response(b'{"alive":true}', media_type=bodies.JSON)


@router.get(
    "/readyz",
    openapi_extra={
        "responses": {
            "200": given("Readiness", "It can do its work."),
            "503": given("Readiness", "It cannot, and why."),
        }
    },
)
async def readyz(request: Request) -> Response:
    """Tell whether database, migrations and views are as they must be.

    Events in quarantine are told, but do not make the server unready: all others are answered.
    """
    faults, notes = await _found(request)
    body = orjson.dumps({"ready": not faults, "faults": faults, "notes": notes})
    headers = {"Retry-After": "1"} if faults else {}
    return Response(body, 503 if faults else 200, headers, bodies.JSON)


async def _found(request: Request) -> tuple[list[str], list[str]]:
    """Give what makes the server unready, and what should be looked at."""
    asked = resources(request)
    try:
        if await asyncio.to_thread(pending, asked.url):
            return ["there are migrations to run"], []
        views = await status(asked.views)
        seal = await asked.log.status()
    except AWAY:
        return ["the database is away"], []
    held = {view["name"]: view["quarantined"] for view in views if view["quarantined"]}
    notes = [f"{name} could not take {number} events" for name, number in held.items()]
    notes += [f"{view['name']} is built anew" for view in views if view["state"] == "rebuilding"]
    if seal.lag > MOST_UNSEALED:
        notes.append(f"nobody seals the journal: {seal.position - seal.size} events wait")
    faults = [f"the sealer refuses to sign: {seal.refusal}"] if seal.refusal else []
    return faults + [fault for view in views for fault in _faults(view)], notes


def _faults(view: dict[str, Any]) -> Iterator[str]:
    moved, abandoned = view["updated_at"], view["state"] == "waiting"
    if moved is None:
        yield f"{view['name']} is not built yet"
    elif view["lag"] and abandoned and datetime.now(UTC) - moved > MOST_ABANDONED:
        yield f"no process keeps {view['name']} up to date"
    if view["lag"] > MOST_BEHIND:
        yield f"{view['name']} is {view['lag']} events behind"


@router.get("/metrics", include_in_schema=False)
async def prometheus(request: Request) -> Response:
    """Give counts and times of requests, and how far the views are."""
    try:
        metrics.observe(await status(resources(request).views))
        metrics.observe_seal(await resources(request).log.status())
    except AWAY:
        metrics.observe(None)
    return Response(metrics.exposition(), media_type=metrics.MEDIA_TYPE)
