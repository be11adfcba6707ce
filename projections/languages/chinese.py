"""Tell things in Chinese."""

import re
from collections.abc import Iterable
from decimal import Decimal

from babel import Locale
from babel.numbers import get_currency_name

from domain.event import Event
from domain.limits import SUBDIVISIONS
from domain.subject import Kind
from domain.telling import Payload, Tongue, word_words
from projections.languages import Words

_LOCALE = Locale("zh")
_PARTS = {
    **{str(21 + i): name for i, name in enumerate(("春季", "夏季", "秋季", "冬季"))},
    **{str(33 + i): f"第{name}季度" for i, name in enumerate("一二三四")},
    "40": "上半年",
    "41": "下半年",
}
_SIGNS = {"~": "约 ", ">": "超过 ", "<": "不到 "}
_MOST_LISTED = 4
# Great numbers are told in ten thousands and hundred millions.
_SCALES = ((10**8, "亿"), (10**4, "万"))
# Between Chinese characters and Latin letters or digits stands a space.
_SEAM = re.compile(
    r"(?<=[\u4e00-\u9fff])\x00(?=[A-Za-z0-9])|(?<=[A-Za-z0-9%.)])\x00(?=[\u4e00-\u9fff])"
)


class Chinese(Tongue):
    """How things are told in Chinese; names of organizations and free texts stay as they are."""

    def __init__(self, words: Words) -> None:
        """Take the catalogue."""
        self._words = words

    def headline(self, event: type[Event]) -> str:
        """Give the template of a line of the timeline."""
        found = self._words.find("types", event.type)
        return found[1] if found else event.headline

    def title(self, kind: Kind) -> str:
        """Give the template of what people call a subject."""
        found = self._words.find("kinds", kind.name)
        return found[1] if found else kind.title

    def word(self, word: str, of: str) -> str:
        """Tell a word of the vocabulary, as the value of a field."""
        found = self._words.find("words", f"{of}.{word}", word) or self._free(word)
        return found or word_words(word)

    def listed(self, words: Iterable[str]) -> str:
        """Join words as people do."""
        told = list(dict.fromkeys(word for word in words if word))
        if len(told) > _MOST_LISTED:
            return self.joined(["、".join(told[:3]), "等", str(len(told)), "个"])
        if len(told) <= 1:
            return "".join(told)
        return self.joined(["、".join(told[:-1]), "和", told[-1]])

    def place(self, place: Payload) -> str:
        """Tell a place, from the widest to the narrowest."""
        code = place.get("country")
        wide = (self._free(code) or _LOCALE.territories.get(code)) if code else place.get("region")
        middle = place.get("city") or SUBDIVISIONS.get(place.get("subdivision") or "")
        parts = [wide, middle, place.get("town") or place.get("label")]
        told = dict.fromkeys(self._free(part) or part for part in parts if part)
        return self.joined(_parted(told))

    def quantity(self, quantity: Payload) -> str:
        """Tell a quantity with its unit."""
        bounds = [quantity.get(name) for name in ("value", "min", "max")]
        number = " 至 ".join(f"{bound:,}" for bound in bounds if bound is not None)
        unit = self._free(quantity["unit"]) or f" {quantity['unit']}"
        return self.joined([_SIGNS.get(quantity.get("qualifier") or "", "") + number, unit])

    def date(self, text: str) -> str:
        """Tell an EDTF date."""
        start, slash, end = text.partition("/")
        if slash and start in ("", ".."):
            return f"不晚于 {self.date(end)}"
        if slash and end in ("", ".."):
            return f"{self.date(start)}起"
        if slash:
            return f"{self.date(start)}至 {self.date(end)}"
        about = "约 " if text[-1:] in "~%" else ""
        return about + _day(text.rstrip("~?%"))

    def money(self, money: Payload) -> str:
        """Tell an amount in its currency."""
        amount = Decimal(money["amount"])
        for scale, name in _SCALES:
            if amount >= scale and amount * 100 % scale == 0:
                number = f"{(amount / scale).normalize():f} {name}"
                break
        else:
            number = f"{amount:,f}"
        return f"{number}{get_currency_name(money['currency'], locale=_LOCALE)}"

    def joined(self, pieces: Iterable[str]) -> str:
        """Put a line together."""
        return _SEAM.sub(" ", "\x00".join(piece for piece in pieces if piece)).replace("\x00", "")

    def _free(self, word: str) -> str:
        return self._words.find("free", word) or ""


def _parted(parts: Iterable[str]) -> list[str]:
    """Put a space between Latin names, which run together otherwise."""
    told: list[str] = []
    for part in parts:
        told += [" ", part] if told and told[-1][-1:].isascii() and part[:1].isascii() else [part]
    return told


def _day(text: str) -> str:
    year, _, rest = text.partition("-")
    if rest in _PARTS:
        return f"{year} 年{_PARTS[rest]}"
    month, _, day = rest.partition("-")
    told = f"{year} 年"
    told += f" {int(month)} 月" if month.isdigit() else ""
    return told + (f" {int(day)} 日" if day.isdigit() else "")
