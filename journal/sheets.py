"""Spreadsheets as rows of texts: CSV in any usual encoding, and XLSX, within limits."""

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from python_calamine import CalamineError, CalamineWorkbook

from journal.refusals import Declined

# Of the file as it is sent. The largest sheet that we have seen kept by people has 2 MB.
MOST_BYTES = 8 * 1024 * 1024
# Of what is packed in an XLSX file: a thousandth of a bomb's promise, ten times an honest sheet's.
MOST_UNPACKED = 128 * 1024 * 1024
MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 10_000, 200, 5_000
_ENCODINGS = ("utf-8-sig", "gb18030")  # Excel in China writes the latter
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_SAMPLE = 64 * 1024


class BadSheet(Declined):
    """The file cannot be read as a table: {fault}."""

    def __init__(self, fault: str) -> None:
        """Say what is wrong with it, in words for people."""
        super().__init__(fault=fault)


class Row(NamedTuple):
    """A row, with its number as a spreadsheet shows it."""

    number: int
    cells: dict[str, str]


class Sheet(NamedTuple):
    """A table: its columns by their headers, its rows, and the names of all sheets of the file."""

    columns: Sequence[str]
    rows: Sequence[Row]
    sheets: Sequence[str]
    name: str | None


def read_sheet(content: bytes, name: str | None = None) -> Sheet:
    """Read a file.

    Args:
        content: of the file, CSV or XLSX.
        name: of the sheet, where there are several; the first one where it is left out.

    Raises:
        BadSheet: what is wrong with it.
    """
    if content.startswith(b"PK"):
        return _xlsx(content, name)
    if name is not None:
        raise BadSheet("only a spreadsheet file has sheets with names")
    return _sheet(_csv(content), (), None)


def _csv(content: bytes) -> Iterator[Sequence[str]]:
    text = _decoded(content)
    if "\0" in text:
        raise BadSheet("it is neither CSV nor XLSX")
    try:
        dialect: Any = csv.Sniffer().sniff(text[:_SAMPLE].split("\n", 1)[0], ",;\t|")
    except csv.Error:
        dialect = csv.excel
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=dialect.delimiter, strict=True)
        yield from reader
    except csv.Error as error:
        raise BadSheet(f"line {reader.line_num}: {error}") from None


def _decoded(content: bytes) -> str:
    for encoding in [_MARKS[content[:2]]] if content[:2] in _MARKS else _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadSheet("its text is neither UTF-8, UTF-16 nor GB18030; save it as UTF-8")


def _xlsx(content: bytes, name: str | None) -> Sheet:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(one.file_size for one in packed.infolist()) > MOST_UNPACKED:
                raise BadSheet(f"it unpacks to more than {MOST_UNPACKED >> 20} MiB")
            if packed.testzip() is not None:  # sizes can lie; this reads no more than they say
                raise BadSheet("it is damaged")
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = book.sheet_names
        if not names or (name is not None and name not in names):
            raise BadSheet(f"it has no sheet '{name}'; it has {', '.join(names)}")
        chosen = name or names[0]
        cells = book.get_sheet_by_name(chosen)
        if cells.total_height > MOST_ROWS + 1 or cells.total_width > MOST_COLUMNS:
            raise _too_large()
        rows = cells.to_python(skip_empty_area=False)
    except (
        zipfile.BadZipFile,
        CalamineError,
        RuntimeError,
        NotImplementedError,
        EOFError,
    ) as error:
        raise BadSheet(f"it is no XLSX file that can be read ({type(error).__name__})") from None
    return _sheet(([_text(cell) for cell in row] for row in rows), names, chosen)


def _text(cell: object) -> str:
    """Give a cell as a person would write it."""
    if isinstance(cell, datetime) and cell.time() == datetime.min.time():
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _sheet(rows: Iterable[Sequence[str]], names: Sequence[str], name: str | None) -> Sheet:
    numbered = enumerate(rows, 1)
    header = next((cells for _, cells in numbered if any(map(str.strip, cells))), None)
    if header is None:
        raise BadSheet("it has no rows")
    columns = _columns(header)
    found: list[Row] = []
    for number, cells in numbered:
        told = [_unquoted(cell.strip()) for cell in cells]
        if any(told[len(columns) :]):
            raise BadSheet(f"row {number} has more cells than the header has columns")
        if any(len(cell) > LONGEST_CELL for cell in told):
            raise BadSheet(f"a cell of row {number} has more than {LONGEST_CELL:,} characters")
        if any(told):
            given = zip(columns, told, strict=False)
            found.append(Row(number, {column: cell for column, cell in given if column}))
        if len(found) > MOST_ROWS:
            raise _too_large()
    return Sheet([column for column in columns if column], found, names, name)


def _unquoted(cell: str) -> str:
    """Take back the mark that keeps a spreadsheet from computing a text."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@") else cell


def _columns(header: Sequence[str]) -> list[str]:
    columns = [" ".join(name.split()) for name in header]
    while columns and not columns[-1]:
        columns.pop()
    twice = [name for name, times in Counter(filter(None, columns)).items() if times > 1]
    if twice:
        raise BadSheet(f"two columns are called '{twice[0][:100]}'; give each a name of its own")
    if len(columns) > MOST_COLUMNS:
        raise _too_large()
    return columns


def _too_large() -> BadSheet:
    return BadSheet(f"it has more than {MOST_ROWS:,} rows or {MOST_COLUMNS} columns")
