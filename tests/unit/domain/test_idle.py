"""A service's answer is idle, busy or unknown; every answer has a judgement."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occ.domain.idle import counted, judged

PATH = "/session/status"


@pytest.mark.parametrize(
    ("status", "body", "work", "said"),
    [
        (200, b"{}", "idle", "it is idle"),
        (200, b"[]", "idle", "it is idle"),
        (200, b' {"ses_1": {"type": "busy"}} ', "busy", "/session/status lists 1 at work"),
        (200, b"[1, 2]", "busy", "/session/status lists 2 at work"),
        (200, b"", "unknown", "the answer of /session/status is no JSON"),
        (200, b"<!doctype html>", "unknown", "the answer of /session/status is no JSON"),
        (200, b'{"a": ', "unknown", "the answer of /session/status is no JSON"),
        (200, b"\xff\xfe", "unknown", "the answer of /session/status is no JSON"),
        (200, b"[" * 100_000, "unknown", "the answer of /session/status is no JSON"),
        (200, b"0", "unknown", "the answer of /session/status is no list and no table"),
        (200, b"null", "unknown", "the answer of /session/status is no list and no table"),
        (200, b'""', "unknown", "the answer of /session/status is no list and no table"),
        (401, b"{}", "unknown", "/session/status answered 401, not 200"),
        (404, b"[]", "unknown", "/session/status answered 404, not 200"),
        (500, b"", "unknown", "/session/status answered 500, not 200"),
        (204, b"", "unknown", "/session/status answered 204, not 200"),
        (None, b"", "unknown", "/session/status did not answer"),
    ],
)
def test_an_answer_is_judged(status: int | None, body: bytes, work: str, said: str) -> None:
    found = judged(PATH, status, body)
    assert (found.work, found.said) == (work, said)


@given(st.none() | st.integers(100, 599), st.binary())
def test_every_answer_is_judged_and_only_an_empty_list_is_idle(
    status: int | None, body: bytes
) -> None:
    found = judged(PATH, status, body)
    idle = status == 200 and body.strip() in {b"{}", b"[]"}
    assert (found.work == "idle") == idle or b" " in body or b"\n" in body


@given(st.lists(st.integers()) | st.dictionaries(st.text(), st.text()))
def test_entries_are_counted(value: list[int] | dict[str, str]) -> None:
    assert counted(PATH, 200, json.dumps(value).encode()) == (len(value), "")
