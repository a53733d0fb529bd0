"""Options that commands share."""

from collections.abc import Callable
from functools import partial, reduce
from typing import Any, Final, TypeVar

import click

from occ.cli import offers
from occ.cli.session import Session

Command = TypeVar("Command", bound=Callable[..., Any])


def filled(_context: click.Context, parameter: click.Parameter, value: Any) -> Any:  # noqa: ANN401 - each option's own
    """The value, unless it is empty: `--image "$IMAGE"` without that variable is a mistake.

    Raises:
        BadParameter: the value is empty.
    """
    if value == "":
        raise click.BadParameter("it is empty", param=parameter)
    return value


def _keep(context: click.Context, parameter: click.Parameter, value: Any) -> None:  # noqa: ANN401 - each option's own
    filled(context, parameter, value)
    session = context.find_object(Session)
    if session is None:  # help is made for a page, nothing runs
        return
    session.command = context.command_path.partition(" ")[2]
    jsonl = parameter.name == "output" and "jsonl" in {value, session.output}
    if jsonl and session.command not in {"", "events"}:
        raise click.BadParameter("jsonl is for occ events alone", param=parameter)
    if value is not None and value is not False:
        setattr(session, parameter.name, value)


_of_session = partial(click.option, expose_value=False, callback=_keep)

# In the order in which help shows them.
_COMMON: Final = (
    _of_session(
        "-o",
        "--output",
        type=click.Choice(["text", "json", "jsonl"]),
        metavar="[text|json]",
        help="How the result is written (default: text).",
    ),
    _of_session(
        "--service",
        metavar="NAME",
        help="The service meant (default: the config's only one).",
        shell_complete=offers.services,
    ),
    _of_session(
        "--config",
        metavar="FILE",
        help="The config file (default: OCC_CONFIG, else the platform's place).",
        shell_complete=offers.files,
    ),
    _of_session(
        "--journal",
        metavar="PATH|URL",
        help="The journal (default: OCC_JOURNAL, else the platform's place).",
        shell_complete=offers.files,
    ),
    _of_session("--quiet", is_flag=True, help="No progress, no notes."),
)


def common(command: Command) -> Command:
    """The options of every command; they may stand before its name too."""
    return reduce(lambda so_far, option: option(so_far), reversed(_COMMON), command)


def this_session(command: Callable[..., int]) -> Callable[..., int]:
    """The session as the command's first argument, and the options that fill it."""
    return common(click.make_pass_decorator(Session)(command))


service_word = click.argument(
    "name", required=False, metavar="[SERVICE]", shell_complete=offers.services
)
"""The service as a word of the command, in place of `--service`."""


def named(session: Session, name: str | None) -> None:
    """Have the service meant that was named by a word.

    Raises:
        BadParameter: `--service` names another one.
    """
    if name is None:
        return
    if session.service not in {None, name}:
        raise click.BadParameter(f"{name!r} and --service {session.service} are two services")
    session.service = name


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
