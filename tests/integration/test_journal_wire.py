"""JSON from outside: what everybody reads alike is taken, what they would not is refused."""

from __future__ import annotations

import json
import math

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal import wire
from tests.integration.journaling import app, note, organization, record

_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
_NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
_JSON: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | _NUMBERS | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(_JSON)
def test_every_sound_document_is_read(document: object) -> None:
    """Whatever can be written without loss is read as it was written, escaped or not."""
    for escaped in (True, False):
        assert wire.loads(json.dumps(document, ensure_ascii=escaped).encode()) == document


@given(_JSON)
def test_canonical_spelling_does_not_depend_on_order(document: object) -> None:
    """Two spellings of one document have one canonical spelling."""

    def turned(part: object) -> object:
        if isinstance(part, dict):
            return {name: turned(value) for name, value in reversed(part.items())}
        return [turned(value) for value in part] if isinstance(part, list) else part

    assert wire.canonical(turned(document)) == wire.canonical(document)


@given(_JSON, _TEXT, st.sampled_from([b"NaN", b"-Infinity", b"1e400", b"9" * 40, b'"\\u0000"']))
def test_hostile_value_is_refused_where_it_stands(inner: object, name: str, bad: bytes) -> None:
    """However deep in a sound document, the pointer leads to it."""
    raw = b'[%s,{"a":[{%s:%s}]}]' % (orjson.dumps(inner), orjson.dumps(name), bad)
    with pytest.raises(wire.Hostile) as refused:
        wire.loads(raw)
    escaped = name.replace("~", "~0").replace("/", "~1")
    assert refused.value.pointer == f"/1/a/0/{escaped}"


@given(
    st.lists(st.tuples(st.sampled_from(["a", "b:", "c\\", 'd":']), _JSON), min_size=1), st.data()
)
def test_a_name_given_twice_is_never_overlooked(
    members: list[tuple[str, object]], data: st.DataObject
) -> None:
    """However it is spaced, and whatever colons stand in its texts."""
    between = st.sampled_from(["", " ", "\n\t "])
    spelled = (
        data.draw(between).join([json.dumps(name), ":", json.dumps(value, ensure_ascii=False)])
        for name, value in members
    )
    raw = f"{{{','.join(spelled)}}}"
    if len(dict(members)) == len(members):
        assert wire.loads(raw.encode()) == dict(members)
    else:
        with pytest.raises(wire.Hostile, match="twice"):
            wire.loads(raw.encode())


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    """No bytes make it fail in any other way."""
    try:
        document = wire.loads(raw)
    except (wire.Unreadable, wire.Hostile, wire.TooLarge):
        return
    assert wire.loads(wire.canonical(document)) == document


@pytest.mark.parametrize(
    ("raw", "pointer"),
    [
        (b'{"a":1,"a":1}', "/a"),
        (b'[{"b":{"c":1,"d":2,"c":3}}]', "/0/b/c"),
        (b'{"a":"\\ud800"}', "/a"),
        (b'{"\\udfff":1}', ""),
        (b'{"a":{"\\u0000":1}}', "/a"),
        (b'{"a":"x","a":NaN}', "/a"),
        (b"[" * 65 + b"]" * 65, ""),
        (b"[" * 100_000 + b"]" * 100_000, ""),
        (b"[" * 900 + b"NaN" + b"]" * 900, ""),
        (b'{"a" :1, "a": "x:y"}', "/a"),
        (b'{"a":1,"a":"\\u003a"}', "/a"),
        (b'{"a":1,"a":"\\u003A"}', "/a"),
        (b'{"a":"b:c","b\\u003ac":1,"a":1}', "/a"),
        (b'[{"a":{"b":1},"a":{"c":1,"d":2}}]', "/0/a"),
        (b'{"a":["' + b":" * 9 + b'"],"a":[]}', "/a"),
        (b"9223372036854775808", ""),
        (b"18446744073709551615", ""),
        (b"[18446744073709551616.5, 18446744073709551616]", "/1"),
        (b"-9223372036854775809", ""),
        (b"1" * 5_000, ""),
    ],
)
def test_hostile_document_is_refused(raw: bytes, pointer: str) -> None:
    """What `json.loads` would take, and two readers would not take alike."""
    with pytest.raises(wire.Hostile) as refused:
        wire.loads(raw)
    assert refused.value.pointer == pointer


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"{'a':1}", b"[1]x", b'"\xff"', b"\xef\xbb\xbf{}", b'"\x00"', b"01", b"+1"]
)
def test_what_is_no_json_is_unreadable(raw: bytes) -> None:
    """Broken text is told from text that is only hostile."""
    with pytest.raises(wire.Unreadable):
        wire.loads(raw)


@pytest.mark.parametrize(
    "raw",
    [
        *(b'"\\\\u0000"', b'"\\ud83d\\ude97"', b"1e308", b"[" * 64 + b"]" * 64),
        *(b"[0.1234567890123456789012, 1E5, -0, 1e-400]", b'{"a" : {"b:\\/" : ":"}}'),
    ],
)
def test_harmless_look_alike_is_read(raw: bytes) -> None:
    """An escaped backslash before u0000, a whole surrogate pair, a large number, 64 levels."""
    assert wire.loads(raw) == json.loads(raw)


def test_one_mebibyte_is_the_most() -> None:
    """A document of 1 MiB is read, one more byte is too large."""
    document = b'"' + b"x" * (wire.MOST_BYTES - 2) + b'"'
    assert len(wire.loads(document)) == wire.MOST_BYTES - 2
    with pytest.raises(wire.TooLarge):
        wire.loads(document + b" ")


def test_what_is_read_can_be_stored(database: str) -> None:
    """Text of any script and every edge of a number comes back from PostgreSQL as it was sent."""
    text = "文远知行 🚕 \u200f\ufeff\U0010ffff \\u0000 \x7f"
    place = {"country": "CN", "lat": math.nextafter(31.2, 90), "lon": -0.0}
    founded = {
        "type": "organization.founded",
        "subject": "weride",
        "data": {"name": text, "place": place},
    }
    record(database, organization("weride"), founded, note("weride", text, ref=text))
    with app(database) as connection:
        query = "SELECT convert_from(body, 'UTF8')::jsonb FROM journal.events ORDER BY position"
        _, second, third = (body for (body,) in connection.execute(query))
    assert second["data"]["name"] == third["data"]["details"] == third["ref"] == text
    assert second["data"]["place"] == place


@pytest.mark.parametrize("levels", [65, 255, 1_024, 100_000])
@pytest.mark.parametrize(("opens", "closes"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_any_depth_is_answered(opens: bytes, closes: bytes, levels: int) -> None:
    """However deep it is, the reason is told; nothing gives up on the way."""
    inside = b"1" if opens != b"[" else b""
    with pytest.raises(wire.Hostile, match="deeper than 64"):
        wire.loads(opens * levels + inside + closes * levels)
