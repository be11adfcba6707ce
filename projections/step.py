"""Take the next batch of events into projections: rows and position in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from projections import quarantine
from projections.histories import Advance, Histories, read_after, read_subjects
from projections.projection import Projection
from projections.quarantine import Ward
from projections.tables import Connection, forget
from projections.taking import Taker
from projections.tracking import Progress, Superseded, is_ours, move, progress, rebuilt

# Enough for the cost of statements to vanish, few enough for a new event not to wait.
BATCH = 500


@dataclass(slots=True)
class Stepper:
    """Moves projections on, batch by batch."""

    connection: Connection
    _histories: Histories = field(default_factory=Histories)
    _wards: dict[str, tuple[int, Ward]] = field(default_factory=dict)

    def step(self, projections: Sequence[Projection]) -> bool:
        """Take the next batch into those that are furthest behind; tell whether there was one.

        Raises:
            Superseded: other code has built the rows of one anew.
        """
        known = progress(self.connection, projections)
        start = min(one.position for one in known.values())
        behind = [one for one in projections if known[one.name].position == start]
        others = (one.position for one in known.values() if one.position > start)
        rows = read_after(self.connection, start, min(others, default=2**62), BATCH)
        if rows:
            advances = self._histories.advance(self.connection, rows)
            self._take(behind, advances, start, rows[-1].position)
        return bool(rows)

    def _take(
        self, projections: Sequence[Projection], advances: Sequence[Advance], start: int, stop: int
    ) -> None:
        """Take a batch, unless somebody else has moved a projection on by now."""
        with self.connection.transaction():
            now = self._progress(projections)
            if any(now[one.name].position != start for one in projections):
                return
            for one in projections:
                taker = self._taker(one, now[one.name])
                changed = self._taken(taker, advances)
                move(self.connection, one, stop, changed=changed)

    def _taken(self, taker: Taker, advances: Sequence[Advance]) -> bool:
        healthy = [one for one in advances if not taker.ward.knows(one.subject)]
        ailing = [one for one in advances if taker.ward.knows(one.subject)]
        changed = taker.take(healthy)
        for one in ailing:
            self._take_behind(taker, one)
        return changed or bool(ailing)

    def _take_behind(self, taker: Taker, advance: Advance) -> None:
        """Take events of a subject that has others in quarantine."""
        if first := taker.ward.held.get(advance.subject):
            behind = [f"waits behind position {first}"] * len(advance.rows)
            quarantine.wait(self.connection, taker.name, advance.rows, behind)
        else:
            self._take_anew(taker, advance.subject, advance.rows[-1].position)

    def retry(self, projection: Projection) -> bool:
        """Try again what somebody asked for; tell whether there was anything.

        Raises:
            Superseded: other code has built the rows anew.
        """
        subjects = quarantine.to_retry(self.connection, projection.name)
        if subjects:
            with self.connection.transaction():
                now = self._progress([projection])[projection.name]
                ward = Ward.read(self.connection, projection.name)
                taker = Taker(self.connection, projection, ward)
                for subject in subjects:
                    self._take_anew(taker, subject, now.position)
                    quarantine.tried(self.connection, projection.name, subject)
                rebuilt(self.connection, projection, now.position)
        return bool(subjects)

    def _progress(self, projections: Sequence[Projection]) -> Mapping[str, Progress]:
        """Tell how far projections are, whose rows then nobody else touches."""
        now = progress(self.connection, projections, lock=True)
        for one in projections:
            if not is_ours(one, now[one.name]):
                raise Superseded(one, now[one.name].version)
        return now

    def _take_anew(self, taker: Taker, subject: UUID, until: int) -> None:
        rows = read_subjects(self.connection, [subject], until)[subject]
        forget(self.connection, taker.projection, [subject])
        if taker.take_whole(rows):
            quarantine.release(self.connection, taker.name, subject)

    def _taker(self, projection: Projection, now: Progress) -> Taker:
        """Know what is in quarantine; a new build, or another runner before us, changed that."""
        build, ward = self._wards.get(projection.name, (-1, Ward()))
        if build != now.build:
            ward = Ward.read(self.connection, projection.name)
            self._wards[projection.name] = now.build, ward
        return Taker(self.connection, projection, ward)
