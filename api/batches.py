"""`GET /v1/batches` and `POST /v1/batches/{id}/undo`: what was imported, and taking it back."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Path, Query, Request, Response

from api import bodies, lean, previewing, reading
from api.describe import reads
from api.describe.batches import UNDO, NewUndo
from api.gate import roles
from api.noting import note
from api.parameters import Knowing, Paging, flag, only
from api.refusals import BadParameters
from api.resources import resources
from api.writing import command
from domain.effective import Fact
from domain.history import History
from domain.universal import EventRetracted
from journal import undoing
from journal.names import is_id
from journal.refusals import UnknownBatch
from projections import recorded
from projections.reading import Page, Views

router = APIRouter(prefix="/v1", tags=["batches"])


class Batches(Paging, Knowing):
    """Which part of the list to give."""


@router.get("/batches", openapi_extra=reads.reading("BatchesPage"))
async def batches(request: Request, query: Annotated[Batches, Query()]) -> Response:
    """Give what was imported, the newest first: by whom, when, and how much of it still counts."""
    clocks = await reading.looking(request, query)
    before = _cursor(query.cursor)
    views = resources(request).views
    seen, found = await recorded.batches(views, clocks, query.limit + 1, before)
    shown = found[: query.limit]
    cursor = str(shown[-1].batch) if len(found) > query.limit else None
    page = Page([_item(one) for one in shown], cursor, seen)
    return reading.listed(request, page, clocks, dated=False)


@router.get("/batches/{id}", openapi_extra=reads.reading("Batch", 404))
async def batch(
    request: Request,
    id: Annotated[str, Path(json_schema_extra={"format": "uuid"})],  # noqa: A002 - as in the address
    query: Annotated[Knowing, Query()],
) -> Response:
    """Give one import: by whom, when, and how much of it still counts."""
    wanted = _wanted(id)
    clocks = await reading.looking(request, query)
    seen, found = await recorded.batch(resources(request).views, clocks, wanted)
    if not found:
        raise UnknownBatch(batch=wanted)
    return reading.answer(request, seen, _item(found[0]))


def _wanted(text: str) -> UUID:
    """Give the batch of the address.

    Raises:
        UnknownBatch: it is no id.
    """
    if not is_id(text.lower()):
        raise UnknownBatch(batch=text)
    return UUID(text)


def _cursor(cursor: str | None) -> UUID | None:
    if cursor is not None and not is_id(cursor):
        raise BadParameters.one("cursor", "this cursor belongs to no page of this list")
    return UUID(cursor) if cursor else None


def _item(one: recorded.Batch) -> bytes:
    return orjson.dumps(one._asdict(), option=orjson.OPT_UTC_Z)


# ── undoing one ──────────────────────────────────────────────────────────────────────────────────


async def undo(request: Request) -> Response:
    """Retract every event of an import that still counts: all of them, or none.

    Refused where later events would no longer hold, which are named. The retractions are a batch
    themselves: when that is undone, everything counts again. A dry run tells each event and, field
    by field, what would change.
    """
    only(request, "dry_run")
    if "if-match" in request.headers:
        raise BadParameters.one("If-Match", "it belongs to one subject, and a batch may have many")
    dry = flag(request, "dry_run")
    body = await bodies.read_json(request)
    wanted = bodies.wanted(body.document, NewUndo)
    preview = _Preview()
    given = resources(request)
    undo_all = undoing.undo(
        given.url,
        command(request, (), body.raw, dry=dry),
        _wanted(request.path_params["id"]),
        wanted.reason,
        preview.look if dry else None,
    )
    outcome = await given.finish(undo_all)
    if not dry:
        note(request, "batch_undone", str(outcome.batch))
    return _answer(outcome, await preview.told(given.views) if dry else {})


class _Preview:
    """What would become of each event and each subject."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.subjects = previewing.Subjects(reading.today())

    def look(self, targets: Sequence[Fact], before: History, after: History) -> None:
        """Take note of what would become of one subject."""
        of = targets[0].recorded
        subject = {"kind": of.kind, "id": of.subject, "key": of.key}
        for one in targets:
            told = {"position": one.position, "type": one.event.type, "subject": subject}
            self.events.append({**told, "occurred_on": one.occurred_on})
        self.subjects.note(subject, before, after)

    async def told(self, views: Views) -> dict[str, Any]:
        """Give the members of the answer."""
        events = sorted(self.events, key=itemgetter("position"))
        return {"events": events, "subjects": await self.subjects.told(views)}


def _answer(outcome: undoing.Undone, preview: dict[str, Any]) -> Response:
    told = {
        "batch": outcome.batch,
        "retracted": outcome.retracted,
        "undone_by": outcome.undone_by,
        "position": outcome.position,
    }
    headers = {"Idempotency-Replayed": "true"} if outcome.replayed else {}
    if outcome.position is not None:
        headers["Farshore-Position"] = str(outcome.position)
    status = 200 if outcome.position is None else 201
    return Response(orjson.dumps(told | preview), status, headers, bodies.JSON)


lean.add(
    router,
    "/batches/{id}/undo",
    undo,
    name="undo_batch",
    tags=["batches"],
    summary="Undo a whole import",
    description=undo.__doc__,
    status_code=201,
    openapi_extra=roles(*sorted(EventRetracted.roles)) | UNDO,
)
