"""Commands that a text names, written for the service, config and journal at hand."""

import re
from collections.abc import Mapping
from shlex import join

import click

from occ.cli import COMMANDS

_NAMES = "|".join(name for name in COMMANDS if name not in {"completion", "help"})  # of no service
_COMMAND = re.compile(rf"\bocc (?=--[a-z]|(?:{_NAMES})\b)")
_NAMED = re.compile(rf"occ (?:--[a-z]+ \S+ )*(?:{_NAMES})\b")
_WORD = re.compile(r" ([a-z-]+)")
_OF_ALL = ("--all", "--help")


def addressed(text: str, options: Mapping[str, str | None]) -> str:
    """The text, each command in it with the options that have a value, behind its name.

    A command that names an option itself keeps its own, and a command for `--all` names no service:
    `occ resume, or occ abort` of service web is `occ resume --service web, or occ abort --service
    web`.
    """
    places = [found.start() for found in _COMMAND.finditer(text)]
    parts = [text[a:b] for a, b in zip([0, *places], [*places, len(text)], strict=True)]
    return parts[0] + "".join(_with(part, options) for part in parts[1:])


def _with(command: str, options: Mapping[str, str | None]) -> str:
    if any(word in command for word in _OF_ALL):
        options = {name: value for name, value in options.items() if name != "service"}
    missing = {name: value for name, value in options.items() if f"--{name}" not in command}
    words = [word for name, value in missing.items() if value for word in (f"--{name}", value)]
    if not words:
        return command
    end = _end_of_name(command)
    return f"{command[:end]} {join(words)}{command[end:]}"


def _end_of_name(command: str) -> int:
    """Where the name of the command ends, with that of a command below it: `occ config set`."""
    named = _NAMED.match(command)
    if named is None:
        return len("occ")
    from occ.cli.commands import cli  # noqa: PLC0415 - which imports this package's commands

    end, last = named.end(), named[0].rpartition(" ")[2]
    there = cli.get_command(click.Context(cli), last)
    while isinstance(there, click.Group) and (below := _WORD.match(command, end)):
        there = there.commands.get(below[1])
        end = below.end() if there is not None else end
    return end
