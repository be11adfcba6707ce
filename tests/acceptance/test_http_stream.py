"""The stream over HTTP: what is recorded arrives, once, whoever recorded it and whatever breaks."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import httpx2
import orjson
import pytest

from tests.acceptance.asking import see
from tests.acceptance.running import Farshore
from tests.folders import open_folder

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def farshore() -> Iterator[Farshore]:
    """Give a server that a test may kill; each opens records of its own."""
    with open_folder() as folder, Farshore(folder) as running:
        yield running


@contextmanager
def _listening(client: httpx2.Client, last: int | None = None, **query: Any) -> Iterator[Any]:
    """Listen as a browser does: give its events as (id, data), and remember the last id."""
    headers = {} if last is None else {"Last-Event-ID": str(last)}
    with client.stream("GET", "/v1/stream", params=query, headers=headers) as answer:
        assert answer.is_success, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield _events(answer)


def _events(answer: httpx2.Response) -> Iterator[tuple[int, dict[str, Any] | None]]:
    event: dict[str, str] = {}
    for line in answer.iter_lines():
        if line:
            name, _, value = line.partition(": ")
            event[name] = value
        elif "id" in event:
            yield int(event["id"]), orjson.loads(event["data"]) if "data" in event else None
            event = {}


def _take(events: Iterator[tuple[int, Any]], wanted: int) -> list[dict[str, Any]]:
    """Give the next events that tell something."""
    told: list[dict[str, Any]] = []
    for position, data in events:
        if data is not None:
            assert data["position"] == position
            told.append(data)
        if len(told) == wanted:
            break
    return told


def _open(client: httpx2.Client, key: str, **data: Any) -> int:
    given = {"occurred_on": "2025-05-01", "key": key, "data": {"name": key.title(), **data}}
    answer = client.post("/v1/organizations/register", json=given).raise_for_status()
    position: int = answer.json()["position"]
    return position


def _keys(events: list[dict[str, Any]]) -> list[str]:
    return [one["subject"]["key"] for one in events]


def test_two_clients_see_what_a_third_records(farshore: Farshore) -> None:
    """Each gets the line of the timeline, with its headline, and no other one."""
    with (
        farshore.client() as one,
        farshore.client() as two,
        farshore.client() as writer,
        _listening(one) as first,
        _listening(two) as second,
    ):
        assert (next(first)[1], next(second)[1]) == (None, None)
        position = _open(writer, "seen-live")
        for heard in (_take(first, 1), _take(second, 1)):
            assert heard == [
                writer.get("/v1/timeline", params={"subject": "seen-live"}).json()["items"][0]
            ]
            assert (heard[0]["position"], heard[0]["title"]) == (position, "Seen-Live")


def test_a_stream_tells_what_its_filters_let_through(farshore: Farshore) -> None:
    """Of ten records, one names the country, and one is found by its words."""
    with farshore.client() as client:
        before = _open(client, "filtered-0")
        for number in range(1, 9):
            _open(client, f"filtered-{number}", home_country="AE" if number == 3 else "CN")
        last = _open(client, "filtered-9", names=[{"name": "滤波", "kind": "alias"}])
        see(client, last)
        asked: list[tuple[dict[str, Any], list[str]]] = [
            ({"subject": "filtered-4"}, ["filtered-4"]),
            ({"organization": "filtered-5"}, ["filtered-5"]),
            ({"q": "滤波"}, ["filtered-9"]),
            ({"type": "organization.registered"}, [f"filtered-{n}" for n in range(1, 10)]),
            ({"kind": "service", "from": "2020-01-01"}, []),
        ]
        for filters, keys in asked:
            with _listening(client, before, **filters) as events:
                told = []
                for position, data in events:
                    told += [data] if data else []
                    if position >= last:
                        break
                assert _keys(told) == keys, filters


def test_a_resumption_after_a_kill_misses_nothing_and_doubles_nothing(farshore: Farshore) -> None:
    """The server is killed between two events that a client heard; it hears the third once."""
    with farshore.client() as client, _listening(client) as events:
        next(events)
        _open(client, "before-the-kill")
        heard = _take(events, 1)
        assert _keys(heard) == ["before-the-kill"]
        farshore.kill_all()
        with suppress(httpx2.TransportError):
            assert _take(events, 1) == []
    farshore.start()
    with farshore.client() as client:
        _open(client, "while-away")
        with _listening(client, heard[0]["position"]) as events:
            assert _keys(_take(events, 1)) == ["while-away"]
            _open(client, "after-it")
            assert _keys(_take(events, 1)) == ["after-it"]


def test_a_stop_does_not_wait_for_streams() -> None:
    """With a stream open, the server ends before its processes would have to be killed."""
    with (
        open_folder() as folder,
        Farshore(folder, workers=1) as farshore,
        farshore.client() as client,
        _listening(client) as events,
    ):
        next(events)
        _open(client, "one")
        _take(events, 1)
        farshore.stop()
        assert not any(data for _, data in events)  # and it ends, it does not break
        assert "refused to gracefully stop" not in farshore.log()


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"headers": {"Last-Event-ID": "x"}}, "Last-Event-ID"),
        ({"params": {"limit": "5"}}, "limit"),
        ({"params": {"known_position": "5"}}, "known_position"),
        ({"params": {"kind": "nothing"}}, "kind"),
        ({"params": {"organization": "nobody at all"}}, "organization"),
    ],
)
def test_what_a_stream_cannot_take_is_refused(
    farshore: Farshore, given: dict[str, Any], named: str
) -> None:
    """It is 422 and names the parameter, before any stream begins."""
    with farshore.client() as client:
        answer = client.get("/v1/stream", timeout=5, **given)
        assert answer.status_code == 422
        assert [one["parameter"] for one in answer.json()["errors"]] == [named]
