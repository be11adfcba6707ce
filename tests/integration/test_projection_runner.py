"""The runner takes every event once, whatever dies, and no event stops another subject."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import psycopg
import pytest
from eventsourcing.persistence import Tracking

from journal.database import conninfo
from journal.recorder import JournalDatastore, TrackingRecorder
from projections import runner
from projections.catalogue import PROJECTIONS
from projections.decisions import NotHeld, retry, skip
from projections.histories import Advance, Histories
from projections.runner import Runner, connect, following
from projections.status import status
from projections.step import Stepper
from projections.timeline import Timeline
from projections.tracking import acquire
from tests.conftest import QUICK
from tests.integration.asking import ask
from tests.integration.running import (
    Fragile,
    all_at,
    decide,
    followed,
    ill_and_well,
    organizations,
    shown,
    until,
)
from tests.integration.viewing import example_lines, follow, record, rows_of_all_tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from domain.history import History
    from projections.projection import Row, Since
    from projections.reading import Views


@contextmanager
def process(url: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run `python -m projections` while the block lasts."""
    settings = {"FARSHORE_DATABASE_URL": url, "FARSHORE_ALLOW_UNSAFE": ",".join(QUICK)}
    environment = {**os.environ, **settings}
    command = [sys.executable, "-m", "projections"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as running:
        try:
            yield running
        finally:
            running.kill()


def test_what_is_recorded_is_soon_visible(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A notification wakes the runner: it does not wait for its next look."""
    monkeypatch.setattr(runner, "POLL", 6)
    with following(database):
        until(lambda: all_at(database, 0))
        record(database, organizations(1))
        until(lambda: all_at(database, 1))
        record(database, organizations(1, "late"))
        assert until(lambda: all_at(database, 2)) < runner.POLL / 2


def test_a_killed_runner_takes_every_event_once(database: str) -> None:
    """Ten runners are killed at any moment; the rows are as if one had done it all."""
    lines = example_lines()
    record(database, lines[:131])
    for part in range(10):
        with process(database) as running:
            done = 131 + part * 20
            until(partial(followed, database, done), 20)
            record(database, lines[done : done + 20])
            time.sleep(part / 1000)
            running.send_signal(signal.SIGKILL)
    record(database, lines[331:])
    follow(database)
    once = rows_of_all_tables(database)
    _begin_again(database)
    follow(database)
    assert once == rows_of_all_tables(database)


def _begin_again(url: str) -> None:
    with psycopg.connect(conninfo(url)) as connection:
        for one in PROJECTIONS:
            for table in one.tables:
                connection.execute(f"DELETE FROM views.{table.name}")  # noqa: S608 - our own
        connection.execute("UPDATE views.tracking SET notification_id = 0")


def test_another_process_takes_over_from_a_killed_one(database: str) -> None:
    """Of two runners one is active; five seconds after its death the other has taken over."""
    with process(database) as first:
        record(database, organizations(1))
        until(lambda: all_at(database, 1), 20)
        with following(database):
            record(database, organizations(1, "second"))
            until(lambda: all_at(database, 2))
            [runner] = {one["runner"] for one in ask(database, status)}
            assert runner.endswith(f":{first.pid}")
            first.send_signal(signal.SIGKILL)
            record(database, organizations(1, "third"))
            assert until(lambda: all_at(database, 3)) < 5
            [runner] = {one["runner"] for one in ask(database, status)}
            assert runner.endswith(f":{os.getpid()}")


def test_a_stopped_runner_ends_cleanly(database: str) -> None:
    """SIGTERM ends the process without an error, and its locks are free."""
    with process(database) as running:
        until(lambda: all_at(database, 0), 20)
        running.send_signal(signal.SIGTERM)
        assert running.wait(10) == 0
    with connect(database) as connection:
        assert acquire(connection, PROJECTIONS) == list(PROJECTIONS)


def test_a_projection_has_one_active_runner(database: str) -> None:
    """Whoever asks second gets nothing, until the first is gone."""
    with connect(database) as second:
        with connect(database) as first:
            assert acquire(first, PROJECTIONS) == list(PROJECTIONS)
            assert acquire(second, PROJECTIONS) == []
        until(lambda: acquire(second, PROJECTIONS[:1]))


def test_two_at_work_at_once_take_nothing_twice(database: str) -> None:
    """Should two believe to be active, the position in the transaction decides."""
    record(database, organizations(3))
    with connect(database) as one, connect(database) as other:
        acquire(one, PROJECTIONS)
        steppers = Stepper(one), Stepper(other)
        assert [stepper.step(PROJECTIONS) for stepper in steppers] == [True, False]
        record(database, organizations(3, "more"))
        assert steppers[1].step(PROJECTIONS)
        assert not steppers[0].step(PROJECTIONS)
    assert len(rows_of_all_tables(database)["timeline"]) == 6


def test_a_runner_overtaken_while_it_folds_writes_nothing(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between its look and its rows another one took the batch: the position is looked at again."""
    lines = example_lines()
    record(database, lines[:200])
    folded = Histories.advance
    with connect(database) as one, connect(database) as other:
        acquire(one, PROJECTIONS)
        steppers = [Stepper(one), Stepper(other)]

        def advance(self: Histories, *given: Any) -> Sequence[Advance]:
            advances = folded(self, *given)
            if self is steppers[0]._histories:
                assert steppers[1].step(PROJECTIONS)
                record(database, lines[200:])
                assert steppers[1].step(PROJECTIONS)
            return advances

        monkeypatch.setattr(Histories, "advance", advance)
        steppers[0].step(PROJECTIONS)
    assert all_at(database, 356)
    once = rows_of_all_tables(database)
    monkeypatch.undo()
    _begin_again(database)
    follow(database)
    assert once == rows_of_all_tables(database)


def test_a_lost_connection_is_made_again(database: str) -> None:
    """The runner outlives the end of its connection."""
    with following(database):
        until(lambda: all_at(database, 0))
        with psycopg.connect(conninfo(database), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'farshore-projections' AND datname = current_database()"
            )
        record(database, organizations(1))
        until(lambda: all_at(database, 1))


def test_a_projection_that_is_behind_catches_up(database: str) -> None:
    """It reads from its own position, while the others wait at theirs."""
    record(database, organizations(4))
    with connect(database) as connection:
        acquire(connection, PROJECTIONS)
        stepper = Stepper(connection)
        assert stepper.step(PROJECTIONS[1:])
        record(database, organizations(2, "more"))
        while stepper.step(PROJECTIONS):
            pass
    assert all_at(database, 6)
    kept = rows_of_all_tables(database)
    _begin_again(database)
    follow(database)
    assert kept == rows_of_all_tables(database)


def test_the_tracking_of_the_package_is_ours(database: str) -> None:
    """The package's recorder reads where our runner is, and moves it on."""
    record(database, organizations(2))
    follow(database)
    datastore = JournalDatastore(conninfo(database, "farshore_projector"), schema="views")
    with datastore:
        recorder = TrackingRecorder(datastore)
        assert recorder.max_tracking_id("timeline") == 2
        recorder.insert_tracking(Tracking("another", 7))
        assert recorder.max_tracking_id("another") == 7


# ── what cannot be taken ─────────────────────────────────────────────────────────────────────────


class Unwritable(Timeline):
    """A timeline whose rows the database refuses."""

    poison: ClassVar[set[int]] = set()

    def rows(self, history: History, since: Since) -> Sequence[Sequence[Row]]:
        """Give a row without a subject."""
        lines, facets = super().rows(history, since)
        return [(one[0], None, *one[2:]) if one[0] in self.poison else one for one in lines], facets


@pytest.fixture(params=[Fragile, Unwritable])
def fragile(request: pytest.FixtureRequest) -> Iterator[Fragile]:
    """Give a projection that fails at position 3, the second event of the subject `ill`."""
    projection: Fragile = request.param()
    request.param.poison = {3}
    yield projection
    request.param.poison = set()


def _step_through(url: str, projection: Timeline) -> None:
    with connect(url) as connection:
        acquire(connection, [projection])
        stepper = Stepper(connection)
        while stepper.step([projection]):
            pass
        stepper.retry(projection)


def test_a_poison_event_stops_nothing_else(database: str, fragile: Fragile) -> None:
    """Its subject is shown as of before it, later events wait behind it, others go on."""
    record(database, ill_and_well())
    _step_through(database, fragile)
    assert shown(database) == [1, 2, 4, 6]
    [timeline] = [one for one in ask(database, status) if one["name"] == "timeline"]
    assert (timeline["position"], timeline["quarantined"]) == (6, 2)
    first, behind = timeline["quarantine"]
    assert (first["position"], first["subject"], first["type"]) == (3, "ill", "note.added")
    assert "cannot take it" in first["error"] or "null value" in first["error"]
    assert (behind["position"], behind["error"]) == (5, "waits behind position 3")


def test_what_comes_later_waits_as_well(database: str, fragile: Fragile) -> None:
    """An event that comes after its subject is ill is not taken before those in front of it."""
    record(database, ill_and_well())
    _step_through(database, fragile)
    record(database, ill_and_well()[4:])
    _step_through(database, fragile)
    assert shown(database) == [1, 2, 4, 6, 8]


def test_after_a_fix_a_retry_shows_all(database: str, fragile: Fragile) -> None:
    """What was in quarantine is taken in its place, and nothing is left there."""
    record(database, ill_and_well())
    _step_through(database, fragile)
    decide(database, retry, 3)
    _step_through(database, fragile)
    assert shown(database) == [1, 2, 4, 6]
    type(fragile).poison = set()
    decide(database, retry, 5)
    _step_through(database, fragile)
    assert shown(database) == [1, 2, 3, 4, 5, 6]
    with pytest.raises(NotHeld):
        decide(database, retry, 3)
    kept = rows_of_all_tables(database)["timeline"]
    _begin_again(database)
    _step_through(database, Timeline())
    assert sorted(kept) == sorted(rows_of_all_tables(database)["timeline"])


def test_a_view_can_do_without_an_event(database: str, fragile: Fragile) -> None:
    """A skipped event stays away, with the reason on record; those behind it are taken."""
    record(database, ill_and_well())
    _step_through(database, fragile)
    decide(database, skip, 3, "written by a test", "somebody")
    with pytest.raises(NotHeld, match="position 4"):
        decide(database, skip, 4, "is not in quarantine", "somebody")
    _step_through(database, fragile)
    record(database, ill_and_well()[4:])
    _step_through(database, fragile)
    assert shown(database) == [1, 2, 4, 5, 6, 7, 8]
    [timeline] = [one for one in ask(database, status) if one["name"] == "timeline"]
    assert timeline["quarantined"] == 0
    [skipped] = timeline["quarantine"]
    told = skipped["skipped_reason"], skipped["skipped_by"], skipped["retry"]
    assert told == ("written by a test", "somebody", False)
    decide(database, retry, 3)
    _step_through(database, fragile)
    assert shown(database) == [1, 2, 4, 6, 8]


def test_a_second_poison_event_behind_a_skipped_one_is_tried_once(
    database: str, fragile: Fragile
) -> None:
    """A decision is carried out once, and then the runner has nothing more to do."""
    record(database, ill_and_well())
    type(fragile).poison = {3, 5}
    _step_through(database, fragile)
    decide(database, skip, 3, "written by a test", "somebody")
    with connect(database) as connection:
        acquire(connection, [fragile])
        stepper = Stepper(connection)
        assert [stepper.retry(fragile) for _ in range(2)] == [True, False]
    assert shown(database) == [1, 2, 4, 6]


def test_a_running_runner_retries_when_asked(database: str) -> None:
    """The command needs no restart: it wakes the active runner."""
    Fragile.poison = {3}
    record(database, ill_and_well())
    with following(database, [Fragile()]):
        until(lambda: shown(database) == [1, 2, 4, 6])
        Fragile.poison = set()
        decide(database, retry, 3)
        until(lambda: shown(database) == [1, 2, 3, 4, 5, 6])


def test_status_tells_that_nobody_is_at_work(database: str) -> None:
    """Without a runner a projection waits, and its lag is told."""
    record(database, organizations(2))

    async def told(views: Views) -> list[dict[str, Any]]:
        return await status(views)

    for one in ask(database, told):
        assert (one["state"], one["lag"], one["runner"]) == ("waiting", 2, None)
    runner = Runner(database)
    runner.stop()
    runner.run()  # asked to stop before it began: it ends at once
