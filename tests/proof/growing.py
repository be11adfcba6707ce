"""Trees built plainly, as RFC 9162 defines them, for the tests of proofs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journal.seal.tiles import Span, complete, consistency, inclusion, joined, root_of
from journal.seal.verifier import leaf_of

if TYPE_CHECKING:
    from collections.abc import Sequence


def entries(number: int) -> list[bytes]:
    """Give different entries."""
    return [f"entry {at}".encode() for at in range(number)]


def leaves(number: int) -> list[bytes]:
    """Give the leaves over them."""
    return [leaf_of(one) for one in entries(number)]


def inclusion_proof(index: int, over: Sequence[bytes]) -> list[bytes]:
    """Prove that a leaf is in a tree."""
    return [root_at(one, over) for one in inclusion(index, len(over))]


def consistency_proof(old: int, over: Sequence[bytes]) -> list[bytes]:
    """Prove that a tree begins with an older one."""
    return [root_at(one, over) for one in consistency(old, len(over))]


def root_at(span: Span, over: Sequence[bytes]) -> bytes:
    """Give the root of a subtree."""
    return joined([root_of(over[start:end]) for start, end in complete(span)])
