"""What deciding a command will need, as far as it shows from outside, to look it up at once."""

from collections.abc import Iterator
from itertools import islice

import orjson

from domain.event import Event, kinds
from domain.telling import title
from journal.commands import Command, Line
from journal.known import Ground
from journal.names import fold, is_id, is_key, numbered, slug

_LIKELY_KEYS = 4  # of a subject without a key: as many are looked up at once


def foresee(command: Command, ground: Ground, *, first: bool) -> None:
    """Note what deciding the command will need, as far as it shows from outside.

    Args:
        command: to be decided.
        ground: takes the notes.
        first: whether it is tried for the first time; then what it opens is taken to be new.
    """
    if command.repeatable:
        ground.needs.commands.add(command.id)
    for line in command.lines:
        new = line.envelope.subject if first and line.opens and not command.dry_run else None
        for text in _texts(line):
            if text == new:
                ground.presumed.add(text)
            elif ground.memory.subjects.get(text) is None:
                ground.needs.texts.add(text)
        _foresee_history(line, ground, fresh=command.dry_run or ground.memory.shared)
        for kind, text in line.references.seen:
            named = ground.memory.subjects.get(text)
            if named is None or kind not in ("", named.kind):
                ground.needs.aliases.add(fold(text))


def _foresee_history(line: Line, ground: Ground, *, fresh: bool) -> None:
    text = line.envelope.subject
    if not text or line.opens:
        return
    named = ground.memory.subjects.get(text)
    if named is None:
        ground.needs.keys.add(text)
    elif fresh or ground.memory.remembered(named.id) is None:
        ground.need_history(named.id)


def _texts(line: Line) -> Iterator[str]:
    if line.envelope.subject:
        yield line.envelope.subject
    elif line.event and line.kind:
        yield from islice(numbered(base_of(line.event, line.kind)), _LIKELY_KEYS)
    yield from (text for _, text in line.references.seen if is_key(text) or is_id(text))


def base_of(event: Event, kind: str) -> str:
    """Make a key of what people would call the subject."""
    return slug(title(kinds()[kind], orjson.loads(event.to_json()), lambda key: key))
