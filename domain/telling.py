"""Say things in words: headlines, titles, places, dates, money.

Works on payloads as stored, when they are read: a reworded headline needs no rebuild.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from itertools import zip_longest
from typing import Any, NamedTuple, get_args

from babel import Locale
from pydantic import BaseModel

from domain.dates import check_date
from domain.event import Event
from domain.limits import SUBDIVISIONS, Limit
from domain.references import Key
from domain.subject import Kind

Names = Callable[[str], str]  # the key of an organization to the name it had
Payload = Mapping[str, Any]

_COUNTRIES = {**Locale("en").territories, "HK": "Hong Kong", "MO": "Macao"}
_SEASONS = {
    **{str(21 + i): name for i, name in enumerate(("spring", "summer", "autumn", "winter"))},
    **{str(33 + i): f"Q{i + 1}" for i in range(4)},
    "40": "first half of",
    "41": "second half of",
}
_GROUP = re.compile(r"\[([^\]]*)\]|([^\[]+)")
_SLOT = re.compile(r"\{(\w+)\}")


class Tongue:
    """How things are told in a language: in English, where it does not say otherwise."""

    def headline(self, event: type[Event]) -> str:
        """Give the template of a line of the timeline."""
        return event.headline

    def title(self, kind: Kind) -> str:
        """Give the template of what people call a subject."""
        return kind.title

    def word(self, word: str, of: str) -> str:  # noqa: ARG002 - other languages look at it
        """Tell a word of the vocabulary, as the value of a field."""
        return word_words(word)

    def listed(self, words: Iterable[str]) -> str:
        """Join words as people do."""
        return listed(words)

    def place(self, place: Payload) -> str:
        """Tell a place."""
        return place_words(place)

    def quantity(self, quantity: Payload) -> str:
        """Tell a quantity with its unit."""
        return quantity_words(quantity)

    def date(self, text: str) -> str:
        """Tell an EDTF date."""
        return date_words(text)

    def money(self, money: Payload) -> str:
        """Tell an amount in its currency."""
        whole, dot, rest = money["amount"].partition(".")
        return f"{money['currency']} {int(whole):,}{dot}{rest}"

    def joined(self, pieces: Iterable[str]) -> str:
        """Put a line together."""
        return "".join(pieces)


ENGLISH = Tongue()


class Voice(NamedTuple):
    """Who tells.

    Attributes:
        names: tells the name of an organization.
        tongue: the language.
        of: the field of which the value is told.
    """

    names: Names
    tongue: Tongue
    of: str = ""


Teller = Callable[[Any, Voice], str]
# What the envelope fills in, where a headline has a slot for it: the position that the event is
# about, and why it was logged.
_OF_ENVELOPE: Mapping[str, Teller] = {
    "about": lambda value, _: str(value),
    "reason": lambda value, _: str(value),
}
ENVELOPE = frozenset(_OF_ENVELOPE)


def headline(
    event: type[Event], kind: Kind, facts: Payload, names: Names, tongue: Tongue = ENGLISH
) -> str:
    """Tell an event in one line.

    Args:
        event: its type.
        kind: of its subject.
        facts: its payload, over the identity fields of its subject, as stored.
        names: tells the name of an organization on the event's effective day.
        tongue: the language.
    """
    return _fill(tongue.headline(event), _tellers(event, kind), kind, facts, Voice(names, tongue))


def title(kind: Kind, facts: Payload, names: Names, tongue: Tongue = ENGLISH) -> str:
    """Tell what people call a subject, from its identity fields as stored."""
    return _fill(tongue.title(kind), _tellers(kind.facts, kind), kind, facts, Voice(names, tongue))


@cache
def tells_of_envelope(event: type[Event]) -> bool:
    """Tell whether the headline of a type has a slot that the envelope fills in."""
    return not ENVELOPE.isdisjoint(slots(event.headline))


def slots(template: str) -> tuple[str, ...]:
    """Name the slots of a template."""
    return tuple(_SLOT.findall(template))


def _fill(
    template: str, tellers: Mapping[str, Teller], kind: Kind, facts: Payload, voice: Voice
) -> str:
    def tell(slot: str) -> str:
        if slot == "subject":
            return title(kind, facts, voice.names, voice.tongue)
        value = facts.get(slot)
        return "" if value is None else tellers[slot](value, voice._replace(of=slot))

    told: list[str] = []
    for optional, literals, wanted in _parts(template):
        values = [tell(slot) for slot in wanted]
        if not optional or all(values):
            filled = (value or "?" for value in values)
            told += (
                piece for pair in zip_longest(literals, filled, fillvalue="") for piece in pair
            )
    return voice.tongue.joined(told)


@cache
def _parts(template: str) -> tuple[tuple[bool, tuple[str, ...], tuple[str, ...]], ...]:
    """Part a template: what may drop out, its literals, and the slots behind each but the last."""
    return tuple(
        (bool(found[1]), tuple(_SLOT.split(found[1] or found[2])[::2]), slots(found[0]))
        for found in _GROUP.finditer(template)
        if found[0] != "[]"
    )


@cache
def _tellers(model: type[BaseModel], kind: Kind) -> Mapping[str, Teller]:
    fields = {**kind.facts.model_fields, **model.model_fields}
    return {
        **_OF_ENVELOPE,
        **{
            field.alias or name: _teller((field.annotation, field.metadata))
            for name, field in fields.items()
        },
    }


def _teller(annotation: object) -> Teller:
    leaves = list(_leaves(annotation))
    if any(isinstance(leaf, type) and issubclass(leaf, Key) for leaf in leaves):
        return _referring
    if any(isinstance(leaf, Limit) and leaf.check is check_date for leaf in leaves):
        return lambda value, voice: voice.tongue.date(value)
    return _plain


def _leaves(annotation: object) -> Iterable[object]:
    parts = annotation if isinstance(annotation, tuple | list) else get_args(annotation)
    if not parts:
        yield annotation
    for part in parts:
        yield from _leaves(part)


def _referring(value: Any, voice: Voice) -> str:  # noqa: ANN401 - any stored value
    return voice.names(value) if isinstance(value, str) else _plain(value, voice, _referring)


def _plain(value: Any, voice: Voice, each: Teller | None = None) -> str:  # noqa: ANN401 - as above
    if isinstance(value, str):
        return value if " " in value else voice.tongue.word(value, voice.of)
    if isinstance(value, list | tuple):
        return voice.tongue.listed([(each or _plain)(one, voice) for one in value])
    if isinstance(value, Mapping):
        return next((tell(value, voice) for mark, tell in _SHAPES if mark in value), "")
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def word_words(word: str) -> str:
    """Tell a word of the vocabulary: `testing_driverless` is driverless testing."""
    rest = word.removesuffix("_driverless")
    return ("driverless " if rest != word else "") + rest.replace("_", " ")


def listed(words: Iterable[str]) -> str:
    """Join words as people do; of many, the first three and the number of the rest."""
    told = list(dict.fromkeys(word for word in words if word))
    if len(told) > 4:  # noqa: PLR2004 - more than a line holds
        told = [*told[:3], f"{len(told) - 3} more"]
    return " and ".join(filter(None, [", ".join(told[:-1]), *told[-1:]]))


def place_words(place: Payload) -> str:
    """Tell a place: the spot, the city or else the subdivision, and the country or region."""
    wide = _COUNTRIES.get(place.get("country") or "", "") or place.get("region") or ""
    middle = place.get("city") or SUBDIVISIONS.get(place.get("subdivision") or "")
    parts = [place.get("town") or place.get("label"), middle, wide]
    return ", ".join(dict.fromkeys(part for part in parts if part))


def quantity_words(quantity: Payload) -> str:
    """Tell a quantity with its unit."""
    qualifier = quantity.get("qualifier") or ""
    sign = {"~": "about ", ">": "more than ", "<": "fewer than "}.get(qualifier, "")
    bounds = [quantity.get(name) for name in ("value", "min", "max")]
    number = " to ".join(f"{bound:,}" for bound in bounds if bound is not None)
    return f"{sign}{number} {quantity['unit']}"


def date_words(text: str) -> str:
    """Tell an EDTF date."""
    start, slash, end = text.partition("/")
    if slash and start in ("", ".."):
        return f"by {date_words(end)}"
    if slash and end in ("", ".."):
        return f"from {date_words(start)}"
    if slash:
        return f"{date_words(start)} to {date_words(end)}"
    about = "about " if text[-1:] in "~%" else ""
    bare = text.rstrip("~?%")
    year, _, part = bare.partition("-")
    return f"{about}{_SEASONS[part]} {year}" if part in _SEASONS else f"{about}{bare}"


def _party(value: Payload, voice: Voice) -> str:
    return _referring(value.get("organization") or {"mention": value.get("mention")}, voice)


def _jurisdiction(value: Payload, voice: Voice) -> str:
    if place := value.get("place"):
        return voice.tongue.place(place)
    if authority := value.get("authority"):
        return _referring(authority, voice)
    return voice.tongue.word(value["level"], "level")


def _leg(value: Payload, voice: Voice) -> str:
    origin = voice.tongue.place(value["origin"]) + " → " if value.get("origin") else "→ "
    return origin + voice.tongue.place(value["destination"])


_SHAPES: tuple[tuple[str, Teller], ...] = (
    ("destination", _leg),
    ("organization", _party),
    ("mention", lambda value, _: value["mention"] or ""),
    ("level", _jurisdiction),
    ("currency", lambda value, voice: voice.tongue.money(value)),
    ("unit", lambda value, voice: voice.tongue.quantity(value)),
    ("name", lambda value, _: value["name"]),
    ("country", lambda value, voice: voice.tongue.place(value)),
    ("region", lambda value, voice: voice.tongue.place(value)),
)
