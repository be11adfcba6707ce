"""What was promised, how often that moved, and how late it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson

from domain.effective import Fact
from domain.slippage import Days, Promise, promises
from domain.subject import Target
from projections.about import About
from projections.computed import Telling
from projections.mentions import PROMISED
from projections.snapshot import Among, Shown, Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(About):
    """Which promises."""

    kind: str | None = None
    milestone: str | None = None
    outcome: str | None = None
    overdue: bool | None = None

    def fits(self, target: Target) -> bool:
        """Tell whether a promise as it stands is one of those asked for, whatever day it is."""
        wanted = "open" if self.overdue else self.outcome
        return self.milestone in (None, target.milestone) and wanted in (None, target.outcome)

    def wants(self, promise: Promise, now: Snapshot) -> bool:
        """Tell whether a promise is one of those asked for."""
        return (
            self.fits(promise.target)
            and self.outcome in (None, promise.target.outcome)
            and self.overdue in (None, promise.is_overdue(now.day))
        )


def telling(question: Question) -> Telling:
    """Give the list of them."""
    among = Among(kind=question.kind, once=PROMISED, facets=question.facets())
    return Telling("targets", question, among, partial(_tell, question=question))


async def _tell(now: Snapshot, shown: Sequence[Shown], *, question: Question) -> list[list[bytes]]:
    wanted = [one for one in shown if any(map(question.fits, one.targets()))]
    titles = await now.titles(wanted)
    histories = await now.histories(one.id for one in wanted)
    items = {
        one.id: [
            _item(one, title, promise, now)
            for promise in promises(histories[one.id], now.day)
            if question.wants(promise, now)
        ]
        for one, title in zip(wanted, titles, strict=True)
    }
    return [items.get(one.id, []) for one in shown]


def _item(shown: Shown, title: bytes, promise: Promise, now: Snapshot) -> bytes:
    target = promise.target
    moves = list(_moves(promise))
    dates = {"first": promise.first_date, "present": target.target_date}
    return orjson.dumps(
        {
            "subject": shown.subject,
            "title": orjson.Fragment(title),
            "milestone": target.milestone,
            "outcome": target.outcome,
            "overdue": promise.is_overdue(now.day),
            **_promised(target),
            "announced_by": target.announced_by,
            "told": [event(one.fact) | _promised(one.target) for one in promise.told],
            "moved": len(moves),
            "moves": moves,
            "settled": event(promise.settled) if promise.settled else None,
            "late": {name: days(promise.late(on, now.day)) for name, on in dates.items()},
            "positions": promise.positions,
        }
    )


def _moves(promise: Promise) -> Iterator[dict[str, Any]]:
    for move in promise.moves():
        yield {
            "position": move.fact.position,
            "occurred_on": move.fact.occurred_on,
            "from": _promised(move.before),
            "to": _promised(move.after),
            "days": days(move.days),
        }


def _promised(target: Target) -> dict[str, Any]:
    quantity = target.quantity.model_dump(exclude_none=True) if target.quantity else None
    return {"target_date": target.target_date, "quantity": quantity}


def event(fact: Fact) -> dict[str, Any]:
    """Tell which event it was."""
    return {
        "position": fact.position,
        "type": fact.event.type,
        "occurred_on": fact.occurred_on,
        "effective_day": fact.day,
    }


def days(found: Days | None) -> dict[str, int | None] | None:
    """Tell a number of days, as a range."""
    return found._asdict() if found else None
