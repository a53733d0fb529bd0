"""The page of the architecture is true: its tree, its layers, its walks, the places of a kind."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from occ.app.change.kinds import ROWS
from occ.cli import COMMANDS
from occ.domain.events import Kind
from occ.domain.kinds import KINDS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
TREE = PAGE.partition("```text\n")[2].partition("```")[0]
WALKS = PAGE.partition("## Three walks")[2].partition("\n## ")[0]
# Kinds that are typed under another command, and kinds that another planner makes the plan of.
COMMAND: dict[Kind, str] = {"remove": "uninstall", "stage": "update"}
PLANNER: dict[Kind, str] = {"restart": "stop", "forget": "remove", "unhold": "hold"}


def drawn() -> Iterator[Path]:
    """Every folder and file of the tree, each below the folder that it is indented under."""
    above: list[tuple[int, Path]] = [(-1, ROOT)]
    for line in TREE.splitlines():
        depth = len(line) - len(line.lstrip())
        if depth > 12:  # the words of the line before, continued
            yield from (above[-1][1] / name for name in re.findall(r"\b\w+\.py\b", line))
            continue
        words = re.match(r"\s*([\w.]+(?:/|\.py)(?:, \w+\.py)*)", line)
        assert words is not None, line
        while above[-1][0] >= depth:
            above.pop()
        folder = above[-1][1]
        names = re.findall(r"[\w.]+(?:/|\.py)", words[1])
        yield from (folder / name for name in names)
        if names[0].endswith("/"):
            folder = folder / names[0]
            above.append((depth, folder))
        yield from (folder / name for name in re.findall(r"\b\w+\.py\b", line[words.end() :]))


def found(name: str) -> Path:
    """A file or folder as the page names it: from `occ/`, or from the top."""
    inside = ROOT / "occ" / name
    return inside if inside.exists() else ROOT / name


def hops() -> list[tuple[str, str, str]]:
    """The number, the file and the name of each hop of the walks."""
    return re.findall(r"^(\d)\. `([\w/]+\.py)`, `(\w+)`", WALKS, re.MULTILINE)


def test_everything_drawn_exists() -> None:
    assert [str(path) for path in drawn() if not path.exists()] == []


def test_every_folder_of_occ_is_drawn() -> None:
    folders = {path.parent for path in (ROOT / "occ").rglob("*.py")}
    assert sorted(map(str, folders - set(drawn()))) == []


def test_every_folder_of_tests_is_named() -> None:
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir()}
    named = set(re.findall(r"(\w+)/", TREE.partition("\ntests/")[2]))
    assert sorted(folders - named - {"__pycache__"}) == []


def test_every_file_and_folder_named_exists() -> None:
    names = set(re.findall(r"`([\w.]+(?:/[\w.]+)*(?:/|\.py|\.toml|\.json|\.md))`", PAGE))
    short = {"service.py", "health.py", "limits.py", "build.py"}  # of `settings/keys/`, said there
    places = {name: f"settings/keys/{name}" if name in short else name for name in names}
    assert [name for name, place in places.items() if not found(place).exists()] == []
    assert len(names) > 30


def test_the_layers_are_those_that_are_proved() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contract = settings["tool"]["importlinter"]["contracts"][0]
    assert f"`{' -> '.join(contract['layers'])}`" in PAGE


def test_every_walk_has_at_most_six_hops() -> None:
    numbers = "".join(number for number, _, _ in hops())
    assert re.fullmatch("(?:1(?:2(?:3(?:4(?:5(?:6)?)?)?)?)?){3}", numbers)
    assert len(hops()) == len(re.findall(r"^\d\. ", WALKS, re.MULTILINE))


@pytest.mark.parametrize(("number", "file", "name"), hops())
def test_every_hop_names_a_file_and_something_in_it(number: str, file: str, name: str) -> None:
    text = found(file).read_text("utf-8")
    assert re.search(rf"^(?:    )?(?:def |class )?{name}\b", text, re.MULTILINE), number


@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_kind_has_its_places(kind: Kind) -> None:
    assert kind in KINDS
    assert kind in ROWS
    command = COMMAND.get(kind, kind)
    assert command in COMMANDS
    folder = COMMANDS[command][0]
    assert (ROOT / "occ" / "cli" / folder / f"{command}.py").is_file()
    assert (ROOT / "occ" / "operations" / "kinds" / f"{PLANNER.get(kind, kind)}.py").is_file()
    for page in ("docs/json.md", "tests/cli/test_envelope.py"):
        assert re.search(rf"[`\"]{command}\b", (ROOT / page).read_text("utf-8")), page
    plans = "".join(path.read_text() for path in (ROOT / "tests/unit/operations").glob("test_*.py"))
    assert f'"{kind}"' in plans or f"plan_{kind}" in plans
