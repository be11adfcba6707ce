"""What is known while commands are decided: names and histories, in layers.

At the bottom lies what this process remembers of the journal, as far as it looked it up. Each
batch of commands, and each command of it, is a layer on top: so a later line sees what an earlier
one opened, and what is refused leaves no trace.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol
from uuid import UUID

from domain.event import kinds
from domain.history import History
from journal.memory import Memory, Remembered
from journal.names import Subject
from journal.rows import Row


class Missing(LookupError):
    """It must be looked up first; the needs say what."""


class Unguarded(Exception):
    """It rests on what another subject's history says, which holds only while nobody appends."""


@dataclass(slots=True)
class Needs:
    """What must be looked up."""

    commands: set[UUID] = field(default_factory=set)  # whether they are recorded
    texts: set[str] = field(default_factory=set)  # which subjects have them as key or id
    aliases: set[str] = field(default_factory=set)  # folded: which subjects are called so
    starts: set[str] = field(default_factory=set)  # of keys: which subjects have such ones
    histories: dict[UUID, int] = field(default_factory=dict)  # of subjects, after a version
    keys: set[str] = field(default_factory=set)  # whole histories of the subjects with these keys

    def __bool__(self) -> bool:
        """Whether there is anything."""
        names = self.texts or self.aliases or self.starts
        return bool(self.commands or names or self.histories)


class Found(NamedTuple):
    """What was looked up.

    Attributes:
        position: the last one of the journal, at the latest when all this was read.
        replays: the rows of recorded commands, each with whether its subject has retractions.
        names: subjects by key or id, with None, or by folded alias.
        alike: subjects by the start of their key.
        rows: of histories, in the order of recording.
    """

    position: int
    replays: Iterable[tuple[Row, bytes | None, bool]]
    names: Iterable[tuple[Subject, str | None]]
    alike: Iterable[tuple[Subject, str]]
    rows: Iterable[Row]


class Layer(Protocol):
    """Something that knows names and histories."""

    def subject(self, text: str) -> Subject | None:
        """Give the subject with a key or id."""

    def called(self, alias: str) -> frozenset[Subject]:
        """Give the subjects with a folded alias."""

    def alike(self, start: str) -> frozenset[Subject]:
        """Give some of the subjects whose keys start alike."""

    def history(self, subject: Subject, *, fresh: bool = False) -> History:
        """Give what is recorded about a subject; `fresh`, whatever was remembered of it."""

    def beside(self, subject: Subject) -> History:
        """Give what is recorded about a subject that is not the one decided on.

        Raises:
            Unguarded: it may change before what is decided is appended.
        """


class Replay(NamedTuple):
    """A command that is on record."""

    rows: tuple[Row, ...]
    fingerprint: bytes | None
    perhaps_retracted: bool


