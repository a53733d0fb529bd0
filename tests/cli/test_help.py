"""Help: in groups, with examples that can be typed, on every terminal."""

import shlex

import click
import pytest

from occ import DOCS
from occ.cli import COMMANDS
from occ.cli.commands import cli
from occ.cli.help import EXAMPLES, GROUPS, first_sentence
from tests.cli.conftest import Occ
from tests.cli.typed import parsed


def test_every_command_is_in_one_group() -> None:
    assert sorted(name for names in GROUPS.values() for name in names) == sorted(COMMANDS)


@pytest.mark.parametrize("words", [(), ("help",), ("--help",), ("-h",)])
def test_without_a_command_the_help_has_groups_examples_and_the_address(
    occ: Occ, words: tuple[str, ...]
) -> None:
    said = occ(*words)
    assert (said.status, said.err) == (0, "")
    lines = said.out.splitlines()
    heads = [line.removesuffix(":") for line in lines if line.endswith(":") and line[0] != " "]
    assert heads == [*GROUPS, "Options", "Examples"]
    assert lines[-1] == f"One command: occ help COMMAND. All of it: {DOCS}"
    assert "  occ update --plan  what an update would do; nothing is touched" in lines


@pytest.mark.parametrize("words", ["update", "config set", "config env set", "snapshot drill"])
def test_help_of_a_command_is_what_its_option_says(occ: Occ, words: str) -> None:
    said = occ("help", *words.split())
    assert said.status == 0
    assert said.out.startswith(f"Usage: occ {words} ")
    assert said.out == occ(*words.split(), "--help").out


@pytest.mark.parametrize("words", [("nope",), ("config", "nope"), ("status", "all")])
def test_help_of_what_is_no_command_is_a_mistake(occ: Occ, words: tuple[str, ...]) -> None:
    said = occ("help", *words)
    assert (said.status, said.out) == (2, "")
    assert f"there is no command '{' '.join(words)}'" in said.err


@pytest.mark.parametrize("columns", [40, 60, 80, 200])
@pytest.mark.parametrize("words", ["", "update", "config", "snapshot"])
def test_no_line_of_it_ends_within_a_word(occ: Occ, words: str, columns: int) -> None:
    """The same words at every width, each whole; no line is wider than the terminal."""
    told = occ("help", *words.split(), terminal=columns).out
    assert told.split() == occ("help", *words.split(), terminal=300).out.split()
    own = [line for line in told.splitlines() if "occ " not in line and DOCS not in line]
    assert max(map(len, own)) <= columns


@pytest.mark.parametrize(
    "example", [line for lines in EXAMPLES.values() for line, _ in lines if line.startswith("occ")]
)
def test_every_example_can_be_typed(example: str) -> None:
    parsed(shlex.split(example)[1:])


def test_examples_are_of_commands() -> None:
    assert set(EXAMPLES) <= {"", *COMMANDS}


def test_lists_of_commands_have_whole_sentences(occ: Occ) -> None:
    config = cli.get_command(click.Context(cli), "config")
    assert isinstance(config, click.Group)
    said = config.commands["set"].get_short_help_str()
    assert (
        said == "Set KEY to VALUE, written as in TOML or as plain text; several values are a list."
    )
    assert "..." not in occ("help", "config").out.partition("Commands:")[2]
    assert first_sentence("One\nand `two`. Three.\n\nFour.") == "One and two."
    assert first_sentence("See [the data](data.md)") == "See the data."
