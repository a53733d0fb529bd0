"""Text from outside has no power over a terminal, whichever command prints it."""

import json
import shlex
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from types import SimpleNamespace
from typing import Any

import pytest

from occ.cli.terminal.words import terminal_safe, terminal_safe_lines
from occ.errors import UnhealthyError
from occ.escapes import escaped
from occ.settings.toml.node import printable
from tests.cli.conftest import Occ, Said
from tests.cli.stage import Stage
from tests.cli.test_envelope import EVERY

# An override, an isolate, widthless ones, a command sequence of one byte and of two, a bell, a
# separator of lines, a byte that was no UTF-8, a tag.
POWER = (
    "<\u202e\u2066\u200b\u2060\ufeff\u200f\u061c\x9b2J\x1b]0;x\x07\u2028\x85\x00\udcff\U000e0041>"
)
PIECE = "\u202e\u2066\u200b"
# Fields that have one of a few words, and no text of their own.
CHOSEN = {
    "code",
    "secrets",
    "kind",
    "state",
    "health",
    "standing",
    "change",
    "by_it",
    "since",
    "cause",
    "ending",
}
READS = (
    *("status", "versions", "history", "show", "check", "changes", "doctor", "user list"),
    *("secret list", "config path", "config show", "config get", "config env list"),
    *("config validate", "config diff", "journal path", "journal head", "journal verify"),
    *("install", "uninstall"),
)
OWN = {"completion", "config schema", "help"}
"""They print occ's own words alone, and cannot fail of anything outside."""
SHOWN = {name: words for name, (words, _) in EVERY.items() if name not in OWN}


def full(value: Any) -> Any:
    """The value with POWER in each of its texts that anybody can choose."""
    if isinstance(value, str):
        return value + POWER
    if isinstance(value, Mapping):
        return {key: full(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(full(one) for one in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    free = [one.name for one in fields(value) if one.init and one.name not in CHOSEN]
    return replace(value, **{name: full(getattr(value, name)) for name in free})


class Full(Stage):
    """A stage on which every text is full of such characters."""

    def __getattribute__(self, name: str) -> Any:
        there = super().__getattribute__(name)
        if name in {"service_name", "open", "close", "calls"} or name.startswith("_"):
            return there
        if name == "config":
            return _Answers(there)
        public = name in Stage.__dict__ or name in Stage.__mro__[1].__dict__
        if not public or not callable(there) or name in {"look", "change", "end"}:
            return there
        return lambda *words, **more: full(there(*words, **more))


class _Answers:
    def __init__(self, there: Any) -> None:
        self._there = there

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._there, name)
        if name in {"validate", "service_of"}:
            return found
        if callable(found):
            return lambda *words, **more: full(found(*words, **more))
        return (full(found[0]), found[1]) if name == "place" else full(found)


@pytest.fixture
def stage() -> Stage:
    made = Full()
    made.desk = SimpleNamespace(clock=SimpleNamespace(now=lambda: 1_795_000_000_000))
    return made


def shown_as_they_are(said: Said) -> Iterator[str]:
    """Characters of a run's output that nobody may see as they are."""
    yield from (each for each in _unshown(said.out + said.err) if each != "\n")


@pytest.mark.parametrize("output", ["text", "json"])
@pytest.mark.parametrize("name", READS)
def test_no_reading_command_shows_one_as_it_is(occ: Occ, name: str, output: str) -> None:
    said = occ(*SHOWN[name], "-o", output)
    assert said.status in {0, 4, 10}, said.err
    assert list(shown_as_they_are(said)) == []
    if output == "json":
        assert name == "config validate" or POWER in _texts(json.loads(said.out))
    elif name != "config validate":
        assert "\\u202e" in said.out + said.err


def _unshown(text: str) -> list[str]:
    """The characters of a text that are never shown as they are."""
    found: list[str] = []

    def note(each: str) -> str:
        found.append(each)
        return each

    escaped(text, note)
    return found


def _texts(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(map(_texts, (*value.keys(), *value.values())))
    return "".join(map(_texts, value)) if isinstance(value, list) else str(value)


@pytest.mark.parametrize("output", ["text", "json"])
@pytest.mark.parametrize("name", sorted(SHOWN.keys() - {"resume", "abandon"}))
def test_no_failure_shows_one_as_it_is(occ: Occ, stage: Stage, name: str, output: str) -> None:
    stage.error = UnhealthyError(POWER, hint=f"look {POWER}", log_tail=(POWER,))
    said = occ(*SHOWN[name], "-o", output)
    assert said.status == 6
    assert list(shown_as_they_are(said)) == []
    if output == "json":
        told = json.loads(said.out)["error"]
        assert (told["message"], told["log_tail"]) == (POWER, [POWER])


def test_no_change_shows_one_as_it_is(occ: Occ, stage: Stage) -> None:
    stage.proposal, stage.story = full(stage.proposal), full(stage.story)
    for words in (
        ["update"],
        ["update", "--yes"],
        ["update", "--plan"],
        ["update", "-ojson", "-y"],
    ):
        said = occ(*words, typed="y\n")
        assert said.status in {0, 10}, said.err
        assert list(shown_as_they_are(said)) == []


def test_logs_are_escaped_on_a_terminal_alone_and_there_only_without_raw(
    occ: Occ, stage: Stage
) -> None:
    line = f"a\tb {PIECE}\x9b\x1b[31mred\x1b[0m"
    stage.lines = (f"{line}\r".encode(),)
    safe = "a\tb \\u202e\\u2066\\u200b\\x9b\\x1b[31mred\\x1b[0m\n"
    assert occ("logs", terminal=80).out == safe
    assert occ("logs", "--raw", terminal=80).out == f"{line}\r\n"
    assert occ("logs").out == f"{line}\r\n"
    told = occ("logs", "-o", "json")
    assert list(shown_as_they_are(told)) == []
    assert json.loads(told.out)["result"] == [f"{line}\r"]


def test_a_word_with_one_is_not_offered_to_be_typed(
    occ: Occ, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.names = ("web", f"bad{PIECE}")
    monkeypatch.setattr(
        type(stage),
        "settings",
        SimpleNamespace(
            services={
                name: SimpleNamespace(name=name, reference=PIECE) for name in ("web", f"w{PIECE}")
            }
        ),
    )
    monkeypatch.setenv("_OCC_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", shlex.join(["occ", "--service", "w"]))
    monkeypatch.setenv("COMP_CWORD", "2")
    assert occ().out == "plain\tweb\t\\u202e\\u2066\\u200b\n"


def test_the_characters_are_all_controls_separators_and_surrogates_and_what_has_no_width() -> None:
    for number in range(0x110000):
        character = chr(number)
        if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}:
            assert _unshown(character) == [character], f"U+{number:04X}"
    for character in "\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2066\u2069\ufeff":
        assert _unshown(character) == [character]
    assert not _unshown("caf\u00e9 \u05e9\u05dc\u05d5\u05dd \u65e5\u672c \U0001f600 a\u00a0b")


def test_each_form_is_of_the_place_where_it_stands() -> None:
    assert terminal_safe("a\nb\t\x9b\u202e") == "a\\nb\\t\\x9b\\u202e"
    assert terminal_safe_lines("a\nb\t\x9b\u202e\r") == "a\nb\t\\x9b\\u202e\\r"
    assert printable("\x9b\u202e\U000e0041") == "\\u009b\\u202e\\U000e0041"
