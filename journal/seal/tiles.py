"""The tree in tiles of 256 hashes, C2SP tlog-tiles, and which of them a proof needs."""

from __future__ import annotations

from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from journal.seal.verifier import node_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

HEIGHT = 8
WIDTH = 1 << HEIGHT
HASH = 32  # bytes


class Tile(NamedTuple):
    """A complete tile.

    Attributes:
        number: among those of its level, from 0.
        hashes: of its level, one behind the other.
        root: the hash that stands for all of them, one level up.
    """

    level: int
    number: int
    hashes: bytes
    root: bytes


class Tree:
    """A tree that grows; `edge` holds the roots of the complete subtrees, the largest first."""

    def __init__(self, size: int = 0, edge: Iterable[bytes] = ()) -> None:
        self.size, self.edge = size, list(edge)

    def push(self, leaf: bytes) -> None:
        """Add the next leaf."""
        size, self.size = self.size, self.size + 1
        while size & 1:
            leaf, size = node_of(self.edge.pop(), leaf), size >> 1
        self.edge.append(leaf)

    def root(self) -> bytes:
        """Give the root of all."""
        return joined(self.edge) if self.edge else sha256().digest()


class Forest:
    """A tree as its complete tiles leave it: the hashes of the last tile of each level."""

    def __init__(self, levels: Iterable[Iterable[bytes]] = ()) -> None:
        """Begin empty, or with the hashes of each level that are in no complete tile."""
        self.levels = [list(level) for level in levels] or [[]]
        counts = [len(level) << HEIGHT * at for at, level in enumerate(self.levels)]
        self.size = sum(counts)

    def push(self, leaf: bytes) -> Iterator[Tile]:
        """Add the next leaf; give the tiles that it completes."""
        self.size += 1
        for level, hashes in enumerate(self.levels):
            hashes.append(leaf)
            if len(hashes) < WIDTH:
                return
            number = (self.size >> HEIGHT * (level + 1)) - 1
            leaf = root_of(hashes)
            yield Tile(level, number, b"".join(hashes), leaf)
            hashes.clear()
            if level + 1 == len(self.levels):
                self.levels.append([])

    def root(self) -> bytes:
        """Give the root of all."""
        edge = [root for level in reversed(self.levels) for root in _tree(level).edge]
        return Tree(self.size, edge).root()


def root_of(hashes: Iterable[bytes]) -> bytes:
    """Give the root over some hashes."""
    return _tree(hashes).root()


def _tree(hashes: Iterable[bytes]) -> Tree:
    tree = Tree()
    for one in hashes:
        tree.push(one)
    return tree


def split(hashes: bytes) -> list[bytes]:
    """Take a tile apart."""
    return [hashes[at : at + HASH] for at in range(0, len(hashes), HASH)]


# ── proofs, RFC 9162 §2.1.3 and §2.1.4 ───────────────────────────────────────────────────────────

Span = tuple[int, int]  # leaves: the first, and the one behind the last


def inclusion(index: int, size: int) -> list[Span]:
    """Give the subtrees whose roots prove that a leaf is in a tree, in the order of the proof."""
    start, end, spans = 0, size, list[Span]()
    while end - start > 1:
        middle = start + _half(end - start)
        spans.append((middle, end) if index < middle else (start, middle))
        start, end = (start, middle) if index < middle else (middle, end)
    return spans[::-1]


def consistency(old: int, new: int) -> list[Span]:
    """Give the subtrees whose roots prove that a tree begins with an older one, in their order."""
    start, end, spans = 0, new, list[Span]()
    while old < end:
        middle = start + _half(end - start)
        spans.append((middle, end) if old <= middle else (start, middle))
        start, end = (start, middle) if old <= middle else (middle, end)
    return [*([(start, end)] if start else []), *spans[::-1]]


def _half(number: int) -> int:
    """Give the greatest power of two below a number."""
    return 1 << (number - 1).bit_length() - 1


def complete(span: Span) -> list[Span]:
    """Cut a span that begins where a complete subtree can into complete subtrees."""
    start, end = span
    cuts = [start]
    while start < end:
        start += 1 << (end - start).bit_length() - 1
        cuts.append(start)
    return list(pairwise(cuts))


def place(span: Span) -> tuple[int, int, int]:
    """Tell where the hashes of a complete subtree are: level, the first of them, how many."""
    start, end = span
    level = ((end - start).bit_length() - 1) // HEIGHT
    return level, start >> HEIGHT * level, (end - start) >> HEIGHT * level


def joined(roots: Sequence[bytes]) -> bytes:
    """Give the root over the roots of complete subtrees, the largest first."""
    root = roots[-1]
    for left in reversed(roots[:-1]):
        root = node_of(left, root)
    return root
