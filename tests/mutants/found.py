"""What mutmut left behind: each mutant, what became of it, and what it changed."""

import ast
import difflib
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
_MARK = "__mutmut_"


@dataclass(frozen=True, slots=True)
class Change:
    """A change that a mutant makes: in which function, of which code, into what."""

    function: str
    was: str
    becomes: str


def results() -> Mapping[str, str]:
    """The mutants of the last run by name, each with what became of it, as mutmut says it."""
    words = [sys.executable, "-m", "mutmut", "results", "--all", "true"]
    said = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    lines = (line.strip().partition(": ") for line in said.splitlines())
    return {name: status for name, found, status in lines if found and _MARK in name}


def change(mutant: str) -> Change:
    """What this mutant changes; its numbers move with the code, this does not."""
    home, _, number = mutant.rpartition(_MARK)
    module, _, function = home.rpartition(".")
    sources = _functions(module)
    lines = [
        *difflib.ndiff(sources[f"{function}{_MARK}orig"], sources[f"{function}{_MARK}{number}"])
    ]
    return Change(f"{module}.{_plain(function)}", _side(lines, "- "), _side(lines, "+ "))


@cache
def _functions(module: str) -> Mapping[str, Sequence[str]]:
    """The functions of a module that mutmut wrote, by name, without their first line."""
    place = ROOT.joinpath("mutants", *module.split("."))
    file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    text = file.read_text("utf-8")
    lines = text.splitlines()
    return {
        node.name: [line.strip() for line in lines[node.lineno : node.end_lineno]]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and _MARK in node.name
    }


def _side(lines: Sequence[str], sign: str) -> str:
    return " ".join(line[2:] for line in lines if line.startswith(sign))


def _plain(mangled: str) -> str:
    """`x__lock` is `_lock`, and `xǁWorldǁfind` is `World.find`."""
    if mangled.startswith("xǁ"):
        return ".".join(mangled.split("ǁ")[1:])
    return mangled.removeprefix("x_")
