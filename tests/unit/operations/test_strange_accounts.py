"""Account files and health answers of any image: read, or refused with a sentence."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occ.domain.spec import Health
from occ.engine.values import Answer
from occ.errors import UserClashError
from occ.operations.accounts import (
    FILES,
    GROUP,
    PASSWD,
    SHADOW,
    Accounts,
    account_number,
    carry,
    personal_accounts,
    with_password,
)
from occ.operations.answers import reported_version

GATE = Health(path="/health", port=3000, version_field="version")
FIELD = st.sampled_from(["ann", "bob", "x", "", "1000", "²", "-1", "9" * 30, "a,b", "ann,bob"])
LINES = st.lists(st.lists(FIELD | st.text(max_size=3), max_size=9).map(":".join), max_size=5)
TEXT = LINES.map("\n".join)
ACCOUNTS = st.fixed_dictionaries({}, optional=dict.fromkeys(FILES, TEXT)).map(Accounts.parse)


def reported(body: bytes) -> str:
    return reported_version(Answer(status=200, body=body, route="published"), GATE)


@pytest.mark.parametrize("opening", ["[", '{"version":', '{"a":['])
def test_an_answer_that_is_nested_without_end_reports_no_version(opening: str) -> None:
    assert reported(opening.encode() * 5_000) == ""
    assert reported(opening.encode() * 100_000) == ""


def test_a_number_of_any_size_reports_no_version() -> None:
    assert reported(b'{"version": ' + b"9" * 5_000 + b"}") == ""


@given(
    st.binary()
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.just("version") | st.text(), inner),
    ).map(lambda value: json.dumps(value).encode())
)
def test_whatever_a_service_answers_its_version_is_a_short_text(body: bytes) -> None:
    said = reported(body)
    assert len(said) <= 100
    said.encode()


@given(ACCOUNTS, ACCOUNTS, st.booleans())
def test_accounts_are_carried_or_refused(old: Accounts, new: Accounts, reset: bool) -> None:
    with suppress(UserClashError):
        brought = carry(["ann", "bob"], old, new, reset=reset)
        for path in brought.accounts.tables:
            brought.accounts.text(path)
        assert all(0 <= uid < 2**32 for _, uid, _ in brought.homes)


@given(ACCOUNTS)
def test_people_are_found_among_any_lines(accounts: Accounts) -> None:
    assert set(with_password(accounts)) <= set(personal_accounts(accounts))
    for name in ("ann", "²"):
        assert len(accounts.user(name) or "1234567") >= 7


@pytest.mark.parametrize("uid", ["²", "", "-1", "+5", "1_000", " 5", "9" * 5_000, "4294967296"])
def test_an_id_that_no_system_takes_is_nobodys(uid: str) -> None:
    assert account_number(uid) is None
    accounts = Accounts.parse({PASSWD: f"ann:x:{uid}:5::/home/ann:/bin/sh\n"})
    assert personal_accounts(accounts) == ()
    assert carry(["ann"], None, accounts).homes == ()


def test_a_line_that_is_cut_short_is_refused_with_its_place() -> None:
    old = Accounts.parse({PASSWD: "ann:x:1000\n"})
    new = Accounts.parse({PASSWD: "root:x:0:0::/:/bin/sh\n", GROUP: "", SHADOW: ""})
    with pytest.raises(UserClashError, match="the line of ann in /etc/passwd has 3 fields, not 7"):
        carry(["ann"], old, new)


def test_all_numbers_taken_is_a_sentence() -> None:
    full = "".join(f"u{n}:x:{n}:{n}::/:/bin/sh\n" for n in range(1000, 60_000))
    with pytest.raises(UserClashError, match="no number is free for ann"):
        carry(["ann"], None, Accounts.parse({PASSWD: full}))
