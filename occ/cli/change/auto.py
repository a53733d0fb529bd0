import click

from occ.app.auto.results import NOT_DUE, AutoLine, AutoRun
from occ.cli.change.interrupted import listening
from occ.cli.options import common, this_session
from occ.cli.session import Session
from occ.cli.terminal.tables import Column, Headers, table
from occ.cli.terminal.words import moment, terminal_safe
from occ.errors import UNCHANGED, UsageMistakeError

_HEADERS: Headers = ["service", "ended", "exit", Column(name="says", below=True)]


@click.group("auto")
@common
def command() -> None:
    """Services that update themselves: see [services.NAME.auto] of the config."""


@command.command("run")
@click.option("--dry-run", is_flag=True, help="Say what would be done: exit 10 where there is any.")
@click.option("--exit-unchanged", is_flag=True, help="Exit 77 when nothing had to be done.")
@this_session
def run(session: Session, *, dry_run: bool, exit_unchanged: bool) -> int:
    """Update every service that is due by its schedule, and end what a run left unfinished.

    A timer starts it every ten minutes: occ install --auto. A run that finds nothing due asks no
    engine and no registry, and writes nothing to the journal. It takes a newer image, and nothing
    else: it brings no changed config into force unless auto.apply says so, it overrides no
    reason against an image, and an image that failed here is not tried again.

    Exit 0: nothing was due, or all that was due is as it should be. 4: a rule or a changed config
    keeps an update away. 5: the engine did not answer. 6: an update failed and was put back, or the
    registry did not answer. 7: an operation is unfinished. 8: another occ is at work. 10: with
    --dry-run, something is due. 77: with --exit-unchanged, nothing had to be done. Where
    services differ, the first of 7, 6, 5, 4, 8, 10 counts.
    """
    if session.service:
        raise UsageMistakeError(
            "a run is about all services of the config",
            hint="occ update",
        )
    session.changing = not dry_run
    session.tells = "" if dry_run else "auto"
    with listening(session) as operator:
        done = session.app.auto_run(operator, dry_run=dry_run)
    status = done.exit_status
    if exit_unchanged and not status and not done.changed:
        status = UNCHANGED
    return session.result(done, _text(session, done), status=status)


def _text(session: Session, done: AutoRun) -> str:
    told = [line for line in done.lines if line.ended != NOT_DUE or not session.quiet]
    if not done.lines and not session.quiet:
        return "no service of the config updates itself: auto.enabled is set for none"
    rows = [_row(session, line) for line in told]
    return table(_HEADERS, rows) if rows else ""


def _row(session: Session, line: AutoLine) -> list[str]:
    says = "; ".join((line.says, *line.warnings)) if line.says else "; ".join(line.warnings)
    if line.ended == NOT_DUE:
        says = f"next {moment(line.next_at)}"
    elif line.hint:
        says = f"{says.rstrip('.')}: {session.addressed(line.hint, line.service)}"
    return [line.service, line.ended.replace("_", " "), str(line.exit_status), terminal_safe(says)]
