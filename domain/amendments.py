"""May this event about an event be recorded?"""

from typing import TYPE_CHECKING

from domain.effective import Recorded
from domain.refusals import (
    AlreadyMerged,
    AlreadyRetracted,
    CorrectsRetracted,
    MergedIntoItself,
    NotCorrectable,
    NotDisputed,
    NotMerged,
)
from domain.universal import (
    ClaimDenied,
    EventCorrected,
    EventDisputeResolved,
    EventRetracted,
    EvidenceAdded,
    Amendment,
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
    if isinstance(event, Amendment | EvidenceAdded | ClaimDenied) and event.target:
        _admit_target(history, event, history.find(event.target).position)
    elif isinstance(event, SubjectMerged):
        if history.merged_into:
            raise AlreadyMerged(into=history.merged_into)
        if event.into == candidate.key:
            raise MergedIntoItself
    elif isinstance(event, SubjectUnmerged) and not history.merged_into:
        raise NotMerged


def _admit_target(history: "History", event: object, position: int) -> None:
    target = history.fact(position)
    at = {"positions": [position], "position": position}
    if isinstance(event, EventRetracted) and target.retracted_by:
        raise AlreadyRetracted(**at)
    if isinstance(event, EventCorrected):
        if target.retracted_by:
            raise CorrectsRetracted(**at)
        if target.event.by_knowledge:
            raise NotCorrectable(**at, type=target.event.type)
    if isinstance(event, EventDisputeResolved):
        open_disputes = {one for fact in history.facts for one in fact.disputes}
        if not target.disputes and position not in open_disputes:
            raise NotDisputed(**at)
