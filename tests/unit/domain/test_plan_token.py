"""A token says all that a plan was made from; every other text is refused, whatever it is."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occ.domain.plan_token import (
    LABELS,
    LONGEST_MS,
    PREFIX,
    PlanToken,
    hash_of,
    steps_digest,
    typed_short,
)
from occ.domain.request import StepPlan
from occ.domain.values import Json
from occ.errors import PlanTokenError

TOKEN = PlanToken(
    journal="0123456789abcdef0123456789abcdef",
    service="web",
    engine="MEMO:RYEN:GINE",
    kind="update",
    position=41,
    current=3,
    container="c" * 64,
    state="running",
    digest=f"sha256:{'a' * 64}",
    image="",
    spec=f"sha256:{'b' * 64}",
    users=("ann",),
    fingerprints={"DB_PASSWORD": "f" * 64},
    data="keep",
    snapshot="taken",
    rehearsal="paused",
    does="all",
    steps="d" * 64,
    plan=1,
    occ="0.1.0",
    planner="ann on tower",
    at=1_700_000_000_000,
    until=1_700_086_400_000,
)
OTHERS: dict[str, Any] = {
    "journal": "f" * 32,
    "service": "api",
    "engine": "OTHER",
    "kind": "apply",
    "position": 42,
    "current": 4,
    "container": "e" * 64,
    "state": "exited",
    "digest": f"sha256:{'e' * 64}",
    "image": f"sha256:{'1' * 64}",
    "spec": f"sha256:{'2' * 64}",
    "users": ("ann", "bob"),
    "fingerprints": {"DB_PASSWORD": "0" * 64},
    "data": "set 2 of snapshot 9",
    "snapshot": "left",
    "rehearsal": "",
    "does": "rehearse",
    "steps": "3" * 64,
    "plan": 2,
    "occ": "0.2.0",
}
SAID = {
    "container": "the container: cccccccccccc -> eeeeeeeeeeee",
    "digest": "the image's digest: sha256:aaaaaaaaaaaa -> sha256:eeeeeeeeeeee",
    "image": "the image: none -> sha256:111111111111",
    "users": "the users: ann -> ann, bob",
    "fingerprints": "fingerprints.DB_PASSWORD: ffffffffffff -> 000000000000",
    "rehearsal": "the rehearsal: paused -> none",
    "current": "the current version: 3 -> 4",
}


def body(text: str) -> dict[str, Any]:
    raw = text.removeprefix(PREFIX)
    read: dict[str, Any] = json.loads(urlsafe_b64decode(raw + "=" * (-len(raw) % 4)))
    return read


def written(data: object, *, canonical: bool = True) -> str:
    separators = (",", ":") if canonical else (", ", ": ")
    text = json.dumps(data, sort_keys=canonical, ensure_ascii=False, separators=separators)
    return PREFIX + urlsafe_b64encode(text.encode()).decode().rstrip("=")


def test_a_token_reads_as_it_was_written() -> None:
    text = TOKEN.text()
    assert PlanToken.parse(text) == TOKEN
    assert PlanToken.parse(text).text() == text
    assert set(body(text)) == {one.name for one in fields(PlanToken)}
    assert text.startswith("occ1.")
    assert not set(text) & set("+/= \n")


def test_every_field_is_compared_but_those_that_say_who_and_when() -> None:
    named = {one.name for one in fields(PlanToken)}
    assert named - set(LABELS) == {"planner", "at", "until"}
    assert set(OTHERS) == set(LABELS)
    later = replace(TOKEN, planner="bob on lab", at=TOKEN.at + 1, until=TOKEN.until + 1)
    assert TOKEN.moved(later) == ()


@pytest.mark.parametrize("name", OTHERS)
def test_a_field_that_moved_is_named_and_no_other(name: str) -> None:
    moved = TOKEN.moved(replace(TOKEN, **{name: OTHERS[name]}))
    assert [one.field.partition(".")[0] for one in moved] == [name]
    if name in SAID:
        assert [str(one) for one in moved] == [SAID[name]]


def test_each_secret_that_moved_is_named() -> None:
    now = replace(TOKEN, fingerprints={"API_KEY": "9" * 64})
    assert [str(one) for one in TOKEN.moved(now)] == [
        "fingerprints.API_KEY: none -> 999999999999",
        "fingerprints.DB_PASSWORD: ffffffffffff -> none",
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it does not begin with occ1."),
        ("occ2.e30", "it does not begin with occ1."),
        ("occ1.", "it is not base64url of JSON"),
        ("occ1.!!!", "it is not base64url of JSON"),
        ("occ1.é", "it is not base64url of JSON"),
        ("occ1.e30", "it has other fields than a plan of this occ"),
        (f"occ1.{'A' * 70_000}", "it is longer than 65536 characters"),
        (written([]), "it has other fields than a plan of this occ"),
        (written("occ"), "it has other fields than a plan of this occ"),
        (f"{TOKEN.text()}=", "it is not written as occ writes one"),
        (f"{TOKEN.text()}\n", "it is not written as occ writes one"),
        (written(body(TOKEN.text()), canonical=False), "it is not written as occ writes one"),
        (written(body(TOKEN.text()) | {"more": 1}), "it has other fields than a plan of this occ"),
        (written(body(TOKEN.text()) | {"position": -1}), "position is out of bounds"),
        (written(body(TOKEN.text()) | {"position": 1.5}), "position is out of bounds"),
        (written(body(TOKEN.text()) | {"position": True}), "position is out of bounds"),
        (written(body(TOKEN.text()) | {"position": 10**18}), "position is out of bounds"),
        (written(body(TOKEN.text()) | {"planner": "a\nb"}), "planner is out of bounds"),
        (written(body(TOKEN.text()) | {"planner": "a" * 513}), "planner is out of bounds"),
        (written(body(TOKEN.text()) | {"state": None}), "state is out of bounds"),
        (written(body(TOKEN.text()) | {"users": "ann"}), "users is no list of names"),
        (written(body(TOKEN.text()) | {"users": [1]}), "users is no list of names"),
        (written(body(TOKEN.text()) | {"fingerprints": {"A": 1}}), "fingerprints is no table"),
        (written(body(TOKEN.text()) | {"fingerprints": ["A"]}), "fingerprints is no table"),
        (written(body(TOKEN.text()) | {"until": TOKEN.at}), "its time is out of bounds"),
        (
            written(body(TOKEN.text()) | {"until": TOKEN.at + LONGEST_MS + 1}),
            "its time is out of bounds",
        ),
    ],
)
def test_what_is_no_token_is_told_with_its_reason(text: str, why: str) -> None:
    with pytest.raises(PlanTokenError, match="this is no plan token: ") as told:
        PlanToken.parse(text)
    assert why in told.value.message
    assert told.value.exit_status == 2
    assert told.value.code == "plan_token"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def read_or_refused(text: str) -> None:
    """Every text is a token or is refused; a token that is read is the text again."""
    try:
        token = PlanToken.parse(text)
    except PlanTokenError:
        return
    assert token.text() == text


@given(
    st.text() | st.text().map(PREFIX.__add__) | st.binary().map(lambda raw: raw.decode("latin1"))
)
def test_any_text_is_read_or_refused(text: str) -> None:
    read_or_refused(text)


@given(st.binary())
def test_any_bytes_within_are_read_or_refused(raw: bytes) -> None:
    read_or_refused(PREFIX + urlsafe_b64encode(raw).decode().rstrip("="))


@given(JSON)
def test_any_json_within_is_read_or_refused(value: object) -> None:
    read_or_refused(PREFIX + urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("="))


@given(st.sampled_from(sorted(body(TOKEN.text()))), JSON)
def test_any_value_in_a_field_is_read_or_refused(name: str, value: object) -> None:
    raw = json.dumps(body(TOKEN.text()) | {name: value}, sort_keys=True, separators=(",", ":"))
    read_or_refused(PREFIX + urlsafe_b64encode(raw.encode()).decode().rstrip("="))


@given(st.integers(min_value=0), st.integers(min_value=0, max_value=255))
def test_a_character_that_was_changed_is_read_or_refused(at: int, other: int) -> None:
    text = TOKEN.text()
    at %= len(text)
    read_or_refused(f"{text[:at]}{chr(other)}{text[at + 1 :]}")
    read_or_refused(text[:at])


def test_nesting_without_end_is_refused() -> None:
    raw = b"[" * 40_000
    read_or_refused(PREFIX + urlsafe_b64encode(raw).decode().rstrip("="))


def test_a_digest_of_steps_is_of_what_they_do_and_not_of_what_people_read() -> None:
    step = StepPlan(name="pull_image", inputs={"reference": "web:1", "digests": []}, title="Pull")
    same = replace(step, title="Fetch", inputs={"digests": list[Json](), "reference": "web:1"})
    assert steps_digest((step,)) == steps_digest((same,))
    for other in (
        (),
        (step, step),
        (replace(step, name="keep_image"),),
        (replace(step, inputs={**step.inputs, "reference": "web:2"}),),
        (replace(step, back="pull_image"),),
    ):
        assert steps_digest(other) != steps_digest((step,))


def test_the_audit_of_what_was_typed_has_a_tokens_hash_alone() -> None:
    text = TOKEN.text()
    short = f"occ1.{hash_of(text)[:12]}"
    typed = ("occ", "update", "--if-plan", text, f"--if-plan={text}", "--reason", "a=occ1.b")
    assert typed_short(typed) == (
        *("occ", "update", "--if-plan", short, f"--if-plan={short}"),
        *("--reason", "a=occ1.b"),
    )


def test_a_token_holds_no_secret_and_no_permission() -> None:
    """Its fields are the list; whoever adds one says here why it may be seen by everybody."""
    named = (
        "at container current data digest does engine fingerprints image journal kind occ plan "
        "planner position rehearsal service snapshot spec state steps until users"
    )
    assert " ".join(sorted(asdict(TOKEN))) == named
