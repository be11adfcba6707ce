"""The machine also asks for what is counted, mapped, permitted, and who works with whom."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from domain.event import kinds
from tests.comparing import lines_of
from tests.drawing import DAYS, NEEDED, VALUES
from tests.ledger import Ledger
from tests.vocabulary import ALWAYS, DATES, ENDS, LADDERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Data = dict[str, Any]

_OPENING = {"service": "launched", "partnership": "formed", "permit": "granted"}
_UNITS = {"day": 10, "month": 7, "year": 4}
_CITIES = (None, "Dubai", "dubai")
_TALK = LADDERS["partnership"][: LADDERS["partnership"].index("mou")]


class Wider(Ledger):
    """One run that asks all questions that the model can answer."""

    @initialize()
    def begin(self) -> None:
        """Open a record of each kind, too, so that early questions find something."""
        super().begin()
        for kind, verb in _OPENING.items():
            data = {name: VALUES[kind][name][-1] for name in NEEDED[kind]}
            new = self.event(kind, f"{self.run}-{kind}", f"{kind}.{verb}", self._named(data))
            new.on = "2025-01-10"
            self.log(new)

    @rule(data=st.data(), unit=st.sampled_from([*_UNITS]), day=st.none() | DAYS)
    def read_counts(self, data: st.DataObject, unit: str, day: str | None) -> None:
        """Count the events of a subject: by day, and by every value of the filters."""
        key, kind = self._subject(data)
        clocks, position = self._known(data)
        same = [one for one in self.model.subjects if self._same(one, key, position)]
        lines = [
            (known, one)
            for known, one in lines_of([self.model.known(each, position) for each in same])
            if not day or known.effective_day(one) <= day
        ]
        asked = {**clocks, "subject": key} | ({"effective_at": day} if day else {})
        if not self.model.known(key, position).events:
            return
        told = self.client.get("/v1/timeline/density", params={**asked, "unit": unit}).json()
        days = Counter(known.effective_day(one) for known, one in lines)
        always, expected = days.pop(ALWAYS, 0), Counter[str]()
        for on, number in days.items():
            expected[on[: _UNITS[unit]]] += number
        assert (_by(told["items"], "from", _UNITS[unit]), told["always"]) == (expected, always)
        told = self.client.get("/v1/timeline/facets", params=asked).json()
        assert _by(told["kind"]["items"]) == Counter({kind: len(lines)} if lines else {})
        assert _by(told["type"]["items"]) == Counter(one.type for _, one in lines)
        contested = sum(known.is_contested(one) for known, one in lines)
        assert _by(told["contested"]["items"]) == Counter({"true": contested} if contested else {})
        self._check_organizations(asked, told, position)

    def _check_organizations(self, asked: Data, told: Data, position: int | None) -> None:
        """Of merged records, one is counted: that of which the filter gives so many lines."""
        named = Counter[str]()
        for line in self._all("timeline", {**asked, "limit": 500}):
            named.update({self._survivor(one, position) for one in line["organizations"]})
        assert _by(told["organization"]["items"]) == named, asked

    @rule(data=st.data(), kind=st.sampled_from(["service", "permit"]), day=DAYS)
    def read_places(self, data: st.DataObject, kind: str, day: str) -> None:
        """Ask for a map of a day, of all places or of one city."""
        clocks, position = self._known(data)
        narrow: Data = {"kind": kind}
        if city := data.draw(st.sampled_from(_CITIES)):
            narrow["city"] = city
        if country := data.draw(st.sampled_from([None, "AE", "SG"])):
            narrow["country"] = country
        told = [
            (one["subject"]["key"], one["place"]["country"])
            for one in self._all("places", {**clocks, **narrow, "effective_at": day, "limit": 500})
        ]
        expected = [
            (key, place["country"])
            for key, view in self._views(kind, day, position)
            for place in _places(view)
            if (not city or "city" in place) and country in (None, place["country"])
        ]
        assert sorted(told) == sorted(expected), (narrow, day, position)

    @rule(data=st.data(), day=DAYS)
    def read_coverage(self, data: st.DataObject, day: str) -> None:
        """Ask which permits hold on a day: granted, and within their dates."""
        clocks, position = self._known(data)
        told = {one["subject"]["key"] for one in self._all("coverage", self._asked(clocks, day))}
        views = self._views("permit", day, position)
        assert told == {key for key, view in views if _holds(view, day)}, (day, position)

    @rule(data=st.data(), day=DAYS)
    def read_graph(self, data: st.DataObject, day: str) -> None:
        """Ask who works with whom, in what is more than talks and has not ended."""
        clocks, position = self._known(data)
        there = {key for key, _ in self._views("organization", day, position)}
        expected: dict[str, set[str]] = {}
        for view in self._matters(day, position):
            parts = {self._survivor(one, position) for one in _taking_part(view)} & there
            for one in parts:
                expected.setdefault(one, set()).update(parts - {one})
        told = {
            one["subject"]["key"]: {other["subject"]["key"] for other in one["partners"]}
            for one in self._all("graph", self._asked(clocks, day))
        }
        assert told == {one: others for one, others in expected.items() if others}, (day, position)

    def _matters(self, day: str, position: int | None) -> Iterator[Data]:
        for kind in ("partnership", "service"):
            for _, view in self._views(kind, day, position):
                if view["stage"] not in (*ENDS, *_TALK):
                    yield view

    def _views(self, kind: str, day: str, position: int | None) -> list[tuple[str, Data]]:
        """Give the subjects of a kind that are no duplicates."""
        assert kind in kinds()
        views = self.model.views(kind, day, position)
        return [(key, one) for key, one in views.items() if "merged_into" not in one]

    @staticmethod
    def _asked(clocks: Data, day: str) -> Data:
        return {**clocks, "effective_at": day, "limit": 500}


def _by(items: Iterable[Data], name: str = "value", length: int | None = None) -> Counter[str]:
    return Counter({one[name][:length]: one["events"] for one in items})


def _places(view: Data) -> list[Data]:
    given = view["state"].get("jurisdictions", [])
    return [*view["state"].get("places", []), *(one["place"] for one in given)]


def _holds(view: Data, day: str) -> bool:
    begins, ends = (view["state"].get(name) for name in ("valid_from", "valid_until"))
    begun = begins is None or (DATES[begins][0] or ALWAYS) <= day
    last = DATES[ends][1] if ends else None
    return view["stage"] == "granted" and begun and (last is None or day <= last)


def _taking_part(view: Data) -> set[str]:
    parties = (one["organization"] for one in view["state"].get("parties", []))
    return {*chain(parties, view["state"].get("operators", []))}
