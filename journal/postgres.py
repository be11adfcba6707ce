"""Run a PostgreSQL of our own, so that Farshore needs nothing but Python.

The first process that asks starts the server and owns it; others attach. The owner starts it
again when it dies, and it shuts down cleanly with its owner, even when that one is killed.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Self
from urllib.parse import quote

import psutil
import psycopg
import structlog

from journal.binaries import MAJOR, Account, NoPostgres, find
from journal.lifeline import die_with

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from journal.settings import Settings

log = structlog.get_logger(__name__)

SUPERUSER = "postgres"
# sockaddr_un holds 107 bytes, of which `/.s.PGSQL.5432.lock` takes 19.
_LONGEST_SOCKET_FOLDER = 88
# Holds the server's folders of data folders that only root enters.
_ELSEWHERE = Path("/var/lib/farshore")
# A cold start takes 0.8 s; this is for recovery after a crash with max_wal_size to replay.
_READY_WITHIN = 120.0
_POLL = 0.02
# A server that dies again at once is not hammered back to life.
_RESTART_AFTER = 0.2

# For many small transactions on a machine that does other work too; everything that keeps an
# acknowledged event (fsync, full_page_writes, synchronous_commit) stays as the server has it.
_TUNING = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    # Rarer checkpoints write fewer full pages: the log is append-only, recovery stays short.
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    # Every statement is short; compiling one costs more than running it.
    "jit": "off",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_lock_waits": "on",
}


class ServerFailed(Exception):
    """The embedded PostgreSQL did not become ready: {why}. Its log is {log}."""

    def __init__(self, why: str, log_file: Path) -> None:
        super().__init__((self.__doc__ or "").format(why=why, log=log_file))


@contextlib.contextmanager
def running(settings: Settings) -> Iterator[str]:
    """Give the URL of a PostgreSQL 18 while the block lasts: the configured one, or our own."""
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    with Embedded(settings.data) as server:
        yield server.url


class Embedded:
    """Keep one PostgreSQL running on a folder, or attach to the one that another process keeps.

    Args:
        data: the folder, made when missing. Root's server runs as the folder's owner or, when
            that is root, as an account without privileges.
        parameters: server parameters that win over ours; only the owner's count.
    """

    def __init__(self, data: Path, parameters: Mapping[str, str] | None = None) -> None:
        data = data.absolute()
        data.mkdir(parents=True, exist_ok=True)
        self._account = Account.for_server(data)
        self._home = _home(data, self._account)
        self._cluster = self._home / str(MAJOR)
        self._parameters = _TUNING | dict(parameters or {})
        self._ready = Event()
        self._stopping = Event()
        self._keeper: Thread | None = None
        self._lock: int | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Address the server over its socket, password included."""
        password = (self._home / "password").read_text()
        folder = quote(str((self._home / "run").resolve()), safe="")
        return f"postgresql://{SUPERUSER}:{quote(password)}@/postgres?host={folder}"

    @property
    def log_file(self) -> Path:
        """Say where the server writes its log."""
        return self._home / "log"

    @property
    def owned(self) -> bool:
        """Tell whether this process started the server, and ends it."""
        return self._lock is not None

    def stop(self) -> None:
        """End the server as a fast shutdown does, if it is ours; a second time does nothing."""
        self._stopping.set()
        if self._keeper is not None:
            _signal(self._process, signal.SIGINT)
            self._keeper.join()
            self._keeper = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _start(self) -> None:
        """Become the owner or wait for the owner's server, whichever comes first."""
        deadline = time.monotonic() + _READY_WITHIN
        while not (self.owned or self._own()):
            if (refusal := self._refusal()) is None:
                return
            self._wait(deadline, f"another process owns it, but {refusal}")
        self._prepare(deadline)
        self._keeper = Thread(target=self._keep, name="postgres", daemon=True)
        self._keeper.start()
        while refusal := self._refusal():
            if not self._keeper.is_alive():
                raise ServerFailed("it ended at once", self.log_file)
            self._wait(deadline, refusal)
        self._ready.set()

    def _wait(self, deadline: float, why: str) -> None:
        if time.monotonic() > deadline:
            raise ServerFailed(why, self.log_file)
        time.sleep(_POLL)

    def _own(self) -> bool:
        lock = _opened(self._home / "lock", os.O_RDWR)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return False
        self._lock = lock
        return True

    def _refusal(self) -> str | None:
        """Say why the server takes no connection; None when it does."""
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except (psycopg.OperationalError, FileNotFoundError) as error:
            return str(error)
        return None

    def _prepare(self, deadline: float) -> None:
        """Bring everything into the state that a server can be started from."""
        programs = find(self._account, self._home)
        run = _short(self._home / "run")
        self._account.own(run)
        if not self._cluster.exists():
            self._create(programs)
        while workers := _workers(self._cluster):
            self._wait(deadline, f"processes {workers}, which are not ours, work in the folder")
        # The server takes any process with the number in these files for a live server, even a
        # zombie or a stranger that got the number after a restart. We know that there is none.
        for stale in (self._cluster / "postmaster.pid", *run.glob(".s.PGSQL.*")):
            stale.unlink(missing_ok=True)
        self._command = [
            str(programs / "postgres"),
            *("-D", str(self._cluster), "-k", str(run.resolve())),
            *(f"--{name}={value}" for name, value in self._parameters.items()),
        ]

    def _create(self, programs: Path) -> None:
        """Make the cluster, all or nothing: a half-made one never gets its final name."""
        for abandoned in self._home.glob("draft-*"):
            shutil.rmtree(abandoned)
        password = self._home / "password"
        with os.fdopen(_opened(password, os.O_WRONLY | os.O_TRUNC), "w") as file:
            file.write(secrets.token_urlsafe(32))
        draft = Path(tempfile.mkdtemp(prefix="draft-", dir=self._home))
        handed = draft / "password"
        handed.write_text(password.read_text())
        for path in (draft, handed):
            self._account.own(path)
        made = self._account.run(
            *(programs / "initdb", "-D", draft / "cluster", "-U", SUPERUSER, "-E", "UTF8"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
            *("--data-checksums", "-A", "scram-sha-256", "--pwfile", handed),
        )
        if made.returncode:
            raise ServerFailed(made.stderr.strip(), self.log_file)
        (draft / "cluster").rename(self._cluster)
        handed.unlink()
        draft.rmdir()

    def _keep(self) -> None:
        """Run the server and, once it has been ready, run it again whenever it dies."""
        try:
            self._serve()
            while self._ready.is_set() and not self._stopping.wait(_RESTART_AFTER):
                self._prepare(time.monotonic() + _READY_WITHIN)
                self._serve()
        except Exception:
            log.exception("PostgreSQL cannot be started again", log=str(self.log_file))

    def _serve(self) -> None:
        self._process = self._launch()
        if self._stopping.is_set():
            _signal(self._process, signal.SIGINT)
        code = self._process.wait()
        if not self._stopping.is_set():
            log.error("PostgreSQL ended", code=code, log=str(self.log_file))

    def _launch(self) -> subprocess.Popen[bytes]:
        with os.fdopen(_opened(self.log_file, os.O_WRONLY | os.O_APPEND), "ab") as output:
            return subprocess.Popen(  # noqa: S603  # our own program, no shell
                self._command,
                **self._account.identity,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=die_with(os.getpid(), signal.SIGINT),  # noqa: PLW1509  # one system call, no lock
            )


def _home(data: Path, account: Account) -> Path:
    """Return the server's folder: in the data folder or, if its account cannot enter, linked."""
    home = data / "postgres"
    with contextlib.suppress(FileExistsError):
        if account.enters(data):
            home.mkdir(mode=0o755)
            _same_owner(home, data)
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
        folder.symlink_to(tempfile.mkdtemp(prefix="farshore-", dir="/tmp"))  # short
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


def _workers(cluster: Path) -> list[int]:
    """Find the live server processes in a cluster; each works in its folder."""
    ended = (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    return [
        process.pid
        for process in psutil.process_iter(["name", "cwd", "status"])
        if process.info["name"] == "postgres"
        and process.info["cwd"] == str(cluster)
        and process.info["status"] not in ended
    ]


def _signal(process: subprocess.Popen[bytes] | None, number: int) -> None:
    if process is not None and process.poll() is None:
        process.send_signal(number)
