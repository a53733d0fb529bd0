"""The root of all commands; a command is imported when it is called."""

import importlib
from typing import TYPE_CHECKING

import click

from occ import __version__
from occ.cli import COMMANDS
from occ.cli.help import GROUPS, HelpContext, first_sentence
from occ.cli.options import common

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class Commands(click.Group):
    """Commands that are imported when they are called; their short helps stand in a table."""

    context_class = HelpContext

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - Click's signature
        """All commands, in the order in which people meet them."""
        return [name for names in GROUPS.values() for name in names]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name.

        Raises:
            UsageError: there is no such command; a name that is spelled alike is named.
        """
        if cmd_name in COMMANDS:
            folder, _ = COMMANDS[cmd_name]
            module = importlib.import_module(f"occ.cli.{folder}.{cmd_name.replace('-', '_')}")
            command: click.Command = module.command
            _told(command)
            return command
        if cmd_name.startswith("-"):
            return None
        import difflib  # noqa: PLC0415 - for mistakes only

        alike = difflib.get_close_matches(cmd_name, COMMANDS, n=1)
        meant = f"; did you mean {alike[0]}?" if alike else ""
        raise click.UsageError(f"there is no command {cmd_name!r}{meant}", ctx)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem[str]]":
        """Commands, without importing any, and the options before them."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - for a TAB only

        names = [name for name in self.list_commands(ctx) if name.startswith(incomplete)]
        found = [CompletionItem(name, help=COMMANDS[name][1]) for name in names]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Commands before options: they are what people look for."""
        self.format_commands(ctx, formatter)
        click.Command.format_options(self, ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - Click's own
        """List the commands in their groups, without importing any."""
        for title, names in GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([(name, COMMANDS[name][1]) for name in names])


def _told(command: click.Command) -> None:
    """Have a command and those below it give help as all do: examples, whole sentences in lists."""
    command.context_class = HelpContext
    if isinstance(command, click.Group):
        for below in command.commands.values():
            below.short_help = below.short_help or first_sentence(below.help or "")
            _told(below)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="occ", message="%(prog)s %(version)s")
@common
def cli() -> None:
    """Look after a long-running container: update it, prove it healthy, always be able to go back.

    Every step is an event in a journal; `occ resume` and `occ abort` survive any crash.
    """
