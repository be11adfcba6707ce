"""What the page about the interface shows is what a server with the example data answers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx2

_PAGE = Path(__file__).parents[2] / "docs" / "api.md"
_SHOWN = re.compile(r"^```json GET (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_EXAMPLES = dict(_SHOWN.findall(_PAGE.read_text()))
_WHATEVER = "…"


def test_no_example_is_lost() -> None:
    """Each address is shown once, and every shape of an answer that a person would look up."""
    assert len(_EXAMPLES) == len(_SHOWN.findall(_PAGE.read_text()))
    shown = {address.partition("?")[0].split("/")[-1] for address in _EXAMPLES}
    lists = {"timeline", "warnings", "coverage", "targets", "suspensions", "graph", "diff"}
    assert lists | {"explain", "series", "batches", "weride-uber-dubai"} <= shown


@pytest.mark.parametrize("address", [*_EXAMPLES])
def test_an_example_is_what_is_answered(examples: httpx2.Client, address: str) -> None:
    """To the letter, but for what `…` stands for."""
    path, _, pointer = address.partition("#")
    found: Any = examples.get(path).raise_for_status().json()
    for part in pointer.split("/")[1:]:
        found = found[int(part) if isinstance(found, list) else part]
    shown = json.loads(_EXAMPLES[address])
    assert _but(found, shown) == shown


def _but(found: Any, shown: Any) -> Any:  # noqa: ANN401 - any JSON
    """Give what was found, with `…` wherever that is shown."""
    if shown == _WHATEVER:
        return _WHATEVER
    if isinstance(found, dict) and isinstance(shown, dict):
        return {name: _but(value, shown.get(name)) for name, value in found.items()}
    if isinstance(found, list) and shown == [_WHATEVER]:
        return [_WHATEVER]
    if isinstance(found, list) and isinstance(shown, list) and len(found) == len(shown):
        return [_but(*pair) for pair in zip(found, shown, strict=True)]
    return found
