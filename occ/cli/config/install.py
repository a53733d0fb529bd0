from typing import TYPE_CHECKING

import click

from occ.cli.options import scope, this_session
from occ.cli.session import Session

if TYPE_CHECKING:
    from occ.units.unit import Scope


@click.command("install")
@click.option("--dry-run", is_flag=True, help="Print the unit, and touch nothing.")
@scope
@this_session
def command(session: Session, *, where: "Scope | None", dry_run: bool) -> int:
    """Have the service started at boot, and again after the engine crashed.

    Writes a systemd unit (on macOS a launchd agent) that first finishes an operation which was
    interrupted (occ resume --yes), then starts the service (occ start --yes). Nothing is started
    now. Where the engine does not answer yet, it tries again every ten seconds.
    """
    session.changing = not dry_run
    done = session.app.install(session.service, where, dry_run=dry_run)
    if dry_run:
        session.note(f"{done.unit} would be:")
        return session.result(done, done.text.removesuffix("\n"))
    if done.fix:
        session.note(f"note: it starts {done.reaches}\n  try: {done.fix}")
    how = "installed" if done.changed else "unchanged"
    return session.result(done, f"{done.service}: {done.unit} {how}; starts {done.reaches}")
