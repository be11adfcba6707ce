"""How values of query parameters are written: each in the one spelling that is documented."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from difflib import get_close_matches
from typing import Annotated, Any, get_args

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from domain.event import events, kinds, stages
from domain.limits import COUNTRIES
from domain.partnership import Mode

DIGITS = 18  # of the greatest position


def written(pattern: str, meaning: str) -> BeforeValidator:
    """Take a text only in the one spelling that is documented."""
    form = re.compile(pattern)

    def check(text: Any) -> Any:  # noqa: ANN401 - whatever was given
        if isinstance(text, str) and not form.fullmatch(text):
            raise ValueError(f"write {meaning}")
        return text

    return BeforeValidator(check)


def _in_the_calendar(text: Any) -> Any:  # noqa: ANN401 - whatever was given
    """Refuse a day that no month has, in the words in which an event's day is refused."""
    try:
        return date.fromisoformat(text) if isinstance(text, str) else text
    except ValueError:
        raise ValueError(f"'{text}' is no day in the calendar") from None


def _in_utc(instant: datetime) -> datetime:
    """Refuse an instant that UTC has no date for."""
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"'{instant}' is not in the calendar") from None


def _one_of(what: str, known: Callable[[], Iterable[str]]) -> AfterValidator:
    def check(text: str) -> str:
        if text not in (names := list(known())):
            near = get_close_matches(text, names, n=3, cutoff=0.5)
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            raise ValueError(f"'{text}' is no {what}{hint}")
        return text

    return AfterValidator(check)


def _listed(names: Iterable[str]) -> Any:  # noqa: ANN401 - pydantic's field info
    return Field(json_schema_extra={"enum": [*sorted(names)]})


Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Whole = Annotated[int, written(f"[0-9]{{1,{DIGITS}}}", "a whole number")]
Flag = Annotated[bool, written("true|false", "true or false")]
Day = Annotated[
    date,
    BeforeValidator(_in_the_calendar),
    written("[0-9]{4}-[0-9]{2}-[0-9]{2}", "a day as 2025-11-14"),
]
Instant = Annotated[
    AwareDatetime,
    written(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
        r"([Zz]|[+-][0-9]{2}:[0-9]{2})",
        "an instant as 2025-11-14T09:30:00Z",
    ),
    AfterValidator(_in_utc),
]
Country = Annotated[
    str,
    _one_of("ISO 3166-1 alpha-2 country code", lambda: COUNTRIES),
    Field(description="ISO 3166-1 alpha-2.", examples=["AE"]),
    _listed(COUNTRIES),
]
KindName = Annotated[str, _one_of("kind of subject", kinds), _listed(kinds())]
TypeName = Annotated[str, _one_of("event type", events), _listed(events())]
StageName = Annotated[str, _one_of("stage", lambda: stages(events().values()))]
ModeName = Annotated[str, _one_of("mode", lambda: get_args(Mode)), _listed(get_args(Mode))]
Reference = Annotated[Text, Field(description="Key, id or any name, in any script.")]
