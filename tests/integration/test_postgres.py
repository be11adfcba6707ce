"""The embedded server: kept, private, its own account's, and never two of them."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

import psutil
import psycopg
import pytest

from journal import binaries, postgres
from journal.binaries import Account, NoPostgres
from journal.cluster import ServerFailed
from journal.postgres import Embedded
from journal.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


ROOT = Path(__file__).parents[2]

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


@pytest.fixture(autouse=True)
def _nothing_is_left_running(folder: Path) -> Iterator[None]:
    """Fail a test that leaves a server behind."""
    yield
    assert not _postmasters(folder)


class Owner:
    """Run `tests.integration.owner` and know what it said."""

    def __init__(self, folder: Path, account: Account | None = None) -> None:
        command = [sys.executable, "-m", "tests.integration.owner", str(folder)]
        path = os.environ["PATH"]
        if account is not None:
            command.append(str(account.uid))
            # A clone under root's home shows nobody the way to the wheel: to a copy on PATH then.
            path = f"{binaries.find(account, folder.parent)}:{path}"
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "PATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate(timeout=60)

    def said(self) -> tuple[str, str]:
        """Return whether it owns or attached, and the URL; waits for both."""
        assert self.process.stdout
        how, url = self.process.stdout.readline().split()
        return how, url


def _postmasters(folder: Path) -> list[psutil.Process]:
    """Give the servers on a folder; what one has just forked has its command line, too."""
    found = {}
    for process in psutil.process_iter(["name", "cmdline", "status", "ppid"]):
        command = " ".join(process.info["cmdline"] or ())
        alive = process.info["status"] != psutil.STATUS_ZOMBIE
        if alive and process.info["name"] == "postgres" and f" -D {folder}" in command:
            found[process.pid] = process
    return [one for one in found.values() if one.info["ppid"] not in found]


def _postmaster(folder: Path) -> psutil.Process:
    [process] = _postmasters(folder)
    return process


def _write(url: str, number: int) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (number int)")
        connection.execute("INSERT INTO kept VALUES (%s)", [number])


def _kept(url: str) -> list[int]:
    with psycopg.connect(url) as connection:
        return [number for (number,) in connection.execute("SELECT number FROM kept ORDER BY 1")]


def _keeps(url: str, numbers: list[int]) -> bool:
    return _kept(url) == numbers


def _shown(url: str, name: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
        return str(row[0]) if row else ""


def _eventually(holds: Callable[[], bool], within: float = 20) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        with contextlib.suppress(psycopg.OperationalError, ValueError):
            if holds():
                return True
        time.sleep(0.05)
    return False


def test_a_new_server_keeps_what_it_acknowledges(folder: Path) -> None:
    """A new cluster has checksums and keeps every setting that durability hangs on."""
    with Embedded(folder) as server:
        for name in ("data_checksums", "fsync", "full_page_writes", "synchronous_commit"):
            assert _shown(server.url, name) == "on", name


def test_text_sorts_the_same_on_every_machine(folder: Path) -> None:
    """The locale is the server's own C.UTF-8, which no upgrade of the system can change."""
    query = "SELECT datlocprovider::text, datlocale, pg_encoding_to_char(encoding) FROM pg_database"
    with Embedded(folder) as server, psycopg.connect(server.url) as connection:
        assert set(connection.execute(query)) == {("b", "C.UTF-8", "UTF8")}


def test_nothing_listens_on_the_network(folder: Path) -> None:
    """No process of the server has a socket that another machine or account could reach."""
    with Embedded(folder) as server:
        assert _shown(server.url, "listen_addresses") == ""
        postmaster = _postmaster(folder)
        for process in (postmaster, *postmaster.children()):
            assert process.net_connections(kind="inet") == []


def test_files_are_private(folder: Path) -> None:
    """The password, the socket's folder and the data are for the owner alone."""
    with Embedded(folder):
        modes = {
            name: (folder / "postgres" / name).stat().st_mode & 0o777
            for name in ("password", "lock", "log", "run", "18")
        }
    assert modes == {"password": 0o600, "lock": 0o600, "log": 0o600, "run": 0o700, "18": 0o700}


@pytest.mark.parametrize("password", ["", "wrong"])
def test_the_password_is_required(folder: Path, password: str) -> None:
    """Whoever reaches the socket is still asked for the password, by SCRAM."""
    with Embedded(folder) as server:
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(server.url, password=password, passfile="/dev/null")
        with psycopg.connect(server.url) as connection:
            methods = connection.execute("SELECT DISTINCT auth_method FROM pg_hba_file_rules")
            assert methods.fetchall() == [("scram-sha-256",)]


