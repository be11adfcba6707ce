"""Dates as people write them: each spelling means one EDTF date, or nothing for sure."""

import pytest

from domain.reading_dates import read_date

MEANT = {
    "2025-11-14": "2025-11-14",
    "2025-34": "2025-34",
    "../2025-07-17": "../2025-07-17",
    "2025-11~": "2025-11~",
    "2025": "2025",
    "2025/11/4": "2025-11-04",
    "14.11.2025": "2025-11-14",
    "05/2025": "2025-05",
    "25/12/2025": "2025-12-25",
    "12/25/2025": "2025-12-25",
    "5/5/2025": "2025-05-05",
    "Nov 2025": "2025-11",
    "Sept. 2025": "2025-09",
    "November 14, 2025": "2025-11-14",
    "14th of November 2025": "2025-11-14",
    "Q3 2025": "2025-35",
    "2025-Q2": "2025-34",
    "third quarter of 2025": "2025-35",
    "2025-H1": "2025-40",
    "second half of 2025": "2025-41",
    "early 2026": "2026-01/2026-04",
    "mid-2026": "2026-05/2026-08",
    "2023-late": "2023-09/2023-12",
    "summer 2025": "2025-22",
    "about 2025": "2025~",
    "by Nov 2025": "../2025-11",
    "Jul 2025 to Sep 2025": "2025-07/2025-09",
    "2025年11月": "2025-11",
    "2025年11月14日": "2025-11-14",
    "２０２５年": "2025",
    "2025年第三季度": "2025-35",
    "2025年上半年": "2025-40",
    "2026年初": "2026-01/2026-04",
    "2025年底": "2025-09/2025-12",
    "2025年11月左右": "2025-11~",
    "2025年3月至2025年5月": "2025-03/2025-05",
}


@pytest.mark.parametrize(("text", "edtf"), MEANT.items(), ids=MEANT)
def test_a_spelling_means_one_date(text: str, edtf: str) -> None:
    """Months by name or number, quarters, halves, parts of a year, in English and Chinese."""
    assert read_date(text) == edtf


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("03/04/2025", "2025-03-04 or 2025-04-03"),
        ("soon", "no date"),
        ("", "no date"),
        ("2025-13-01", "no date|calendar"),
        ("31.02.2025", "calendar"),
        ("Q5 2025", "no date"),
        ("1066", "lies outside"),
        ("9" * 5_000, "no date"),
    ],
)
def test_what_may_mean_two_days_or_none_is_not_guessed(text: str, said: str) -> None:
    """It is refused, with what to write instead."""
    with pytest.raises(ValueError, match=said):
        read_date(text)
