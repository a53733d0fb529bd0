import sys
from typing import TYPE_CHECKING

import click

from occ.cli import offers
from occ.cli.options import this_session, yes
from occ.cli.session import Session, plain
from occ.cli.terminal import streams
from occ.cli.terminal.words import terminal_safe
from occ.cli.writing import said_yes, show_writing
from occ.errors import UsageMistakeError

if TYPE_CHECKING:
    from occ.app.config.interview import Writing

_LARGEST = 1 << 20


@click.command("import-compose")
@click.argument("file", required=False, metavar="[FILE|-]", shell_complete=offers.files)
@yes
@this_session
def command(session: Session, *, file: str | None, yes: bool) -> int:
    """Take over the services of a Compose project, as Compose itself resolves them.

    FILE is what docker compose config --format json prints, - standard input. Says what our
    config has no words for, shows what would be written, and writes it: a table for each service,
    in the order of depends_on. Values that look like secrets are neither shown nor written: each is
    named with the command that stores it. Nothing is started. --service NAME takes one alone.
    """
    session.begins = True
    given = _standard_input(session) if file in {None, "-"} else None

    def agree(writing: "Writing") -> bool:
        show_writing(writing, quiet=session.quiet)
        return yes or said_yes(f"Write this into {writing.config}?", session)

    def tell(text: str) -> None:
        session.note(f"note: {terminal_safe(text)}")

    done = session.app.import_compose(file or "-", given, session.service, tell, agree)
    how = "written into" if done.written else "nothing to write into"
    lines = [f"{done.project}: {', '.join(done.services)} {how} {done.config}"]
    if done.secrets:
        lines.append("values of secrets were not written; store each, unless it is there:")
        lines += [f"  {one}" for one in done.secrets]
    return session.result(plain(done), "\n".join(lines))


def _standard_input(session: Session) -> bytes:
    """The model from standard input; a person at a terminal is told what to type instead.

    Raises:
        UsageMistakeError: nothing comes from there.
    """
    from occ.settings.toml.compose_file import RESOLVE  # noqa: PLC0415 - for failures only

    if sys.stdin is None or sys.stdin.closed or streams.looked_at(sys.stdin):
        raise UsageMistakeError(
            "occ import-compose needs a model of Compose", hint=RESOLVE.format("FILE")
        )
    found = sys.stdin.buffer.read(_LARGEST + 1)
    if len(found) > _LARGEST:
        again = session.again(without="-")
        raise UsageMistakeError(f"the model is larger than {_LARGEST} bytes", hint=again)
    return found
