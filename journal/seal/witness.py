"""Watch other people's logs: sign with them what only ever grew, C2SP tlog-witness.

Of each log the last checkpoint that was signed is kept, in a file of its own. Nothing that is not
consistent with it is ever signed, so that two companies who are witnesses of one another cannot
both be shown different histories.
"""

from __future__ import annotations

import fcntl
import re
import time
from base64 import b64decode
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING

from journal.seal.notes import WITNESS, Signer
from journal.seal.verifier import (
    Checkpoint,
    check_growth,
    parts_of,
    read_checkpoint,
    root_of,
    signed_text,
    split_note,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from journal.seal.folder import Folder

LONGEST = 64 * 1024  # bytes of a request; a proof has at most 63 lines
_MOST_PROOF = 63
_OLD = re.compile("old (0|[1-9][0-9]{0,17})")


class Declines(Exception):
    """The witness does not sign; `status` is that of the protocol."""

    def __init__(self, status: int, why: str, media_type: str = "text/plain") -> None:
        super().__init__(why)
        self.status, self.media_type = status, media_type


class Witness:
    """Signs checkpoints of the logs that it knows.

    Args:
        folder: where its key and what it signed are kept.
        name: of its key; the first start makes it.
        logs: public keys of the logs.
    """

    def __init__(self, folder: Folder, name: str, logs: Iterable[str]) -> None:
        self._folder = folder
        if (secret := folder.read("key")) is None:
            secret = Signer.make(name, WITNESS).secret
            folder.write("key", secret + "\n")
        self.signer = Signer.read(secret)
        self._logs = {parts_of(log)[0].partition("+")[0]: log for log in logs}

    def add(self, request: bytes) -> str:
        """Sign a checkpoint; give the line with the signature.

        Raises:
            Declines
        """
        old, proof, note = _parted(request)
        with self._alone():
            head = self._checked(note)
            name = sha256(head.origin.encode()).hexdigest()[:32]
            known = self._folder.read(name)
            last = read_checkpoint(known) if known else Checkpoint(head.origin, 0, root_of([]))
            _compare(old, last, head, proof)
            text = split_note(note)[0]
            self._folder.write(name, text)
        return self.signer.cosign(text, int(time.time()))

    def _checked(self, note: str) -> Checkpoint:
        try:
            head = read_checkpoint(split_note(note)[0])
        except ValueError as fault:
            raise Declines(400, str(fault)) from None
        if head.origin not in self._logs:
            raise Declines(404, "this witness does not know the log")
        try:
            signed_text(note, self._logs[head.origin])
        except ValueError as fault:
            raise Declines(403, str(fault)) from None
        return head

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Compare and remember as one step, whatever other processes do."""
        with (self._folder.path / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _parted(request: bytes) -> tuple[int, list[str], str]:
    """Take a request apart: the old size, the proof, the checkpoint."""
    try:
        head, _, note = request.decode().partition("\n\n")
        first, *lines = head.split("\n")
        proof = [b64decode(line, validate=True).hex() for line in lines]
    except ValueError:
        raise Declines(400, "this is no request to add a checkpoint") from None
    found = _OLD.fullmatch(first)
    if found is None or len(proof) > _MOST_PROOF or len(request) > LONGEST:
        raise Declines(400, "this is no request to add a checkpoint")
    return int(found[1]), proof, note


def _compare(old: int, last: Checkpoint, head: Checkpoint, proof: Sequence[str]) -> None:
    if old > head.size:
        raise Declines(400, "the old size is larger than the new one")
    if old != last.size:
        raise Declines(409, f"{last.size}\n", "text/x.tlog.size")
    if old == head.size and last.root != head.root:
        raise Declines(409, "another root was signed before over so many")
    try:
        _follow(last, head, proof)
    except ValueError as fault:
        raise Declines(422, str(fault)) from None


def _follow(last: Checkpoint, head: Checkpoint, proof: Sequence[str]) -> None:
    if last.size:
        check_growth(last, head, proof)
    elif proof:
        raise ValueError("what follows from nothing needs no proof")
