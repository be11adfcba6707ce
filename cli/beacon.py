"""How the command line finds the server that runs on the same data folder."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import httpx2

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FILES = "server-{port}"
_PATIENCE = 2.0


@contextlib.contextmanager
def announced(data: Path, address: str) -> Iterator[None]:
    """Leave the address in the data folder while the block lasts, beside those of other servers."""
    beacon = data / _FILES.format(port=address.rpartition(":")[2])
    beacon.parent.mkdir(parents=True, exist_ok=True)
    beacon.write_text(address)
    try:
        yield
    finally:
        beacon.unlink(missing_ok=True)


def found(data: Path) -> str | None:
    """Give the address of a server that runs on the data folder, if one answers."""
    for beacon in sorted(data.glob(_FILES.format(port="*"))):
        with contextlib.suppress(FileNotFoundError, httpx2.HTTPError):
            address = beacon.read_text()
            if httpx2.get(f"{address}/healthz", timeout=_PATIENCE).is_success:
                return address
    return None
