"""Replace rows that older code made: build them anew beside the runner, which goes on meanwhile."""

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from threading import Event, Thread

import structlog

from projections.parts import connect, cores
from projections.projection import Projection
from projections.rebuild import Build
from projections.tables import Connection
from projections.tracking import acquire_build, is_outdated, progress

log = structlog.get_logger(__name__)

# After a build that failed; the events that it could not take are no failure.
AGAIN_AFTER = 10.0
_CANCEL_EVERY = 0.2


class Stopped(Exception):
    """The process ends before the build has."""


@dataclass(slots=True)
class Replacing(AbstractContextManager["Replacing"]):
    """Builds projections of which other code serves an older version, one build at a time.

    Whoever follows the old rows goes on until the new ones take their place. Leaving the block
    gives up a build that is under way; what it made is thrown away by the next one.
    """

    url: str
    _stopping: Event
    _thread: Thread | None = None
    _connection: Connection | None = None
    _not_before: float = 0

    @classmethod
    def on(cls, url: str) -> "Replacing":
        """Work on a database."""
        return cls(url, Event())

    def __exit__(self, *_: object) -> None:
        """Give up, whatever statement is under way."""
        self._stopping.set()
        while self._thread and self._thread.is_alive():
            if connection := self._connection:
                connection.cancel_safe(timeout=_CANCEL_EVERY)
            self._thread.join(_CANCEL_EVERY)

    def begin(self, projections: Sequence[Projection]) -> None:
        """Begin to build projections, unless a build is under way."""
        busy = self._thread and self._thread.is_alive()
        if projections and not busy and time.monotonic() >= self._not_before:
            self._thread = Thread(target=self._try, args=(projections,), name="replacing")
            self._thread.start()

    def _try(self, projections: Sequence[Projection]) -> None:
        try:
            with connect(self.url) as self._connection:
                self._build(self._connection, projections)
        except Exception as error:
            self._not_before = time.monotonic() + AGAIN_AFTER
            if not self._stopping.is_set():
                log.exception("a view could not be replaced", error=str(error))
        finally:
            self._connection = None

    def _build(self, connection: Connection, projections: Sequence[Projection]) -> None:
        """Build what is still outdated, where no other process is at it."""
        if not acquire_build(connection, wait=False):
            return
        known = progress(connection, projections)
        old = tuple(one for one in projections if is_outdated(one, known.get(one.name)))
        if old:
            versions = {one.name: one.version for one in old}
            log.info("replacing", versions=versions)
            Build(self.url, connection, old, self._report).run(cores(), here=False)
            log.info("replaced", versions=versions)

    def _report(self, what: str, done: int, total: int) -> None:
        if self._stopping.is_set():
            raise Stopped
        log.info("replacing", of=what, done=done, total=total)
