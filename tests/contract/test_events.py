"""What every event type keeps to, whichever it is: no test here knows one by name."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from domain.event import CLAIM, LIFE, UNIVERSAL, Event, event_class, events, kinds
from domain.references import References
from domain.rules import refusal
from domain.subject import Kind
from domain.telling import ENVELOPE, headline, slots, title
from tools.docs import REFERENCE
from tools.samples import kinds_of, opening

EVERY = pytest.mark.parametrize("event", events().values(), ids=lambda event: event.type)
EACH_KIND = pytest.mark.parametrize("kind", kinds().values(), ids=lambda kind: kind.name)
ON_EACH_KIND = pytest.mark.parametrize(
    ("event", "kind"),
    [
        pytest.param(event_class(event.type, kind.name), kind, id=f"{event.type}-{kind.name}")
        for event in events().values()
        for kind in kinds_of(event)[: None if event.carries_facts else 1]
    ],
)
Schema = dict[str, Any]


def variants(schema: Schema) -> list[Schema]:
    """Give a field's schema and those of which it consists."""
    parts = [*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())]
    return [schema, *(one for part in parts for one in variants(part))]


HOSTILE: tuple[object, ...] = (
    *(None, True, 0, -1, 1.5, 1e300, 10**30, "", " ", "x", "x" * 2001, "\u202e☃", "2025/..", "{x}"),
    *([], [None], {}, {"mention": "[x]"}, {"country": "AE"}, {"value": 1, "unit": "[{"}),
)


def mutants(value: Any, hostile: object) -> Iterator[Any]:  # noqa: ANN401 - any JSON
    """Give a value with each of its parts replaced in turn."""
    parts: dict[Any, Any] = value if isinstance(value, dict) else {}
    if isinstance(value, list):
        parts = dict(enumerate(value))
    for at, part in parts.items():
        for mutant in (hostile, *mutants(part, hostile)):
            whole = {**parts, at: mutant}
            yield [*whole.values()] if isinstance(value, list) else whole


