"""Warnings as they are kept, and those that come by the passing of time alone."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import orjson

from domain import views
from domain.archive import lenient
from domain.event import kinds
from domain.subject import Kind, Target
from domain.views import Notice, View
from projections.projection import FOREVER

# Of a long history, a state and each warning show the newest events.
MOST_POSITIONS = 100
# Silence is worth no warning earlier; exactly when, the domain says.
AGED = timedelta(days=365)

_target = lenient(Target).validate_python


def grouped(notices: Iterable[Notice]) -> list[dict[str, Any]]:
    """Say each warning once, with the events that it is about."""
    positions: dict[tuple[str, str], dict[int, None]] = {}
    for notice in notices:
        told = positions.setdefault((notice.code, notice.message), {})
        told.update(dict.fromkeys(notice.positions))
    return [
        {"code": code, "message": message, "positions": sorted(about)[-MOST_POSITIONS:]}
        for (code, message), about in positions.items()
    ]


def aging(kind: Kind, view: View) -> tuple[str, date | str]:
    """Give what `domain.views.aging` needs later, and a day before which it warns of nothing."""
    open_targets = [target for target in view.state.targets if target.outcome == "open"]
    days = [target.due + timedelta(days=1) for target in open_targets if target.due]
    if kind.goes_dormant and not view.state.ended:
        days.append(view.heard_on + AGED)
    if not days:
        return "", FOREVER
    needed = {
        "targets": [
            (target.model_dump(exclude_none=True), view.origins[target.field])
            for target in open_targets
        ],
        "heard": (view.heard_on, view.positions[-1]),
    }
    return orjson.dumps(needed).decode(), min(days)


def warnings(kind: str, stage: str, notices: str, aged: str | None, day: date) -> bytes:
    """Give the warnings about a state on a day, as JSON.

    Args:
        kind: of the subject.
        stage: in which it is.
        notices: those on record, as JSON.
        aged: what `aging` kept, where the day may bring warnings.
        day: of looking.
    """
    if not aged:
        return notices.encode()
    known = orjson.loads(aged)
    targets = [(_target(one), position) for one, position in known["targets"]]
    heard_on, position = known["heard"]
    heard = date.fromisoformat(heard_on), position
    come = grouped(views.aging(kinds()[kind], stage, targets, heard, day))
    return orjson.dumps([*orjson.loads(notices), *come]) if come else notices.encode()
