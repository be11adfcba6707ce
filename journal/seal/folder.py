"""What the sealer keeps outside the database: its key, what it signed last, why it refuses."""

from __future__ import annotations

import os
from contextlib import suppress
from secrets import token_hex
from typing import TYPE_CHECKING, Self

from journal.seal.notes import Signer

if TYPE_CHECKING:
    from pathlib import Path

    from journal.settings import Settings


class OtherName(Exception):
    """The key in {folder} is that of {name}; a log keeps its name: unset FARSHORE_LOG_ORIGIN."""

    def __init__(self, folder: Path, name: str) -> None:
        super().__init__((self.__doc__ or "").format(folder=folder, name=name))


class Folder:
    """A folder that only its owner enters; every file in it is written whole or not at all."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Give the one that the settings name."""
        return cls(settings.data / "seal")

    def signer(self, origin: str | None) -> Signer:
        """Give the key; the first time, make one.

        Args:
            origin: the name of the log; None for the one that it has, or one of its own.

        Raises:
            OtherName, BadKey
        """
        if (secret := self.read("key")) is None:
            made = Signer.make(origin or f"farshore-{token_hex(4)}")
            self.write("key", made.secret + "\n")
            return made
        signer = Signer.read(secret)
        if origin not in (None, signer.name):
            raise OtherName(self.path, signer.name)
        return signer

    def read(self, name: str) -> str | None:
        """Give what a file holds; None where there is none."""
        with suppress(FileNotFoundError):
            return (self.path / name).read_text()
        return None

    def write(self, name: str, text: str) -> None:
        """Write a file so that it is there after a crash, for its owner's eyes only."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self.path / f".{name}.new"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path / name)
        self._sync()

    def adopt(self, name: str, as_: str) -> None:
        """Put one file in the place of another."""
        (self.path / name).replace(self.path / as_)
        self._sync()

    def forget(self, name: str) -> None:
        """Remove a file."""
        (self.path / name).unlink(missing_ok=True)
        self._sync()

    def _sync(self) -> None:
        descriptor = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
