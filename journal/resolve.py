"""From the texts that a payload refers by to the keys that are stored."""

from difflib import get_close_matches

from pydantic import ValidationError

from domain.event import Event, event_class, kinds
from domain.history import History
from domain.references import References, Unresolved
from journal.commands import Line
from journal.known import Layer
from journal.names import fold, is_id, is_key, slug
from journal.refusals import Malformed


def resolved(line: Line, kind: str, layer: Layer) -> Event:
    """Give the payload with every reference as a key."""
    event_type = event_class(line.envelope.type, kind)
    event, references = line.event, line.references
    if event is None:
        references = References()
        event = line.admitted(event_type, references)
    if keys := _keys(references, layer):
        return line.admitted(event_type, References(resolved=keys))
    return event


def completed(line: Line, event: Event, history: History, layer: Layer) -> Event:
    """Give the payload with what only the history tells, such as what a correction replaces."""
    references = References()
    try:
        complete = event.complete(history, references)
        if keys := _keys(references, layer):
            complete = event.complete(history, References(resolved=keys))
    except ValidationError as error:
        raise Malformed.of(error, line.data.get("data"), "/data/data") from None
    return complete


def _keys(references: References, layer: Layer) -> dict[tuple[str, str], str | Unresolved]:
    """Give the keys of the texts that are none, or the reason why they mean nothing."""
    found = {one: _key(*one, layer) for one in references.seen}
    return {one: key for one, key in found.items() if key != one[1]}


def _key(kind: str, text: str, layer: Layer) -> str | Unresolved:
    named = layer.subject(text) if is_key(text) or is_id(text) else None
    if named and kind in ("", named.kind):
        return named.key
    meant = [one for one in layer.called(fold(text)) if kind in ("", one.kind)]
    if len(meant) > 1:  # of records of one subject, the one that stands for all is meant
        meant = [one for one in meant if not layer.history(one, fresh=True).merged_into] or meant
    called = sorted(one.key for one in meant)
    if len(called) == 1:
        return called[0]
    if called:
        return Unresolved(f"'{text}' may mean {' or '.join(called)}; write which")
    noun = kinds()[kind].noun if kind else "subject"
    if named:
        return Unresolved(
            f"'{text}' is {with_article(kinds()[named.kind].noun)}, not {with_article(noun)}"
        )
    return Unresolved(
        f"no {noun} is known by the key, id or name '{text}'{_hint(kind, text, layer)}"
    )


def _hint(kind: str, text: str, layer: Layer) -> str:
    """Name the keys that were perhaps meant."""
    meant = slug(text)
    known = (one.key for one in layer.alike(meant[:2]) if kind in ("", one.kind))
    near = get_close_matches(meant, known, n=3, cutoff=0.7)
    return f"; did you mean {' or '.join(near)}?" if near else ""


def with_article(noun: str) -> str:
    """Give a noun its article."""
    return f"{'an' if noun[0] in 'aeio' else 'a'} {noun}"
