from pathlib import Path

import click

from occ.cli import offers
from occ.cli.options import filled, this_session
from occ.cli.session import Session


@click.command("metrics")
@click.option(
    "--textfile",
    metavar="PATH",
    callback=filled,
    shell_complete=offers.files,
    help="Write them into this file, whole or not at all.",
)
@this_session
def command(session: Session, *, textfile: str | None) -> int:
    """What Prometheus reads: what runs, how the last operation ended, what waits.

    Times are those of what happened, so a page of yesterday says so itself. It needs
    pipx install 'occ-journal[metrics]'.
    """
    if textfile is None:
        text = session.app.metrics()
        return session.result({"file": "", "text": text}, text.removesuffix("\n"))
    file = Path(textfile).absolute()
    session.app.metrics_into(file)
    return session.result({"file": str(file), "text": ""}, f"written to {file}")
