"""Have others say that they saw a checkpoint: witnesses, and a timestamping authority."""

from __future__ import annotations

import asyncio
import base64
import re
import secrets
import time
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

import httpx2
import structlog

from journal.pools import AWAY, pool
from journal.seal.log import Head, Log, NotSealed
from journal.seal.verifier import Invalid, parts_of, signed_text, split_note

if TYPE_CHECKING:
    from threading import Event

    from journal.pools import Pool
    from journal.settings import Settings

log = structlog.get_logger(__name__)

# Witnesses see a checkpoint of the last seconds, not each one.
EVERY = 5.0
_STAMP_EVERY = 3_600.0
_PATIENCE = 10.0
_GRANTED = (0, 1)
# How a witness tells which size it saw last.
_SEEN, _SIZE = "text/x.tlog.size", re.compile("[0-9]{1,18}\n")


class Elsewhere(NamedTuple):
    """A witness: its public key, and where it takes checkpoints."""

    key: str
    url: str


class Outside:
    """Submits new checkpoints, until told to stop.

    Args:
        url: of the database.
        witnesses: who are to sign.
        authority: where RFC 3161 timestamps are had; None for none.
    """

    def __init__(self, url: str, witnesses: list[Elsewhere], authority: str | None) -> None:
        self._url, self._witnesses, self._authority = url, witnesses, authority
        self._sizes = dict.fromkeys(witnesses, 0)
        self._done: set[tuple[Elsewhere, int]] = set()
        self._stamped = float("-inf")

    @classmethod
    def of(cls, url: str, settings: Settings) -> Outside | None:
        """Give what the settings ask for; None where they ask for nothing."""
        witnesses = [Elsewhere(*one.split()) for one in settings.witnesses]
        asked = bool(witnesses) or settings.timestamp_url is not None
        return cls(url, witnesses, settings.timestamp_url) if asked else None

    def run(self, stopping: Event) -> None:
        """Submit until asked to stop."""
        asyncio.run(self._follow(stopping))

    async def _follow(self, stopping: Event) -> None:
        async with (
            pool(self._url, most=1, autocommit=True, role="farshore_sealer") as connections,
            httpx2.AsyncClient(timeout=_PATIENCE) as http,
        ):
            while not stopping.is_set():
                try:
                    await self.submit(connections, http)
                except AWAY as error:
                    log.warning("witnesses wait for the database", error=str(error).strip())
                await asyncio.to_thread(stopping.wait, EVERY)

    async def submit(self, connections: Pool, http: httpx2.AsyncClient) -> None:
        """Submit the newest checkpoint to all who have not seen it."""
        sealed = Log(connections)
        if (head := await sealed.head()) is None or not head.size:
            return
        for witness in self._witnesses:
            if (witness, head.number) not in self._done:
                try:
                    line = await self._cosigned(sealed, http, witness, head)
                    await _keep(connections, _COSIGNATURE, head.number, witness.key, line)
                    self._done = {(one, at) for one, at in self._done if one != witness}
                    self._done.add((witness, head.number))
                except (httpx2.HTTPError, NotSealed, ValueError) as fault:
                    log.error("a witness did not sign", witness=witness.url, why=str(fault))  # noqa: TRY400 - no trace helps
        if self._authority and time.monotonic() > self._stamped + _STAMP_EVERY:
            try:
                token = await _stamped(http, self._authority, head)
                await _keep(connections, _TIMESTAMP, head.number, self._authority, token)
                self._stamped = time.monotonic()
            except (httpx2.HTTPError, Invalid) as fault:
                log.error("no timestamp", authority=self._authority, why=str(fault))  # noqa: TRY400 - as above

    async def _cosigned(
        self, sealed: Log, http: httpx2.AsyncClient, witness: Elsewhere, head: Head
    ) -> str:
        """Give the line of a witness; where it saw another size, try once more from that."""
        answer = await self._asked(sealed, http, witness, head)
        if answer.headers.get("Content-Type") == _SEEN and _SIZE.fullmatch(answer.text):
            seen = int(answer.text)
            if seen > head.size or seen == self._sizes[witness]:
                raise Invalid(f"it signed another journal of {seen} events")
            self._sizes[witness] = seen
            answer = await self._asked(sealed, http, witness, head)
        if answer.status_code != httpx2.codes.OK:
            raise Invalid(f"{answer.status_code}: {answer.text[:200]}")
        self._sizes[witness] = head.size
        return _own_line(head, answer.text, witness.key)

    async def _asked(
        self, sealed: Log, http: httpx2.AsyncClient, witness: Elsewhere, head: Head
    ) -> httpx2.Response:
        old = self._sizes[witness]
        proof = await sealed.consistency(old, head) if old else []
        lines = [f"old {old}", *(base64.b64encode(one).decode() for one in proof), "", head.signed]
        return await http.post(f"{witness.url}/add-checkpoint", content="\n".join(lines).encode())


def _own_line(head: Head, answer: str, key: str) -> str:
    """Give of what a witness answered only what it signed itself, which must hold.

    A line that is false in another one's name would spoil the whole note.
    """
    text = split_note(head.signed)[0]
    names = [signer for signer, _ in split_note(f"{text}\n{answer}")[1]]
    lines = zip(names, answer.splitlines(keepends=True), strict=True)
    line = "".join(line for signer, line in lines if signer == parts_of(key)[0])
    signed_text(f"{text}\n{line}", key)
    return line


async def _stamped(http: httpx2.AsyncClient, authority: str, head: Head) -> bytes:
    """Give an authority's RFC 3161 response over the text of a checkpoint."""
    digest, nonce = sha256(head.signed.encode()).digest(), secrets.token_bytes(7)
    sha_256 = bytes.fromhex("300d06096086480165030402010500")
    imprint = _der(0x30, sha_256 + _der(0x04, digest))
    wanted = _der(0x02, b"\x01") + imprint + _der(0x02, b"\x01" + nonce) + b"\x01\x01\xff"
    headers = {"Content-Type": "application/timestamp-query"}
    answer = await http.post(authority, content=_der(0x30, wanted), headers=headers)
    answer.raise_for_status()
    token = answer.content
    if digest not in token or nonce not in token or not _is_granted(token):
        raise Invalid("the answer is no timestamp of this checkpoint")
    return token


def _der(tag: int, content: bytes) -> bytes:
    return bytes([tag, len(content)]) + content  # always less than 128 bytes here


def _is_granted(token: bytes) -> bool:
    """Read the status: the first number in the first part of the response."""
    inner = token[2 + (token[1] & 0x7F if token[1] & 0x80 else 0) :]
    return inner[:1] == b"\x30" and inner[2:4] == b"\x02\x01" and inner[4] in _GRANTED


_COSIGNATURE = """
INSERT INTO seal.cosignatures (checkpoint, witness, line) VALUES (%s, %s, %s)
ON CONFLICT DO NOTHING
"""
_TIMESTAMP = """
INSERT INTO seal.timestamps (checkpoint, authority, token) VALUES (%s, %s, %s)
ON CONFLICT DO NOTHING
"""


async def _keep(connections: Pool, statement: str, *given: object) -> None:
    async with connections.connection() as connection:
        await connection.execute(statement.encode(), given)
