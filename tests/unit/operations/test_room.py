"""What an event has room for is measured as the journal writes it."""

import json
from typing import TYPE_CHECKING

import pytest

from occ.operations.event_size import beginning, fitting, last_lines, plain, width

if TYPE_CHECKING:
    from occ.domain.values import Json


@pytest.mark.parametrize(
    ("text", "takes"), [("", 0), ("ab", 2), ("é", 2), ("\x1b", 6), ("\n", 2), ('"', 2), ("\\", 2)]
)
def test_a_text_takes_what_its_json_takes(text: str, takes: int) -> None:
    assert width(text) == takes


def test_what_the_journal_does_not_take_is_written_out() -> None:
    assert plain("a\0b\udcff") == "a\\x00b\\udcff"


def test_a_beginning_is_cut_between_characters() -> None:
    assert beginning("ab\x1bcd", 10) == "ab\x1bcd"
    assert beginning("ab\x1bcd", 9) == "ab\x1bc"
    assert beginning("ab\x1bcd", 7) == "ab"
    assert beginning("ab", 0) == ""


def test_of_lines_the_last_are_kept_and_the_first_of_them_may_be_cut() -> None:
    lines = ("one", "\x1btwo", "", "three")
    whole = 3 + 9 + 5 + 4 * 3
    assert last_lines(lines, whole) == lines
    assert last_lines(lines, whole - 1) == ("ne", "\x1btwo", "", "three")
    assert last_lines(lines, 11 + 3 + 2) == ("wo", "", "three")
    assert last_lines(lines, 11 + 3) == ("", "three")
    assert last_lines(lines, 11) == ("", "three")
    assert last_lines(lines, 10) == ("three",)
    assert last_lines(lines, 3) == ()
    assert last_lines((), 9) == ()


@pytest.mark.parametrize("most", range(60))
def test_no_cut_takes_more_than_there_is(most: int) -> None:
    lines = last_lines(("a\x1b", '"é"', "", "\udcff\0"), most)
    taken = json.dumps(lines, ensure_ascii=False, separators=(",", ":")).encode()
    assert len(taken) - 2 <= max(most, 0)


def test_of_a_result_only_texts_and_last_lines_are_cut() -> None:
    digests: list[Json] = ["a" * 50, "b" * 50]
    lines: list[Json] = ["one", "two"]
    told = fitting(
        {"said": "\x1b" * 9, "n": 1, "digests": digests, "check": None, "log_tail": lines},
        most=20,
        tail=6,
    )
    assert told == {
        "said": "\x1b" * 3,
        "n": 1,
        "digests": digests,
        "check": None,
        "log_tail": ["two"],
    }
