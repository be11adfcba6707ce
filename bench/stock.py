"""The package's projection runner with one view, as its documentation shows it."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from time import perf_counter
from typing import TYPE_CHECKING, Any

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL

if TYPE_CHECKING:
    from uuid import UUID

    from eventsourcing.persistence import Tracking

_AT_ONCE = 500  # aggregates saved in one transaction, to fill the store


class Deal(Aggregate):
    """A deal with a text about as long as an event of the example data."""

    @event("Formed")
    def __init__(self, text: str) -> None:
        """Begin."""
        self.text = text


class Deals(Application["UUID"]):
    """Where deals are kept."""


class Told(PostgresTrackingRecorder):
    """The one view: a row for each deal."""

    def __init__(self, datastore: PostgresDatastore, **kwargs: Any) -> None:
        """Add the table of the view."""
        super().__init__(datastore, **kwargs)
        table = "CREATE TABLE IF NOT EXISTS told (id uuid PRIMARY KEY, text text NOT NULL)"
        self.sql_create_statements.append(SQL(table).format())

    def tell(self, deal: UUID, text: str, tracking: Tracking) -> None:
        """Write a row, and how far it is, together."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute("INSERT INTO told VALUES (%s, %s)", (deal, text), prepare=True)


class Telling(Projection[Told]):
    """What fills the view."""

    name = "telling"

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:  # noqa: ANN401 - its own
        """Take one event."""
        self.view.tell(domain_event.originator_id, domain_event.text, tracking)


def stock_projection(url: str, events: int) -> float:
    """Give the events a second that the package's runner takes, in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_project, url, events).result()


def _project(url: str, events: int) -> float:
    environment = _environment(url)
    deals = Deals(environment)
    for start in range(0, events, _AT_ONCE):
        deals.save(*(Deal("x" * 500) for _ in range(min(_AT_ONCE, events - start))))
    last = deals.recorder.max_notification_id()
    deals.close()
    start_at = perf_counter()
    with ProjectionRunner(
        application_class=Deals, projection_class=Telling, view_class=Told, env=environment
    ) as runner:
        runner.wait(last, timeout=300)
        return events / (perf_counter() - start_at)


def _environment(url: str) -> dict[str, str]:
    given = conninfo_to_dict(url)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(given["dbname"]),
        "POSTGRES_HOST": str(given["host"]),
        "POSTGRES_PORT": str(given.get("port", 5432)),
        "POSTGRES_USER": str(given["user"]),
        "POSTGRES_PASSWORD": str(given["password"]),
    }
