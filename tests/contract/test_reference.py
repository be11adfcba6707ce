"""The page of events is what the classes say."""

from domain.event import events, kinds
from tools.diagram import diagram
from tools.docs import REFERENCE, page


def test_the_reference_is_up_to_date() -> None:
    """Otherwise: `make docs`."""
    assert REFERENCE.read_text() == page()


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