def test_the_server_never_runs_as_root(folder: Path) -> None:
    """The server runs as somebody without privileges, were we root."""
    with Embedded(folder):
        assert _postmaster(folder).uids().real != 0


@needs_root
def test_root_serves_a_folder_as_its_owner(folder: Path) -> None:
    """What root starts in somebody's folder, that somebody can start later."""
    nobody = Account.for_server(Path("/root"))
    folder.mkdir()
    os.chown(folder, nobody.uid, nobody.gid)
    with Embedded(folder) as server:
        assert _postmaster(folder).uids().real == nobody.uid
        _write(server.url, 1)
    with Owner(folder, nobody) as owner:
        how, url = owner.said()
        assert (how, _kept(url)) == ("owned", [1])


@needs_root
def test_root_serves_a_folder_that_only_root_enters(folder: Path) -> None:
    """A data folder under a closed home holds a link to a folder that the server can enter."""
    folder.mkdir(mode=0o700)
    with Embedded(folder) as server:
        _write(server.url, 1)
    with Embedded(folder) as server:
        assert _kept(server.url) == [1]
    assert (folder / "postgres").is_symlink()
    shutil.rmtree((folder / "postgres").resolve())


@needs_root
def test_a_folder_that_was_closed_later_is_named(folder: Path) -> None:
    """When the server's account lost the way to its data, the message says to which folder."""
    (folder / "postgres").mkdir(parents=True)
    folder.chmod(0o700)
    with pytest.raises(NoPostgres, match=f"cannot enter {folder}/postgres"):
        Embedded(folder)


