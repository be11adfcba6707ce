"""Given what is on record, when something is logged, then this is so: in as few words."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Self
from uuid import UUID

from pydantic import TypeAdapter

from domain.effective import Fact, Recorded
from domain.event import Event, event_class, kinds
from domain.history import History
from domain.references import References
from domain.views import View
from domain.vocabulary import Pointer, Sources

TODAY = "2026-06-30"
SUBJECT = UUID(int=1)
PARTNERSHIP = {
    "parties": [{"organization": "weride"}, {"organization": "uber"}],
    "mode": "platform_operator",
}
CENTER = {"organizations": ["nio"], "place": {"country": "DE", "city": "Munich"}}
SITE = {**CENTER, "purposes": ["plant"]}
SERVICE = {
    "operators": ["weride"],
    "places": [{"country": "AE", "city": "Dubai"}],
    "vehicle_kinds": ["robotaxi"],
}
PERMIT = {
    "holders": ["weride"],
    "jurisdictions": [{"level": "city", "place": {"country": "AE", "city": "Dubai"}}],
    "activity": "testing",
}

_sources = TypeAdapter[Any](Sources)
_pointer = TypeAdapter[Any](Pointer)


def payload(name: str, kind: str, data: Mapping[str, Any]) -> Event:
    """Admit a payload as the door does."""
    return event_class(name, kind).admit(json.dumps(data).encode(), References())


def source(stance: str = "supports", confidence: str | None = None) -> dict[str, Any]:
    """Give a source as a client writes it."""
    return {"title": "A page", "stance": stance, "confidence": confidence}


@dataclass(frozen=True)
class Story:
    """What is on record of one subject; each addition gives a new story."""

    history: History
    known: str = TODAY  # the day of recording

    def log(  # noqa: PLR0913 - an envelope has that many parts
        self,
        name: str,
        on: str | None,
        data: Mapping[str, Any] | None = None,
        *,
        sources: Sequence[Mapping[str, Any]] = (),
        after: Mapping[str, Any] | None = None,
        ref: str | None = None,
        batch: UUID | None = None,
    ) -> Self:
        """Log an event, which a rule may refuse."""
        event = payload(name, self.history.kind.name, data or {})
        recorded = Recorded(
            position=self.history.last_position + 1,
            id=UUID(int=1000 + self.history.version),
            kind=self.history.kind.name,
            subject=SUBJECT,
            key="subject",
            version=self.history.version + 1,
            event=event.complete(self.history, References()),
            occurred_on=on,
            after=_pointer.validate_python(after) if after else None,
            recorded_at=datetime.fromisoformat(self.known).replace(tzinfo=UTC),
            recorded_by="tester",
            sources=_sources.validate_json(json.dumps([*sources]), context=References()),
            ref=ref,
            batch=batch,
        )
        return type(self)(self.history.admit(recorded), self.known)

    def on(self, known: str) -> Self:
        """Go on recording on another day."""
        return type(self)(self.history, known)

    def view(self, day: str = TODAY) -> View:
        """Look at the subject on a day of which something is known."""
        view = self.history.view(date.fromisoformat(day))
        assert view is not None
        return view

    def state(self, day: str = TODAY) -> Any:  # noqa: ANN401 - the state of the kind
        """Give its state on a day."""
        return self.view(day).state

    def stage(self, day: str = TODAY) -> str:
        """Give its stage on a day."""
        return str(self.state(day).stage)

    def codes(self, day: str = TODAY) -> list[str]:
        """Give the codes of the warnings that a person sees on a day."""
        return [notice.code for notice in self.view(day).notices]

    def outcomes(self, day: str = TODAY) -> dict[str, str]:
        """Give what became of each promise, as of a day."""
        return {target.milestone: target.outcome for target in self.state(day).targets}

    def types(self) -> list[str]:
        """Give what counts in the world, in effective order."""
        return [step.fact.event.type for step in self.history.steps]

    def fact(self, position: int) -> Fact:
        """Give an event as it counts."""
        return self.history.fact(position)


def given(kind: str) -> Story:
    """Begin with nothing on record."""
    return Story(History(kinds()[kind]))
