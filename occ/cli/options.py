"""Options that commands share."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import click

from occ.cli import offers
from occ.cli.session import Session

Command = TypeVar("Command", bound=Callable[..., Any])
this_session = click.make_pass_decorator(Session)

# In the order in which help shows them.
_COMMON: Final[Mapping[str, tuple[tuple[str, ...], Mapping[str, Any]]]] = {
    "output": (
        ("-o", "--output"),
        {
            "type": click.Choice(["text", "json"]),
            "help": "How the result is written (default: text).",
        },
    ),
    "service": (
        ("--service",),
        {
            "metavar": "NAME",
            "help": "The service meant (default: the only one, else opencode).",
            "shell_complete": offers.services,
        },
    ),
    "config": (
        ("--config",),
        {
            "metavar": "FILE",
            "help": "The config file (default: OCC_CONFIG, else the platform's place).",
            "shell_complete": offers.files,
        },
    ),
    "journal": (
        ("--journal",),
        {
            "metavar": "PATH|URL",
            "help": "The journal (default: OCC_JOURNAL, else the platform's place).",
            "shell_complete": offers.files,
        },
    ),
    "quiet": (("--quiet",), {"is_flag": True, "help": "No progress, no notes."}),
}


def filled(_context: click.Context, parameter: click.Parameter, value: Any) -> Any:  # noqa: ANN401 - each option's own
    """The value, unless it is empty: `--image "$IMAGE"` without that variable is a mistake.

    Raises:
        BadParameter: the value is empty.
    """
    if value == "":
        raise click.BadParameter("it is empty", param=parameter)
    return value


def _keep(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def keep(context: click.Context, parameter: click.Parameter, value: Any) -> None:  # noqa: ANN401 - each option's own
        filled(context, parameter, value)
        session = context.find_object(Session)
        if session is None:  # help is made for a page, nothing runs
            return
        session.command = context.command_path.partition(" ")[2]
        if value is not None and value is not False:
            setattr(session, name, value)

    return keep


def common(command: Command) -> Command:
    """The options of every command; they may stand before its name too."""
    for name, (words, settings) in reversed(list(_COMMON.items())):
        option = click.option(*words, name, expose_value=False, callback=_keep(name), **settings)
        command = option(command)
    return command


yes = click.option("-y", "--yes", is_flag=True, help="Do not ask: answer with yes.")


def scope(command: Command) -> Command:
    """`--user` and `--system`."""
    for word, text in (
        ("system", "A unit of the machine (default: as root)."),
        ("user", "A unit of your own (default: as anybody else)."),
    ):
        option = click.option(f"--{word}", "where", flag_value=word, default=None, help=text)
        command = option(command)
    return command
