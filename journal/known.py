"""What is known while commands are decided: names and histories, in layers.

At the bottom lies what this process remembers of the journal, as far as it looked it up. Each
batch of commands, and each command of it, is a layer on top: so a later line sees what an earlier
one opened, and what is refused leaves no trace.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, Protocol, TypeVar
from uuid import UUID

from domain.event import kinds
from domain.history import History
from journal.names import Subject
from journal.rows import Row

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Missing(LookupError):
    """It must be looked up first; the needs say what."""


class Recent(Generic[K, V]):
    """A cache that forgets what was not used for longest."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        """Give what is kept, and keep it for longer."""
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def keep(self, key: K, value: V) -> None:
        """Keep a value."""
        self._kept[key] = value
        self._kept.move_to_end(key)
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)

    def drop(self, key: K) -> None:
        """Forget a value."""
        self._kept.pop(key, None)


@dataclass(slots=True)
class Remembered:
    """The rows of one subject, folded when somebody asks."""

    history: History | None = None
    waiting: list[Row] = field(default_factory=list)

    @property
    def version(self) -> int:
        """The last version that is remembered; 0 for none."""
        if self.waiting:
            return self.waiting[-1].version
        return self.history.version if self.history else 0

    def add(self, row: Row) -> None:
        """Take the next row; one that is known already changes nothing."""
        if row.version == self.version + 1:
            self.waiting.append(row)

    def folded(self) -> History:
        """Give the history of all rows."""
        waiting, self.waiting = self.waiting, []
        if self.history is None:
            self.history = History.of(row.recorded() for row in waiting)
        else:
            for row in waiting:
                self.history = self.history.add(row.recorded())
        return self.history


class Memory:
    """What a process remembers of the journal between batches.

    Keys never change, so what is known of them stays true; histories may have gone on since.

    Attributes:
        position: the last one heard of.
        doubted: subjects whose history has gone on, as a conflict showed.
    """

    def __init__(self, *, subjects: int = 200_000, histories: int = 5_000) -> None:
        self.position = 0
        self.doubted: set[UUID] = set()
        self.subjects: Recent[str, Subject] = Recent(subjects)  # by key and by id
        self.histories: Recent[UUID, Remembered] = Recent(histories)

    def name(self, subject: Subject) -> None:
        """Remember a subject."""
        self.subjects.keep(subject.key, subject)
        self.subjects.keep(str(subject.id), subject)

    def remembered(self, subject: UUID) -> Remembered | None:
        """Give what is remembered of a subject, unless that is nothing or known to be behind."""
        told = self.histories.get(subject)
        return told if told and told.version and subject not in self.doubted else None

    def record(self, row: Row) -> None:
        """Remember a row that is on record, if all before it of its subject are remembered."""
        self.position = max(self.position, row.position)
        told = self.histories.get(row.subject)
        if told is None and row.version == 1:
            self.name(Subject(row.subject, row.kind, row.key))
            self.histories.keep(row.subject, told := Remembered())
        if told is not None:
            told.add(row)


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

    def history(self, subject: Subject) -> History:
        """Give what is recorded about a subject."""


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
    """

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.needs = Needs()
        self.trusted: set[UUID] = set()
        self._fresh: set[UUID] = set()
        self._replays: dict[UUID, Replay | None] = {}
        self._absent: set[str] = set()
        self._called: dict[str, frozenset[Subject]] = {}
        self._alike: dict[str, frozenset[Subject]] = {}

    def subject(self, text: str) -> Subject | None:
        """Give the subject with a key or id."""
        found = self.memory.subjects.get(text)
        if found is None and text not in self._absent:
            self.needs.texts.add(text)
            raise Missing(text)
        return found

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
        told = self.memory.remembered(subject.id)
        if told is None or (fresh and subject.id not in self._fresh):
            self.need_history(subject.id)
            raise Missing(subject.key)
        if subject.id not in self._fresh:
            self.trusted.add(subject.id)
        return told.folded()

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
        return bool(self.trusted)

    def learn(self, needed: Needs, found: Found) -> None:
        """Take in what was looked up."""
        self.memory.position = max(self.memory.position, found.position)
        self._learn_names(needed, found)
        self._learn_replays(needed, found)
        for subject in needed.histories:
            if self.memory.histories.get(subject) is None:
                self.memory.histories.keep(subject, Remembered())
        for row in found.rows:
            self.memory.record(row)
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

    def history(self, subject: Subject) -> History:
        """Give what is recorded, and decided, about a subject."""
        if subject.id in self.histories:
            self.seen = True
            return self.histories[subject.id]
        return self.below.history(subject)

    def open(self, subject: Subject) -> None:
        """Let a subject begin, with nothing recorded."""
        self.subjects[subject.key] = subject
        self.histories[subject.id] = History(kinds()[subject.kind])

    def absorb(self, upper: "Overlay") -> None:
        """Take over what the layer above decided."""
        self.subjects |= upper.subjects
        self.histories |= upper.histories
        self.aliases |= upper.aliases
