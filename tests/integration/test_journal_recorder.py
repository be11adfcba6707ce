"""Our recorders are what the `eventsourcing` package means by recorders: its own cases pass.

They store foreign topics, which no kind of subject has, so a mapping of the tests turns each of
their events into a draft. No case of the package contradicts dense positions: those that expect
contiguous notification ids are where other recorders have to make an exception.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from eventsourcing.application import AggregateNotFoundError
from eventsourcing.persistence import IntegrityError, StoredEvent
from eventsourcing.tests import persistence
from eventsourcing.utils import resolve_topic

from domain.event import events
from journal.database import Role, conninfo
from journal.ledger import Ledger
from journal.recorder import JournalDatastore, JournalRecorder, StoredDraft, TrackingRecorder
from journal.rows import Draft
from tests.integration.journaling import ADMIN, command, note, organization

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class ForeignRecorder(JournalRecorder):
    """Takes events of any topic, as those of subjects of the kind `foreign`."""

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        """Append them through the one function, like everybody."""
        drafts = [StoredDraft.of(_draft(one)) for one in stored_events]
        return super().insert_events(drafts, principal="somebody", **kwargs)


def _draft(stored: StoredEvent) -> Draft:
    subject = stored.originator_id
    assert isinstance(subject, UUID)
    named = (uuid4(), "foreign", subject, f"foreign-{subject}", stored.originator_version)
    return Draft(*named, stored.topic, 1, None, None, None, stored.state)


@pytest.fixture
def datastore(database: str, request: pytest.FixtureRequest) -> Iterator[JournalDatastore]:
    """Give a datastore in the schema that the class of tests names."""
    schema = request.cls.schema
    role: Role = "farshore_app" if schema == "journal" else "farshore_projector"
    with JournalDatastore(conninfo(database, role), schema=schema) as opened:
        request.cls.datastore = opened
        yield opened


@pytest.mark.usefixtures("datastore")
class TestJournalRecorder(persistence.ApplicationRecorderTestCase[JournalRecorder]):
    """The package's cases for application recorders, with their concurrency and subscription."""

    schema = "journal"
    datastore: JournalDatastore

    def create_recorder(self) -> JournalRecorder:
        """Give ours."""
        return ForeignRecorder(self.datastore)

    def test_insert_subscribe(self) -> None:
        """A subscription sees every event once, from any position, and stops when told."""
        self.optional_test_insert_subscribe()


@pytest.mark.usefixtures("datastore")
class TestPositions(persistence.NonInterleavingNotificationIDsBaseCase):
    """The package's case for two who append a thousand events each at once."""

    schema = "journal"
    datastore: JournalDatastore

    def create_recorder(self) -> JournalRecorder:
        """Give ours."""
        return ForeignRecorder(self.datastore)


@pytest.mark.usefixtures("datastore")
class TestTrackingRecorder(persistence.TrackingRecorderTestCase):
    """The package's cases for tracking recorders."""

    schema = "views"
    datastore: JournalDatastore

    def create_recorder(self) -> TrackingRecorder:
        """Give ours."""
        return TrackingRecorder(self.datastore)


@pytest.fixture
def ledger(database: str) -> Iterator[Ledger]:
    """Give the application on an empty journal."""
    with Ledger(conninfo(database, "farshore_app")) as opened:
        yield opened


def test_repository_folds_what_was_submitted(ledger: Ledger) -> None:
    """The package's repository gives the history of a subject, and follows it as it goes on."""
    [row] = ledger.submit(command(organization("weride"))).rows
    assert ledger.history(row.subject).version == 1
    ledger.submit(command(note("weride", "seen at IAA")))
    assert [one.event.type for one in ledger.history(row.subject).recorded] == [
        "organization.registered",
        "note.added",
    ]


def test_repository_knows_no_unknown_subject(ledger: Ledger) -> None:
    """A subject without events is not found."""
    with pytest.raises(AggregateNotFoundError):
        ledger.history(uuid4())


def test_save_appends_a_draft_once(ledger: Ledger) -> None:
    """The package's `save` appends, answers a repeated command alike, and refuses a conflict."""
    draft = _draft(StoredEvent(uuid4(), 1, "foreign.happened", b"{}"))
    name = uuid4()
    [first] = ledger.save(draft, principal="somebody", command=name)
    [again] = ledger.save(draft, principal="somebody", command=name)
    assert first.notification.id == again.notification.id == 1
    with pytest.raises(IntegrityError):
        ledger.save(draft, principal="somebody")


def test_notification_log_tells_stored_names(ledger: Ledger) -> None:
    """The package's notification log gives our names for event types, which are no Python paths."""
    ledger.submit(command(organization("weride"), by=ADMIN))
    [notification] = ledger.notification_log.select(start=1, limit=10)
    assert notification.topic == "organization.registered"
    assert resolve_topic(notification.topic) is events()["organization.registered"]


def test_no_table_is_made(ledger: Ledger) -> None:
    """The package creates nothing, even if its environment says so: migrations own all tables."""
    recorder = ledger.recorder
    assert isinstance(recorder, JournalRecorder)
    recorder.create_table()
    with recorder.datastore.transaction() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE tablename = 'stored_events'")
        assert cursor.fetchone() == {"count": 0}
