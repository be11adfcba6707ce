"""Others can watch the log: a witness signs only what grew, and its word comes with the head."""

from __future__ import annotations

import base64
import contextlib
import subprocess
import sys
import time
from hashlib import sha256
from threading import Thread
from typing import TYPE_CHECKING

import httpx2
import pytest
from pydantic import SecretStr

from journal.seal.folder import Folder
from journal.seal.notes import LOG, WITNESS, Signer, checkpoint, note
from journal.seal.outside import Elsewhere
from journal.seal.sealing import sealing
from journal.seal.tiles import root_of
from journal.seal.verifier import node_of, signed_text, split_note, verify
from journal.seal.witness import Declines, Witness
from journal.settings import Settings
from tests.integration.journaling import superuser
from tests.integration.serving import served
from tests.ports import free_port
from tests.proof.elsewhere import answering, submitted
from tests.proof.growing import consistency_proof, leaves
from tests.proof.sealed import ORIGIN, fill, more, seal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OVER = leaves(40)
LOG_KEY = Signer.make(ORIGIN, LOG)


def _request(old: int, size: int, signer: Signer = LOG_KEY, origin: str = ORIGIN) -> bytes:
    proof = consistency_proof(old, OVER[:size]) if 0 < old < size else []
    lines = [f"old {old}", *(base64.b64encode(one).decode() for one in proof)]
    signed = note(checkpoint(origin, size, root_of(OVER[:size])), [signer])
    return "\n".join([*lines, "", signed]).encode()


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    """Give a witness that has signed a journal of ten events."""
    made = Witness(Folder(tmp_path), "witness.example/w1", [LOG_KEY.key])
    made.add(_request(0, 10))
    return made


def test_what_grew_is_signed(witness: Witness, tmp_path: Path) -> None:
    """Again, further on, and after a restart of the witness, which keeps its key."""
    for old, size in ((10, 10), (10, 25), (25, 40)):
        text = _request(old, size).decode().partition("\n\n")[2]
        line = witness.add(_request(old, size))
        assert signed_text(text + line, witness.signer.key)
        witness = Witness(Folder(tmp_path), "another name", [LOG_KEY.key])


_FORK = note(checkpoint(ORIGIN, 10, bytes(32)), [LOG_KEY])


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (_request(0, 20), 409),
        (_request(9, 20), 409),
        (_request(20, 10), 400),
        (b"old 10\nAAAA\n\n" + _request(10, 10).partition(b"\n\n")[2], 422),
        (_request(10, 20).replace(b"\n20\n", b"\n" + "²".encode() + b"\n"), 400),
        (_request(10, 20).replace(b"\n20\n", b"\n" + b"9" * 5_000 + b"\n"), 400),
        (_request(10, 25).replace(b"A", b"B", 1), 422),
        (f"old 10\n\n{note(checkpoint(ORIGIN, 20, bytes(32)), [LOG_KEY])}".encode(), 422),
        (_request(10, 20, Signer.make(ORIGIN)), 403),
        (_request(10, 20, Signer.make("example.com/x"), "example.com/x"), 404),
        (b"old 010\n\n", 400),
        (b"old x\n\n", 400),
        (b"", 400),
        (b"\xff", 400),
        (b"old 10\n" + b"AAAA\n" * 64 + b"\n", 400),
    ],
    ids=range(15),
)
def test_what_did_not_grow_is_not_signed(witness: Witness, request_: bytes, status: int) -> None:
    """With the statuses of the protocol; and nothing of it changes what the witness remembers."""
    with pytest.raises(Declines) as declined:
        witness.add(request_)
    assert declined.value.status == status
    if status == 409:
        assert (str(declined.value), declined.value.media_type) == ("10\n", "text/x.tlog.size")
    assert witness.add(_request(10, 25))


