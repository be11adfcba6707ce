"""The journal as an `eventsourcing` application: the synchronous interface, for library and CLI."""

from collections.abc import Iterable
from contextlib import nullcontext, suppress
from time import sleep
from typing import TYPE_CHECKING, Any, ClassVar, cast
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import (
    InfrastructureFactory,
    InterfaceError,
    Mapper,
    OperationalError,
    StoredEvent,
    TrackingRecorder,
)
from eventsourcing.utils import Environment, register_topic
from psycopg import Connection
from psycopg.rows import tuple_row

from domain.effective import Recorded
from domain.event import events
from domain.history import History
from journal import lookup
from journal.append import APPEND, parameters, rulings
from journal.commands import Command
from journal.memory import Memory
from journal.recorder import JournalDatastore, JournalFactory, StoredDraft, StoredRow
from journal.refusals import Unavailable
from journal.round import HOLDING_FROM, Answer, Recording, Task, Wanted, play

if TYPE_CHECKING:
    from journal.rows import Draft

_PAUSES = (0.1, 0.3, 1.0, 3.0)  # seconds before each further try to reach the database

for _name, _event in events().items():
    register_topic(_name, _event)  # a stored name is no Python path


class JournalMapper(Mapper[UUID]):
    """Turns rows into what the domain sees, and drafts into what the recorder takes."""

    def __init__(self) -> None:
        """Do without the package's transcoder: a row is its own encoding."""

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        """Wrap a draft."""
        return StoredDraft.of(cast("Draft", domain_event))

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[UUID]:
        """Revive the event of a row."""
        return cast("DomainEventProtocol[UUID]", cast("StoredRow", stored_event).row.recorded())


def project(history: History | None, recorded: Iterable[Recorded]) -> History | None:
    """Fold what is recorded about one subject: the repository's projector function."""
    for one in recorded:
        history = history.add(one) if history else History.of([one])
    return history


class Ledger(Application[UUID]):
    """Reads histories by the package's repository; records by the rules everybody records by."""

    name = "journal"
    env: ClassVar[dict[str, str]] = {
        "CREATE_TABLE": "n",  # migrations own all tables
        "AGGREGATE_CACHE_MAXSIZE": "1000",
        "DEEPCOPY_FROM_AGGREGATE_CACHE": "n",  # a history is immutable
    }

    def __init__(self, conninfo: str) -> None:
        """Connect to nothing yet.

        Args:
            conninfo: with the role farshore_app.
        """
        self._datastore = JournalDatastore(conninfo)
        super().__init__()

    def construct_factory(self, env: Environment) -> InfrastructureFactory[TrackingRecorder]:
        """Build everything on our datastore."""
        return cast("InfrastructureFactory[TrackingRecorder]", JournalFactory(env, self._datastore))

    def construct_mapper(self) -> JournalMapper:
        """Map rows."""
        return JournalMapper()

    def history(self, subject: UUID) -> History:
        """Give everything recorded about a subject.

        Raises:
            AggregateNotFoundError: nothing is.
        """
        # The package's protocols of aggregates ask for more than its repository uses.
        history: History = self.repository.get(subject, projector_func=cast("Any", project))
        return history

    def submit(self, command: Command) -> Recording:
        """Record a command, once, or say why not.

        Raises:
            Refused, Declined: what speaks against it.
        """
        task = Task(command)
        pauses = iter(_PAUSES)
        while task.outcome is None:
            try:
                self._round(task)
            except (InterfaceError, OperationalError):
                task.outcome, task.perhaps_recorded = None, True
                if (pause := next(pauses, None)) is None:
                    raise Unavailable from None
                sleep(pause)
        if isinstance(task.outcome, Recording):
            return task.outcome
        raise task.outcome

    def _round(self, task: Task) -> None:
        hold = task.tries >= HOLDING_FROM
        with (
            self._datastore.get_connection() as connection,
            connection.transaction() if hold else nullcontext(),
        ):
            if hold:
                connection.execute("SELECT journal.hold()")
            game = play(Memory(), [task])
            with suppress(StopIteration):
                wanted = next(game)
                while True:
                    wanted = game.send(_perform(connection, wanted))


def _perform(connection: Connection[Any], wanted: Wanted) -> Answer:
    if wanted is None:
        return None
    with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
        if isinstance(wanted, list):
            answer = cursor.execute(APPEND, parameters(wanted)).fetchall()
            return rulings(wanted, answer)
        asked = lookup.queries(wanted).items()
        return lookup.found(**{name: cursor.execute(*query).fetchall() for name, query in asked})
