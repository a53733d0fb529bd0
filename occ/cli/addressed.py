"""Commands that a text names, written for the service, config and journal at hand."""

import re
from collections.abc import Mapping
from shlex import join

from occ.cli import COMMANDS

_NAMES = "|".join(name for name in COMMANDS if name != "completion")  # completion is of no service
_COMMAND = re.compile(rf"\bocc (?=--[a-z]|(?:{_NAMES})\b)")
_OF_ALL = ("--all", "--help")


def addressed(text: str, options: Mapping[str, str | None]) -> str:
    """The text, each command in it with the options that have a value.

    A command that names an option itself keeps its own, and a command for `--all` names no service:
    `occ resume, or occ abort` of service web is `occ --service web resume, or occ --service web
    abort`.
    """
    places = [found.start() for found in _COMMAND.finditer(text)]
    parts = [text[a:b] for a, b in zip([0, *places], [*places, len(text)], strict=True)]
    return parts[0] + "".join(_with(part, options) for part in parts[1:])


def _with(command: str, options: Mapping[str, str | None]) -> str:
    if any(word in command for word in _OF_ALL):
        options = {name: value for name, value in options.items() if name != "service"}
    missing = {name: value for name, value in options.items() if f"--{name}" not in command}
    words = [word for name, value in missing.items() if value for word in (f"--{name}", value)]
    return f"occ {join(words)} {command.removeprefix('occ ')}" if words else command
