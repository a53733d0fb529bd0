from typing import TYPE_CHECKING

import click

from occ.app.options import Options
from occ.app.results import Outcome
from occ.cli.change.dialogue import carried_out, last_line, of_kind, told
from occ.cli.change.typed import Typed
from occ.cli.options import scope, this_session, yes
from occ.cli.session import Session
from occ.cli.terminal.words import terminal_safe
from occ.cli.writing import said_yes
from occ.errors import DeclinedError, UsageMistakeError

if TYPE_CHECKING:
    from occ.app.change.removal import Purge
    from occ.units.unit import Scope


@click.command("uninstall")
@scope
@click.option("--auto", is_flag=True, help="The timer of this config, and nothing else.")
@click.option(
    "--purge", is_flag=True, help="Also remove config, secrets and journal, after a question."
)
@click.option(
    "--volumes",
    metavar="NAME",
    help="Also remove containers and volumes, with all data; NAME is the service's, typed again.",
)
@yes
@this_session
def command(
    session: Session,
    *,
    where: "Scope | None",
    auto: bool,
    purge: bool,
    volumes: str | None,
    yes: bool,
) -> int:
    """Have the service not started at boot any more; its container stays as it is.

    With --volumes the service is stopped, and its containers and volumes are removed: an operation
    as any other, but nothing brings the data back. Volumes that occ did not make stay.

    With --auto the timer goes that updates the services of this config.
    """
    if auto:
        return _timer(session, where, more=purge or volumes is not None)
    name = session.service or session.app.service_name(None)
    if volumes is not None and volumes != name:
        raise UsageMistakeError(
            f"--volumes names {volumes}, and the service is {name}",
            hint=f"occ uninstall --service {name} --volumes {name}",
        )
    session.changing = True
    removed: Outcome | None = None
    if volumes is not None:
        options = Options(reason="uninstall", resume_first=yes)
        typed = Typed(session=session, options=options, yes=yes)
        removed = carried_out(typed, of_kind("remove"), session.service)
    gone = session.app.purging(session.service) if purge else None
    if gone is not None:
        _ask(session, gone, removed, yes=yes)
    done = session.app.uninstall(session.service, where)
    if gone is not None:
        session.app.purge(gone)
    lines = [] if removed is None else [last_line(removed)]
    how = f"{done.unit} removed" if done.removed else f"unchanged, there is no {done.unit}"
    lines.append(f"{done.service}: {how}")
    lines += [f"{done.service}: {file} removed" for file in (gone.files if gone else ())]
    result = {
        "service": done.service,
        "unit": done.unit,
        "removed": done.removed,
        "operation": told(removed) if removed else None,
        "purged": list(gone.files) if gone else [],
    }
    return session.result(result, "\n".join(lines))


def _timer(session: Session, where: "Scope | None", *, more: bool) -> int:
    if more or session.service:
        raise UsageMistakeError(
            "--auto excludes --service, --purge and --volumes", hint="occ uninstall --auto"
        )
    session.changing = True
    done = session.app.uninstall_timer(where)
    how = "removed" if done.removed else "unchanged, there was no such timer"
    return session.result(done, f"{done.timer}.timer: {how}")


def _ask(session: Session, purge: "Purge", removed: Outcome | None, *, yes: bool) -> None:
    for note in purge.notes:
        session.note(f"note: {terminal_safe(note)}")
    if yes or not purge.files:
        return
    session.note("\n".join(["these go, and the history with them:", *purge.files]))
    if not said_yes(f"Remove them for {purge.service}?", session):
        done = f"{last_line(removed)}; but " if removed else ""
        raise DeclinedError(
            f"{done}nothing of config, journal and unit was removed", hint="occ status"
        )
