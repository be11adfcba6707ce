"""The proven part of an evidence pack: events, a checkpoint, and the way from one to the other."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from journal.seal import verifier

if TYPE_CHECKING:
    from collections.abc import Collection

    from journal.seal.log import Head, Log
    from journal.seal.pack import Pack

_VERIFIER = Path(verifier.__file__).read_bytes()


async def add_proven(
    log: Log, pack: Pack, position: int, chosen: Collection[int] | None
) -> dict[str, Any]:
    """Add events and what proves them to a pack; give what its manifest says of that.

    Args:
        log: to read.
        pack: to write.
        position: up to which the journal is known.
        chosen: the positions of the events; None for all of them, up to the head of the pack.

    Raises:
        NotSealed
    """
    head = await _head(log, position)
    told = {
        "complete": chosen is None,
        "size": head.size if chosen is None else position,
        **await _events(log, pack, chosen, head),
        **await _proof(log, head, whole=chosen is None),
    }
    pack.add("checkpoint.txt", head.note.encode())
    pack.add("key.txt", f"{told['key']}\n".encode())
    pack.add("verify.py", _VERIFIER)
    return told


async def _head(log: Log, position: int) -> Head:
    """Give the first checkpoint over a position, so that a later export gives the same."""
    newest = await log.sealing(position)
    return await log.head(position) or newest


async def _events(
    log: Log, pack: Pack, chosen: Collection[int] | None, head: Head
) -> dict[str, Any]:
    """Write the events; give what they add up to."""
    number, total, first, last = 0, 0, None, None
    whole = chosen is None
    source = log.whole(head) if whole else log.some(sorted(chosen or ()), head)
    with pack.writing("events.ndjson") as write:
        async for some in source:
            await asyncio.to_thread(write, [one.line() for one in some])
            for one in some:
                number, total = number + 1, total + one.position
                first, last = first or one.position, one.position
    control = {"first_position": first, "last_position": last, "sum_of_positions": total}
    return {"events": number, "control": control}


async def _proof(log: Log, head: Head, *, whole: bool) -> dict[str, Any]:
    """Give the checkpoint and the keys; of a whole journal its tiles, to find where it differs."""
    key, successions = await log.chain()
    return {
        "checkpoint": head.note,
        "key": key,
        "successions": successions,
        "tiles": [one.hex() for one in await log.tiles(head)] if whole else [],
    }
