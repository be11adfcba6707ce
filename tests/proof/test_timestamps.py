"""An authority stamps heads, and what it answers is kept only where it is a stamp of the head."""

from __future__ import annotations

import base64
import contextlib
import shutil
import subprocess
import time
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from journal.seal.folder import Folder
from journal.seal.outside import Elsewhere
from journal.seal.sealing import sealing
from journal.seal.witness import Witness
from journal.settings import Settings
from tests.integration.journaling import superuser
from tests.integration.serving import served
from tests.proof.elsewhere import answering, submitted
from tests.proof.sealed import fill, seal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the authority of this test is openssl")
def test_an_authority_stamps_a_head(database: str, tmp_path: Path) -> None:
    """What it answers is kept, and `openssl ts -verify` takes it for the very checkpoint."""
    fill(database, 3)
    with _authority(tmp_path) as address:
        settings = Settings(database_url=SecretStr(database), data=tmp_path, timestamp_url=address)
        with sealing(database, settings), served(database) as client:
            client.get("/v1/log/proof/inclusion/3").raise_for_status()
            while not (items := client.get("/v1/log/timestamps").json()["items"]):
                time.sleep(0.1)
    _is_stamped(tmp_path, items)
    with superuser(database) as connection:
        count = connection.execute("SELECT count(*) FROM seal.timestamps").fetchone()
    assert count == (1,)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the authority of this test is openssl")
def test_a_stamp_is_over_what_the_log_signed_whoever_else_did(
    database: str, tmp_path: Path
) -> None:
    """A head that a witness has signed as well is stamped as it is handed out beside the stamp."""
    fill(database, 3)
    assert seal(database, tmp_path / "seal") is None
    witness = Witness(
        Folder(tmp_path / "w"), "witness.example/w1", [Folder(tmp_path / "seal").signer(None).key]
    )

    def answer(asked: bytes) -> tuple[int, str, bytes]:
        return 200, "text/plain", witness.add(asked).encode()

    with answering(answer) as there, _authority(tmp_path) as clock:
        submitted(database, [Elsewhere(witness.signer.key, there)], None, 1)
        submitted(database, [], clock, 1)
    with served(database) as client:
        _is_stamped(tmp_path, client.get("/v1/log/timestamps").json()["items"])


def test_what_is_no_stamp_of_the_head_is_not_kept(database: str, tmp_path: Path) -> None:
    """A refusal, another head's stamp, an old answer to another question; the control is kept."""
    fill(database, 3)
    assert seal(database, tmp_path / "seal") is None
    granted, refused = (b"\x30\x05\x30\x03\x02\x01" + bytes([status]) for status in (0, 2))
    kept: list[int] = []

    def flipped(asked: bytes, at: int) -> bytes:
        return asked[:at] + bytes([asked[at] ^ 1]) + asked[at + 1 :]

    answers: list[Callable[[bytes], bytes]] = [
        lambda _: b"",
        lambda _: granted,
        lambda asked: refused + asked,
        lambda asked: granted + flipped(asked, -4),  # the end of what was asked but once
        lambda asked: granted + flipped(asked, 40),  # in the hash
        lambda asked: granted + asked,
    ]
    for stamped in answers:

        def answer(
            asked: bytes, stamped: Callable[[bytes], bytes] = stamped
        ) -> tuple[int, str, bytes]:
            return 200, "application/timestamp-reply", stamped(asked)

        with answering(answer) as clock:
            submitted(database, [], clock, 1)
        with superuser(database) as connection:
            rows = connection.execute("SELECT 1 FROM seal.timestamps").fetchall()
        kept.append(len(rows))
    assert kept == [0, 0, 0, 0, 0, 1]


def _is_stamped(tmp_path: Path, items: list[dict[str, str]]) -> None:
    (tmp_path / "head.txt").write_text(items[0]["checkpoint"])
    (tmp_path / "head.tsr").write_bytes(base64.b64decode(items[0]["token"]))
    _openssl(
        tmp_path,
        *("ts", "-verify", "-data", "head.txt", "-in", "head.tsr", "-CAfile", "tsa.pem"),
    )


def _openssl(folder: Path, *arguments: str) -> None:
    command = (str(shutil.which("openssl")), *arguments)
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


_CONFIGURATION = """
[tsa]
default_tsa = own
[own]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
ess_cert_id_alg = sha256
[req]
distinguished_name = name
[name]
"""


@contextlib.contextmanager
def _authority(folder: Path) -> Iterator[str]:
    """Run an RFC 3161 authority on this machine."""
    (folder / "tsa.cnf").write_text(_CONFIGURATION)
    (folder / "serial").write_text("01\n")
    _openssl(
        folder,
        *("req", "-x509", "-config", "tsa.cnf", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
        *("-subj", "/CN=A clock", "-keyout", "tsa.key", "-out", "tsa.pem"),
        *("-addext", "extendedKeyUsage=critical,timeStamping"),
    )

    def stamped(asked: bytes) -> tuple[int, str, bytes]:
        (folder / "asked.tsq").write_bytes(asked)
        given = ("-queryfile", "asked.tsq", "-config", "tsa.cnf", "-out", "answer.tsr")
        _openssl(folder, "ts", "-reply", *given)
        return 200, "application/timestamp-reply", (folder / "answer.tsr").read_bytes()

    with answering(stamped) as address:
        yield address
