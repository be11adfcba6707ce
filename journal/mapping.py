"""How columns of a spreadsheet become events: a mapping, made once, turns each row into a line.

A line is one of the generic door. What a field takes is read from the class of the event, so no
field is treated by its name.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin

from babel import Locale
from pydantic import BaseModel, ConfigDict, Field

from domain.dates import check_date
from domain.event import events
from domain.limits import COUNTRIES, CURRENCIES, Limit
from domain.parties import Party
from domain.places import Place
from domain.quantities import Money, Quantity
from domain.reading_dates import read_date
from domain.references import OrganizationKey
from domain.vocabulary import Country, Source
from journal.names import is_id, is_key, slug

Json = dict[str, Any]
Known = Callable[[str], str | None]  # the key of the organization that a name means

_ENVELOPE = ("subject", "occurred_on", "ref", "reason")
Text = Annotated[str, Field(min_length=1, max_length=300)]


class Part(BaseModel):
    """A part of a mapping."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Types(Part):
    """The column that tells the type of each event."""

    column: Text
    values: dict[str, str | None] = Field(
        default={}, max_length=500, description="What it says to a type; null leaves the row out."
    )


class Column(Part):
    """What becomes of a column."""

    column: Text
    to: tuple[str, ...] = Field(
        min_length=1,
        max_length=30,
        description="Fields, with points between; of these, the first that the event takes.",
        examples=[["parties", "operators"], ["markets.country", "place.country"]],
    )
    split: str | None = Field(default=None, min_length=1, max_length=5, examples=[";"])
    values: dict[str, str | None] = Field(
        default={}, max_length=500, description="What it says to what is meant; null is nothing."
    )
    role: str | None = Field(default=None, max_length=100, description="Of parties in it.")
    kinds: tuple[str, ...] = Field(
        default=(), max_length=30, description="Only for events of these kinds; else of all."
    )


class SheetMapping(Part):
    """How a row becomes an event."""

    type: str | Types
    columns: tuple[Column, ...] = Field(max_length=400)
    constants: dict[str, str] = Field(default={}, max_length=100, description="Field to text.")
    subject: str | None = Field(
        default=None,
        max_length=300,
        description="The key, made of columns; else of what people would call the subject.",
        examples=["{company}-{counterparty}"],
    )


class Unmapped(Exception):
    """A row cannot become an event, and why.

    Attributes:
        column: whose cell is at fault.
        unknown: what it says, where that is a word that the mapping could say the meaning of.
        may_mean: the words that are known there; none where it is a type of event.
    """

    def __init__(
        self, column: str, detail: str, unknown: str | None = None, may_mean: tuple[str, ...] = ()
    ) -> None:
        super().__init__(detail)
        self.column = column
        self.unknown = unknown
        self.may_mean = may_mean


class _UnknownWord(ValueError):
    """None of the words that are known there."""

    def __init__(self, text: str, words: tuple[str, ...]) -> None:
        super().__init__(
            f"'{text[:100]}' is none of {', '.join(words)}; say in `values` which is meant"
        )
        self.words = words


def line(mapping: SheetMapping, cells: Mapping[str, str], known: Known) -> Json | None:
    """Make a line of a row; None where the mapping leaves it out.

    Raises:
        Unmapped: a cell makes no sense where it goes.
    """
    if (type_ := _type(mapping, cells)) is None:
        return None
    made = _Made(type_, known)
    for path, text in mapping.constants.items():
        made.put(Column(column=path, to=(path,)), text)
    for rule in mapping.columns:
        if text := cells.get(rule.column, ""):
            made.put(rule, text)
    if mapping.subject and "subject" not in made.document:
        parts = re.sub(r"\{([^{}]*)\}", lambda found: cells.get(found[1], ""), mapping.subject)
        made.document["subject"] = slug(parts)
    return made.finished()


def _type(mapping: SheetMapping, cells: Mapping[str, str]) -> str | None:
    if isinstance(mapping.type, str):
        return mapping.type
    column, values = mapping.type.column, mapping.type.values
    told = cells.get(column, "")
    type_ = values.get(told, told)
    if type_ is not None and type_ not in events():
        detail = f"'{told[:100]}' is no event type; say in `values` which is meant"
        raise Unmapped(column, detail, told)
    return type_


