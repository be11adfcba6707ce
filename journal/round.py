"""One round of group commit, without I/O: look up, decide, append, tell.

`play` is a generator. It yields what it wants of the database and is sent the answer: for `Needs`
a `Found`, for a list of proposals their rulings; None is no more than a chance to let others work.
Whoever drives it does the I/O, so the server and the command line decide by the same code.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeAlias
from uuid import UUID

from domain.history import History
from domain.refusals import Refused
from domain.views import Notice
from journal.append import Proposal, Ruling
from journal.commands import Command
from journal.decide import Decided, decide, judge, warned
from journal.foresee import foresee
from journal.known import Found, Ground, Missing, Needs, Overlay, Replay, Unguarded
from journal.memory import Memory
from journal.names import Subject
from journal.refusals import AtLine, Declined, OtherRequest, Overtaken, plain
from journal.rows import Row

HOLDING_FROM = 2  # tries after which a round holds the journal, so that nobody overtakes it again
MOST_TRIES = 5
BREATH = 32  # commands decided, which takes a few milliseconds, before others get their turn


@dataclass(frozen=True, slots=True)
class Recording:
    """What became of a command.

    Attributes:
        rows: one for each line; of a dry run as they would be, without a leaf.
        warnings: of each line, where the command asked for them.
        replayed: whether it was on record before it came.
        changes: of a dry run, the history before and after each line.
        refused: of a tolerant one, the lines that are in neither, and why.
    """

    rows: tuple[Row, ...]
    warnings: tuple[tuple[Notice, ...], ...] = ()
    replayed: bool = False
    changes: tuple[tuple[History, History], ...] = ()
    refused: tuple[AtLine, ...] = ()


Outcome: TypeAlias = Recording | Refused | Declined
Wanted: TypeAlias = Needs | list[Proposal] | None
Answer: TypeAlias = Found | list[Ruling] | None
Play: TypeAlias = Generator[Wanted, Answer, None]


@dataclass(slots=True)
class Task:
    """A command on its way.

    Attributes:
        tries: how often others got in between.
        perhaps_recorded: whether a reply was lost, so that it must be looked up.
        outcome: None until there is one; what has none after a round is played again.
    """

    command: Command
    tries: int = 0
    perhaps_recorded: bool = False
    outcome: Outcome | None = None


def play(memory: Memory, tasks: Sequence[Task]) -> Play:
    """Give each task its outcome, or leave it for another round."""
    table = _Round(memory)
    for task in tasks:
        table.foresee(task)
    yield from table.look_up()
    for number, task in enumerate(tasks, 1):
        try:
            while not table.consider(task):
                yield from table.look_up()
        except Unguarded:
            task.tries = HOLDING_FROM
            break  # what comes after it waits too, for another round
        if number % BREATH == 0:
            yield None
    if table.stakes:
        rulings = yield [stake.proposal for stake in table.stakes]
        if isinstance(rulings, list):
            table.settle(rulings)


class _Stake(NamedTuple):
    task: Task
    proposal: Proposal
    decided: list[Decided]


@dataclass(slots=True)
class _Round:
    memory: Memory
    ground: Ground = field(init=False)
    batch: Overlay = field(init=False)
    stakes: list[_Stake] = field(default_factory=list)
    leaning: list[tuple[Task, Refused | Declined]] = field(default_factory=list)
    named: set[UUID] = field(default_factory=set)
    position: int = 0

    def __post_init__(self) -> None:
        self.ground = Ground(self.memory)
        self.batch = Overlay(self.ground)

    def foresee(self, task: Task) -> None:
        """Note what will be needed."""
        foresee(task.command, self.ground, first=task.tries == 0)
        if task.perhaps_recorded:
            self.ground.needs.commands.add(task.command.id)

    def look_up(self) -> Play:
        """Ask for what is needed, if anything is."""
        if needs := self.ground.needs:
            self.ground.needs = Needs()
            found = yield needs
            if isinstance(found, Found):
                self.ground.learn(needs, found)

    def consider(self, task: Task) -> bool:
        """Decide a task; False where something must be looked up before."""
        self.batch.seen = False
        self.ground.trusted.clear()
        self.ground.relied.clear()
        self.ground.guarded = task.tries >= HOLDING_FROM or task.command.dry_run
        try:
            self._consider(task)
        except Missing:
            return False
        except (Refused, Declined) as refusal:
            if self.ground.distrust():
                return False
            if self.batch.seen:
                self.leaning.append((task, plain(refusal)))
            else:
                task.outcome = plain(refusal)
        return True

    def _consider(self, task: Task) -> None:
        command = task.command
        name, replay = self._recorded(task)
        if replay:
            task.outcome = self._replayed(command, replay)
        elif command.tolerant:
            decided, refused = judge(command, Overlay(self.ground), self._next())
            task.outcome = replace(_dry(command, decided), refused=tuple(refused))
        elif command.dry_run:
            task.outcome = _dry(command, decide(command, Overlay(self.ground), self._next()))
        elif name not in self.named:
            layer = Overlay(self.batch)
            decided = decide(command, layer, self._next())
            self.batch.absorb(layer)
            self.named.add(name)
            self.position += len(decided)
            self.stakes.append(_Stake(task, self._proposal(command, name, decided), decided))

    def _next(self) -> int:
        self.position = max(self.position, self.memory.position)
        return self.position + 1

    def _proposal(self, command: Command, name: UUID, decided: list[Decided]) -> Proposal:
        return Proposal(
            name,
            command.principal.id,
            tuple(one.draft for one in decided),
            command.fingerprint,
            command.batch,
            self.batch.seen,
        )

    # ── what is on record already ────────────────────────────────────────────────────────────────

    def _recorded(self, task: Task) -> tuple[UUID, Replay | None]:
        """Give the id under which to record a command, and what is on record under it."""
        command = task.command
        name = command.id
        if not command.repeatable and not task.perhaps_recorded:
            return name, None
        while (replay := self.ground.replay(name)) and self._withdrawn(command, replay):
            name = command.again(replay.rows[0].position)
        return name, replay

    def _withdrawn(self, command: Command, replay: Replay) -> bool:
        """Whether all that lines of a file once recorded has been retracted since."""
        if not command.content or not replay.perhaps_retracted:
            return False
        return all(self._retracted(row) for row in replay.rows)

    def _retracted(self, row: Row) -> bool:
        history = self.ground.history(Subject(row.subject, row.kind, row.key), fresh=True)
        return history.fact(row.position).retracted_by is not None

    def _replayed(self, command: Command, replay: Replay) -> Outcome:
        if command.fingerprint != replay.fingerprint:
            return OtherRequest()
        warnings = tuple(map(self._warned, replay.rows)) if command.warn else ()
        return Recording(replay.rows, warnings, replayed=command.repeatable)

    def _warned(self, row: Row) -> tuple[Notice, ...]:
        """Give the warnings that were told when the row was recorded."""
        whole = self.ground.history(Subject(row.subject, row.kind, row.key))
        before = History(whole.kind)
        if row.version > 1:
            before = History.of(whole.recorded[: row.version - 1])
        after = before.add(whole.recorded[row.version - 1])
        return warned(before, after)

    # ── what became of it ────────────────────────────────────────────────────────────────────────

    def settle(self, rulings: Sequence[Ruling]) -> None:
        """Tell what was ruled; what must be decided again has no outcome."""
        moved: dict[int, int] = {}
        positions = [row.position for ruling in rulings for row in ruling.rows]
        if positions:
            self.memory.shared = positions[0] > self.memory.appended + 1
            self.memory.appended = positions[-1]
        for stake, ruling in zip(self.stakes, rulings, strict=True):
            for one, row in zip(stake.decided, ruling.rows, strict=False):
                self.memory.record(row, one.after)
                if row.position != one.after.last_position:
                    moved[one.after.last_position] = row.position
        for stake, ruling in zip(self.stakes, rulings, strict=True):
            self._settle(stake, ruling, moved)
        self._keep_together()
        if not moved and all(ruling.verdict == "new" for ruling in rulings):
            for task, refusal in self.leaning:
                task.outcome = refusal

    def _settle(self, stake: _Stake, ruling: Ruling, moved: dict[int, int]) -> None:
        task = stake.task
        match ruling.verdict:
            case "new":
                told = stake.decided if task.command.warn else ()
                warnings = tuple(_moved(one, moved) for one in told)
                task.outcome = Recording(ruling.rows, warnings)
            case "replayed":
                task.perhaps_recorded = True
            case "mismatch":
                task.outcome = OtherRequest()
            case "conflict" | "taken":
                self.memory.doubt(draft.subject for draft in stake.proposal.drafts)
                # Who leaned on another one is to blame for nothing, and the other has its limit.
                task.tries += not stake.proposal.leaning
                if task.tries == MOST_TRIES:
                    task.outcome = Overtaken()

    def _keep_together(self) -> None:
        """Let those who leaned on somebody who will hold the journal come with it.

        One by one they were overtaken again and again: 400 lines about one subject to which another
        process wrote, too, took a minute.
        """
        if any(stake.task.tries >= HOLDING_FROM for stake in self.stakes):
            for stake in self.stakes:
                if stake.proposal.leaning:
                    stake.task.tries = max(stake.task.tries, HOLDING_FROM)


def _moved(decided: Decided, moved: dict[int, int]) -> tuple[Notice, ...]:
    """Give the warnings, with the positions that the events got in the end."""
    if not moved:
        return decided.warnings()
    return tuple(
        notice._replace(positions=tuple(moved.get(one, one) for one in notice.positions))
        for notice in decided.warnings()
    )


def _dry(command: Command, decided: list[Decided]) -> Recording:
    rows = tuple(
        Row(
            one.after.last_position,
            *one.draft[:10],
            one.after.recorded[-1].recorded_at,
            command.principal.id,
            command.id,
            command.batch,
            one.draft.body,
            b"",
        )
        for one in decided
    )
    changes = tuple((one.before, one.after) for one in decided)
    return Recording(rows, tuple(one.warnings() for one in decided), changes=changes)
