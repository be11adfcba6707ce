"""`farshore backup` and `farshore restore`: the whole database as a file, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.client import Failed, console
from journal import backup as saving
from journal.postgres import running

if TYPE_CHECKING:
    from pathlib import Path

    from journal.settings import Settings

_OUTSIDE = (
    "It holds neither the key that signs nor what was signed last ({folder}):"
    " keep a copy of the key elsewhere."
)
_LOOK = (
    "Tokens and names are as they were then: `farshore token list`, `farshore principals` show"
    " whom to shut out or erase again."
)


def backup(settings: Settings, file: Path) -> None:
    """Save everything that is in the database.

    Raises:
        Failed: saying why.
    """
    try:
        with running(settings) as url:
            position = saving.backup(url, file)
    except (saving.BackupFailed, OSError) as error:
        raise Failed(str(error)) from None
    console.print(f"Saved as {file}, up to position {position:,}.", soft_wrap=True)
    console.print(_OUTSIDE.format(folder=settings.data / "seal"), soft_wrap=True)


def restore(settings: Settings, file: Path) -> None:
    """Bring everything back into an empty database.

    Raises:
        Failed: saying why.
    """
    try:
        with running(settings) as url:
            position = saving.restore(url, file)
    except (saving.BackupFailed, OSError) as error:
        raise Failed(str(error)) from None
    console.print(f"Restored, up to position {position:,}.")
    console.print(_LOOK, soft_wrap=True)
