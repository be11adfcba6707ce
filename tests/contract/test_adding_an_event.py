"""A new event type is one class: everything else finds it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from api.catalogue import catalogue
from api.commands import router
from api.describe.schemas import components
from cli import recording
from domain import event as declaring
from domain import service
from domain.event import Event, event_class, events, kinds
from domain.rules import allowed
from domain.telling import headline
from domain.vocabulary import Text
from tests.domain.story import SERVICE, given
from tools.docs import page
from tools.golden import wanted

if TYPE_CHECKING:
    import typer

GUIDE = Path(__file__).parents[2] / "docs" / "add-an-event.md"

_KIND = "service"


@pytest.fixture
def inspected(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Event]]:
    """Declare the event type of the guide as its file in `domain/` would, for one test."""
    monkeypatch.setattr(declaring, "_events", {**events()})
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    exec(code, {**vars(service), "Text": Text})  # noqa: S102 - our own guide, as a reader would try it
    yield events()["service.inspected"]
    event_class.cache_clear()


def test_it_is_recorded_and_told(inspected: type[Event]) -> None:
    """Its class is the whole of its schema, its rules and its words."""
    launched = given(_KIND).log("service.launched", "2025-05-01", SERVICE)
    story = launched.log("service.inspected", "2025-06-01", inspected.example)
    assert (story.stage(), story.types()[-1]) == ("launched", "service.inspected")
    assert inspected.verb in allowed(story.state(), events().values())
    facts = {**SERVICE, **inspected.example}
    told = headline(inspected, kinds()[_KIND], facts, lambda key: key)
    assert told == "weride inspected in Dubai, United Arab Emirates: no fault found"


def test_the_api_has_routes_a_schema_and_a_button_for_it(inspected: type[Event]) -> None:
    """On a record, and to open one."""
    paths = {getattr(route, "path", "") for route in router().routes}
    assert {"/v1/services/inspect", "/v1/services/{id}/inspect"} <= paths
    schema = components()[inspected.__name__]
    assert {"finding", "operators", "details"} <= set(schema["properties"])
    (kind,) = [one for one in _meta()["kinds"] if one["name"] == _KIND]
    (action,) = [one for one in kind["actions"] if one["type"] == inspected.type]
    assert action["description"] == inspected.__doc__


def _meta() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(catalogue.__wrapped__("en"))
    return told


def test_the_command_line_has_a_command_for_it(inspected: type[Event]) -> None:
    """With its help and an option per field."""
    commands: typer.Typer = recording.commands(kinds()[_KIND], lambda _: None)
    runner = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"})
    shown = runner.invoke(commands, [inspected.verb, "--help"])
    assert shown.exit_code == 0
    assert (inspected.__doc__ or "") in shown.output
    assert "--finding" in shown.output


def test_the_reference_and_the_golden_rows_take_it_up(inspected: type[Event]) -> None:
    """`make docs golden` and it is documented, and kept readable for good."""
    assert f"### {inspected.type}" in page()
    assert "An authority looked at the running service." in page()
    assert inspected.type in {row.type for row in wanted()}


def test_nothing_of_it_stays_behind() -> None:
    """Tests that come after it see the catalogue as it is."""
    assert "service.inspected" not in events()


def test_a_stored_name_is_declared_once() -> None:
    """A type copied and not renamed is an error at import, not a lost event type."""
    with pytest.raises(TypeError, match="declared twice"):
        type("Copy", (Event,), {"type": "note.added", "__module__": __name__})
