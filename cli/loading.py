"""`farshore import`: stream a file of any size, and say which lines were refused and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)

from cli.client import Client, Failed, console, errors, problem_lines

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

_FOLDER = Path(__file__).parents[1] / "examples"
EXAMPLES = (_FOLDER / "organizations.ndjson", _FOLDER / "events.ndjson")  # in this order

_CHUNK = 64 * 1024
_DOOR, _NDJSON = "/v1/events", {"Content-Type": "application/x-ndjson"}
_AGAIN = "Run the import again when the server is ready: what is recorded already is left as it is."


async def load(
    client: Client, files: Sequence[Path], *, atomic: bool = False, dry_run: bool = False
) -> None:
    """Import files one after the other.

    Raises:
        Failed: a line was refused; all others are recorded, unless `atomic`.
    """
    # Who refuses without reading a large file to its end is not heard while it is being sent.
    await client.send("POST", _DOOR, params={"dry_run": "true"}, headers=_NDJSON, content=b"")
    refused = 0
    for file in files:
        answer = await _load(client, file, atomic=atomic, dry_run=dry_run)
        _tell(file, answer, dry_run=dry_run)
        refused += answer["refused"]
    if refused:
        raise Failed(f"{refused:,} refused; mend these lines and run the import again.")


async def _load(client: Client, file: Path, *, atomic: bool, dry_run: bool) -> dict[str, Any]:
    size = (await anyio.Path(file).stat()).st_size
    columns = (TextColumn(file.name), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(SpinnerColumn(), *columns, console=errors) as progress:
        task = progress.add_task(file.name, total=size)

        async def chunks() -> AsyncIterator[bytes]:
            async with await anyio.open_file(file, "rb") as lines:
                while chunk := await lines.read(_CHUNK):
                    yield chunk
                    progress.advance(task, len(chunk))

        asked = {"atomic": str(atomic).lower(), "dry_run": str(dry_run).lower()}
        try:
            answer = await client.send(
                "POST", _DOOR, params=asked, headers=_NDJSON, content=chunks()
            )
        except Failed:
            errors.print(_AGAIN, style="red")
            raise
    given: dict[str, Any] = answer.json()
    return given


def _reached(answer: dict[str, Any]) -> str:
    position = answer["position"]
    return f"; the last of them at position {position:,}" if position else ""


def _tell(file: Path, answer: dict[str, Any], *, dry_run: bool) -> None:
    for problem in answer["errors"]:
        first, *rest = problem_lines(problem)
        errors.print(f"{file.name}:{problem['line']}: {first}", style="red", markup=False)
        for line in rest:
            errors.print(f"  {line}", style="red", markup=False)
    unlisted = answer["refused"] - len(answer["errors"])
    if unlisted > 0:
        errors.print(f"… and {unlisted:,} more", style="red")
    verb = "would be recorded" if dry_run else "recorded"
    console.print(
        f"{file.name}: {answer['accepted']:,} {verb}, {answer['replayed']:,} already there,"
        f" {answer['refused']:,} refused{_reached(answer)}.",
        highlight=False,
    )
    if answer["accepted"] and not dry_run:
        console.print(
            f"  to take it back: farshore undo {answer['batch']} --reason …", highlight=False
        )
