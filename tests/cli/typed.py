"""Command lines parsed by the real commands, nothing run."""

from collections.abc import Sequence

import click

from occ.cli.commands import cli
from occ.cli.session import Session


def parsed(words: Sequence[str]) -> click.Context:
    """The context in which the command would run.

    Raises:
        click.UsageError: it cannot be typed so.
    """
    context = cli.make_context("occ", list(words), obj=Session(words=tuple(words)))
    while isinstance(context.command, click.Group):
        name, command, rest = context.command.resolve_command(
            context, [*context._protected_args, *context.args]
        )
        assert command is not None
        context = command.make_context(name, rest, parent=context)
    return context