def test_another_root_of_the_same_size_is_not_signed(witness: Witness, tmp_path: Path) -> None:
    """409 without a size, for the size is none to try again from; of an empty journal, too."""
    with pytest.raises(Declines) as declined:
        witness.add(f"old 10\n\n{_FORK}".encode())
    assert (declined.value.status, declined.value.media_type) == (409, "text/plain")
    new = Witness(Folder(tmp_path / "new"), "witness.example/w2", [LOG_KEY.key])
    with pytest.raises(Declines, match="another root"):
        new.add(f"old 0\n\n{note(checkpoint(ORIGIN, 0, bytes(32)), [LOG_KEY])}".encode())
    assert new.add(_request(0, 0))


class _Slow(Folder):
    """A folder on a disk that takes its time."""

    def read(self, name: str) -> str | None:
        """Give what a file held a moment ago."""
        held = super().read(name)
        time.sleep(0.2)
        return held


def test_of_two_histories_at_once_one_is_signed(tmp_path: Path) -> None:
    """However many processes a witness has: they compare and remember one after the other."""
    own = [Witness(_Slow(tmp_path), "witness.example/w1", [LOG_KEY.key]) for _ in range(2)]
    statuses: list[int] = []

    def added(witness: Witness, request: bytes) -> None:
        try:
            witness.add(request)
        except Declines as declined:
            statuses.append(declined.status)
        else:
            statuses.append(200)

    asked = zip(own, (_request(0, 10), f"old 0\n\n{_FORK}".encode()), strict=True)
    threads = [Thread(target=added, args=one) for one in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 409]


def test_what_seems_to_follow_by_odd_hashes_is_not_signed(tmp_path: Path) -> None:
    """A thief of the key signs a root whose proof has hashes of 63 bytes and of one."""
    a, b, c, other = OVER[:4]
    first, pair = (both := node_of(a, b) + c)[:1], both[1:]
    inner = sha256(b"\1" + pair + other).digest()
    signed = note(checkpoint(ORIGIN, 4, sha256(b"\1" + first + inner).digest()), [LOG_KEY])
    proof = "".join(f"{base64.b64encode(one).decode()}\n" for one in (pair, other, first))
    witness = Witness(Folder(tmp_path), "witness.example/w1", [LOG_KEY.key])
    witness.add(_request(0, 3))
    with pytest.raises(Declines) as declined:
        witness.add(f"old 3\n{proof}\n{signed}".encode())
    assert declined.value.status == 422
    assert witness.add(_request(3, 4))


@contextlib.contextmanager
def _watching(folder: Path, log: str) -> Iterator[tuple[str, str]]:
    """Run `farshore witness`; give its key and its address."""
    port = str(free_port())
    environment = {"FARSHORE_DATA": str(folder), "FARSHORE_PORT": port, "PATH": "/usr/bin:/bin"}
    command = (sys.executable, "-m", "cli", "witness", "witness.example/w1", "--log", log)
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        key = process.stdout.readline().strip()
        try:
            for _ in range(600):
                with contextlib.suppress(httpx2.TransportError):
                    assert httpx2.get(f"http://127.0.0.1:{port}/").status_code == 404
                    break
                time.sleep(0.05)
            yield key, f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def test_the_server_speaks_the_protocol(tmp_path: Path) -> None:
    """Over HTTP: a line with its signature, the size that it saw, or why it signs nothing."""
    head = _request(0, 10).decode().partition("\n\n")[2]
    with _watching(tmp_path, LOG_KEY.key) as (key, address):

        def added(request: bytes) -> tuple[int, str, str]:
            answer = httpx2.post(f"{address}/add-checkpoint", content=request)
            return answer.status_code, answer.headers["content-type"], answer.text

        status, media_type, line = added(_request(0, 10))
        assert (status, media_type) == (200, "text/plain; charset=utf-8")
        assert signed_text(head + line, key) == signed_text(head, LOG_KEY.key)
        assert added(_request(5, 20)) == (409, "text/x.tlog.size", "10\n")
        assert added(_request(10, 20, Signer.make(ORIGIN)))[0] == 403
        assert added(_request(10, 25).replace(b"A", b"B", 1))[0] == 422
        assert added(b"old 10\n" + b"A" * 100_000)[0] == 400
        assert httpx2.get(f"{address}/add-checkpoint").status_code == 404
        assert added(_request(10, 25))[0] == 200


