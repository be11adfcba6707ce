"""What a person says when the sealer refuses, and what is then published."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from journal.seal import store
from journal.seal.notes import Signer, note
from journal.seal.tiles import Forest, Tile
from journal.seal.verifier import split_note

if TYPE_CHECKING:
    from journal.seal.folder import Folder
    from journal.seal.store import Connection


class Order(NamedTuple):
    """A person's word.

    Attributes:
        before: the last checkpoint that was signed, by the sealer's own memory.
    """

    by: str
    reason: str
    before: str | None


def order(folder: Folder, by: str, reason: str) -> None:
    """Let the sealer go on with the journal as it is; it does so within a second."""
    given = Order(by, reason, folder.read("checkpoint"))
    folder.write("settlement", json.dumps(given._asdict()))


def ordered(folder: Folder) -> Order | None:
    """Give a person's word, if there is one."""
    text = folder.read("settlement")
    return Order(**json.loads(text)) if text else None


def signer(connection: Connection, folder: Folder, own: Signer) -> Signer:
    """Give who is to sign: where our key was replaced, a new one, for nobody takes the old one."""
    known = store.keys(connection)
    if own.key not in known[-1:]:
        folder.forget("first")  # a new line of keys begins
    if own.key not in known[:-1]:
        return own
    made = Signer.make(own.name)
    folder.write("key", made.secret + "\n")
    return made


def grown(connection: Connection) -> tuple[Forest, list[Tile]]:
    """Grow the tree over the whole journal anew, from the stored bytes of every event.

    Raises:
        Broken: positions are missing; then there is nothing that could be sealed.
    """
    forest, tiles = Forest(), list[Tile]()
    last = store.head(connection)
    while (begin := forest.size) < last:
        for leaf in store.leaves(connection, begin, min(last, begin + store.BATCH)):
            tiles += forest.push(leaf)
    return forest, tiles


def statement(signer: Signer, given: Order, refusal: str, after: str) -> str:
    """Write down, signed, what was refused, why it is to go on, and both heads."""
    before = split_note(given.before)[0].splitlines() if given.before else ["", "0", "unknown"]
    now = after.splitlines()
    lines = {
        "farshore/break/v1": signer.name,
        "before": " ".join(before[1:3]),
        "after": " ".join(now[1:3]),
        "refused": refusal,
        "by": given.by,
        "reason": given.reason,
    }
    text = "".join(f"{name} {' '.join(told.split())}\n" for name, told in lines.items())
    return note(text, [signer])
