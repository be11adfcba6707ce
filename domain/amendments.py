"""May this event about an event, or about the record itself, be recorded?"""

from typing import TYPE_CHECKING

from domain.effective import Fact, Recorded
from domain.event import Event
from domain.refusals import (
    AlreadyMerged,
    AlreadyRetracted,
    CorrectsRetracted,
    NotDisputed,
    NotMerged,
    Refused,
)
from domain.universal import (
    EventCorrected,
    EventDisputed,
    EventDisputeResolved,
    EventRetracted,
    Pointing,
    SubjectMerged,
    SubjectUnmerged,
)

if TYPE_CHECKING:
    from domain.history import History


def admit_amendment(history: "History", candidate: Recorded) -> None:
    """Refuse an event about events, or about the record itself, that has nothing to act on.

    Raises:
        Refused: why.
    """
    event = candidate.event
    if isinstance(event, Pointing) and event.target:
        target = history.fact(history.find(event.target).position)
        if why := _refusal(history, event, target):
            original, by = history.original(target.position), target.retracted_by
            against = (original, by) if by else (original,)
            raise why(positions=against, position=target.position, by=by)
    elif isinstance(event, SubjectMerged) and history.merge:
        raise AlreadyMerged(positions=[history.merge.position], into=history.merged_into)
    elif isinstance(event, SubjectUnmerged) and not history.merged_into:
        raise NotMerged


def _refusal(history: "History", event: Event, target: Fact) -> type[Refused] | None:
    if isinstance(event, EventRetracted) and target.retracted_by:
        return AlreadyRetracted
    if isinstance(event, EventCorrected) and target.retracted_by:
        return CorrectsRetracted
    if isinstance(event, EventDisputeResolved) and not _is_disputed(history, target):
        return NotDisputed
    return None


def _is_disputed(history: "History", target: Fact) -> bool:
    """Whether a dispute about it, or the dispute that it is, is still open."""
    if isinstance(target.event, EventDisputed) and target.target:
        about = history.fact(target.target)
        return bool(target.disputes) or target.position in about.disputes
    return bool(target.disputes)
