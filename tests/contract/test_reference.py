"""The page of events is what the classes say."""

import re
from typing import get_args

from domain.event import events, kinds
from domain.subject import Code
from tools.diagram import diagram
from tools.docs import REFERENCE, page

DOCS = REFERENCE.parent


def test_the_reference_is_up_to_date() -> None:
    """Otherwise: `make docs`."""
    assert REFERENCE.read_text() == page()


def test_the_api_page_says_what_each_warning_means() -> None:
    """No code is missing there, and none is made up."""
    page = (DOCS / "api.md").read_text()
    _, _, table = page.partition("| code | says |\n| --- | --- |\n")
    rows = table.partition("\n\n")[0].splitlines()
    told = [code for row in rows for code in re.findall(r"`(\w+)`", row.split("|")[1])]
    assert sorted(told) == sorted(get_args(Code))


def test_a_diagram_leads_to_every_stage() -> None:
    """And from nothing on record to each end."""
    for kind in kinds().values():
        life = [event for event in events().values() if event.kind is kind]
        drawn = "\n".join(diagram(life))
        for event in life:
            if event.leads_to and event.leads_to != "unknown":
                assert f"--> {event.leads_to} : " in drawn
            if event.ends():
                assert f"    {event.leads_to} --> [*]" in drawn


def test_a_resumption_is_drawn_to_where_it_returns() -> None:
    """Never to a stage called resumed."""
    life = [event for event in events().values() if event.kind is kinds()["service"]]
    lines = list(diagram(life))
    assert "    suspended --> pilot : resume" in lines
    assert not any("--> resumed" in line or "unknown" in line for line in lines)
