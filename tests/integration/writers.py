"""A process that writes notes on one subject, many at a time.

`python -m tests.integration.writers URL KEY WRITERS NOTES` prints the positions that it was told.
"""

from __future__ import annotations

import asyncio
import json
import sys

from tests.integration.journaling import command, committer, note


async def write(url: str, key: str, writers: int, notes: int) -> list[int]:
    """Let each of some writers add notes, one after the other."""

    async def writer(number: int) -> list[int]:
        texts = [f"note {index} of writer {number}" for index in range(notes)]
        told = [await journal.submit(command(note(key, text))) for text in texts]
        return [recording.rows[0].position for recording in told]

    async with committer(url) as journal:
        told = await asyncio.gather(*map(writer, range(writers)))
    return [position for positions in told for position in positions]


if __name__ == "__main__":
    url, key, *counts = sys.argv[1:]
    sys.stdout.write(json.dumps(asyncio.run(write(url, key, *map(int, counts)))))
