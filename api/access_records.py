"""`GET /v1/access-records`: who looked, who came in, who did what to the server."""

from collections.abc import AsyncIterator
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from api import bodies, parameters
from api.describe.reads import listing
from api.export import chosen, exported
from api.gate import roles
from api.parameters import Exporting
from api.refusals import BadParameters
from api.resources import resources
from api.values import Day, Flag, Text, Whole
from journal.access_record import Action, Entry, Wanted

COLUMNS = ("number", "at", "principal", "display_name", "role", "action", "target", "details")

router = APIRouter(prefix="/v1", tags=["access"])


class AccessRecords(Exporting):
    """What narrows the access record."""

    after: Annotated[Whole, Field(description="The number behind which to begin.")] = 0
    principal: Annotated[Text | None, Field(description="The id of one.")] = None
    action: Action | None = None
    from_: Annotated[Day | None, Field(alias="from", description="In UTC, inclusive.")] = None
    to: Annotated[Day | None, Field(description="In UTC, inclusive.")] = None
    newest_first: Flag = False


@router.get(
    "/access-records", openapi_extra=roles("auditor", "admin") | listing("AccessRecords", 403)
)
async def access_records(request: Request, query: Annotated[AccessRecords, Query()]) -> Response:
    """Tell what auditors read, what anybody exported, who signed in, and what admins did.

    In the order in which it was put on record, numbered without gaps. Reading it is on record too.
    """
    record, wanted = resources(request).record, _wanted(query)
    form = chosen(request, query.format)
    if form != "json":
        return exported(form, "access-records", COLUMNS, _lines(record.stream(wanted)))
    found = await record.entries(wanted, query.limit + 1)
    shown = found[: query.limit]
    cursor = str(shown[-1].number) if len(found) > query.limit else None
    told = {"items": [one._asdict() for one in shown], "next_cursor": cursor}
    body = orjson.dumps(told, option=orjson.OPT_UTC_Z)
    return Response(body, headers={"Cache-Control": "no-store"}, media_type=bodies.JSON)


def _wanted(query: AccessRecords) -> Wanted:
    behind = query.after
    if query.cursor is not None:
        if (number := parameters.as_position(query.cursor)) is None:
            raise BadParameters.one("cursor", "this cursor belongs to no page of this list")
        behind = number if query.newest_first else max(behind, number)
    elif query.newest_first:
        behind = 0
    return Wanted(behind, query.principal, query.action, query.from_, query.to, query.newest_first)


async def _lines(entries: AsyncIterator[Entry]) -> AsyncIterator[bytes]:
    async for entry in entries:
        yield orjson.dumps(entry._asdict(), option=orjson.OPT_UTC_Z)