@needs_root
def test_programs_that_only_root_reaches_are_copied(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root's server runs from a copy when the programs lie under a closed home."""
    [original, *_] = binaries._folders()
    closed = folder / "closed" / original.parent.parent.name
    closed.parent.mkdir(parents=True, mode=0o700)
    binaries._copied(original, folder / "moved")
    (folder / "moved").rename(closed.parent / "moved")
    programs = closed.parent / "moved" / Path(*original.parts[-3:])
    monkeypatch.setattr(binaries, "_folders", lambda: iter([programs]))
    account = Account.for_server(folder)
    found = binaries.find(account, folder)
    assert found.is_relative_to(folder / "programs-18.6")
    assert account.run(found / "postgres", "--version").returncode == 0
    assert binaries.find(account, folder) == found
    assert not list(found.parents[1].rglob("*.a"))


@needs_root
def test_an_ordinary_user_needs_no_root(folder: Path) -> None:
    """An account without privileges makes, owns and ends a server by itself."""
    nobody = Account.for_server(Path("/root"))
    folder.mkdir()
    os.chown(folder, nobody.uid, nobody.gid)
    with Owner(folder, nobody) as owner:
        how, url = owner.said()
        assert (how, _postmaster(folder).uids().real) == ("owned", nobody.uid)
        _write(url, 1)
    with Owner(folder, nobody) as owner:
        how, url = owner.said()
        assert (how, _kept(url)) == ("owned", [1])


def test_a_second_process_attaches(folder: Path) -> None:
    """The second sees the first one's rows, and its going leaves the server running."""
    with Owner(folder) as owner:
        how, url = owner.said()
        _write(url, 1)
        with Embedded(folder) as second:
            assert (how, second.owned) == ("owned", False)
            _write(second.url, 2)
        assert _kept(url) == [1, 2]


def test_of_many_at_once_one_owns(folder: Path) -> None:
    """Processes that start at the same moment agree on one owner, even in an empty folder."""
    with contextlib.ExitStack() as stack:
        owners = [stack.enter_context(Owner(folder)) for _ in range(4)]
        said = [owner.said() for owner in owners]
    assert sorted(how for how, _ in said) == ["attached", "attached", "attached", "owned"]
    assert len({url for _, url in said}) == 1


def test_a_killed_owner_takes_the_server_down_cleanly(folder: Path) -> None:
    """After kill -9 of the owner the server shuts down as if told to, and keeps every row."""
    with Owner(folder) as owner:
        _, url = owner.said()
        _write(url, 1)
        owner.process.kill()
        assert _eventually(lambda: not _postmasters(folder))
    log = (folder / "postgres" / "log").read_text()
    assert log.rstrip().endswith("database system is shut down")
    with Embedded(folder) as server:
        assert (server.owned, _kept(server.url)) == (True, [1])


def test_one_takes_over_while_the_killed_owners_server_still_ends(folder: Path) -> None:
    """Who starts right after kill -9 of the owner waits for the old server, then has its own."""
    with Owner(folder) as owner:
        _, url = owner.said()
        _write(url, 1)
        owner.process.kill()
        with Embedded(folder) as server:
            assert _eventually(lambda: _kept(server.url) == [1])


def test_a_killed_server_is_started_again(folder: Path) -> None:
    """After kill -9 of the server its owner brings it back within seconds, with every row."""
    with Embedded(folder) as server:
        for number in range(3):
            _write(server.url, number)
            _postmaster(folder).kill()
            expected = list(range(number + 1))
            assert _eventually(partial(_keeps, server.url, expected), within=10)


def test_server_and_owner_killed_together_lose_nothing(folder: Path) -> None:
    """After kill -9 of both, the next owner recovers every acknowledged row."""
    with Owner(folder) as owner:
        _, url = owner.said()
        _write(url, 1)
        os.kill(owner.process.pid, signal.SIGSTOP)
        _postmaster(folder).kill()
        owner.process.kill()
    with Embedded(folder) as server:
        assert _kept(server.url) == [1]


@pytest.fixture(params=["a zombie", "a stranger"])
def occupied(request: pytest.FixtureRequest) -> Iterator[int]:
    """Give the number of a process that is there, but is no server."""
    if request.param == "a stranger":
        yield os.getpid()
    else:
        child = subprocess.Popen(["/bin/true"])
        assert _eventually(lambda: psutil.Process(child.pid).status() == psutil.STATUS_ZOMBIE)
        yield child.pid
        child.wait()


def test_stale_lock_files_stop_nobody(folder: Path, occupied: int) -> None:
    """A lock file whose number is now another process's, or a zombie's, is cleared."""
    with Embedded(folder) as server:
        _write(server.url, 1)
    for name in ("18/postmaster.pid", "run/.s.PGSQL.5432.lock"):
        (folder / "postgres" / name).write_text(f"{occupied}\n{folder}\n0\n5432\n\n\n")
    with Embedded(folder) as server:
        assert _kept(server.url) == [1]


def test_a_server_that_is_not_ours_is_left_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that somebody else started on our cluster is named, not killed or joined."""
    with Embedded(folder) as server:
        cluster = server.cluster
    command = cluster.ready()
    monkeypatch.setattr(postgres, "_READY_WITHIN", 0.5)
    foreign = subprocess.Popen(
        command, cwd="/", stderr=subprocess.DEVNULL, **cluster.account.identity
    )
    try:
        assert _eventually(lambda: bool(cluster.workers()))
        with pytest.raises(ServerFailed, match=f"{foreign.pid}.* not ours"), Embedded(folder):
            pass
        assert foreign.poll() is None
    finally:
        foreign.terminate()
        foreign.wait()


def test_half_a_cluster_is_made_anew(folder: Path) -> None:
    """A start that died while it made the cluster leaves nothing that the next one takes."""
    (folder / "postgres" / "draft-dead" / "data").mkdir(parents=True)
    (folder / "postgres" / "password").write_text("of the dead one")
    with Embedded(folder) as server:
        _write(server.url, 1)
    assert not list((folder / "postgres").glob("draft-*"))


def test_a_long_path_is_no_hindrance(folder: Path) -> None:
    """The socket of a deep folder lies elsewhere, and a second process finds it."""
    deep = folder / ("long" * 30)
    with Embedded(deep) as first, Embedded(deep) as second:
        assert (first.owned, second.owned) == (True, False)
        assert first.url == second.url
    (deep / "postgres" / "run").resolve().rmdir()
    with Embedded(deep) as again:
        assert again.owned


def test_a_server_that_cannot_start_says_where_to_look(folder: Path) -> None:
    """A refused parameter fails at once and names the log, which tells the reason."""
    before = time.monotonic()
    server = Embedded(folder, {"shared_buffers": "no number"})
    with pytest.raises(ServerFailed, match=str(server.cluster.log)), server:
        pass
    assert time.monotonic() - before < 10
    assert "no number" in server.cluster.log.read_text()


def test_without_a_given_database_one_runs_in_the_data_folder(folder: Path) -> None:
    """Without FARSHORE_DATABASE_URL the embedded server runs while it is needed."""
    with postgres.running(Settings(data=folder)) as url:
        _write(url, 1)
    assert not _postmasters(folder)
