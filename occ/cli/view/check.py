from typing import Any

import click

from occ.app.results import Check
from occ.cli.change.asking import said_of
from occ.cli.change.several import every_service
from occ.cli.options import this_session
from occ.cli.session import Session, plain
from occ.cli.terminal.tables import Column, Headers, table
from occ.errors import PENDING, FailedError, OccError

_HEADERS: Headers = ["service", "update", Column(name="says", below=True)]


@click.command("check")
@click.option("--all", "every", is_flag=True, help="Every service of the config, a line each.")
@this_session
def command(session: Session, *, every: bool) -> int:
    """Ask the registry, by digest, whether there is an update: exit 10 when there is, else 0.

    Nothing is pulled. An image that is built here has no registry. One
    that a reason of occ why keeps away (it failed here, was rolled back from, is too young, the
    service is held) is named with it: exit 0, as an update with --yes would not take it. Where
    auto.min_age is set, the journal notes when it saw an image for the first time.

    With --all a registry that gives no answer is a line like any other: exit 10 when one service
    has an update, else 6 when one could not be asked about.
    """
    if every:
        return _each(session)
    check = session.app.check(session.service)
    text = f"{check.service}: {_says(session, check, None)}"
    return session.result(check, text, status=PENDING if check.due else 0)


def _each(session: Session) -> int:
    rows, told, statuses = [], [], {0}
    for name in every_service(session):
        try:
            check, error = session.app.check(name), None
        except FailedError as failed:  # an engine or a journal that is not there ends it all
            check, error = _unknown(name), failed
        if error is not None:
            statuses.add(error.exit_status)
        elif check.due:
            statuses.add(PENDING)
        word = error.code if error else _word(check)
        says = error.message if error else _says(session, check, name)
        rows.append([name, word, says])
        told.append(_told(session, check, error))
    return session.result(told, table(_HEADERS, rows), status=max(statuses))


def _unknown(service: str) -> Check:
    """A service about which nobody could be asked."""
    return Check(service=service, reference="", running=(), published="", available=False)


def _word(check: Check) -> str:
    """The answer in a word, for the table."""
    if check.built:
        return "built here"
    if check.available:
        return "available" if check.due else check.reasons[0].name
    return "none"


def _says(session: Session, check: Check, service: str | None) -> str:
    """The answer in a sentence; `service` is named in its command where `--service` was not."""
    if check.built:
        return f"built here from {check.built}: there is no registry to ask"
    if check.available and not check.due:
        known = f"{check.reference} is another image than what runs, and is not taken unasked"
        said = "; ".join(map(said_of, check.reasons))
        if any(reason.hard for reason in check.reasons):
            return f"{known}: {said}"
        names = ",".join(reason.name for reason in check.reasons)
        way = "--retry" if names == "known_bad" else f"--override {names}"
        return f"{known}: {said}; to take it: {session.addressed(f'occ update {way}', service)}"
    if check.available:
        update = session.addressed("occ update", service)
        return f"an update of {check.reference} is available: {update}"
    return f"{check.reference} is what runs"


def _told(session: Session, check: Check, error: OccError | None) -> dict[str, Any]:
    """A line as programs read it: the answer about one service, or why there is none."""
    why = None
    if error is not None:
        hint = session.addressed(error.hint, check.service)
        why = {"code": error.code, "message": error.message, "hint": hint}
    return {**plain(check), "error": why}
