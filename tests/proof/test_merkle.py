"""The tree and its proofs are those of RFC 9162, and no false proof is accepted."""

from __future__ import annotations

import os
import random
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from pymerkle import InmemoryTree, verify_consistency, verify_inclusion
from pymerkle.proof import InvalidProof, MerkleProof

from journal.seal import verifier
from journal.seal.tiles import WIDTH, Forest, Tree, root_of, split
from journal.seal.verifier import Checkpoint, Invalid, check_growth, leaf_of, node_of, roots_by
from tests.proof.growing import consistency_proof, entries, inclusion_proof, leaves
from tests.proof.mutating import mutated

if TYPE_CHECKING:
    from collections.abc import Sequence

# The reference tree of Certificate Transparency: eight leaves, and the root after each.
INPUTS = (
    *("", "00", "10", "2021", "3031", "40414243", "5051525354555657"),
    "606162636465666768696a6b6c6d6e6f",
)
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
MUTATIONS = int(os.environ.get("TESTS_MUTATIONS", "10_000"))  # a million in `make soak`
SIZES = (1, 2, 3, 7, 8, 9, 255, 256, 257, 511, 700)


def test_the_reference_tree_has_its_published_roots() -> None:
    """After each of the eight leaves the root is as published; that of nothing, too."""
    tree, forest, over = Tree(), Forest(), list[bytes]()
    assert tree.root().hex() == forest.root().hex() == verifier.root_of(over).hex() == EMPTY
    for given, root in zip(INPUTS, ROOTS, strict=True):
        over.append(leaf_of(bytes.fromhex(given)))
        tree.push(over[-1])
        assert list(forest.push(over[-1])) == []
        assert tree.root().hex() == forest.root().hex() == verifier.root_of(over).hex() == root


def test_the_proofs_of_the_rfc_example_name_the_hashes_that_it_names() -> None:
    """RFC 6962 §2.1.3: of seven leaves a to g, the proofs of d0, d3, d4, d6 and of 3, 4, 6."""
    a, b, c, d, e, f, j = leaves(7)
    g, h, i = root_of([a, b]), root_of([c, d]), root_of([e, f])
    k, left = root_of([e, f, j]), root_of([a, b, c, d])
    over = [a, b, c, d, e, f, j]
    assert inclusion_proof(0, over) == [b, h, k]
    assert inclusion_proof(3, over) == [c, g, k]
    assert inclusion_proof(4, over) == [f, j, left]
    assert inclusion_proof(6, over) == [i, left]
    assert consistency_proof(3, over) == [c, d, g, k]
    assert consistency_proof(4, over) == [k]
    assert consistency_proof(6, over) == [i, j, left]


@pytest.mark.parametrize("size", SIZES)
def test_an_independent_implementation_finds_the_same(size: int) -> None:
    """Root and proofs are those of `pymerkle`, and it accepts ours where we accept its."""
    oracle = InmemoryTree(algorithm="sha256")
    over = leaves(size)
    for one in entries(size):
        oracle.append_entry(one)
    root = root_of(over)
    assert oracle.get_root() == verifier.root_of(over) == root
    for index in {0, size // 3, size - 1}:
        proof = inclusion_proof(index, over)
        theirs = oracle.prove_inclusion(index + 1)
        verify_inclusion(over[index], root, theirs)
        assert list(theirs.path[1:]) == proof
        assert roots_by(index + 1, size, [over[index], *proof], 1)[1] == root
    for old in {1, size // 2 or 1, size}:
        before = root_of(over[:old])
        verify_consistency(before, root, oracle.prove_consistency(old, size))
        growth = [one.hex() for one in consistency_proof(old, over)]
        check_growth(Checkpoint("", old, before), Checkpoint("", size, root), growth)


def test_the_oracle_refuses_what_is_false() -> None:
    """The control: `pymerkle` does not accept everything."""
    oracle = InmemoryTree(algorithm="sha256")
    for one in entries(9):
        oracle.append_entry(one)
    proof: MerkleProof = oracle.prove_inclusion(3)
    with pytest.raises(InvalidProof):
        verify_inclusion(leaf_of(b"another"), oracle.get_root(), proof)


def test_complete_tiles_come_as_they_fill() -> None:
    """A tree of 70,000 has 273 tiles of leaves and one above, and 112, 17 and 1 hashes beside."""
    over, forest = leaves(70_000), Forest()
    tiles = [tile for leaf in over for tile in forest.push(leaf)]
    assert [len(level) for level in forest.levels] == [112, 17, 1]
    assert [tile.level for tile in tiles].count(0) == 273
    assert (tiles[0].number, split(tiles[0].hashes)) == (0, over[:WIDTH])
    assert [(tile.number, tile.root) for tile in tiles if tile.level] == [
        (0, root_of(over[:65_536]))
    ]
    assert forest.root() == root_of(over)


@pytest.mark.timeout(max(120, MUTATIONS // 100))
@pytest.mark.parametrize("seed", range(4))
def test_no_mutated_proof_is_accepted(seed: int) -> None:
    """Of 10,000 proofs, each changed a little, not one leads to the signed root."""
    chance = random.Random(seed)  # noqa: S311 - the same cases at every run
    accepted = [case for case in mutated(chance, MUTATIONS // 4) if case.is_accepted()]
    assert accepted == []


def test_the_unmutated_proofs_are_accepted() -> None:
    """The control: all proofs from which the false ones are made are good."""
    chance = random.Random(99)  # noqa: S311 - the same cases at every run
    assert all(case.original().is_accepted() for case in mutated(chance, 500))


@pytest.mark.parametrize(
    ("index", "size", "proof"), [(0, 0, []), (1, 1, []), (0, 1, [b"x"]), (0, 2, []), (-1, 2, [])]
)
def test_a_proof_of_another_length_is_refused(
    index: int, size: int, proof: Sequence[bytes]
) -> None:
    """It is said that the length is wrong; nothing is computed from what is not there."""
    with pytest.raises(Invalid, match="length"):
        roots_by(index + 1, size, [leaf_of(b""), *proof], 1)


def test_hashes_of_other_lengths_prove_nothing() -> None:
    """No key holder can sign a root that seems to follow from an old one, with another event in it.

    Of three events a, b, c the root is that over (ab, c). Where a proof may hold that pair as one
    hash of 64 bytes beside an empty one, the root over all that can be made to hold another b.
    """
    a, b, c, other = leaves(4)
    ab = node_of(a, b)
    old = Checkpoint("", 3, node_of(ab, c))
    pair, inner = ab + c, sha256(b"\1" + ab + c + other).digest()
    new = Checkpoint("", 4, sha256(b"\1" + inner).digest())
    with pytest.raises(Invalid, match="32 bytes"):
        check_growth(old, new, [pair.hex(), other.hex(), ""])
    with pytest.raises(Invalid, match="32 bytes"):
        roots_by(2, 4, [other, pair, b""], 1)
    over = [a, b, c, other]
    proof = [one.hex() for one in consistency_proof(3, over)]
    check_growth(old, Checkpoint("", 4, root_of(over)), proof)
