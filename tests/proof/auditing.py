"""What an auditor does: export the whole journal, and hold it against what was kept."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from journal.seal.evidence import add_proven
from journal.seal.log import Log, NotSealed
from journal.seal.pack import Pack
from journal.seal.verifier import DAMAGED, Invalid, verify

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import psycopg

    from journal.pools import Pool


@dataclass(frozen=True)
class Auditor:
    """Somebody with a folder, the public key, and checkpoints of earlier days.

    Attributes:
        folder: where the checkpoints lie.
    """

    folder: Path
    key: str

    def keep(self, *notes: str) -> None:
        """Keep checkpoints."""
        for number, note in enumerate(notes):
            (self.folder / f"{number}.txt").write_text(note)

    async def look(self, connection: psycopg.AsyncConnection[Any]) -> str | None:
        """Give what is wrong with the journal that a connection sees; None if nothing is."""
        file = self.folder / "pack.zip"
        try:
            file.write_bytes(await _pack(Log(cast("Pool", _One(connection)))))
            for _ in verify([self.key], [file, *self.folder.glob("*.txt")]):
                pass
        except (Invalid, NotSealed) as fault:
            return str(fault).removeprefix(f"{file}: ")
        except DAMAGED as fault:
            return repr(fault)
        return None


async def _pack(log: Log) -> bytes:
    made = io.BytesIO()
    pack = Pack(made)
    pack.add("rows.ndjson", b"")
    if (head := await log.head()) is None:
        raise Invalid("there is no signed head any more")
    pack.close(await add_proven(log, pack, head.size, None))
    return made.getvalue()


@dataclass(frozen=True)
class _One:
    """The one connection of a transaction, where a pool is asked for."""

    own: psycopg.AsyncConnection[Any]

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        """Give it."""
        yield self.own
