"""`farshore import --map`: record a spreadsheet, and keep what was refused to be mended."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import anyio

from cli.client import Client, Failed, console, errors, problem_lines

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


async def load(
    client: Client, files: Sequence[Path], mapping: str, *, dry_run: bool = False
) -> None:
    """Import spreadsheets one after the other.

    Args:
        client: of the server.
        files: CSV or XLSX.
        mapping: the name of a kept mapping, or a file that holds one.
        dry_run: say what each row would become, and record nothing.

    Raises:
        Failed: a row was refused; all others are recorded.
    """
    wanted = await _mapping(mapping)
    refused = 0
    for file in files:
        content = base64.b64encode(await anyio.Path(file).read_bytes()).decode()
        answer = await client.send(
            "POST",
            "/v1/imports/preview" if dry_run else "/v1/imports",
            json={"content": content, "mapping": wanted},
        )
        told: dict[str, Any] = answer.json()
        _tell(file, told, dry_run=dry_run)
        if rows := told.get("refused_rows"):
            kept = file.with_name(f"{file.stem}-refused.csv")
            await anyio.Path(kept).write_text(rows, encoding="utf-8-sig")
            console.print(f"  the refused rows are in {kept.name}", highlight=False)
        refused += told["refused"]
    if refused:
        raise Failed(f"{refused:,} refused; mend these rows, or the mapping, and import again.")


async def _mapping(given: str) -> Any:  # noqa: ANN401 - any JSON
    """Give a mapping out of a file, or the name of one that the server keeps."""
    file = anyio.Path(given)
    if not given.endswith(".json") and not await file.is_file():
        return given
    try:
        return json.loads(await file.read_bytes())
    except (OSError, ValueError) as error:
        raise Failed(f"{given} holds no mapping: {error}") from None


def _tell(file: Path, told: dict[str, Any], *, dry_run: bool) -> None:
    for problem in told["errors"]:
        first, *rest = problem_lines(problem)
        errors.print(f"{file.name}, row {problem['row']}: {first}", style="red", markup=False)
        for line in rest:
            errors.print(f"  {line}", style="red", markup=False)
    verb = "would be recorded" if dry_run else "recorded"
    console.print(
        f"{file.name}: {told['accepted']:,} {verb}, {told.get('replayed', 0):,} already there,"
        f" {told['left_out']:,} left out, {told['refused']:,} refused.",
        highlight=False,
    )
    if told["accepted"] and not dry_run:
        console.print(
            f"  to take it back: farshore undo {told['batch']} --reason …", highlight=False
        )
