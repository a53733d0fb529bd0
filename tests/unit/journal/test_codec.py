"""Events to text and back: lasting names, canonical bodies, old entries, newer ones."""

import json
import re
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Literal, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occ.domain import data_sets, events, holds, notices, snapshots, step_events
from occ.domain.events import Event
from occ.domain.step_events import StepDone, StepFailed, StepStarted
from occ.errors import JournalDamagedError, JournalError, JournalNewerError
from occ.journal import chain, codec
from occ.journal.chain import Row
from tests.unit.journal.samples import EVERY

GOLDEN = Path(__file__).parents[2] / "golden" / "events-0.1.json"

INTEGERS = st.integers(-(1 << 63), (1 << 63) - 1)
SURROGATES: tuple[Literal["Cs"]] = ("Cs",)
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=SURROGATES), max_size=12)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | INTEGERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


def of(kind: Any) -> st.SearchStrategy[Any]:
    """Values of an annotation as the events use it."""
    origin, inner = get_origin(kind), get_args(kind)
    if is_dataclass(kind):
        assert isinstance(kind, type)
        parts = {field.name: of(field.type) for field in fields(kind)}
        return st.builds(kind, **parts)
    if origin is tuple:
        return st.lists(of(inner[0]), max_size=2).map(tuple)
    if origin is Mapping:
        return st.dictionaries(TEXTS, TEXTS if inner[1] is str else JSON, max_size=2)
    if origin is Literal:
        return st.sampled_from(inner)
    if origin is UnionType:
        return st.one_of([of(one) for one in inner])
    simple = {int: INTEGERS, str: TEXTS, bool: st.booleans(), type(None): st.none()}
    return simple[kind]


@given(st.one_of([of(kind) for kind in codec.NAMES]))
def test_every_event_survives_the_way_to_text_and_back(event: Event) -> None:
    name, schema, body = codec.encode(event)
    assert codec.decode(name, schema, body) == event
    assert codec.encode(codec.decode(name, schema, body)) == (name, schema, body)


@given(st.one_of([of(kind) for kind in codec.NAMES]))
def test_a_body_is_canonical(event: Event) -> None:
    *_, body = codec.encode(event)
    again = json.dumps(json.loads(body), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert body == again
    assert "\0" not in body


def test_every_event_has_a_name_of_its_own_and_a_sample() -> None:
    kinds = set(get_args(events.Event))
    written = {
        kind
        for module in (events, step_events, data_sets, snapshots, holds, notices)
        for kind in vars(module).values()
        if isinstance(kind, type) and kind in kinds
    }
    assert kinds == written == set(codec.NAMES)
    assert len(set(codec.NAMES.values())) == len(codec.NAMES)
    assert {type(event) for event in EVERY} == kinds


@pytest.mark.parametrize("name", codec.EVENT_TYPES)
def test_names_are_a_noun_and_a_participle(name: str) -> None:
    assert re.fullmatch(
        r"(auto|container|data|image|journal|host|notice|numbers|operation|service|snapshot|step|users|version|volume)\."
        r"([a-z]+ed|reverting|undone|done|stuck|forgotten|taken|bound|held|seen|begun|given_up)",
        name,
    )


def golden() -> list[Row]:
    return [Row(**row) for row in json.loads(GOLDEN.read_text())]


def test_what_release_0_1_wrote_still_hangs_together() -> None:
    rows = golden()
    assert chain.walk(chain.START, rows, "golden").position == len(rows)
    assert {row.name for row in rows} == set(codec.EVENT_TYPES)


@pytest.mark.parametrize("row", golden(), ids=lambda row: f"{row.name}")
def test_what_release_0_1_wrote_still_reads_and_loses_nothing(row: Row) -> None:
    event = codec.decode(row.name, row.schema, row.body)
    assert codec.NAMES[type(event)] == row.name
    now, then = json.loads(codec.encode(event)[2]), json.loads(row.body)
    if row.schema == codec.schema_of(row.name):
        assert _without_new_fields(now, then) == then


def _without_new_fields(now: Any, then: Any) -> Any:
    """What a body says today, as far as it could be said then: a field with a default is new."""
    if isinstance(now, dict) and isinstance(then, dict):
        return {key: _without_new_fields(now[key], then[key]) for key in then}
    if isinstance(now, list) and isinstance(then, list) and len(now) == len(then):
        return [_without_new_fields(*pair) for pair in zip(now, then, strict=True)]
    return now


@pytest.mark.parametrize("row", golden(), ids=lambda row: f"{row.name}")
def test_a_field_without_a_default_needs_an_upcast(row: Row) -> None:
    needed = {
        f.name
        for f in fields(codec.EVENT_TYPES[row.name])
        if f.default is MISSING and f.default_factory is MISSING
    }
    assert needed <= set(json.loads(row.body)) or row.schema < codec.schema_of(row.name)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.5, "holds 0.5"),
        (float("nan"), "holds nan"),
        (1 << 63, "64 bits"),
        (["deep", {"deeper": "\0"}], "NUL"),
        ({"\0": 1}, "NUL"),
        ({1: 1}, "key 1"),
    ],
)
def test_what_the_journal_refuses(value: Any, said: str) -> None:
    with pytest.raises(JournalError, match=said):
        codec.encode(StepDone(0, {"value": value}))


