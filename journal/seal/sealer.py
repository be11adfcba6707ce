"""Seal the journal: hash what was recorded, grow the tree, sign its head, publish it.

Nothing of it is on the way of an append: the sealer follows by position, and of any number of
processes one does, which holds an advisory lock. What it signed last it keeps outside the database
and reads at every start, so that nobody who changes the database can have another history signed:
the sealer refuses, and goes on refusing, until a person has settled it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from journal import access_record
from journal.access_record import Act
from journal.seal import settling, store
from journal.seal.notes import Signer, checkpoint, note
from journal.seal.store import BATCH, Broken
from journal.seal.tiles import HEIGHT, WIDTH, Forest, Tile, split
from journal.seal.verifier import Checkpoint, check_checkpoint

if TYPE_CHECKING:
    from collections.abc import Callable

    from journal.seal.folder import Folder
    from journal.seal.settling import Order
    from journal.seal.store import Connection

log = structlog.get_logger(__name__)

CHANGED = "is not what was sealed"


class Sealer:
    """Grows the tree over one journal, and signs.

    Args:
        connection: as farshore_sealer, autocommit, holding the lock.
        folder: what is kept outside the database.
        origin: the name of the log; None for that of its key.
    """

    def __init__(self, connection: Connection, folder: Folder, origin: str | None = None) -> None:
        self._connection, self._folder = connection, folder
        self.signer = folder.signer(origin)
        self._epoch = store.epoch(connection)
        self._forest, self._tiles = Forest(), list[Tile]()
        self._again = Forest()  # grown from the start a second time, to compare
        self.refusal = folder.read("refusal")
        if self.refusal is None:
            self.attempt(self._begin)

    @property
    def size(self) -> int:
        """How many events are sealed."""
        return self._forest.size

    @property
    def checked(self) -> int:
        """How many of them were compared with the journal in the present round."""
        return self._again.size

    def step(self) -> bool:
        """Seal what there is, as far as one batch goes; tell whether there was anything."""
        if self.refusal is not None and not self._settled():
            return False
        return self.attempt(self._step)

    def attempt(self, work: Callable[[], bool]) -> bool:
        """Do something; refuse from then on where the journal is not what was sealed."""
        try:
            return work()
        except (Broken, ValueError) as fault:  # of which `Invalid` is one
            self.refusal = str(fault)
            self._folder.write("refusal", self.refusal)
            store.tell(self._connection, self.size, self.checked, self.refusal)
            log.error("the sealer refuses to sign", why=self.refusal)  # noqa: TRY400 - no trace helps
            return False

    # ── at the start ─────────────────────────────────────────────────────────────────────────────

    def _begin(self) -> bool:
        """Grow the tree to what was signed last, and compare.

        Raises:
            Broken: the journal is not what was signed.
        """
        heads = self._heads()
        self._forest = store.forest(
            self._connection, self._epoch, min((one.size for one in heads), default=0)
        )
        if (last := store.head(self._connection)) < max((one.size for one in heads), default=0):
            raise Broken(self._shorter(max(one.size for one in heads), last))
        for one in heads:
            self._grow(one.size)
            if self._forest.root() != one.root:
                raise Broken(self._where(one))
        return True

    def _heads(self) -> list[Checkpoint]:
        """Give what we signed last, by our own memory and by the database, the smaller first.

        Raises:
            Broken: they were not both signed with our key, or our memory is lost.
        """
        kept, published = self._folder.read("checkpoint"), store.newest(self._connection)
        known = store.keys(self._connection)
        following = self._folder.read("key.next")
        if following and known and Signer.read(following).key == known[-1]:
            self._adopt(Signer.read(following))  # a crash came between publishing and this
        if published and kept is None:
            raise Broken(
                f"{published.size} events are sealed, but what was signed last is not on this"
                " machine: the folder of the sealer was lost, or is another one"
            )
        if known and known[-1] != self.signer.key:
            raise Broken(f"the journal was sealed with the key {known[-1]}, not with this one")
        notes = [kept] if kept else []
        if published and published.epoch == self._epoch:
            notes.append(published.note)
        heads = [check_checkpoint(one, self.signer.key) for one in notes]
        return sorted(heads, key=lambda one: one.size)

    def _grow(self, size: int) -> None:
        while (begin := self._forest.size) < size:
            for leaf in store.leaves(self._connection, begin, min(size, begin + BATCH)):
                self._tiles += self._forest.push(leaf)

    def _shorter(self, size: int, last: int) -> str:
        """Say what became of a journal that was longer: cut off, or is an earlier event gone?"""
        return self._first_fault(last) or (
            f"{size} events were sealed and {last} are there: those behind are missing"
        )

    def _first_fault(self, size: int) -> str | None:
        """Find the first event that is not what was sealed, as far as the complete tiles tell."""
        faults = (self._compared(index) for index in range(size >> HEIGHT))
        return next((one for one in faults if one is not None), None)

    def _where(self, head: Checkpoint) -> str:
        """Say which event is not what was sealed, as far as can be told."""
        if (fault := self._first_fault(head.size)) is not None:
            return fault
        first = (head.size >> HEIGHT << HEIGHT) + 1
        return (
            f"the journal up to position {head.size} is not the one that was sealed:"
            f" either positions {first} to {head.size} were changed, or the stored tree was, too"
        )

    # ── from then on ─────────────────────────────────────────────────────────────────────────────

    def _step(self) -> bool:
        last = store.head(self._connection)
        begin = self._compare_edge(last)
        until = min(last, begin + BATCH)
        if following := self._folder.read("key.next"):
            self._succeed(Signer.read(following))
        if until == begin and store.newest(self._connection) is not None:
            self._compare()
            return False
        self._grow(until)
        self._publish()
        self._compare()
        return until < last

    def _compare_edge(self, last: int) -> int:
        """Compare the sealed events behind the last complete tile; give the size."""
        size, kept = self._forest.size, self._forest.levels[0]
        begin = size - len(kept)
        there = store.leaves(self._connection, begin, max(begin, min(last, size)))
        for position, (now, then) in enumerate(zip(there, kept, strict=False), begin + 1):
            if now != then:
                raise Broken(self._first_fault(begin) or f"position {position} {CHANGED}")
        if last < size:
            raise Broken(self._shorter(size, last))
        return size

    def _publish(self) -> None:
        """Sign the head: first remember it outside the database, then make it known."""
        text = checkpoint(self.signer.name, self._forest.size, self._forest.root())
        signed = note(text, [self.signer])
        self._folder.write("checkpoint", signed)
        with self._connection.transaction():
            if not store.keys(self._connection):
                store.enter_key(self._connection, self.signer.key, None)
            store.publish(self._connection, self._epoch, self.size, signed, self._tiles)
        self._tiles.clear()

    def _succeed(self, following: Signer) -> None:
        """Let another key follow ours, in a checkpoint that both sign."""
        text = checkpoint(
            self.signer.name, self.size, self._forest.root(), [f"next-key {following.key}"]
        )
        signed = note(text, [self.signer, following])
        self._folder.write("checkpoint", signed)
        with self._connection.transaction():
            store.enter_key(self._connection, self.signer.key, None)
            store.enter_key(self._connection, following.key, signed)
            access_record.note(self._connection, Act("key_rotated", target=following.key))
            store.publish(self._connection, self._epoch, self.size, signed, self._tiles)
        self._tiles.clear()
        self._adopt(following)
        log.info("another key signs from now on", key=following.key)

    def _adopt(self, following: Signer) -> None:
        self._folder.write("first", self._folder.read("first") or self.signer.key)
        self._folder.adopt("key.next", "key")
        self.signer = following

    # ── when a person has settled it ─────────────────────────────────────────────────────────────

    def _settled(self) -> bool:
        """Begin a new epoch where a person has said why, and tell whether that was so."""
        if (order := settling.ordered(self._folder)) is None:
            return False
        epoch = self._epoch + 1
        try:
            forest, tiles = settling.grown(self._connection)
        except Broken as fault:
            log.error("this cannot be settled", why=str(fault))  # noqa: TRY400 - no trace helps
            self._folder.forget("settlement")
            return False
        self._resume(order, epoch, forest, tiles)
        return True

    def _resume(self, order: Order, epoch: int, forest: Forest, tiles: list[Tile]) -> None:
        """Publish both heads and a person's reason, and seal on from there."""
        refusal = self.refusal or ""
        self.signer = settling.signer(self._connection, self._folder, self.signer)
        text = checkpoint(self.signer.name, forest.size, forest.root())
        signed = note(text, [self.signer])
        statement = settling.statement(self.signer, order, refusal, text)
        details = {"by": order.by, "reason": order.reason, "refusal": refusal}
        self._folder.write("checkpoint", signed)
        with self._connection.transaction():
            store.enter_key(self._connection, self.signer.key, None)
            store.enter_break(self._connection, epoch, statement, refusal, order.before or "")
            store.publish(self._connection, epoch, forest.size, signed, tiles)
            access_record.note(self._connection, Act("sealing_resumed", details=details))
        self._epoch, self._forest, self._again, self.refusal = epoch, forest, Forest(), None
        self._folder.forget("refusal")
        self._folder.forget("settlement")
        log.warning("a person settled it", by=order.by, reason=order.reason)

    # ── looking back ─────────────────────────────────────────────────────────────────────────────

    def _compare(self) -> None:
        """Compare one more tile with the journal, round and round: 3 ms, a million in half an hour.

        Raises:
            Broken: an event is not what was sealed, or the stored tree was changed.
        """
        number = self._again.size >> HEIGHT
        if number == self._forest.size >> HEIGHT:
            if self._again.root() != Forest([[], *self._forest.levels[1:]]).root():
                raise Broken("the stored tree is not the one that was signed")
            self._again = Forest()
        elif (fault := self._compared(number)) is not None:
            raise Broken(fault)
        else:
            for leaf in split(store.hashes(self._connection, self._epoch, number) or b""):
                list(self._again.push(leaf))

    def _compared(self, index: int) -> str | None:
        """Compare a tile with the events below it; say what differs."""
        sealed = store.hashes(self._connection, self._epoch, index)
        first = index * WIDTH + 1
        if sealed is None:
            return f"the stored tree has no hashes of positions {first} to {first + WIDTH - 1}"
        found = store.leaves(self._connection, first - 1, first - 1 + WIDTH)
        for position, (now, then) in enumerate(zip(found, split(sealed), strict=True), first):
            if now != then:
                return f"position {position} {CHANGED}"
        return None
