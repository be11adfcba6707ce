"""May this event about an event, or about the record itself, be recorded?"""

from typing import TYPE_CHECKING

from domain.effective import Fact, Recorded
from domain.event import Event
from domain.refusals import (
    AlreadyMerged,
    AlreadyRetracted,
    CorrectsRetracted,
    MergedIntoItself,
    NotDisputed,
    NotMerged,
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
        _check_target(event, history.fact(history.find(event.target).position))
    elif isinstance(event, SubjectMerged):
        if history.merged_into:
            raise AlreadyMerged(into=history.merged_into)
        if event.into == candidate.key:
            raise MergedIntoItself
    elif isinstance(event, SubjectUnmerged) and not history.merged_into:
        raise NotMerged


def _check_target(event: Event, target: Fact) -> None:
    at = [target.position]
    if isinstance(event, EventRetracted) and target.retracted_by:
        raise AlreadyRetracted(positions=at, position=target.position)
    if isinstance(event, EventCorrected) and target.retracted_by:
        raise CorrectsRetracted(positions=at, position=target.position)
    if isinstance(event, EventDisputeResolved) and not _is_disputed(target):
        raise NotDisputed(positions=at, position=target.position)


def _is_disputed(target: Fact) -> bool:
    settled = target.resolutions or target.retracted_by
    return bool(target.disputes or (isinstance(target.event, EventDisputed) and not settled))
