"""Lists as files: all rows, streamed, in a form that a spreadsheet takes."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from tempfile import SpooledTemporaryFile
from typing import Any, Literal

import orjson
from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from xlsxwriter import Workbook  # type: ignore[import-untyped]  # it has no annotations
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]  # as above

from api.bodies import NDJSON
from api.noting import note

Format = Literal["json", "csv", "ndjson", "xlsx"]
File = Literal["csv", "ndjson", "xlsx"]
Writer = Callable[[Sequence[str], "Items"], AsyncIterator[bytes] | AsyncIterator[str]]
Items = AsyncIterator[bytes]  # JSON objects

MEDIA_TYPES: Mapping[File, str] = {
    "csv": "text/csv",
    "ndjson": NDJSON,
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_IN_MEMORY = 8 * 1024 * 1024  # bytes of a finished spreadsheet; larger ones go to a file
_AT_ONCE = 250  # items
_SHEET = 1_000_000  # rows; the format has room for 1,048,576
# What makes a spreadsheet compute a cell; of full width too, as Chinese and Japanese ones take it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def chosen(request: Request, named: Format | None) -> Format:
    """Give the format that the query names, or else the `Accept` header; files are on record."""
    accepted = request.headers.get("accept", "")
    asked = (form for form, media_type in MEDIA_TYPES.items() if media_type in accepted)
    form: Format = named if named is not None else next(asked, "json")
    if form != "json":
        note(request, "exported", format=form)
    return form


def exported(form: File, name: str, columns: Sequence[str], items: Items) -> Response:
    """Answer with all items as a file.

    Args:
        form: not json.
        name: of the file, without its ending.
        columns: members of the items; those of nested objects with a point between.
        items: the rows.
    """
    writers: Mapping[File, Writer] = {"csv": _csv, "ndjson": _ndjson, "xlsx": _xlsx}
    return StreamingResponse(
        writers[form](columns, items),
        media_type=MEDIA_TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="{name}.{form}"'},
    )


async def _some(items: Items) -> AsyncIterator[list[bytes]]:
    """Give items a few hundred at a time: enough to be fast, few enough to let others work."""
    some: list[bytes] = []
    async for item in items:
        some.append(item)
        if len(some) == _AT_ONCE:
            yield some
            some = []
    yield some


async def _ndjson(_: Sequence[str], items: Items) -> AsyncIterator[bytes]:
    async for some in _some(items):
        yield b"".join(item + b"\n" for item in some)


async def _csv(columns: Sequence[str], items: Items) -> AsyncIterator[str]:
    yield _lines([columns])
    async for some in _some(items):
        yield _lines([_cells(columns, item) for item in some])


def table(rows: Sequence[Sequence[object]]) -> str:
    """Write rows as CSV; no text becomes a formula."""
    return _lines([[_cell(cell) for cell in row] for row in rows])


def _lines(rows: Sequence[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


async def _xlsx(columns: Sequence[str], items: Items) -> AsyncIterator[bytes]:
    with SpooledTemporaryFile(_IN_MEMORY) as file:
        book = Workbook(file, {"constant_memory": True})
        rows = 0
        sheet = _sheet(book, columns)
        async for some in _some(items):
            if rows + len(some) > _SHEET:
                sheet, rows = _sheet(book, columns), 0
            await asyncio.to_thread(
                _fill, sheet, rows + 1, [_cells(columns, item) for item in some]
            )
            rows += len(some)
        await asyncio.to_thread(book.close)
        file.seek(0)
        while part := file.read(65_536):
            yield part


def _sheet(book: Workbook, columns: Sequence[str]) -> Worksheet:
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    _fill(sheet, 0, [columns])
    return sheet


def _fill(sheet: Worksheet, first: int, rows: Sequence[Sequence[object]]) -> None:
    for row, cells in enumerate(rows, first):
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                sheet.write_string(row, column, cell)
            elif cell is not None:
                sheet.write(row, column, cell)


def _cells(columns: Sequence[str], item: bytes) -> list[object]:
    document = orjson.loads(item)
    return [_cell(_at(document, column)) for column in columns]


def _at(document: Any, column: str) -> Any:  # noqa: ANN401 - any JSON
    for name in column.split("."):
        document = document.get(name) if isinstance(document, Mapping) else None
    return document


def _cell(value: object) -> object:
    """Give plain values as they are, and lists and objects as JSON; no text becomes a formula."""
    if isinstance(value, Mapping):
        value = orjson.dumps(value).decode()
    if isinstance(value, list):
        plain = all(isinstance(one, str | int | float) for one in value)
        value = "; ".join(map(str, value)) if plain else orjson.dumps(value).decode()
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value
