"""Write an evidence pack: a zip file whose manifest tells of every other file in it."""

from __future__ import annotations

import base64
from contextlib import contextmanager
from hashlib import sha256
from typing import IO, TYPE_CHECKING, Any, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

FORMAT = "farshore/evidence/1"
# The same content makes the same bytes, whenever it is packed.
_NO_DAY = (1980, 1, 1, 0, 0, 0)


class Proven(NamedTuple):
    """An event as it goes into a pack.

    Attributes:
        leaf: that was sealed, which is not taken from the entry.
        proof: None where the whole journal proves it.
    """

    position: int
    entry: bytes
    leaf: bytes
    proof: Sequence[bytes] | None

    def line(self) -> bytes:
        """Give its line in the file of events."""
        said: dict[str, Any] = {"position": self.position, "leaf": self.leaf.hex()}
        said["entry"] = base64.b64encode(self.entry).decode()
        if self.proof is not None:
            said["proof"] = [one.hex() for one in self.proof]
        return orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE)


class Pack:
    """A pack that is being written."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = ZipFile(file, "w", ZIP_DEFLATED)
        self._files: dict[str, dict[str, Any]] = {}

    def add(self, name: str, content: bytes) -> None:
        """Add a file."""
        with self.writing(name) as write:
            write([content])

    @contextmanager
    def writing(self, name: str) -> Iterator[Callable[[Iterable[bytes]], None]]:
        """Add a file piece by piece; no other one can be added meanwhile."""
        digest, size = sha256(), 0
        with self._zip.open(_info(name), "w", force_zip64=True) as file:

            def write(pieces: Iterable[bytes]) -> None:
                nonlocal size
                content = b"".join(pieces)
                digest.update(content)
                size += file.write(content)

            yield write
        self._files[name] = {"sha256": digest.hexdigest(), "bytes": size}

    def close(self, manifest: dict[str, Any]) -> str:
        """Add the manifest, which tells of all files so far, and end; give its SHA-256."""
        told = {"format": FORMAT, **manifest, "files": self._files}
        content = orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z)
        self._zip.writestr(_info("manifest.json"), content)
        self._zip.close()
        return sha256(content).hexdigest()


def _info(name: str) -> ZipInfo:
    info = ZipInfo(name, _NO_DAY)
    info.compress_type = ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info