def test_a_payload_has_a_limit() -> None:
    frame = len(codec.encode(StepDone(0, {"value": ""}))[2])
    codec.encode(StepDone(0, {"value": "x" * (codec.MOST_BYTES - frame)}))
    with pytest.raises(JournalError, match=r"step\.done would take 16385 bytes"):
        codec.encode(StepDone(0, {"value": "x" * (codec.MOST_BYTES - frame + 1)}))
    with pytest.raises(JournalError, match="would take"):  # bytes count, not characters
        codec.encode(StepDone(0, {"value": "ü" * (codec.MOST_BYTES // 2)}))


@given(st.text(max_size=30))
def test_any_text_at_all_is_stored_or_refused(text: str) -> None:
    event = StepFailed(index=0, code="x", message=text)
    if "\0" in text:
        with pytest.raises(JournalError, match="NUL"):
            codec.encode(event)
        return
    back = codec.decode(*codec.encode(event))
    assert isinstance(back, StepFailed)
    assert back.message == text.encode(errors="backslashreplace").decode()


def test_what_a_newer_occ_wrote_is_refused_by_name() -> None:
    with pytest.raises(JournalNewerError, match=r"step\.paused \(schema 1\).*a newer occ"):
        codec.decode("step.paused", 1, "{}")
    with pytest.raises(JournalNewerError, match=r"step\.started \(schema 2\)"):
        codec.decode("step.started", 2, '{"index":1}')
    assert codec.known("step.started", 1)
    assert not codec.known("step.started", 2)
    assert not codec.known("step.paused", 1)


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", "{}", '{"index":"one"}', '{"index":1.5}', "[" * 100_000]
)
def test_a_body_that_is_not_what_its_name_says(body: str) -> None:
    with pytest.raises(JournalDamagedError, match=r"step\.started does not read as one"):
        codec.decode("step.started", 1, body)


def test_upcasts_are_chained_and_leave_new_bodies_alone() -> None:
    upcasts: codec.Upcasts = {
        ("step.started", 1): lambda body: {"number": body["step"]},
        ("step.started", 2): lambda body: {"index": body["number"] - 1},
    }
    assert codec.decode("step.started", 1, '{"step":4}', upcasts) == StepStarted(3)
    assert codec.decode("step.started", 2, '{"number":4}', upcasts) == StepStarted(3)
    assert codec.decode("step.started", 3, '{"index":3}', upcasts) == StepStarted(3)
    assert codec.schema_of("step.started", upcasts) == 3
    assert codec.schema_of("step.done", upcasts) == 1
    with pytest.raises(JournalDamagedError, match="does not read"):
        codec.decode("step.started", 1, '{"stop":4}', upcasts)
