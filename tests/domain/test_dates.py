"""What a date can mean."""

from datetime import date, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.dates import check_date, latest_from, span


def days(first: str | None, last: str | None) -> tuple[date | None, date | None]:
    """Read two days."""
    return tuple(date.fromisoformat(day) if day else None for day in (first, last))  # type: ignore[return-value] # two in, two out


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2025-11-14", "2025-11-14", "2025-11-14"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2025", "2025-01-01", "2025-12-31"),
        ("2025-21", "2025-03-01", "2025-05-31"),
        ("2025-24", "2025-12-01", "2026-02-28"),
        ("2025-33", "2025-01-01", "2025-03-31"),
        ("2025-34", "2025-04-01", "2025-06-30"),
        ("2025-35", "2025-07-01", "2025-09-30"),
        ("2025-36", "2025-10-01", "2025-12-31"),
        ("2025-38", "2025-05-01", "2025-08-31"),
        ("2025-40", "2025-01-01", "2025-06-30"),
        ("2025-41", "2025-07-01", "2025-12-31"),
        ("2025-11~", "2025-11-01", "2025-11-30"),
        ("2025-11-14?", "2025-11-14", "2025-11-14"),
        ("?2025-11", "2025-11-01", "2025-11-30"),
        ("202X", "2020-01-01", "2029-12-31"),
        ("2025-XX", "2025-01-01", "2025-12-31"),
        ("2025-11-XX", "2025-11-01", "2025-11-30"),
        ("2025-07/2025-09", "2025-07-01", "2025-09-30"),
        ("2025-11-14/2025-12", "2025-11-14", "2025-12-31"),
        ("2025-11/..", "2025-11-01", None),
        ("2025-11/", "2025-11-01", None),
        ("../2025-07-17", None, "2025-07-17"),
        ("/2025", None, "2025-12-31"),
    ],
)
def test_each_form_of_a_date_means_these_days(
    text: str, first: str | None, last: str | None
) -> None:
    """Year, month, day, season, quarter, half, doubt, unknown digits, spans, open ends."""
    assert span(text) == days(first, last)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "2025-02-30", "2025-13", "2025-00", "0000", "2025-40-01", "2025-XX-31"),
        *("yesterday", "14.11.2025", "2025-1-1", "2025-11-14T10:00:00Z", " 2025", "2025 "),
        *("../..", "/", "..", "2025/2024", "2025/2026/2027", "{2025,2026}", "[2025..2026]"),
        *(
            "Y170000002",
            "-0100",
            "\uff12\uff10\uff12\uff15",
            "2025-11-14\n",
            "2025\x00",
            "9" * 5000,
            "../U..0",
        ),
    ],
)
def test_what_names_no_days_is_refused_in_words(text: str) -> None:
    """Whatever is written, the answer is a message that a person can act upon."""
    with pytest.raises(ValueError, match=r"is no EDTF date|calendar|ends before|open at both ends"):
        span(text)


@given(st.text(alphabet="0123456789-/.~?%XYSE{}[],^T:Z +u\x00é\uff12", max_size=24) | st.text())
@example("2025-X4")
@settings(max_examples=400, deadline=None)
def test_any_text_is_a_date_or_refused(text: str) -> None:
    """No text raises anything but ValueError, and what is read has its days in order."""
    try:
        earliest, latest = span(text)
    except ValueError:
        return
    assert earliest or latest
    assert not (earliest and latest) or earliest <= latest


FORMS = {
    "year": lambda day: f"{day:%Y}",
    "decade": lambda day: f"{day:%Y}"[:3] + "X",
    "half": lambda day: f"{day:%Y}-{40 + (day.month - 1) // 6}",
    "third": lambda day: f"{day:%Y}-{37 + (day.month - 1) // 4}",
    "quarter": lambda day: f"{day:%Y}-{33 + (day.month - 1) // 3}",
    "month": lambda day: f"{day:%Y-%m}",
    "day": lambda day: f"{day:%Y-%m-%d}",
}


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.sampled_from(sorted(FORMS)))
@settings(max_examples=200, deadline=None)
def test_a_date_means_exactly_the_days_that_it_names(day: date, form: str) -> None:
    """The first and the last of them are written so, their neighbours outside are not."""
    text = FORMS[form](day)
    earliest, latest = span(text)
    assert earliest
    assert latest
    assert earliest <= day <= latest
    beyond = (earliest - timedelta(days=1), latest + timedelta(days=1))
    assert FORMS[form](earliest) == FORMS[form](latest) == text
    assert text not in [FORMS[form](one) for one in beyond]


@pytest.mark.parametrize("text", ["1492", "2200-01-01", "../1066", "9999-12"])
def test_what_lies_out_of_reach_is_stopped_at_the_door_only(text: str) -> None:
    """A date that today's limits exclude can still be read from the archive."""
    assert span(text)
    with pytest.raises(ValueError, match="lies outside"):
        check_date(text)


def test_an_open_end_lasts_until_it_was_recorded_or_begins() -> None:
    """Nobody knows more on the day of recording, unless the span has not begun by then."""
    recorded = date(2025, 6, 1)
    assert latest_from("2025-01-01/..", recorded) == recorded
    assert latest_from("2025-07-01/..", recorded) == date(2025, 7, 1)
    assert latest_from("../2025-03", recorded) == date(2025, 3, 31)
    assert latest_from("2025-03", recorded) - date(2025, 3, 1) == timedelta(days=30)
