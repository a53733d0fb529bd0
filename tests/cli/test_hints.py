"""Where nobody can be asked, the hint is the whole command to type."""

import ast
import re
import shlex
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import click
import pytest

from occ.cli import run
from occ.errors import UnfinishedError
from tests.cli.conftest import Occ
from tests.cli.stage import Stage
from tests.cli.typed import parsed


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("stop", "occ stop --yes"),
        ("user remove ann", "occ user remove ann --yes"),
        ("--service web user remove ann", "occ --service web user remove ann --yes"),
        ("user remove -- ann", "occ user remove --yes -- ann"),
        ("user add ann --service web", "occ user add ann --service web --password-stdin"),
        ("stop --service web", "occ stop --service web --yes"),
        ("rollback --to 1 --service web", "occ rollback --to 1 --service web --yes"),
        ("uninstall --purge --service web", "occ uninstall --purge --service web --yes"),
        ("setup --service web", "occ setup --service web --yes"),
        ("import-config config.json", "occ import-config config.json --yes"),
        ("import-compose shop.json", "occ import-compose shop.json --yes"),
    ],
)
def test_it_has_the_names_and_options_that_were_typed(occ: Occ, words: str, hint: str) -> None:
    said = occ(*words.split())
    assert said.status in {2, 4}
    assert said.err.splitlines()[-1].removesuffix(", or --generate") == f"  try: {hint}"


def test_it_can_be_pasted(occ: Occ) -> None:
    said = occ("stop", "--reason", "it's late")
    assert said.err.splitlines()[-1] == """  try: occ stop --reason 'it'"'"'s late' --yes"""


def test_what_looks_like_a_secret_is_not_said_again(occ: Occ) -> None:
    said = occ("stop", "--reason", "token=hunter2hunter2")
    assert said.status == 4
    assert "hunter2" not in said.out + said.err
    assert said.err.splitlines()[-1] == "  try: occ stop --reason 'token=***' --yes"


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("secret set API_TOKEN --service web", "occ secret set API_TOKEN --service web"),
        ("user passwd ann --service web", "occ user passwd ann --service web --password-stdin"),
        (
            "user passwd ann --password-stdin --service web",
            "occ user passwd ann --service web --generate",
        ),
    ],
)
def test_it_has_them_also_when_standard_input_is_closed(
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: str,
    hint: str,
) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert run(words.split(), open_app=stage.open) in {2, 4}
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.removesuffix(", or --generate") == f"  try: {hint}"


ROOT = Path(__file__).parents[2]
_COMMAND = re.compile(r"(?<![\w/-])(?<!that )(?<!this )occ (?=(?:--[a-z]+ \S+ )*[a-z])(?!that )")
_PROSE = "or|and|where|takes|tries|writes|lists|prints|may"
_END = re.compile(rf"[,;:()`&|]|\.$|\.\s| (?:{_PROSE}) ")


def _named() -> list[tuple[str, str]]:
    """Every command that a hint or a fix in the source names, with the file that names it."""
    found = []
    for source in sorted((ROOT / "occ").rglob("*.py")):
        for call in ast.walk(ast.parse(source.read_text())):
            if isinstance(call, ast.keyword) and call.arg in {"hint", "fix"}:
                for text in _texts(call.value):
                    starts = [one.start() for one in _COMMAND.finditer(text)]
                    for a, b in pairwise([*starts, len(text)]):
                        found.append((source.name, _END.split(text[a:b])[0].strip()))
    return found


def _texts(value: ast.expr) -> Iterator[str]:
    """The whole texts of an expression; 1, which is a name and a number, for what is put in."""
    if isinstance(value, ast.JoinedStr):
        yield "".join(
            part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "1"
            for part in value.values
        )
    elif isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    else:
        for child in ast.iter_child_nodes(value):
            if isinstance(child, ast.expr):
                yield from _texts(child)


@pytest.mark.parametrize(("file", "command"), sorted(set(_named())))
def test_every_command_that_a_hint_names_can_be_typed(file: str, command: str) -> None:
    assert file
    command = command.replace("--1 ..", "--image 1")  # of every question of setup
    words = [
        "1" if re.fullmatch(r"[A-Z]{1,9}", word) else word for word in shlex.split(command)[1:]
    ]
    with suppress(click.exceptions.Exit):  # --help
        parsed(words)


def test_the_hints_of_the_source_are_found() -> None:
    found = {command for _, command in _named()}
    assert len(found) > 60
    assert {"occ status", "occ versions", "occ config env set NAME=VALUE"} <= found


def test_options_stand_behind_the_command(occ: Occ, stage: Stage) -> None:
    """But for `--journal`, where the hint names another one: `occ --journal NEW`."""
    before = {command for _, command in _named() if re.match(r"occ --(?!journal)", command)}
    assert before == set()
    stage.error = UnfinishedError("operation 4 is unfinished", hint="occ resume, or occ abort")
    said = occ("stop", "--yes", "--service", "web", "--journal", "/srv/j.db").err
    one, other = "occ resume --journal /srv/j.db", "occ abort --journal /srv/j.db"
    assert f"  try: {one} --service web, or {other} --service web\n" in said
