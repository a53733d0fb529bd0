"""Options that commands share."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from occ.cli.session import Session

Command = TypeVar("Command", bound=Callable[..., Any])
this_session = click.make_pass_decorator(Session)


def _kept(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def keep(context: click.Context, _parameter: click.Parameter, value: Any) -> None:  # noqa: ANN401
        if value is not None and value is not False:
            setattr(context.find_object(Session), name, value)

    return keep


def common(command: Command) -> Command:
    """The options of every command; they may stand before its name too."""
    for words, name, more in (
        (("-o", "--output"), "output", {"type": click.Choice(["text", "json"])}),
        (("--service",), "service", {"metavar": "NAME"}),
        (("--config",), "config", {"metavar": "FILE"}),
        (("--journal",), "journal", {"metavar": "PATH|URL"}),
        (("--quiet",), "quiet", {"is_flag": True}),
    ):
        settings: dict[str, Any] = {"help": _HELP[name], **more}
        option = click.option(*words, name, expose_value=False, callback=_kept(name), **settings)
        command = option(command)
    return command


_HELP = {
    "output": "How the result is written (default: text).",
    "service": "The service meant (default: the only one, else opencode).",
    "config": "The config file (default: OCC_CONFIG, else the platform's place).",
    "journal": "The journal (default: OCC_JOURNAL, else the platform's place).",
    "quiet": "No progress, no notes.",
}

yes = click.option("-y", "--yes", is_flag=True, help="Answer the question with yes.")


def changing(command: Command) -> Command:
    """The options of every command that begins an operation."""
    for option in (
        click.option("--exit-unchanged", is_flag=True, help="Exit 77 when nothing had to be done."),
        click.option(
            "--if-current",
            type=click.IntRange(min=1),
            metavar="V",
            help="Refuse (exit 4) unless version V is current.",
        ),
        click.option("--plan", is_flag=True, help="Say what would be done, and touch nothing."),
        click.option("--reason", default="", help="Why; kept in the history."),
        yes,
        common,
    ):
        command = option(command)
    return command


no_probe = click.option("--no-probe", is_flag=True, help="Prove it without asking its health path.")
