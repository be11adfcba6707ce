"""Answers that are kept for being asked again, as many as a number of bytes allows."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Any

# Of one answer; a page of the usual length takes 50 kB.
LONGEST = 200_000
# Of all answers of a process.
MOST = 64_000_000
# What an answer takes beside its text: the question, the page, the places of both.
_BESIDE = 1_000


class Kept:
    """The answers asked for last; what takes too much is not kept."""

    def __init__(self, most: int = MOST) -> None:
        """Begin with none.

        Args:
            most: bytes of all of them.
        """
        self._most = most
        self._bytes = 0
        self._answers: OrderedDict[Hashable, tuple[int, Any]] = OrderedDict()

    def get(self, asked: Hashable) -> Any:  # noqa: ANN401 - whatever was kept
        """Give an answer and keep it for longer; None where there is none."""
        if (found := self._answers.get(asked)) is None:
            return None
        self._answers.move_to_end(asked)
        return found[1]

    def keep(self, asked: Hashable, answer: object, size: int) -> None:
        """Keep an answer.

        Args:
            asked: whatever it depends on.
            answer: that will never be changed.
            size: how many bytes it has.
        """
        if size > LONGEST:
            return
        self._drop(asked)
        self._answers[asked] = size + _BESIDE, answer
        self._bytes += size + _BESIDE
        while self._bytes > self._most:
            self._drop(next(iter(self._answers)))

    def _drop(self, asked: Hashable) -> None:
        size, _ = self._answers.pop(asked, (0, None))
        self._bytes -= size
