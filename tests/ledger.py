"""A machine that logs, amends and reads at random, and holds every answer against the model."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from domain.event import kinds
from tests.comparing import (
    difference,
    different,
    entry,
    expected,
    fields_of,
    line_of,
    lines_of,
    promised,
    promises,
    shown,
)
from tests.drawing import AMENDING, DAYS, NEEDED, ON, ORGANIZATIONS, SOURCES, VALUES
from tests.folding import Event
from tests.model import Known, Model, referred
from tests.vocabulary import LIVES, OF_ANY

if TYPE_CHECKING:
    import httpx2

Data = dict[str, Any]


class Ledger(RuleBasedStateMachine):
    """One run: some subjects of its own, logged and read through HTTP.

    Attributes:
        client: signed in as admin; set before it runs.
        recorded: the last position of its journal.
        steps: of all runs so far.
    """

    client: ClassVar[httpx2.Client]
    recorded: ClassVar[int] = 0
    runs: ClassVar[count[int]] = count(1)
    steps: ClassVar[int] = 0

    @initialize()
    def begin(self) -> None:
        """Register the organizations that others refer to."""
        self.run = f"r{next(self.runs)}"
        self.model = Model()
        self.first = self.last = type(self).recorded
        for key in self._organizations():
            self.log(self.event("organization", key, "organization.registered", {"name": key}))

    # ── writing ──────────────────────────────────────────────────────────────────────────────────

    @rule(data=st.data(), kind=st.sampled_from([*LIVES]))
    def open_record(self, data: st.DataObject, kind: str) -> None:
        """Open a subject with any event of its life, or a rumour."""
        key = f"{self.run}-{kind[:3]}-{len(self.model.events)}"
        type_ = data.draw(st.sampled_from([*self._types(kind), "claim.reported"]))
        self.log(self._told(data, kind, key, type_))

    @rule(data=st.data())
    def go_on(self, data: st.DataObject) -> None:
        """Log what happened to a subject, late or early."""
        key, kind = self._subject(data)
        self.log(self._told(data, kind, key, data.draw(st.sampled_from(self._types(kind)))))

    @rule(data=st.data())
    def tell_anything(self, data: st.DataObject) -> None:
        """Log what any subject can have."""
        key, kind = self._subject(data)
        type_ = data.draw(st.sampled_from([*OF_ANY, "claim.reported"]))
        self.log(self._told(data, kind, key, type_))

    @rule(data=st.data())
    def amend(self, data: st.DataObject) -> None:
        """Say something about an event, which may be about an event itself."""
        about = data.draw(st.sampled_from(self.model.events))
        type_ = data.draw(st.sampled_from(AMENDING))
        said = self._correction(data, about) if type_ == "event.corrected" else {}
        new = self.event(about.kind, about.key, type_, said)
        new.target, new.sources = about.position, data.draw(SOURCES)
        if type_ in {"evidence.added", "claim.denied"}:
            new.on = data.draw(ON)
        self.log(new)

    @rule(data=st.data())
    def merge(self, data: st.DataObject) -> None:
        """Merge two subjects, or part them."""
        key, kind = self._subject(data)
        type_ = data.draw(st.sampled_from(["subject.merged", "subject.merged", "subject.unmerged"]))
        said = {"into": self._subject(data)[0]} if type_ == "subject.merged" else {}
        self.log(self.event(kind, key, type_, said))

    def _subject(self, data: st.DataObject) -> tuple[str, str]:
        return data.draw(st.sampled_from(sorted(self.model.subjects.items())))

    @staticmethod
    def _types(kind: str) -> list[str]:
        return [f"{kind}.{verb}" for verb in LIVES[kind]]

    def event(self, kind: str, key: str, type_: str, data: Data) -> Event:
        """Give an event that comes next."""
        today = str(datetime.now(UTC).date())
        return Event(self.last + 1, kind, key, type_, None, data, [], None, None, today)

    def _told(self, data: st.DataObject, kind: str, key: str, type_: str) -> Event:
        new = self.event(kind, key, type_, self._payload(data, kind, type_))
        new.on, new.sources = data.draw(ON), data.draw(SOURCES)
        before = [
            one.position
            for one in self.model.known(key).events
            if not one.type.startswith(("event.", "subject."))
        ]
        if before and data.draw(st.integers(0, 4)) == 0:
            new.after = data.draw(st.sampled_from(before))
        return new

    def _payload(self, data: st.DataObject, kind: str, type_: str) -> Data:
        if type_.startswith("target."):
            said: Data = {"milestone": data.draw(st.sampled_from(["start", "fleet"]))}
            if data.draw(st.booleans()):
                said["target_date"] = data.draw(st.sampled_from(["2026", "2027-01"]))
            return said
        if type_ in OF_ANY:
            return {"details": "So it is"}
        values = VALUES[kind]
        names = data.draw(st.sets(st.sampled_from([*values])))
        if data.draw(st.booleans()):
            names |= {*NEEDED[kind]}
        if type_ == "organization.alias_added":
            names |= {"names"}
        said = {name: data.draw(st.sampled_from(values[name])) for name in sorted(names)}
        if type_.startswith("partnership.party_"):
            said["party"] = {"organization": data.draw(st.sampled_from(ORGANIZATIONS))}
        if type_ == "service.resumed" and data.draw(st.booleans()):
            said["stage"] = data.draw(st.sampled_from(["testing", "launched"]))
        named: Data = self._named(said)
        return named

    def _named(self, said: Any) -> Any:  # noqa: ANN401 - JSON
        """Let what refers to an organization name that of this run."""
        if isinstance(said, dict):
            return {name: self._named(one) for name, one in said.items()}
        if isinstance(said, list):
            return [self._named(one) for one in said]
        return f"{self.run}-{said}" if said in ORGANIZATIONS else said

    def _correction(self, data: st.DataObject, about: Event) -> Data:
        what = data.draw(st.sampled_from(["occurred_on", "data", "data", "sources", "both"]))
        said: Data = {}
        if what in {"occurred_on", "both"}:
            said["occurred_on"] = data.draw(ON)
        if what == "sources":
            said["sources"] = data.draw(SOURCES)
        if what in {"data", "both"}:
            said["data"] = self._replacement(data, about)
        return said

    def _replacement(self, data: st.DataObject, about: Event) -> Data:
        if about.type == "event.corrected":
            [corrected] = [one for one in self.model.events if one.position == about.target]
            said = self._correction(data, corrected)
        elif about.type == "subject.merged":
            said = {"into": self._subject(data)[0]}
        elif about.type.startswith(("event.", "subject.")):
            said = {"details": "Put right"}
        else:
            said = self._payload(data, about.kind, about.type)
        return said | ({"target": {"position": about.target}} if about.target else {})

    def log(self, new: Event) -> None:
        """Send an event; the server must accept it just where the model does."""
        type(self).steps += 1
        why = self.model.refusal(new)
        answer = self.client.post("/v1/events", json=line_of(new))
        told = answer.json()
        assert (answer.status_code == 201) == (why is None), (why, told, new)
        if why is None:
            new.position, new.at = told["position"], told["recorded_at"]
            new.day = told["recorded_at"][:10]
            self.last = type(self).recorded = new.position
            self.model.events.append(new)
        else:
            assert answer.status_code in {409, 422}, told
            self._check_refusal(told)

    def _check_refusal(self, told: Data) -> None:
        """What stands against it are original events, never their corrections."""
        types = {one.position: one.type for one in self.model.events}
        against = {types[position] for position in told.get("conflicting_positions", [])}
        assert "event.corrected" not in against, told

    # ── reading ──────────────────────────────────────────────────────────────────────────────────

    @rule(data=st.data(), day=DAYS)
    def read_one(self, data: st.DataObject, day: str) -> None:
        """Read one state at any pair of dates."""
        key, kind = self._subject(data)
        clocks, position = self._known(data)
        path = f"/v1/{kinds()[kind].path}/{key}"
        answer = self.client.get(path, params={**clocks, "effective_at": day})
        view = self.model.known(key, position).view(day)
        if view is None:
            assert answer.status_code == 404, answer.text
        else:
            assert answer.status_code == 200, answer.text
            assert shown(answer.json()) == view, (key, day, position)

    @rule(data=st.data(), kind=st.sampled_from([*LIVES]), day=DAYS)
    def read_list(self, data: st.DataObject, kind: str, day: str) -> None:
        """Read a list, whole or narrowed; duplicates are left out of it."""
        clocks, position = self._known(data)
        views = self.model.views(kind, day, position)
        narrow: Data = {}
        if data.draw(st.booleans()) and views:
            stages = sorted({one["stage"] for one in views.values()})
            narrow["stage"] = data.draw(st.sampled_from(stages))
        if data.draw(st.booleans()):
            narrow["contested"] = data.draw(st.sampled_from(["true", "false"]))
        named = [one for one in self._organizations() if self.model.known(one, position).events]
        if kind != "organization" and named and data.draw(st.booleans()):
            narrow["organization"] = data.draw(st.sampled_from(named))
        asked = {**clocks, **narrow, "effective_at": day, "limit": 500}
        items = self._all(kinds()[kind].path, asked)
        found = {one["subject"]["key"]: shown(one) for one in items}
        wanted = {key: one for key, one in views.items() if self._fits(one, narrow, position)}
        assert found == wanted, asked

    def _organizations(self) -> list[str]:
        return [f"{self.run}-{name}" for name in ORGANIZATIONS]

    def _fits(self, view: Data, narrow: Data, position: int | None) -> bool:
        """Whether a state is found: no duplicate's, and by any record of who is asked for."""
        if "merged_into" in view or narrow.get("stage", view["stage"]) != view["stage"]:
            return False
        if "contested" in narrow and view["contested"] != (narrow["contested"] == "true"):
            return False
        wanted = narrow.get("organization")
        return wanted is None or any(self._same(wanted, one, position) for one in referred(view))

    def _same(self, one: str, other: str, position: int | None) -> bool:
        return self._survivor(one, position) == self._survivor(other, position)

    def _survivor(self, key: str, position: int | None) -> str:
        """Follow what it was merged into; a record of which nothing counts leads nowhere."""
        known = self.model.known(key, position)
        into = known.merged_into() if known.life() else None
        return self._survivor(into, position) if into else key

    def _all(self, path: str, asked: Data) -> list[Data]:
        items: list[Data] = []
        while True:
            answer = self.client.get(f"/v1/{path}", params=asked)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            items += page["items"]
            if not page["next_cursor"]:
                break
            asked = {**asked, "cursor": page["next_cursor"]}
        return [one for one in items if one["subject"]["key"].startswith(f"{self.run}-")]

    @rule(data=st.data(), day=st.none() | DAYS)
    def read_history(self, data: st.DataObject, day: str | None) -> None:
        """Read the events of one record in the order of the world, as they then counted."""
        key, kind = self._subject(data)
        clocks, position = self._known(data)
        asked = {**clocks, "limit": 500} | ({"effective_at": day} if day else {})
        answer = self.client.get(f"/v1/{kinds()[kind].path}/{key}/history", params=asked)
        self._check_events(answer, [self.model.known(key, position)], day, with_data=True)

    @rule(data=st.data(), day=st.none() | DAYS)
    def read_timeline(self, data: st.DataObject, day: str | None) -> None:
        """Read the events of a subject: of all records that are one with it."""
        key, _ = self._subject(data)
        clocks, position = self._known(data)
        asked = {**clocks, "limit": 500, "subject": key} | ({"effective_at": day} if day else {})
        same = [one for one in self.model.subjects if self._same(one, key, position)]
        records = [self.model.known(one, position) for one in same]
        self._check_events(self.client.get("/v1/timeline", params=asked), records, day)

    @staticmethod
    def _check_events(
        answer: httpx2.Response, records: list[Known], day: str | None, *, with_data: bool = False
    ) -> None:
        wanted = [
            expected(known, one, with_data=with_data)
            for known, one in lines_of(records)
            if not day or known.effective_day(one) <= day
        ]
        if wanted:
            assert answer.status_code == 200, answer.text
        items = answer.json().get("items", [])
        found = [entry(one, with_data=with_data) for one in items]
        assert found == wanted, (found, wanted, str(answer.url))

    @rule(data=st.data(), day=DAYS)
    def read_explanation(self, data: st.DataObject, day: str) -> None:
        """Ask what every field of a state rests on: it is the state that is explained."""
        key, kind = self._subject(data)
        clocks, position = self._known(data)
        view = self.model.known(key, position).view(day)
        asked = {**clocks, "effective_at": day}
        answer = self.client.get(f"/v1/{kinds()[kind].path}/{key}/explain", params=asked)
        assert answer.status_code == (200 if view else 404), answer.text
        if view is None:
            return
        told = {one["field"]: one["value"] for one in answer.json()["items"]}
        fields = {name: one for name, one in fields_of(view).items() if one is not None}
        assert {name: one for name, one in told.items() if one is not None} == fields
        known = {one.position for one in self.model.known(key, position).events}
        assert all({*one["positions"]} <= known for one in answer.json()["items"])

    @rule(data=st.data(), kind=st.sampled_from([*LIVES]), day=DAYS)
    def read_promises(self, data: st.DataObject, kind: str, day: str) -> None:
        """Ask what was promised, what of it is overdue, and what stands still."""
        clocks, position = self._known(data)
        views = self.model.views(kind, day, position)
        found = {key: one for key, one in views.items() if "merged_into" not in one}
        asked: Data = {**clocks, "kind": kind, "effective_at": day, "limit": 500}
        told = sorted(promised(one) for one in self._all("targets", asked))
        assert told == sorted(promises(found, day)), asked
        late = {"code": "target_overdue"}
        warned = [one["subject"]["key"] for one in self._all("warnings", {**asked, **late})]
        assert sorted(warned) == sorted(key for key, *_, due in told if due), asked
        still = {
            one["subject"]["key"] for one in self._all("suspensions", {**asked, "open": "true"})
        }
        assert still == {key for key, one in found.items() if one["stage"].endswith("suspended")}

    @rule(data=st.data(), kind=st.sampled_from([*LIVES]), days=st.tuples(DAYS, DAYS))
    def read_differences(self, data: st.DataObject, kind: str, days: tuple[str, str]) -> None:
        """Compare two looks at all subjects of a kind: what is different, and nothing else."""
        asked: Data = {"kind": kind, "limit": 500, "min_position": self.last}
        looks = []
        for name, day in zip(("from", "to"), days, strict=True):
            position = self.first + data.draw(st.integers(0, self.last - self.first))
            asked |= {f"{name}_known_position": position, f"{name}_effective_at": day}
            looks.append(self.model.views(kind, day, position))
        type(self).steps += 1
        told = {one["subject"]["key"]: different(one) for one in self._all("diff", asked)}
        found = {key: one for key, one in told.items() if one[1]}
        before, after = looks
        wanted = {key: difference(before.get(key), after.get(key)) for key in {*before, *after}}
        assert found == {key: one for key, one in wanted.items() if one[1]}, (asked, wanted)

    def _known(self, data: st.DataObject) -> tuple[Data, int | None]:
        """Give a state of knowledge, as parameters and as a position; None is all that is known."""
        type(self).steps += 1
        seen = {"min_position": self.last}
        how = data.draw(st.sampled_from(["now", "position", "position", "instant"]))
        if how == "position":
            # Counted from the beginning of the run, so that a run can be repeated elsewhere.
            position = self.first + data.draw(st.integers(0, self.last - self.first))
            return {**seen, "known_position": position}, position
        if how == "instant":
            at = data.draw(st.sampled_from(self.model.events)).at
            known = [one.position for one in self.model.events if one.at <= at]
            return {**seen, "known_at": at}, max(known)
        return seen, None
