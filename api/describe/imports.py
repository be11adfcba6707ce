"""What the OpenAPI document says of imports, kept mappings and kept views, and their shapes."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from pydantic import Field

from api import bodies
from api.describe.answers import given, problems
from api.describe.schemas import Schema, ref
from api.shapes import Edtf, Json, Position, Shape, Wanted
from journal import wire
from journal.mapping import SheetMapping


class NewImport(Wanted):
    """A spreadsheet, and how its rows become events."""

    content: Annotated[str, Field(description="The file, CSV or XLSX, in Base64.")]
    mapping: Annotated[
        SheetMapping | str | None, Field(description="The mapping, or the name of a kept one.")
    ] = None
    sheet: Annotated[
        str | None, Field(max_length=200, description="Of a file with several; else the first.")
    ] = None


def read(raw: bytes) -> NewImport:
    """Read a body."""
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise wire.Unreadable(f"the body is no JSON: {error}") from None
    return bodies.wanted(document, NewImport)


class ColumnFound(Shape):
    """A column of the file."""

    name: str
    samples: Annotated[list[str], Field(description="Its first different values.")]


class Mentioned(Shape):
    """A name that stays a name, since it means no organization, or several."""

    mention: str
    may_be: Annotated[list[str], Field(description="Keys.")]


class RowSeen(Shape):
    """What a row would become; `line` is null where it is left out, or makes no sense."""

    row: Annotated[int, Field(ge=1, description="As a spreadsheet numbers it.")]
    line: Json | None
    mentions: list[Mentioned]
    problem: Json | None


class UnknownWord(Shape):
    """A word of a column of which the mapping does not say the meaning."""

    column: str
    says: str
    may_mean: Annotated[list[str], Field(description="Words known there; none for a type.")]
    rows: Annotated[int, Field(ge=1, description="How many rows it holds up.")]


class ImportPreview(Shape):
    """What a spreadsheet would become."""

    sheets: list[str]
    sheet: str | None
    columns: list[ColumnFound]
    mapping: Json
    suggested: bool
    rows: int
    left_out: int
    accepted: int
    refused: int
    unknown: Annotated[
        list[UnknownWord], Field(description="Words to be told in `values`, of most rows first.")
    ]
    items: Annotated[list[RowSeen], Field(description="The first 500 rows.")]
    errors: Annotated[list[Json], Field(description="The first 1,000, each with its row.")]


class ImportedSheet(Shape):
    """What became of a spreadsheet."""

    accepted: int
    replayed: int
    refused: int
    left_out: int
    position: Position | None
    batch: UUID
    errors: list[Json]
    refused_rows: Annotated[
        str | None, Field(description="CSV: the rows that were refused, and why, to be mended.")
    ]


class DateRead(Shape):
    """A date, as it was read."""

    text: str
    edtf: Edtf
    earliest: date | None
    latest: date | None


class NewView(Wanted):
    """A view to be kept."""

    query: Annotated[
        str,
        Field(
            max_length=4_000,
            pattern=r"^/[^\x00-\x1f]*$",
            description="The address that shows it, without the server.",
            examples=["/?kind=service&country=AE"],
        ),
    ]


class KeptView(Shape):
    """A view that you keep."""

    name: str
    query: str
    kept_at: datetime


class KeptViews(Shape):
    """The views that you keep, by name."""

    items: list[KeptView]


class KeptMapping(Shape):
    """A mapping, which all share."""

    name: str
    mapping: Json
    kept_by: str
    kept_at: datetime


class KeptMappings(Shape):
    """All mappings, by name."""

    items: list[KeptMapping]


def _parameter(name: str, description: str) -> Schema:
    schema: Schema = {"type": "string", "maxLength": 200}
    return {"name": name, "in": "query", "description": description, "schema": schema}


_BODY: Schema = {
    "parameters": [
        _parameter("mapping", "The name of a kept mapping, where the body is the file itself."),
        _parameter("sheet", "Of a file with several; else the first."),
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": ref("NewImport")},
            **{
                one: {"schema": {"type": "string", "format": "binary"}}
                for one in (
                    "text/csv",
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                )
            },
        },
    },
}


def _answered(shape: str, told: str) -> dict[str, Any]:
    return {"responses": {"200": given(shape, told), **problems(400, 403, 413, 415, 422)}}


PREVIEW = _BODY | _answered("ImportPreview", "Nothing was written.")
IMPORT = _BODY | _answered("ImportedSheet", "What became of each row.")


def keeping(shape: str, body: str) -> Schema:
    """Describe a route that keeps something by a name."""
    return {
        "parameters": [NAME],
        "requestBody": {"required": True, "content": {"application/json": {"schema": ref(body)}}},
        "responses": {"200": given(shape, "Kept."), **problems(400, 403, 413, 415, 422)},
    }


NAME: Schema = {
    "name": "name",
    "in": "path",
    "required": True,
    "description": "By which it is kept.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 100},
}
