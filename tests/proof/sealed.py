"""A journal with events and a seal, for the tests of proofs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journal.seal.folder import Folder
from journal.seal.sealer import Sealer
from journal.seal.sealing import connect
from tests.integration.journaling import note, organization
from tests.integration.viewing import record

if TYPE_CHECKING:
    from pathlib import Path

ORIGIN = "example.com/journal"


def fill(url: str, events: int, key: str = "one") -> None:
    """Record an organization and notes about it: so many events."""
    lines = [organization(key), *(note(key, f"Note {at}") for at in range(1, events))]
    record(url, lines)


def more(url: str, events: int, key: str = "one") -> None:
    """Record further notes."""
    record(url, [note(key, f"More {at}") for at in range(events)])


def seal(url: str, folder: Path) -> str | None:
    """Seal all there is, as a process does that has just started; give what it refuses."""
    with connect(url) as connection:
        sealer = Sealer(connection, Folder(folder), ORIGIN)
        for _ in range(20):
            sealer.step()
        return sealer.refusal
