from typing import TYPE_CHECKING

import click

from occ.cli import offers
from occ.cli.options import this_session, yes
from occ.cli.session import Session, plain
from occ.cli.terminal.words import terminal_safe
from occ.cli.writing import said_yes, show_writing

if TYPE_CHECKING:
    from occ.app.config.interview import Writing


@click.command("import-config")
@click.argument("path", required=False, shell_complete=offers.files)
@yes
@this_session
def command(session: Session, *, path: str | None, yes: bool) -> int:
    """Take over what opencode-cloud's config.json declares; PATH is its own place by default.

    Says what cannot be carried over, shows what would be written into our config, and writes it.
    Variables that look like secrets go into the service's secrets file. Its file stays as it is,
    and nothing is started.
    """
    session.begins = True

    def agree(writing: "Writing") -> bool:
        show_writing(writing, quiet=session.quiet)
        return yes or said_yes(f"Write this into {writing.config}?", session)

    def tell(text: str) -> None:
        session.note(f"note: {terminal_safe(text)}")

    done = session.app.import_config(path, session.service, tell, agree)
    how = "written into" if done.written else "nothing to write into"
    lines = [f"{done.service}: {how} {done.config}"]
    if done.secrets:
        lines.append(f"{done.service}: {', '.join(done.secrets)} stored in {done.secrets_file}")
    return session.result(plain(done), "\n".join(lines))
