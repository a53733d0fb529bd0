"""`occ uninstall`."""

from typing import TYPE_CHECKING

import click

from occ.cli.options import common, scope, this_session
from occ.cli.session import Session

if TYPE_CHECKING:
    from occ.boot.unit import Scope


@click.command("uninstall")
@scope
@common
@this_session
def command(session: Session, *, where: "Scope | None") -> int:
    """Have the service not started at boot any more; its container stays as it is."""
    session.changing = True
    done = session.app.uninstall(session.service, where)
    if not done.removed:
        return session.result(done, f"{done.service}: unchanged, there is no {done.unit}")
    return session.result(done, f"{done.service}: {done.unit} removed")
