"""`POST /v1/imports`: a spreadsheet becomes events by a mapping, after a look at them."""

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, NamedTuple

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from uuid_utils.compat import uuid7

from api import bodies, lean, stream
from api.describe import imports as described
from api.describe.reads import reading as describing
from api.export import table
from api.gate import WRITERS, roles
from api.parameters import Nothing, only
from api.refusals import BadParameters, BadRow
from api.resources import resources
from api.signin import principal
from api.suggesting import samples, suggested
from api.values import Text
from domain.dates import span
from domain.reading_dates import read_date
from journal.commands import Line
from journal.mapping import SheetMapping, Unmapped, line
from journal.refusals import Declined
from journal.sheets import MOST_BYTES, Row, Sheet, read_sheet
from projections.meant import meant
from projections.reading import Views

# Rows told one by one in a preview; what is wrong is told of all.
MOST_SHOWN = 500
FILES = (
    "text/csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/octet-stream",
)
# A file in JSON is a third longer.
_MOST_JSON = MOST_BYTES * 4 // 3 + 256 * 1024

router = APIRouter(prefix="/v1", tags=["imports"])


class Given(NamedTuple):
    """What was sent."""

    sheet: Sheet
    mapping: SheetMapping | None


async def _given(request: Request) -> Given:
    """Read a file with its mapping: the file as it is, or both in JSON.

    Raises:
        BadSheet, Malformed, NotFound, TooLarge, WrongMediaType, Unreadable
    """
    only(request, "mapping", "sheet")
    bodies.expect(request, *FILES, bodies.JSON)
    name: SheetMapping | str | None
    if bodies.media_type(request) != bodies.JSON:
        name = request.query_params.get("mapping")
        content, sheet = await bodies.read(request, MOST_BYTES), request.query_params.get("sheet")
    else:
        wanted = described.read(await bodies.read(request, _MOST_JSON))
        name, sheet = wanted.mapping, wanted.sheet
        try:
            content = base64.b64decode(wanted.content, validate=True)
        except ValueError:  # one of its sort where it is no Base64, a plain one beyond ASCII
            raise BadParameters.one("content", "it is the file in Base64") from None
    mapping = await _kept(request, name) if isinstance(name, str) else name
    return Given(await asyncio.to_thread(read_sheet, content, sheet), mapping)


async def _kept(request: Request, name: str) -> SheetMapping:
    if "\0" not in name and (kept := await resources(request).shelf.mapping(name)):
        return SheetMapping.model_validate(kept.mapping)
    raise BadParameters.one("mapping", f"no mapping is kept by the name '{name[:100]}'")


# ── rows to lines ────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class Made:
    """What became of a row.

    Attributes:
        document: the line that it is; None where it is left out, or makes no sense.
        unmapped: which cell makes no sense.
        mentions: names that stay names, each with the keys that it may mean.
    """

    row: Row
    document: dict[str, Any] | None = None
    error: Exception | None = None
    unmapped: Unmapped | None = None
    mentions: dict[str, list[str]] = field(default_factory=dict)


async def _made(views: Views, sheet: Sheet, mapping: SheetMapping) -> list[Made]:
    """Make lines of rows; names of organizations become keys where they mean one."""
    names: dict[str, None] = {}
    for row in sheet.rows:
        _one(row, mapping, names.setdefault)
    keys: dict[str, list[str]] = {}
    for name in names:
        keys[name] = await meant(views, name, "organization") if "\0" not in name else []
    return await asyncio.to_thread(lambda: [_resolved(row, mapping, keys) for row in sheet.rows])


def _resolved(row: Row, mapping: SheetMapping, keys: Mapping[str, list[str]]) -> Made:
    mentions: dict[str, list[str]] = {}

    def known(text: str) -> str | None:
        found = keys.get(text, [])
        if len(found) == 1:
            return found[0]
        mentions[text] = found
        return None

    made = _one(row, mapping, known)
    made.mentions = mentions
    return made


def _one(row: Row, mapping: SheetMapping, known: Any) -> Made:  # noqa: ANN401 - a function of text
    try:
        return Made(row, line(mapping, row.cells, known))
    except Unmapped as error:
        return Made(row, error=BadRow(error.column, str(error)), unmapped=error)


# ── looking, and recording ───────────────────────────────────────────────────────────────────────


async def preview(request: Request) -> Response:
    """Tell what each row would become, and what is wrong with it; nothing is written.

    Without a mapping, one is suggested.
    """
    given = await _given(request)
    mapping = given.mapping
    if mapping is None:
        mapping = await asyncio.to_thread(suggested, given.sheet)
    made = await _made(resources(request).views, given.sheet, mapping)
    tally = stream.Tally(uuid7())
    lines = await asyncio.to_thread(_lines, tally, made)
    recording, _ = await stream.tried(request, tally, lines)
    tally.accepted = len(recording.rows) if recording else 0
    found = _found(given.sheet) | {"mapping": mapping.model_dump(), "suggested": not given.mapping}
    return Response(orjson.dumps(found | _seen(made, tally)), media_type=bodies.JSON)


def _found(sheet: Sheet) -> dict[str, Any]:
    """Tell what the file is."""
    columns = [{"name": name, "samples": samples(sheet, name)} for name in sheet.columns]
    return {"sheets": sheet.sheets, "sheet": sheet.name, "columns": columns}


