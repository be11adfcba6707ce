"""Good proofs, each changed a little, so that it must not be accepted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from journal.seal.tiles import root_of
from journal.seal.verifier import Checkpoint, Invalid, check_growth, roots_by
from tests.proof.growing import consistency_proof, inclusion_proof, leaves

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

_LARGEST = 600
_OVER = leaves(_LARGEST)
_ROOTS = {size: root_of(_OVER[:size]) for size in range(_LARGEST + 1)}


@dataclass(frozen=True)
class Case:
    """A proof of inclusion or, where `old` is a size, of consistency.

    Attributes:
        known: the leaf, or the old root.
        good: the case from which this one was made.
    """

    at: int
    size: int
    known: bytes
    root: bytes
    proof: tuple[bytes, ...]
    consistency: bool
    good: Case | None = None

    def is_accepted(self) -> bool:
        """Tell whether the verifier takes it."""
        try:
            if not self.consistency:
                return (
                    roots_by(self.at + 1, self.size, (self.known, *self.proof), 1)[1] == self.root
                )
            old = Checkpoint("", self.at, self.known)
            check_growth(
                old, Checkpoint("", self.size, self.root), [one.hex() for one in self.proof]
            )
        except Invalid:
            return False
        return True

    def original(self) -> Case:
        """Give the good case."""
        assert self.good
        return self.good


def mutated(chance: Random, number: int) -> Iterator[Case]:
    """Give false proofs of all sorts."""
    made = 0
    while made < number:
        good = _good(chance)
        bad = replace(chance.choice(_MUTATIONS)(good, chance), good=good)
        if replace(bad, good=None) != good and not _is_true(bad):
            made += 1
            yield bad


def _is_true(case: Case) -> bool:
    """Tell whether a change happens to give another good proof."""
    over = _OVER[: case.size]
    if not 0 < case.size <= _LARGEST or case.root != _ROOTS[case.size]:
        return False
    if case.consistency:
        fits = 0 < case.at <= case.size and case.known == _ROOTS[case.at]
        return fits and list(case.proof) == consistency_proof(case.at, over)
    fits = 0 <= case.at < case.size and case.known == over[case.at]
    return fits and list(case.proof) == inclusion_proof(case.at, over)


def _good(chance: Random) -> Case:
    size = chance.randint(2, _LARGEST)
    over = _OVER[:size]
    if chance.random() < 0.5:
        at = chance.randrange(size)
        return Case(
            at, size, over[at], _ROOTS[size], tuple(inclusion_proof(at, over)), consistency=False
        )
    at = chance.randint(1, size - 1)
    return Case(
        at, size, _ROOTS[at], _ROOTS[size], tuple(consistency_proof(at, over)), consistency=True
    )


def _flip(given: bytes, chance: Random) -> bytes:
    bit = chance.randrange(8 * len(given))
    return (int.from_bytes(given, "big") ^ 1 << bit).to_bytes(len(given), "big")


def _bit_of_a_hash(case: Case, chance: Random) -> Case:
    at = chance.randrange(len(case.proof))
    proof = (*case.proof[:at], _flip(case.proof[at], chance), *case.proof[at + 1 :])
    return replace(case, proof=proof)


def _bit_of_the_leaf(case: Case, chance: Random) -> Case:
    return replace(case, known=_flip(case.known, chance))


def _bit_of_the_root(case: Case, chance: Random) -> Case:
    return replace(case, root=_flip(case.root, chance))


def _one_less(case: Case, chance: Random) -> Case:
    at = chance.randrange(len(case.proof))
    return replace(case, proof=(*case.proof[:at], *case.proof[at + 1 :]))


def _one_more(case: Case, chance: Random) -> Case:
    at = chance.randint(0, len(case.proof))
    another = chance.choice((*case.proof, case.root, case.known))
    return replace(case, proof=(*case.proof[:at], another, *case.proof[at:]))


def _two_swapped(case: Case, chance: Random) -> Case:
    proof = list(case.proof)
    a, b = chance.randrange(len(proof)), chance.randrange(len(proof))
    proof[a], proof[b] = proof[b], proof[a]
    return replace(case, proof=tuple(proof))


def _bytes_moved(case: Case, chance: Random) -> Case:
    at, number = chance.randrange(len(case.proof)), chance.randint(1, 32)
    both = case.proof[at] + (*case.proof, b"")[at + 1]
    moved = (both[:number], both[number:])[: len(case.proof) - at]
    return replace(case, proof=(*case.proof[:at], *moved, *case.proof[at + 2 :]))


def _another_place(case: Case, chance: Random) -> Case:
    return replace(case, at=max(int(case.consistency), case.at + chance.choice((-2, -1, 1, 2))))


def _another_root(case: Case, chance: Random) -> Case:
    return replace(case, root=_ROOTS[chance.randint(1, _LARGEST)])


def _a_hash_of_an_inner_node(case: Case, chance: Random) -> Case:
    return replace(case, known=chance.choice(case.proof))


_MUTATIONS = (
    *(_bit_of_a_hash, _bit_of_the_leaf, _bit_of_the_root, _one_less, _one_more, _two_swapped),
    *(_bytes_moved, _another_place, _another_root, _a_hash_of_an_inner_node),
)
