import click

from occ.cli import offers
from occ.cli.options import this_session
from occ.cli.session import Session


@click.command("help")
@click.argument("words", nargs=-1, metavar="[COMMAND]...", shell_complete=offers.commands)
@this_session
def command(session: Session, *, words: tuple[str, ...]) -> int:
    """The help of occ, or of one command, such as occ help config set."""
    context = click.get_current_context().find_root()
    for word in words:
        group = context.command
        below = group.get_command(context, word) if isinstance(group, click.Group) else None
        if below is None:
            raise click.UsageError(f"there is no command {' '.join(words)!r}", context)
        context = below.context_class(below, info_name=word, parent=context)
    text = context.get_help()
    return session.result({"command": " ".join(words), "text": text}, text)
