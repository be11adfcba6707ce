"""What things are called in other languages: one catalogue for each; what it lacks is English."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from tomllib import loads
from typing import Any, Literal

from domain.telling import ENGLISH, Tongue

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


@dataclass(frozen=True)
class Words:
    """A catalogue: sections of words, each by its name or by a longer one that says whose it is."""

    sections: Mapping[str, Mapping[str, Any]]

    def find(self, section: str, *names: str) -> Any:  # noqa: ANN401 - a text, or a list of texts
        """Give what stands under the first of some names; None where nothing does."""
        held = self.sections.get(section, {})
        return next((held[name] for name in names if name in held), None)


@cache
def words(language: Language) -> Words:
    """Give the catalogue of a language; that of English is empty."""
    if language == "en":
        return Words({})
    return Words(loads(files(__name__).joinpath(f"{language}.toml").read_text("utf-8")))


@cache
def tongue(language: Language) -> Tongue:
    """Give what tells in a language."""
    if language == "en":
        return ENGLISH
    from projections.languages.chinese import Chinese  # noqa: PLC0415 - it needs the words above

    return Chinese(words(language))
