"""A journal with events and a seal, for the tests of proofs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journal.commands import Command, Line
from journal.database import conninfo
from journal.ledger import Ledger
from journal.seal.folder import Folder
from journal.seal.sealer import Sealer
from journal.seal.sealing import connect
from tests.integration.journaling import organization
from tests.integration.viewing import SOMEBODY

if TYPE_CHECKING:
    from pathlib import Path

ORIGIN = "example.com/journal"


def fill(url: str, events: int, key: str = "one") -> None:
    """Record so many events."""
    lines = [Line.read(organization(f"{key}-{at}", f"Note {at}")) for at in range(events)]
    with Ledger(conninfo(url, "farshore_app")) as ledger:
        for at in range(0, events, 200):
            ledger.submit(Command(SOMEBODY, tuple(lines[at : at + 200])))


def more(url: str, events: int) -> None:
    """Record further ones."""
    fill(url, events, "more")


def seal(url: str, folder: Path) -> str | None:
    """Seal all there is, as a process does that has just started; give what it refuses."""
    with connect(url) as connection:
        sealer = Sealer(connection, Folder(folder), ORIGIN)
        for _ in range(20):
            sealer.step()
        return sealer.refusal
