import sys

import click

from occ.cli.options import this_session
from occ.cli.session import Session
from occ.cli.terminal import streams


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@this_session
def command(session: Session, *, shell: str) -> int:
    """Print what SHELL needs to complete occ's words, and the line to add to its start.

    Commands and options, and what is in config and journal: services, versions with image and
    date, operations, users, config keys. No engine is asked for it.
    """
    from occ.cli.shells import LINES, script  # noqa: PLC0415 - no other command needs them

    text = script(shell)
    line, file = LINES[shell]
    if streams.terminal(sys.stdout):
        session.note(f"add this line to {file}:\n  {line}")
    return session.result({"shell": shell, "line": line, "file": file, "script": text}, text)