def outdated(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Give what no limit of today would let in: other words, longer, and further numbers."""
    if isinstance(value, dict):
        return {name: outdated(one) for name, one in value.items()}
    if isinstance(value, list):
        return [outdated(one) for one in value]
    if isinstance(value, str):
        return value + "☃" * 3000
    return -(2**60) if isinstance(value, int | float) else value


# ── what it is called ────────────────────────────────────────────────────────────────────────────


@EVERY
def test_its_name_says_what_happened(event: type[Event]) -> None:
    """`kind.past_tense`, stored for ever; the class is called the same; nothing is `Updated`."""
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*", event.type)
    told = event.type.replace(".", "").replace("_", "")
    assert event.__name__.lower() == told
    assert not event.type.endswith(("updated", "changed", "created", "deleted"))
    if event.kind:
        assert event.type.startswith(f"{event.kind.name}.")


@EVERY
def test_its_verb_is_a_command(event: type[Event]) -> None:
    """Kebab-case, and short enough for a button."""
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", event.verb)
    assert len(event.verb) <= 20


@EACH_KIND
def test_no_two_events_of_a_subject_share_a_verb(kind: Kind) -> None:
    """A route, a command and a button mean one thing."""
    verbs = [event.verb for event in events().values() if event.kind in (None, kind)]
    assert len(verbs) == len(set(verbs))


@EVERY
def test_it_is_documented(event: type[Event]) -> None:
    """In a sentence of its own, which users read."""
    told = event.__doc__ or ""
    assert told.endswith(".")
    assert "\n" not in told
    assert [one for one in events().values() if one.__doc__ == told and one.kind is event.kind] == [
        event
    ]


@ON_EACH_KIND
def test_each_of_its_fields_has_help_and_an_example(event: type[Event], kind: Kind) -> None:
    """What a form shows beside the field, and in it; a choice or a value type is its example."""
    schema = event.model_json_schema()
    models = [schema, *schema.get("$defs", {}).values(), kind.facts.model_json_schema()]
    for name, field in [one for model in models for one in model["properties"].items()]:
        told = variants(field)
        assert any("description" in one for one in told), name
        assert any({"examples", "enum", "$ref", "x-refers-to"} & set(one) for one in told), name


# ── what it takes ────────────────────────────────────────────────────────────────────────────────


@ON_EACH_KIND
def test_its_example_is_accepted_and_comes_back_byte_for_byte(
    event: type[Event], kind: Kind
) -> None:
    """What is sent is what is stored, and what is stored is what is read."""
    example = {**(opening(kind) if event.carries_facts else {}), **event.example}
    admitted = event.admit(json.dumps(example).encode(), References())
    stored = admitted.to_json()
    assert json.loads(stored) == example
    revived = event.revive(event.schema_number(), json.loads(stored))
    assert revived == admitted
    assert revived.to_json() == stored


@EVERY
def test_its_example_tells_something(event: type[Event]) -> None:
    """An example without content would teach nobody."""
    assert event.example


@EVERY
def test_what_it_does_not_know_is_refused(event: type[Event]) -> None:
    """A misspelt field is an error, not a loss."""
    data = json.dumps({**event.example, "not_a_field": 1}).encode()
    with pytest.raises(ValidationError, match="not_a_field"):
        event.admit(data, References())


@ON_EACH_KIND
def test_tightened_limits_never_make_it_unreadable(event: type[Event], kind: Kind) -> None:
    """What the door would no longer let in comes back from the archive as it was stored."""
    example = {**(opening(kind) if event.carries_facts else {}), **event.example}
    once_fine = outdated(example)
    with pytest.raises(ValidationError):
        event.admit(json.dumps(once_fine).encode(), References())
    revived = event.revive(event.schema_number(), once_fine)
    assert json.loads(revived.to_json()) == once_fine


@ON_EACH_KIND
def test_nothing_that_is_let_in_breaks_what_comes_after(event: type[Event], kind: Kind) -> None:
    """Whatever stands in the place of a value: it is refused, or stored, folded and told."""
    example = {**opening(kind), **event.example} if event.kind else event.example
    for hostile in HOSTILE:
        for mutant in mutants(example, hostile):
            try:
                admitted = event.admit(json.dumps(mutant).encode(), References())
            except ValidationError:
                continue
            stored = json.loads(admitted.to_json())
            assert event.revive(event.schema_number(), stored) == admitted
            state = kind.state()
            assert refusal(admitted, state, admitted.evolve(state)) is None
            assert headline(event, kind, {**opening(kind), **stored}, lambda key: key)


def test_a_field_that_was_dropped_does_not_make_it_unreadable() -> None:
    """What nobody asks any more is not shown, and stays in the stored bytes."""
    for event in events().values():
        event.revive(event.schema_number(), {**event.example, "once_known": 1})


# ── where it stands ──────────────────────────────────────────────────────────────────────────────


@EVERY
def test_it_is_offered_in_stages_that_exist(event: type[Event]) -> None:
    """A misspelt stage would never be reached."""
    if event.kind:
        life = [one for one in events().values() if one.kind is event.kind]
        stages = {"", "rumoured", "unknown"} | {one.leads_to for one in life}
        assert {*event.usual_from, *([event.undoes] if event.undoes else [])} <= stages


@EVERY
def test_what_opens_a_record_also_follows_a_rumour(event: type[Event]) -> None:
    """A rumour is no obstacle to the truth."""
    assert "" not in event.usual_from or "rumoured" in event.usual_from


@EVERY
def test_its_phase_fits_what_it_is(event: type[Event]) -> None:
    """An event of a kind is life; of the others only claims come first."""
    assert (event.phase == LIFE) == (event.kind is not None)
    assert event.phase in (CLAIM, LIFE, UNIVERSAL)
    assert event.leads_to is None or event.kind is not None


@EVERY
def test_somebody_may_record_it(event: type[Event]) -> None:
    """An administrator always; a reader never."""
    assert event.roles <= {"contributor", "auditor", "admin"}
    assert "admin" in event.roles


@EACH_KIND
def test_a_kind_opens_with_fields_that_it_has_and_shows(kind: Kind) -> None:
    """They identify its subjects, and some example gives each."""
    assert {name for names in kind.opens_with for name in names} <= kind.fields
    assert kind.state.kind is kind
    state = kind.state.model_validate_json(json.dumps(opening(kind)))
    assert state.missing() == ()
    stages = {event.leads_to for event in events().values() if event.kind is kind}
    assert set(kind.ladder) - {"rumoured"} <= stages


@EACH_KIND
def test_a_kind_is_named_as_its_routes_are(kind: Kind) -> None:
    """Snake case within, kebab case and plural in addresses."""
    assert kind.path.replace("-", "_").rstrip("s") == kind.name.rstrip("s")
    assert (kind.state.__doc__ or "").endswith(".")
    assert kind.facts in kind.state.__mro__


# ── how it is told ───────────────────────────────────────────────────────────────────────────────


@EVERY
def test_its_headline_speaks_of_its_own_fields(event: type[Event]) -> None:
    """Or of what identifies its subject: nothing else is at hand when it is told."""
    own = {field.alias or name for name, field in event.model_fields.items()}
    identity = event.kind.identity if event.kind else frozenset()
    assert set(slots(event.headline)) <= own | identity | ENVELOPE | {"subject"}
    unconditional = set(slots(re.sub(r"\[[^\]]*\]", "", event.headline)))
    needed = {
        field.alias or name for name, field in event.model_fields.items() if field.is_required()
    }
    given = set(event.example)
    assert unconditional <= needed | identity | {"subject"} | given


@ON_EACH_KIND
def test_the_headline_of_its_example_tells_something(event: type[Event], kind: Kind) -> None:
    """Over what identifies its subject, nothing is left open."""
    told = headline(event, kind, {**opening(kind), **event.example}, lambda key: key)
    assert "?" not in told
    assert len(told.split()) > 1
    assert "{" not in told


@EACH_KIND
def test_a_subject_has_a_title(kind: Kind) -> None:
    """Made of what identifies it."""
    assert set(slots(kind.title)) <= kind.identity | {"place"}
    told = title(kind, opening(kind), lambda key: key)
    assert told
    assert "?" not in told


@EVERY
def test_the_reference_tells_of_it(event: type[Event]) -> None:
    """Under its stored name."""
    assert f"\n### {event.type}\n" in REFERENCE.read_text()


@EVERY
def test_its_schema_is_plain_json_schema(event: type[Event]) -> None:
    """Forms, clients and OpenAPI are made from it: no keyword of our libraries leaks."""
    known = {
        *("type", "properties", "required", "additionalProperties", "items", "anyOf", "enum"),
        *("description", "title", "default", "examples", "format", "pattern", "const", "$ref"),
        *("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "$defs"),
        *("x-refers-to", "exclusiveMinimum", "exclusiveMaximum"),
    }
    model: type[BaseModel] = event
    schema = model.model_json_schema()
    fields = [*schema["properties"].values()]
    fields += [
        one for part in schema.get("$defs", {}).values() for one in part["properties"].values()
    ]
    assert {name for field in fields for one in variants(field) for name in one} <= known