class _Made:
    """A line in the making."""

    def __init__(self, type_: str, known: Known) -> None:
        self.event = events()[type_]
        self.kind = self.event.kind.name if self.event.kind else ""
        self.known = known
        self.document: Json = {"type": type_}
        self.data: Json = {}
        self.source: Json = {}

    def put(self, rule: Column, text: str) -> None:
        """Put a cell where the first field is that the event takes; nowhere where it takes none."""
        if rule.kinds and self.kind not in rule.kinds:
            return
        for path in rule.to:
            if (place := self._place(path)) is not None:
                for part in text.split(rule.split) if rule.split else [text]:
                    self._put_one(rule, place, part.strip())
                return

    def _put_one(self, rule: Column, place: "_Place", text: str) -> None:
        meant = rule.values.get(text, text)
        if not meant:
            return
        try:
            value = self._subject(meant) if place.leaf == "subject" else None
            value = value or _value(place.leaf, meant, self.known, rule.role)
        except _UnknownWord as error:
            raise Unmapped(rule.column, str(error), text, error.words) from None
        except ValueError as error:
            raise Unmapped(rule.column, str(error)) from None
        _set(place.into, place.steps, value)

    def _subject(self, text: str) -> str:
        """Give the key of a subject: of an organization that is known, as written, or made."""
        known = self.known(text) if self.kind == "organization" else None
        return known or (text if is_key(text) or is_id(text) else slug(text))

    def _place(self, path: str) -> "_Place | None":
        if path in _ENVELOPE:
            return _Place(self.document, (_Step(path, many=False),), _LEAVES.get(path, str))
        top, _, rest = path.partition(".")
        if top == "sources":
            steps = _steps(Source, rest)
            return steps and _Place(self.source, *steps)
        steps = _steps(self.event, path)
        return steps and _Place(self.data, *steps)

    def finished(self) -> Json:
        """Give the line."""
        if self.source:
            self.document["sources"] = [{"title": "Spreadsheet", **self.source}]
        return {**self.document, "data": self.data}


class _Step(NamedTuple):
    name: str
    many: bool  # whether a list stands there


class _Place(NamedTuple):
    into: Json
    steps: tuple[_Step, ...]
    leaf: Any


_LEAVES: dict[str, Any] = {"occurred_on": "date", "subject": "subject"}


_IS_COUNTRY = next(one for one in get_args(Country) if isinstance(one, Limit))


@cache
def _steps(model: type[BaseModel], path: str) -> tuple[tuple[_Step, ...], Any] | None:
    """Follow a path through a model; None where it leads nowhere."""
    name, _, rest = path.partition(".")
    fields = {field.alias or own: field for own, field in model.model_fields.items()}
    if name not in fields:
        return None
    many, inner = _inner((fields[name].annotation, fields[name].metadata))
    step = _Step(name, many)
    if not rest:
        return (step,), inner
    if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
        return None
    below = _steps(inner, rest)
    return below and ((step, *below[0]), below[1])


def _inner(annotation: Any) -> tuple[bool, Any]:  # noqa: ANN401 - any annotation
    """Tell whether a list is meant, and of what: a model, a literal, or what marks a leaf."""
    leaves = [leaf for leaf in _leaves(annotation) if leaf is not type(None)]
    many = any(get_origin(part) is tuple for part in _parts(annotation))
    if any(isinstance(one, Limit) and one.check is check_date for one in leaves):
        return many, "date"
    if _IS_COUNTRY in leaves:
        return many, "country"
    for model in (Party, Quantity, Money, Place):
        if model in leaves:
            return many, model
    if any(isinstance(one, type) and issubclass(one, OrganizationKey) for one in leaves):
        return many, OrganizationKey
    literals = [part for part in _parts(annotation) if get_origin(part) is Literal]
    if words := tuple(word for part in literals for word in get_args(part)):
        return many, words
    return many, next((one for one in leaves if isinstance(one, type)), str)


def _parts(annotation: Any) -> Iterable[Any]:  # noqa: ANN401 - as above
    yield annotation
    if get_origin(annotation) is Literal:
        return
    below = annotation if isinstance(annotation, tuple | list) else get_args(annotation)
    for part in below:
        yield from _parts(part)


def _leaves(annotation: Any) -> Iterable[Any]:  # noqa: ANN401 - as above
    return (part for part in _parts(annotation) if not get_args(part))