def _seen(made: Sequence[Made], tally: stream.Tally) -> dict[str, Any]:
    """Tell what its rows would become."""
    wrong = _wrong(tally)
    return {
        "rows": len(made),
        "left_out": _left_out(made),
        "accepted": tally.accepted,
        "refused": tally.refused,
        "unknown": _unknown(made),
        "items": [_item(one, wrong) for one in made[:MOST_SHOWN]],
        "errors": [{"row": row, **error} for row, error in wrong.items()],
    }


def _left_out(made: Sequence[Made]) -> int:
    return sum(one.document is None and one.error is None for one in made)


def _lines(tally: stream.Tally, made: Sequence[Made]) -> dict[int, Line]:
    """Check the lines one by one; give those that could be recorded, by their rows."""
    lines: dict[int, Line] = {}
    for one in made:
        if one.error:
            tally.take(one.row.number, one.error)
        elif one.document:
            try:
                lines[one.row.number] = Line.read(one.document)
            except Declined as error:
                tally.take(one.row.number, error)
    return lines


def _wrong(tally: stream.Tally) -> dict[int, dict[str, Any]]:
    tally.errors.sort(key=lambda error: error["line"])
    return {
        error["line"]: {k: v for k, v in error.items() if k != "line"} for error in tally.errors
    }


def _unknown(made: Sequence[Made]) -> list[dict[str, Any]]:
    """Give the words that a mapping must say the meaning of, those of most rows first."""
    found: dict[tuple[str, str, tuple[str, ...]], int] = {}
    for one in made:
        if (at := one.unmapped) and at.unknown is not None:
            word = (at.column, at.unknown, at.may_mean)
            found[word] = found.get(word, 0) + 1
    most_first = sorted(found.items(), key=lambda told: -told[1])[:MOST_SHOWN]
    return [
        {"column": column, "says": says, "may_mean": may_mean, "rows": rows}
        for (column, says, may_mean), rows in most_first
    ]


def _item(one: Made, wrong: Mapping[int, dict[str, Any]]) -> dict[str, Any]:
    mentions = [{"mention": name, "may_be": keys} for name, keys in one.mentions.items()]
    problem = wrong.get(one.row.number)
    return {
        "row": one.row.number,
        "line": one.document,
        "mentions": mentions,
        "problem": problem,
    }


async def record(request: Request) -> Response:
    """Record a spreadsheet by a mapping: each row for itself, all as one batch.

    What is refused comes back as a table, to be mended and sent again; what is on record already
    is recognized.
    """
    given = await _given(request)
    if given.mapping is None:
        raise BadParameters.one("mapping", "say by which mapping: a name, or the mapping itself")
    made = await _made(resources(request).views, given.sheet, given.mapping)
    tally = stream.Tally(uuid7())
    for one in made:
        if one.error:
            tally.take(one.row.number, one.error)
    sent = [one for one in made if one.document]
    journal = resources(request).journal
    async for told in journal.stream(principal(request), _documents(sent), tally.batch):
        tally.take(sent[told.number - 1].row.number, told.outcome)
    return _answer(given.sheet, made, tally)


async def _documents(made: Sequence[Made]) -> AsyncIterator[bytes]:
    for one in made:
        yield orjson.dumps(one.document)


def _answer(sheet: Sheet, made: Sequence[Made], tally: stream.Tally) -> Response:
    wrong = _wrong(tally)
    told = {
        "accepted": tally.accepted,
        "replayed": tally.replayed,
        "refused": tally.refused,
        "left_out": _left_out(made),
        "position": tally.position,
        "batch": tally.batch,
        "errors": [{"row": row, **error} for row, error in wrong.items()],
        "refused_rows": _table(sheet, made, wrong) if wrong else None,
    }
    headers = {} if tally.position is None else {"Farshore-Position": str(tally.position)}
    return Response(orjson.dumps(told), 200, headers, bodies.JSON)


def _table(sheet: Sheet, made: Sequence[Made], wrong: Mapping[int, dict[str, Any]]) -> str:
    """Write the rows that were refused as CSV, with what is wrong in a column of its own."""
    rows = [
        [*(one.row.cells.get(name, "") for name in sheet.columns), _why(wrong[one.row.number])]
        for one in made
        if one.row.number in wrong
    ]
    return table([[*sheet.columns, _PROBLEM], *rows])


_PROBLEM = "problem"


def _why(error: Mapping[str, Any]) -> str:
    faults = [f"{one['pointer']}: {one['detail']}" for one in error.get("errors", ())]
    return "; ".join(faults) or str(error["detail"])


lean.add(
    router,
    "/imports/preview",
    preview,
    name="preview_import",
    tags=["imports"],
    summary="What a spreadsheet would become",
    description=preview.__doc__,
    openapi_extra=roles(*WRITERS) | described.PREVIEW,
)
lean.add(
    router,
    "/imports",
    record,
    name="import_spreadsheet",
    tags=["imports"],
    summary="Record a spreadsheet",
    description=record.__doc__,
    openapi_extra=roles(*WRITERS) | described.IMPORT,
)


# ── dates ────────────────────────────────────────────────────────────────────────────────────────


class Written(Nothing):
    """A date as somebody writes it."""

    text: Annotated[Text, Field(description="A date in any usual spelling.", examples=["Q3 2025"])]


@router.get("/dates", openapi_extra=describing("DateRead"))
async def dates(query: Annotated[Written, Query()]) -> Response:
    """Read a date as people write them; give it as EDTF, with its first and last day."""
    try:
        edtf = read_date(query.text)
    except ValueError as error:
        raise BadParameters.one("text", str(error)) from None
    told = {"text": query.text, "edtf": edtf, **span(edtf)._asdict()}
    return Response(orjson.dumps(told), media_type=bodies.JSON)
