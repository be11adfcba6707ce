"""Lay out the folder that an embedded PostgreSQL lives in, and mind who gets at it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import tempfile
from pathlib import Path
from urllib.parse import quote

import psutil

from journal.binaries import MAJOR, Account, NoPostgres, find

SUPERUSER = "postgres"
# sockaddr_un holds 107 bytes, of which `/.s.PGSQL.5432.lock` takes 19.
_LONGEST_SOCKET_FOLDER = 88
# Holds what belongs to data folders that only root enters.
_ELSEWHERE = Path("/var/lib/farshore")


class ServerFailed(Exception):
    """The embedded PostgreSQL did not become ready: {why}. Its log is {log}."""

    def __init__(self, why: str, log: Path) -> None:
        super().__init__((self.__doc__ or "").format(why=why, log=log))


class NoFolder(Exception):
    """The data folder {folder} cannot be used: {why}."""

    def __init__(self, folder: Path, why: str) -> None:
        super().__init__((self.__doc__ or "").format(folder=folder, why=why))


class Cluster:
    """Know the files of one server: data, socket, password, lock and log.

    Args:
        folder: the data folder, made when missing. Root's server runs as the folder's owner or,
            when that is root, as an account without privileges.

    Raises:
        NoFolder: it cannot be made.
    """

    def __init__(self, folder: Path) -> None:
        folder = folder.absolute()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise NoFolder(folder, error.strerror or str(error)) from error
        self.account = Account.for_server(folder)
        self._home = _home(folder, self.account)
        self.data = self._home / str(MAJOR)
        self.log = self._home / "log"

    @property
    def url(self) -> str:
        """Address the server over its socket, password included."""
        password = (self._home / "password").read_text()
        folder = quote(str((self._home / "run").resolve()), safe="")
        return f"postgresql://{SUPERUSER}:{quote(password)}@/postgres?host={folder}"

    def lock(self) -> int | None:
        """Take the lock that makes us the owner, as an open file; None when another has it."""
        lock = _opened(self._home / "lock", os.O_RDWR)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return None
        return lock

    def open_log(self) -> int:
        """Open the log to write at its end."""
        return _opened(self.log, os.O_WRONLY | os.O_APPEND)

    def workers(self) -> list[int]:
        """Find the live server processes of this cluster; each works in its folder."""
        ended = (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
        return [
            process.pid
            for process in psutil.process_iter(["name", "cwd", "status"])
            if process.info["name"] == "postgres"
            and process.info["cwd"] == str(self.data)
            and process.info["status"] not in ended
        ]

    def ready(self) -> list[str]:
        """Bring everything into the state that a server can be started from.

        Only for the owner, once there are no workers.

        Returns:
            the command that starts it, to which parameters may be added.
        """
        programs = find(self.account, self._home)
        run = _short(self._home / "run")
        self.account.own(run)
        if not self.data.exists():
            self._create(programs)
        # The server takes any process with the number in these files for a live server, even a
        # zombie or a stranger that got the number after a restart. We know that there is none.
        for stale in (self.data / "postmaster.pid", *run.glob(".s.PGSQL.*")):
            stale.unlink(missing_ok=True)
        return [str(programs / "postgres"), "-D", str(self.data), "-k", str(run)]

    def _create(self, programs: Path) -> None:
        """Make the data folder, all or nothing: a half-made one never gets its final name."""
        for abandoned in self._home.glob("draft-*"):
            shutil.rmtree(abandoned)
        draft = Path(tempfile.mkdtemp(prefix="draft-", dir=self._home))
        handed = draft / "password"
        handed.write_text(self._new_password())
        for path in (draft, handed):
            self.account.own(path)
        made = self.account.run(
            *(programs / "initdb", "-D", draft / "data", "-U", SUPERUSER, "-E", "UTF8"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
            *("--data-checksums", "-A", "scram-sha-256", "--pwfile", handed),
        )
        if made.returncode:
            raise ServerFailed(made.stderr.strip(), self.log)
        (draft / "data").rename(self.data)
        handed.unlink()
        draft.rmdir()

    def _new_password(self) -> str:
        password = secrets.token_urlsafe(32)
        file = _opened(self._home / "password", os.O_WRONLY | os.O_TRUNC)
        with os.fdopen(file, "w") as stream:
            stream.write(password)
        return password


def _home(folder: Path, account: Account) -> Path:
    """Return the server's place: in the data folder or, if its account cannot enter, linked."""
    home = folder / "postgres"
    with contextlib.suppress(FileExistsError):
        if account.enters(folder):
            home.mkdir(mode=0o755)
            _same_owner(home, folder)
        elif not home.is_symlink():
            _ELSEWHERE.mkdir(exist_ok=True)
            place = Path(tempfile.mkdtemp(dir=_ELSEWHERE))
            place.chmod(0o755)
            home.symlink_to(place)
    if not account.enters(home := home.resolve()):
        raise NoPostgres([f"account {account.uid}, which would run it, cannot enter {home}"])
    return home


def _short(folder: Path) -> Path:
    """Return a private folder whose name fits into a socket's address, linked if need be."""
    if len(os.fsencode(folder)) <= _LONGEST_SOCKET_FOLDER:
        folder.mkdir(mode=0o700, exist_ok=True)
    elif not folder.exists():
        folder.unlink(missing_ok=True)
        folder.symlink_to(tempfile.mkdtemp(prefix="farshore-", dir="/tmp"))
    return folder.resolve()


def _opened(path: Path, flags: int) -> int:
    """Open a private file, made when missing, for whoever owns its folder."""
    file = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    _same_owner(path, path.parent)
    return file


def _same_owner(path: Path, as_of: Path) -> None:
    if os.geteuid() == 0:
        owner = as_of.stat()
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
