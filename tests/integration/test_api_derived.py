"""The API is derived: an event type that is declared has its routes, schemas and forms."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar

import pytest

from api import catalogue
from api.app import create_app
from domain import event as declared
from domain.event import events, kinds
from domain.service import ServiceEvent
from journal.settings import Settings
from tests.integration.serving import served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI

TAXI = {
    "operators": ["weride"],
    "places": [{"country": "AE"}],
    "vehicle_kinds": ["robotaxi"],
}


@pytest.fixture(scope="module")
def app() -> FastAPI:
    """Make the application; nothing is opened."""
    return create_app(Settings())


@pytest.fixture
def inspected(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[ServiceEvent]]:
    """Declare an event type, as somebody would who adds one to a file of the domain."""
    monkeypatch.setattr(declared, "_events", {**events()})
    catalogue.catalogue.cache_clear()

    class ServiceInspected(ServiceEvent):
        """An authority looked at the running service."""

        type = "service.inspected"
        verb = "inspect"
        headline = "{operators} inspected[: {finding}]"
        leads_to = None
        example: ClassVar = {"finding": "no fault found"}

        finding: str

    yield ServiceInspected
    del declared._events["service.inspected"]


def test_a_declared_event_has_routes_schema_and_form(
    inspected: type[ServiceEvent], database: str
) -> None:
    """One class is all: it can be recorded, read, told and drawn as a form."""
    with served(database) as client:
        client.post(
            "/v1/organizations/register", json={"key": "weride", "data": {"name": "WeRide"}}
        )
        opened = {"key": "taxi", "data": TAXI, "occurred_on": "2026-01-01"}
        client.post("/v1/services/launch", json=opened)
        body = {"data": inspected.example, "occurred_on": "2026-06-01"}
        made = client.post("/v1/services/taxi/inspect", json=body)
        seen = {"min_position": made.headers["Farshore-Position"], "type": "service.inspected"}
        line = client.get("/v1/timeline", params=seen).json()["items"][0]
        document, meta = client.get("/openapi.json").json(), client.get("/v1/meta").json()
    assert (made.status_code, made.json()["data"]) == (201, inspected.example)
    assert line["headline"] == "WeRide inspected: no fault found"
    assert "/v1/services/{id}/inspect" in document["paths"]
    assert "finding" in document["components"]["schemas"]["ServiceInspected"]["properties"]
    service = next(kind for kind in meta["kinds"] if kind["name"] == "service")
    assert "inspect" in {action["verb"] for action in service["actions"]}


@pytest.mark.parametrize("name", sorted(events()))
def test_every_event_type_has_its_routes_and_an_example(app: FastAPI, name: str) -> None:
    """Found on its kind, or on every kind; events about events at the event's own address."""
    event, paths = events()[name], app.openapi()["paths"]
    for kind in [event.kind] if event.kind else kinds().values():
        append = paths.get(f"/v1/{kind.path}/{{id}}/{event.verb}")
        assert (append is None) == name.startswith("event.")
        assert (f"/v1/events/{{position}}/{event.verb}" in paths) == name.startswith("event.")
        assert (f"/v1/{kind.path}/{event.verb}" in paths) == bool(event.kind or event.carries_facts)
        if append:
            body = append["post"]["requestBody"]["content"]["application/json"]
            assert body["example"]["data"] == event.example
            assert append["post"]["x-roles"] == sorted(event.roles)


def test_every_reference_of_the_document_leads_somewhere(app: FastAPI) -> None:
    """No part of the document points to a part that is not there."""
    document = app.openapi()
    text = json.dumps(document)
    for part in text.split('"$ref": "#/components/')[1:]:
        section, _, name = part.partition('"')[0].partition("/")
        assert name in document["components"][section], part[:80]