def test_two_servers_watch_each_other(database: str, tmp_path: Path) -> None:
    """A witness that runs elsewhere signs our heads; who has its key asks for its word."""
    fill(database, 20)
    log = Folder(tmp_path / "seal").signer(ORIGIN)
    with _watching(tmp_path / "watcher", log.key) as (key, address):
        settings = Settings(
            database_url=SecretStr(database), data=tmp_path, witnesses=(f"{key} {address}",)
        )
        for begin in (20, 40):
            with sealing(database, settings), served(database) as client:
                head = client.get(f"/v1/log/proof/inclusion/{begin}").json()["checkpoint"]
                while key.partition("+")[0] not in head:
                    time.sleep(0.1)
                    head = client.get("/v1/log/checkpoint").text
            more(database, 20) if begin == 20 else None
            file = tmp_path / "head.txt"
            file.write_text(head)
            assert list(verify([log.key, key], [file]))


def test_of_what_a_witness_answers_only_its_own_word_is_published(
    database: str, tmp_path: Path
) -> None:
    """A false line in the log's name would spoil the head; nonsense before that stops nothing."""
    fill(database, 3)
    log = Folder(tmp_path / "seal").signer(ORIGIN)
    assert seal(database, tmp_path / "seal") is None
    own, another = (Signer.make(f"witness.example/{name}", WITNESS) for name in ("w1", "w2"))
    nonsense = [
        (409, "text/x.tlog.size", "²\n".encode()),
        (409, "text/x.tlog.size", b"99\n"),
        (409, "text/plain", b"another root"),
        (500, "text/html", b"<p>Sorry"),
        (200, "text/plain", b"\xff\xfe"),
        (200, "text/plain", b"Fine.\n"),
        (200, "text/plain", another.cosign("another text\n", 1).encode()),
    ]

    def answer(asked: bytes) -> tuple[int, str, bytes]:
        if nonsense:
            return nonsense.pop(0)
        text = split_note(asked.decode().partition("\n\n")[2])[0]
        false = f"— {log.name} {log.line(text).split(' ')[2][:12]}{'A' * 78}==\n"
        lines = (another.cosign(text, 1), false, own.cosign(text, 1))
        return 200, "text/plain", "".join(lines).encode()

    with answering(answer) as address:
        head = submitted(database, [Elsewhere(own.key, address)], None, len(nonsense) + 1)
    assert nonsense == []
    assert signed_text(head, log.key) == signed_text(head, own.key)
    assert another.name not in head


def test_a_damaged_tree_does_not_keep_others_from_being_asked(
    database: str, tmp_path: Path
) -> None:
    """Without a proof for one witness, the next one and later rounds have their turn."""
    fill(database, 300)
    log = Folder(tmp_path / "seal").signer(ORIGIN)
    assert seal(database, tmp_path / "seal") is None
    with superuser(database) as connection:
        connection.execute("ALTER TABLE seal.tiles DISABLE TRIGGER ALL")
        connection.execute("DELETE FROM seal.tiles")
        connection.execute("ALTER TABLE journal.events DISABLE TRIGGER ALL")
        connection.execute("DELETE FROM journal.events WHERE position < 100")
    behind, new = (Witness(Folder(tmp_path / f"w{n}"), f"w{n}", [log.key]) for n in (1, 2))

    def seen(_: bytes) -> tuple[int, str, bytes]:
        return 409, "text/x.tlog.size", b"100\n"

    def answer(asked: bytes) -> tuple[int, str, bytes]:
        return 200, "text/plain", new.add(asked).encode()

    with answering(seen) as first, answering(answer) as second:
        elsewhere = [Elsewhere(behind.signer.key, first), Elsewhere(new.signer.key, second)]
        head = submitted(database, elsewhere, None, 2)
    assert signed_text(head, new.signer.key)
