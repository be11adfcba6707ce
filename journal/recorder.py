"""The event store of the `eventsourcing` package, over our table and our way to append."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from eventsourcing.persistence import (
    BaseInfrastructureFactory,
    IntegrityError,
    InterfaceError,
    Notification,
    OperationalError,
    StoredEvent,
)
from eventsourcing.postgres import (
    PostgresApplicationRecorder,
    PostgresDatastore,
    PostgresFactory,
    PostgresTrackingRecorder,
)
from eventsourcing.utils import Environment, EnvType, retry
from psycopg.abc import Params
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row, tuple_row
from uuid_utils.compat import uuid7

from journal.append import APPEND, Proposal, Ruling, parameters, rulings
from journal.rows import COLUMNS, Draft, Row

# The package's own answer to a lost connection; a lost reply to our append is no lost command.
_patiently = retry((InterfaceError, OperationalError), max_attempts=10, wait=0.2)

_OF_SUBJECT = [
    f"SELECT {COLUMNS} FROM journal.events WHERE subject = %b"
    " AND version > coalesce(%b::int, -1) AND version <= coalesce(%b::int, 2147483647)"
    f" ORDER BY version {order} LIMIT %b::bigint"
    for order in ("ASC", "DESC")
]
_OF_ALL = [
    f"SELECT {COLUMNS} FROM journal.events WHERE position >= %(first)s"
    f" AND position <= coalesce(%(last)s::bigint, {2**63 - 1}) {of_topics}"
    " ORDER BY position LIMIT %(limit)s"
    for of_topics in ("", "AND type = ANY(%(topics)s)")
]


@dataclass(frozen=True)
class StoredDraft(StoredEvent):
    """An event on its way into the store."""

    draft: Draft

    @classmethod
    def of(cls, draft: Draft) -> "StoredDraft":
        """Wrap a draft."""
        return cls(draft.subject, draft.version, draft.type, draft.body, draft)


@dataclass(frozen=True)
class StoredRow(Notification):
    """An event from the store, with its whole row."""

    row: Row

    @classmethod
    def of(cls, row: Row) -> "StoredRow":
        """Wrap a row."""
        return cls(row.subject, row.version, row.type, row.body, row.position, row)


class JournalDatastore(PostgresDatastore):
    """A pool of connections to one database, with every setting of its conninfo."""

    def __init__(self, conninfo: str, *, schema: str = "journal", pool_size: int = 1) -> None:
        """Open nothing yet.

        Args:
            conninfo: as `journal.database.conninfo` gives it.
            schema: in which tables are looked for.
            pool_size: connections kept open; ten more are opened at need.
        """
        super().__init__(
            *("", "", "", "", ""),
            idle_in_transaction_session_timeout=15,
            pool_size=pool_size,
            max_overflow=10,
            schema=schema,
        )
        self.pool.kwargs = {**conninfo_to_dict(conninfo), "row_factory": dict_row}


class JournalRecorder(PostgresApplicationRecorder):
    """Appends through `journal.append`, reads `journal.events`; migrations own the tables."""

    def __init__(self, datastore: PostgresDatastore, *, events_table_name: str = "events") -> None:
        """Listen where the append function notifies."""
        super().__init__(datastore, events_table_name=events_table_name)
        self.channel_name = "journal"
        self.sql_create_statements.clear()

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        """Append events as one command.

        Args:
            stored_events: each a StoredDraft.
            kwargs: `principal`, and what else a Proposal takes.

        Raises:
            IntegrityError: the subject has moved on, or the key is another subject's.
        """
        drafts = tuple(one.draft for one in stored_events if isinstance(one, StoredDraft))
        if not drafts:
            return []
        known = {name: kwargs[name] for name in Proposal._fields if name in kwargs}
        proposal = Proposal(**{"command": uuid7(), **known, "drafts": drafts})
        ruling: Ruling = self.append([proposal])[0]
        if ruling.verdict == "replayed":
            return self._recorded(proposal.command)
        if ruling.verdict != "new":
            raise IntegrityError(ruling.verdict)
        return [row.position for row in ruling.rows]

    @_patiently
    def append(self, proposals: Sequence[Proposal]) -> list[Ruling]:
        """Append proposals; once, even where the reply to a commit is lost and it is tried again.

        Raises:
            OperationalError: the database is away, for longer than is worth waiting.
        """
        return rulings(proposals, self._fetch(APPEND, parameters(proposals)))

    def _recorded(self, command: UUID) -> list[int]:
        query = "SELECT position FROM journal.events WHERE command = %s ORDER BY ordinal"
        return [position for (position,) in self._fetch(query, (command,))]

    @_patiently
    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredRow]:
        """Read the events of a subject."""
        found = self._fetch(_OF_SUBJECT[desc], (originator_id, gt, lte, limit))
        return [StoredRow.of(Row._make(columns)) for columns in found]

    @_patiently
    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[StoredRow]:
        """Read events in the order of recording."""
        first = 1 if start is None else start + (not inclusive_of_start)
        given = {"first": first, "last": stop, "limit": limit, "topics": list(topics)}
        found = self._fetch(_OF_ALL[bool(topics)], given)
        return [StoredRow.of(Row._make(columns)) for columns in found]

    @_patiently
    def max_notification_id(self) -> int | None:
        """Give the last position, or None where nothing is recorded."""
        [found] = self._fetch("SELECT max(position) FROM journal.events", ())
        position: int | None = found[0]
        return position

    def _fetch(self, query: str, given: Params) -> list[tuple[Any, ...]]:
        with (
            self.datastore.get_connection() as connection,
            connection.cursor(binary=True, row_factory=tuple_row) as cursor,
        ):
            return cursor.execute(query, given, prepare=True).fetchall()


class TrackingRecorder(PostgresTrackingRecorder):
    """Keeps the position up to which each projection has read, in `views.tracking`."""

    def __init__(
        self, datastore: PostgresDatastore, *, tracking_table_name: str = "tracking"
    ) -> None:
        """Leave the table to the migrations."""
        super().__init__(datastore, tracking_table_name=tracking_table_name)
        self.sql_create_statements.clear()


class JournalFactory(PostgresFactory):
    """Builds the recorders on one database; nothing of it comes from the environment."""

    def __init__(self, env: Environment | EnvType | None, datastore: JournalDatastore) -> None:
        """Take the datastore instead of making one from POSTGRES_… variables."""
        BaseInfrastructureFactory.__init__(self, env)
        self.datastore = datastore

    def application_recorder(self) -> JournalRecorder:
        """Give the recorder of the journal."""
        return JournalRecorder(self.datastore)