class Ground:
    """The lowest layer: what is remembered, and what was looked up for this batch.

    Attributes:
        needs: what to look up next.
        trusted: subjects whose remembered history was relied on without looking again.
        presumed: texts that are taken to name nothing: what is to be opened mostly is new, and
            where it is not, appending it finds out.
        relied: those of them that were relied on.
        guarded: whether nobody else can append, or nothing will be.
    """

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.needs = Needs()
        self.trusted: set[UUID] = set()
        self.presumed: set[str] = set()
        self.relied: set[str] = set()
        self.guarded = False
        self._fresh: set[UUID] = set()
        self._held: dict[UUID, Remembered] = {}  # a batch may need more than is remembered
        self._replays: dict[UUID, Replay | None] = {}
        self._absent: set[str] = set()
        self._called: dict[str, frozenset[Subject]] = {}
        self._alike: dict[str, frozenset[Subject]] = {}

    def subject(self, text: str) -> Subject | None:
        """Give the subject with a key or id."""
        found = self.memory.subjects.get(text)
        if found or text in self._absent:
            return found
        if text not in self.presumed:
            self.needs.texts.add(text)
            raise Missing(text)
        self.relied.add(text)
        return None

    def called(self, alias: str) -> frozenset[Subject]:
        """Give the subjects with a folded alias."""
        if alias not in self._called:
            self.needs.aliases.add(alias)
            raise Missing(alias)
        return self._called[alias]

    def alike(self, start: str) -> frozenset[Subject]:
        """Give some of the subjects whose keys start alike."""
        if start not in self._alike:
            self.needs.starts.add(start)
            raise Missing(start)
        return self._alike[start]

    def history(self, subject: Subject, *, fresh: bool = False) -> History:
        """Give what is recorded about a subject, by default as far as it is remembered."""
        told = self.memory.remembered(subject.id) or self._held.get(subject.id)
        if told is None or told.version == 0 or (fresh and subject.id not in self._fresh):
            self.need_history(subject.id)
            raise Missing(subject.key)
        if subject.id not in self._fresh:
            self.trusted.add(subject.id)
        return told.folded()

    def beside(self, subject: Subject) -> History:
        """Give what is recorded about a subject that is not the one decided on."""
        if not self.guarded:
            raise Unguarded
        return self.history(subject, fresh=True)

    def need_history(self, subject: UUID) -> None:
        """Ask for what a subject's history has beyond what is remembered."""
        told = self.memory.histories.get(subject)
        self.needs.histories[subject] = told.version if told else 0

    def replay(self, command: UUID) -> Replay | None:
        """Give what a command recorded before; None where it did not."""
        if command not in self._replays:
            self.needs.commands.add(command)
            raise Missing(command)
        return self._replays[command]

    def distrust(self) -> bool:
        """Ask for what was relied on without looking; tell whether there was anything."""
        for subject in self.trusted:
            self.need_history(subject)
        self.needs.texts |= self.relied
        self.presumed -= self.relied
        return bool(self.trusted or self.relied)

    def learn(self, needed: Needs, found: Found) -> None:
        """Take in what was looked up."""
        self.memory.position = max(self.memory.position, found.position)
        self._learn_names(needed, found)
        self._learn_replays(needed, found)
        for subject in needed.histories:
            self._held[subject] = self.memory.histories.get(subject) or Remembered()
            self.memory.histories.keep(subject, self._held[subject])
        for row in found.rows:
            self.memory.record(row)
            remembered = self.memory.histories.get(row.subject) or Remembered()
            self._held.setdefault(row.subject, remembered).add(row, None)
            self._fresh.add(row.subject)
        self._fresh.update(needed.histories)
        self.memory.doubted -= self._fresh

    def _learn_names(self, needed: Needs, found: Found) -> None:
        called: defaultdict[str, set[Subject]] = defaultdict(set)
        self._absent |= needed.texts
        for subject, alias in found.names:
            if alias is not None:
                called[alias].add(subject)
            self.memory.name(subject)
        self._called.update({alias: frozenset(called[alias]) for alias in needed.aliases})
        for start in needed.starts:
            self._alike[start] = frozenset(one for one, of in found.alike if of == start)

    def _learn_replays(self, needed: Needs, found: Found) -> None:
        self._replays.update(dict.fromkeys(needed.commands))
        for row, fingerprint, perhaps_retracted in found.replays:
            known = self._replays.get(row.command)
            rows = (*known.rows, row) if known else (row,)
            self._replays[row.command] = Replay(rows, fingerprint, perhaps_retracted)


class Overlay:
    """A layer of what is decided and not yet recorded.

    Attributes:
        seen: whether anything of this layer was of use to somebody.
    """

    def __init__(self, below: Layer) -> None:
        self.below = below
        self.seen = False
        self.subjects: dict[str, Subject] = {}
        self.histories: dict[UUID, History] = {}
        self.aliases: dict[Subject, frozenset[str]] = {}

    def subject(self, text: str) -> Subject | None:
        """Give the subject with a key or id."""
        if text in self.subjects:
            self.seen = True
            return self.subjects[text]
        return self.below.subject(text)

    def called(self, alias: str) -> frozenset[Subject]:
        """Give the subjects with a folded alias."""
        below = self.below.called(alias)
        here = frozenset(one for one, aliases in self.aliases.items() if alias in aliases)
        result = (below - self.aliases.keys()) | here
        self.seen |= result != below
        return result

    def alike(self, start: str) -> frozenset[Subject]:
        """Give some of the subjects whose keys start alike."""
        here = (one for key, one in self.subjects.items() if key.startswith(start))
        return self.below.alike(start).union(here)

    def history(self, subject: Subject, *, fresh: bool = False) -> History:
        """Give what is recorded, and decided, about a subject."""
        if subject.id in self.histories:
            self.seen = True
            return self.histories[subject.id]
        return self.below.history(subject, fresh=fresh)

    def beside(self, subject: Subject) -> History:
        """Give what is recorded, and decided, about a subject that is not the one decided on."""
        here = subject.id in self.histories
        return self.history(subject) if here else self.below.beside(subject)

    def open(self, subject: Subject) -> None:
        """Let a subject begin, with nothing recorded."""
        self.subjects[subject.key] = subject
        self.histories[subject.id] = History(kinds()[subject.kind])

    def absorb(self, upper: "Overlay") -> None:
        """Take over what the layer above decided."""
        self.subjects |= upper.subjects
        self.histories |= upper.histories
        self.aliases |= upper.aliases