def _set(into: Json, steps: tuple[_Step, ...], value: Any) -> None:  # noqa: ANN401 - any JSON
    """Put a value where a path leads; what belongs together stands in the first of a list."""
    for name, many in steps[:-1]:
        into = into.setdefault(name, [{}])[0] if many else into.setdefault(name, {})
    name, many = steps[-1]
    if many:
        held = into.setdefault(name, [])
        if value not in held:
            held.append(value)
    elif isinstance(into.get(name), dict) and isinstance(value, dict):
        into[name] |= value
    else:
        into[name] = value


# ── cells ────────────────────────────────────────────────────────────────────────────────────────


def _value(leaf: Any, text: str, known: Known, role: str | None) -> Any:  # noqa: ANN401 - any JSON
    """Read a cell as what the field takes.

    Raises:
        ValueError: it is nothing of the sort.
    """
    if leaf is Party:
        told = _organization(text, known)
        told = told if isinstance(told, dict) else {"organization": told}
        return {**told, "role": role} if role else told
    if leaf is OrganizationKey:
        return _organization(text, known)
    if isinstance(leaf, tuple):
        return _word(text, leaf)
    return _READERS.get(leaf, str)(text)


def _organization(text: str, known: Known) -> str | Json:
    return known(text) or {"mention": text}


def _word(text: str, words: tuple[str, ...]) -> str:
    folded = re.sub(r"[\s_-]+", "_", text.strip().casefold())
    if text in words or folded in words:
        return text if text in words else folded
    raise _UnknownWord(text, words)


_NUMBER = re.compile(
    r"(?P<sign>[~≈><]|about |约)? ?(?P<number>\d[\d,. ]*?)"
    r" ?(?P<scale>k|m|mn|million|bn|billion|万|亿)?(?: (?P<unit>\D.*))?",
    re.IGNORECASE,
)
_SCALES = {
    "": 1,
    "k": 10**3,
    "万": 10**4,
    "亿": 10**8,
    **dict.fromkeys(("m", "mn", "million"), 10**6),
    **dict.fromkeys(("bn", "billion"), 10**9),
}
_SIGNS = {"≈": "~", "about": "~", "约": "~"}


def _measured(text: str) -> tuple[Decimal, str, str]:
    found = _NUMBER.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        raise ValueError(f"'{text[:100]}' is no number")
    plain = re.sub(r"[, ](?=\d{3}(\D|$))", "", found["number"].strip())
    try:
        number = Decimal(plain) * _SCALES[(found["scale"] or "").casefold()]
    except ArithmeticError:
        raise ValueError(f"'{text[:100]}' is no number") from None
    sign = (found["sign"] or "").strip()
    return number, _SIGNS.get(sign, sign), (found["unit"] or "").strip()


def _number(text: str) -> int | float:
    number, _, _ = _measured(text.removesuffix("%"))
    return int(number) if number == int(number) else float(number)


def _quantity(text: str) -> Json:
    number, sign, unit = _measured(text)
    told: Json = {"value": int(number) if number == int(number) else float(number)}
    return told | ({"unit": unit} if unit else {}) | ({"qualifier": sign} if sign else {})


def _money(text: str) -> Json:
    codes = [word for word in re.findall(r"\b[A-Z]{3}\b", text) if word in CURRENCIES]
    amount, sign, _ = _measured(text.replace(codes[0], "").strip() if codes else text)
    told: Json = {"amount": f"{amount.normalize():f}"} | ({"currency": codes[0]} if codes else {})
    return told | ({"qualifier": sign} if sign else {})


@cache
def _countries() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in ("en", "zh"):
        names = Locale(language).territories
        found |= {names[code].casefold(): code for code in COUNTRIES if code in names}
    return found | {"uk": "GB", "usa": "US", "uae": "AE", "阿联酋": "AE"}


def _country(text: str) -> str:
    code = _countries().get(text.strip().casefold(), text.strip().upper())
    return code if code in COUNTRIES else text


def _place(text: str) -> Json:
    *city, country = (part.strip() for part in re.split("[,，]", text))
    told: Json = {"country": _country(country)}
    return told | ({"city": city[0]} if city else {})


_READERS: dict[Any, Callable[[str], Any]] = {
    "date": read_date,
    "country": _country,
    int: _number,
    float: _number,
    Quantity: _quantity,
    Money: _money,
    Place: _place,
}
