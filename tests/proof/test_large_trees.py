"""Trees of more than one level of tiles are read from the database as they were stored."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from journal.pools import pool
from journal.seal import store
from journal.seal.log import Log
from journal.seal.notes import Signer, checkpoint, note
from journal.seal.sealing import connect
from journal.seal.tiles import Forest, root_of
from journal.seal.verifier import Checkpoint, check_growth, roots_by
from tests.proof.growing import leaves

if TYPE_CHECKING:
    from collections.abc import Sequence

SIZES = (256, 65_536, 65_792)
OVER = leaves(max(SIZES))


def _stored(url: str, size: int) -> Forest:
    """Store the tiles of a tree, and its head."""
    forest = Forest()
    tiles = [tile for leaf in OVER[:size] for tile in forest.push(leaf)]
    head = note(checkpoint("example.com", size, forest.root()), [Signer.make("example.com")])
    with connect(url) as connection:
        store.publish(connection, 0, size, head, tiles)
    return forest


async def _proofs(url: str, olds: Sequence[int]) -> list[tuple[list[bytes], list[bytes]]]:
    """Give proofs that some sizes are begun with, and of the event at the end of each."""
    async with pool(url, most=1, autocommit=True, role="farshore_app") as connections:
        log = Log(connections)
        head = await log.head()
        assert head
        return [(await log.consistency(old, head), await log.inclusion(old, head)) for old in olds]


@pytest.mark.parametrize("size", SIZES)
def test_a_tree_is_taken_up_and_proven_from_its_tiles(database: str, size: int) -> None:
    """After a restart it is the same, and its proofs at the ends of tiles lead to its root."""
    forest = _stored(database, size)
    with connect(database) as connection:
        again = store.forest(connection, 0, size)
    assert (again.size, again.levels, again.root()) == (size, forest.levels, forest.root())
    olds = [old for old in (1, 255, 256, 257, 65_535, 65_536, 65_537, size) if old <= size]
    proofs = asyncio.run(_proofs(database, olds))
    for old, (growth, inclusion) in zip(olds, proofs, strict=True):
        before = Checkpoint("", old, root_of(OVER[:old]))
        check_growth(before, Checkpoint("", size, forest.root()), [one.hex() for one in growth])
        led = roots_by(old, size, [OVER[old - 1], *inclusion], 1)
        assert led[1] == forest.root()
