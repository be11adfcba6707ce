"""References from one subject to another: texts in, keys out."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Why a reference could not be resolved, in words for the person who wrote it."""

    detail: str


@dataclass(slots=True)
class References:
    """What a payload refers to, gathered while it is validated.

    The first validation fills `seen` with (kind, text); whoever owns the names looks these up and,
    unless every text is already a key, validates again with `resolved` filled in.
    """

    seen: set[tuple[str, str]] = field(default_factory=set)
    resolved: dict[tuple[str, str], str | Unresolved] = field(default_factory=dict)


class Key(str):
    """The key of a subject: stored and read back as the key, whatever named it."""

    __slots__ = ()
    kind: ClassVar[str] = ""  # empty: any kind

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Validate a text, and replace it by the key it stands for."""
        text = core_schema.str_schema(min_length=1, max_length=300)
        return core_schema.with_info_after_validator_function(cls._refer, text)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Say what may be written."""
        noun = (cls.kind or "subject").replace("_", " ")
        noun = f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
        described = handler(schema)
        described |= {"x-refers-to": cls.kind or "any", "title": f"Reference to {noun}"}
        described |= {"description": f"Key, id or any name of {noun}; read back as the key."}
        return described

    @classmethod
    def _refer(cls, text: str, info: ValidationInfo[Any]) -> Self:
        references = info.context
        if references is None:
            return cls(text)
        references.seen.add((cls.kind, text))
        found = references.resolved.get((cls.kind, text), text)
        if isinstance(found, Unresolved):
            raise PydanticCustomError("reference", "{detail}", {"detail": found.detail})
        return cls(found)


class OrganizationKey(Key):
    """An organization, by key, id, or any name or alias in any script."""

    __slots__ = ()
    kind = "organization"


class ServiceKey(Key):
    """A service, by key or id."""

    __slots__ = ()
    kind = "service"


class RegulationKey(Key):
    """A regulation, by key or id."""

    __slots__ = ()
    kind = "regulation"
