"""How a payload is read, at the door and from the archive, and how it is written."""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict
from pydantic_core import SchemaValidator

from domain.archive import lenient
from domain.references import References

if TYPE_CHECKING:
    from domain.history import History

Data = dict[str, Any]


class Payload(BaseModel):
    """What an event tells. Limits are for what comes in; what is on record stays readable."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    upcasts: ClassVar[tuple[Callable[[Data], Data], ...]] = ()  # from schema n to n + 1, pure

    @classmethod
    def schema_number(cls) -> int:
        """Give the version of the payload's shape, counted from 1."""
        return 1 + len(cls.upcasts)

    @classmethod
    def admit(cls, data: bytes, references: References) -> Self:
        """Validate a payload at the door, with every limit of today.

        Args:
            data: a JSON object.
            references: takes up what the payload refers to, and resolves it where it can.

        Raises:
            pydantic.ValidationError: what is wrong with which field.
        """
        return cls.model_validate_json(data, context=references)

    def complete(self, history: "History", references: References) -> Self:  # noqa: ARG002 - a hook
        """Finish validation with what only the subject's history tells.

        Raises:
            pydantic.ValidationError: what is wrong with which field.
            Refused: the history holds nothing that it could mean.
        """
        return self

    @classmethod
    def revive(cls, schema: int, data: Data) -> Self:
        """Read a payload from the archive: any schema ever written, none of today's limits."""
        for upcast in cls.upcasts[schema - 1 :]:
            data = upcast(data)
        revived: Self = _archive(cls).validate_python(data)
        return revived

    def to_json(self) -> bytes:
        """Give the payload as it was given, references as keys."""
        return self.__pydantic_serializer__.to_json(self, exclude_unset=True, by_alias=True)


@cache
def _archive(payload: type[Payload]) -> SchemaValidator:
    return lenient(payload)
