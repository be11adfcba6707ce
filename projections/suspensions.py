"""What stands still or stood still, and for how long."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import orjson

from domain.suspensions import Suspension, suspensions
from projections.mentions import SUSPENDED
from projections.snapshot import About, Among, Shown, Snapshot, Telling
from projections.targets import days, event


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(About):
    """Which suspensions: those still open, or over; of all subjects, or some."""

    kind: str | None = None
    open: bool | None = None


def telling(question: Question) -> Telling:
    """Give the list of them."""
    kinds = (question.kind,) if question.kind else ()
    among = Among(kinds=kinds, once=SUSPENDED, facets=question.facets())
    return Telling("suspensions", question, among, partial(_tell, question=question))


async def _tell(now: Snapshot, shown: Sequence[Shown], *, question: Question) -> list[list[bytes]]:
    titles = await now.titles(shown)
    histories = await now.histories(one.id for one in shown)
    return [
        [
            _item(one, title, found, now)
            for found in suspensions(histories[one.id], now.day)
            if question.open in (None, found.open)
        ]
        for one, title in zip(shown, titles, strict=True)
    ]


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
