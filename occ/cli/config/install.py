from typing import TYPE_CHECKING

import click

from occ.cli.options import filled, scope, this_session
from occ.cli.session import Session
from occ.errors import UsageMistakeError

if TYPE_CHECKING:
    from occ.units.unit import Scope


@click.command("install")
@click.option("--dry-run", is_flag=True, help="Print the unit, and touch nothing.")
@click.option(
    "--auto", is_flag=True, help="The timer of this config: updates that are due, every 10 minutes."
)
@click.option("--cron", is_flag=True, help="With --auto: print the line of a crontab instead.")
@click.option(
    "--on-failure",
    metavar="UNIT",
    callback=filled,
    help="With --auto: the unit that systemd starts when a run has failed.",
)
@scope
@this_session
def command(
    session: Session,
    *,
    where: "Scope | None",
    dry_run: bool,
    auto: bool,
    cron: bool,
    on_failure: str | None,
) -> int:
    """Have the service started at boot, and again after the engine crashed.

    Writes a systemd unit (on macOS a launchd agent) that first finishes an operation which was
    interrupted (occ resume --yes), then starts the service (occ start --yes). Nothing is started
    now. Where the engine does not answer yet, it tries again every ten seconds.

    With --auto it is about all services of the config that update themselves: a timer calls occ
    auto run every ten minutes. How long such a run may take is computed from their time limits, so
    after a change of these type it again.
    """
    if not auto and (cron or on_failure):
        raise UsageMistakeError("--cron and --on-failure go with --auto", hint="occ install --help")
    if auto:
        return _timer(session, where, on_failure or "", cron=cron, dry_run=dry_run)
    session.changing = not dry_run
    done = session.app.install(session.service, where, dry_run=dry_run)
    if dry_run:
        session.note(f"{done.unit} would be:")
        return session.result(done, done.text.removesuffix("\n"))
    if done.fix:
        session.note(f"note: it starts {done.reaches}\n  try: {done.fix}")
    how = "installed" if done.changed else "unchanged"
    return session.result(done, f"{done.service}: {done.unit} {how}; starts {done.reaches}")


def _timer(
    session: Session, where: "Scope | None", on_failure: str, *, cron: bool, dry_run: bool
) -> int:
    if session.service:
        raise UsageMistakeError(
            "--auto is about all services of the config, and --service names one",
            hint="occ install --auto",
        )
    if cron:
        if where or on_failure:
            raise UsageMistakeError(
                "--cron excludes --system, --user and --on-failure",
                hint="occ install --auto --cron",
            )
        line = session.app.cron_line()
        return session.result(line, line.text.removesuffix("\n"))
    session.changing = not dry_run
    done = session.app.install_timer(where, on_failure, dry_run=dry_run)
    if dry_run:
        return session.result(done, done.text.removesuffix("\n"))
    if done.fix:
        session.note(f"note: it runs {done.reaches}\n  try: {done.fix}")
    how = "installed" if done.changed else "unchanged"
    who = ", ".join(done.services)
    return session.result(done, f"{done.timer}.timer {how}, for {who}; runs {done.reaches}")
