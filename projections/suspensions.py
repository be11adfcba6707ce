"""What stands still or stood still, and for how long."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import orjson

from domain.subject import is_still
from domain.suspensions import Suspension, suspensions
from projections.about import About
from projections.computed import Telling
from projections.mentions import SUSPENDED
from projections.snapshot import Among, Shown, Snapshot
from projections.targets import days, event


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(About):
    """Which suspensions: those still open, or over; of all subjects, or some."""

    kind: str | None = None
    open: bool | None = None


def telling(question: Question) -> Telling:
    """Give the list of them."""
    among = Among(kind=question.kind, once=SUSPENDED, facets=question.facets())
    return Telling("suspensions", question, among, partial(_tell, question=question))


async def _tell(now: Snapshot, shown: Sequence[Shown], *, question: Question) -> list[list[bytes]]:
    wanted = [one for one in shown if not question.open or is_still(one.stage)]
    titles = await now.titles(wanted)
    histories = await now.histories(one.id for one in wanted)
    items = {
        one.id: [
            _item(one, title, found, now)
            for found in suspensions(histories[one.id], now.day)
            if question.open in (None, found.open)
        ]
        for one, title in zip(wanted, titles, strict=True)
    }
    return [items.get(one.id, []) for one in shown]


def _item(shown: Shown, title: bytes, found: Suspension, now: Snapshot) -> bytes:
    return orjson.dumps(
        {
            "subject": shown.subject,
            "title": orjson.Fragment(title),
            "stage": shown.stage,
            "open": found.open,
            "began": event(found.began),
            "ended": event(found.ended) if found.ended else None,
            "days": days(found.lasted(now.day)),
            "positions": found.positions,
        }
    )
