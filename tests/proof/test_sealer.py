"""The sealer signs what is recorded, once, and refuses what is not what it signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journal.seal.folder import Folder
from journal.seal.tiles import root_of
from journal.seal.verifier import check_checkpoint, leaf_of
from tests.integration.journaling import superuser
from tests.proof.sealed import ORIGIN, fill, more, seal

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_recorded_is_sealed_and_signed(database: str, tmp_path: Path) -> None:
    """The head's root is that over the stored bytes of all events, and it grows with them."""
    fill(database, 300)
    assert seal(database, tmp_path / "seal") is None
    more(database, 5)
    assert seal(database, tmp_path / "seal") is None
    with superuser(database) as connection:
        rows = connection.execute("SELECT entry FROM journal.events ORDER BY position").fetchall()
        notes = connection.execute("SELECT note FROM seal.checkpoints ORDER BY number").fetchall()
    key = Folder(tmp_path / "seal").signer(None).key
    heads = [check_checkpoint(note, key) for (note,) in notes]
    over = [leaf_of(entry) for (entry,) in rows]
    assert [(one.size, one.root) for one in heads] == [
        (300, root_of(over[:300])),
        (305, root_of(over)),
    ]
    assert {one.origin for one in heads} == {ORIGIN}
