"""Keys that sign: C2SP signed-note, tlog-checkpoint and tlog-cosignature."""

from __future__ import annotations

import base64
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

if TYPE_CHECKING:
    from collections.abc import Iterable

# What the key is for, as the formats number it.
Kind = Literal[1, 4]
LOG: Final = 1
WITNESS: Final = 4
_NAME = re.compile(r"[^\s+]{1,200}")


class BadKey(Exception):
    """This is no private key of the form PRIVATE+KEY+NAME+12345678+BASE64."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class Signer(NamedTuple):
    """A private key with its name.

    Attributes:
        kind: 1 for a log, 4 for a witness.
    """

    name: str
    private: Ed25519PrivateKey
    kind: Kind = LOG

    @classmethod
    def make(cls, name: str, kind: Kind = LOG) -> Self:
        """Make a new key."""
        if not _NAME.fullmatch(name):
            raise ValueError(f"'{name}' cannot name a key: neither spaces nor '+' may be in it")
        return cls(name, Ed25519PrivateKey.generate(), kind)

    @classmethod
    def read(cls, secret: str) -> Self:
        """Read a key as it is kept.

        Raises:
            BadKey
        """
        try:
            marker, word, name, _, encoded = secret.strip().split("+", 4)
            material = base64.b64decode(encoded, validate=True)
            private = Ed25519PrivateKey.from_private_bytes(material[1:])
        except ValueError:
            raise BadKey from None
        signer = cls(name, private, WITNESS if material[0] == WITNESS else LOG)
        if (marker, word) != ("PRIVATE", "KEY") or signer.secret != secret.strip():
            raise BadKey
        return signer

    @property
    def secret(self) -> str:
        """The private key, as text."""
        material = bytes([self.kind]) + self.private.private_bytes_raw()
        return f"PRIVATE+KEY+{self.name}+{self._identifier.hex()}+{_base(material)}"

    @property
    def key(self) -> str:
        """The public key, as text."""
        return f"{self.name}+{self._identifier.hex()}+{_base(self._public)}"

    def line(self, text: str) -> str:
        """Give the line with which a log signs a text."""
        return self._line(self.private.sign(text.encode()))

    def cosign(self, text: str, time: int) -> str:
        """Give the line with which a witness signs the text of a checkpoint at a time."""
        signature = self.private.sign(f"cosignature/v1\ntime {time}\n{text}".encode())
        return self._line(time.to_bytes(8, "big") + signature)

    @property
    def _public(self) -> bytes:
        return bytes([self.kind]) + self.private.public_key().public_bytes_raw()

    @property
    def _identifier(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + self._public).digest()[:4]

    def _line(self, signature: bytes) -> str:
        return f"— {self.name} {_base(self._identifier + signature)}\n"


def note(text: str, signers: Iterable[Signer]) -> str:
    """Sign a text."""
    return "\n".join((text, "".join(signer.line(text) for signer in signers)))


def checkpoint(origin: str, size: int, root: bytes, more: Iterable[str] = ()) -> str:
    """Write the text of a checkpoint."""
    return "".join(f"{line}\n" for line in (origin, str(size), _base(root), *more))


def _base(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
