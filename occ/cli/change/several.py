"""One verb for several services: one after the other, and one table at the end."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from occ.app.results import Outcome
from occ.cli.change.typed import Typed
from occ.cli.session import Session
from occ.cli.terminal.tables import Column, Headers, table
from occ.cli.terminal.words import terminal_safe
from occ.domain.history import row
from occ.errors import PENDING, UNCHANGED, OccError, StoppedByOperatorError, UsageMistakeError

_HEADERS: Headers = ["service", "ended", "exit", Column(name="says", below=True)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """How the verb went with one service."""

    service: str
    ended: str
    exit_status: int | None
    """None where the verb was not tried."""
    operation: int | None = None
    says: str = ""
    hint: str = ""


def every_service(session: Session) -> tuple[str, ...]:
    """The services of the config, in its order.

    Raises:
        UsageMistakeError: a service was named as well.
    """
    if session.service:
        raise UsageMistakeError(
            "--all and --service exclude each other", hint=f"occ {session.command} --all"
        )
    return tuple(session.app.settings.services)


def change_all(
    typed: Typed,
    names: Sequence[str],
    verb: Callable[[str], Outcome],
    says: Callable[[Outcome], str],
) -> int:
    """Have the verb done to each of these services, and return the first failure's exit status.

    Without a failure the status is 10 where a plan has something to do, 77 with `exit_unchanged`
    where no service needed anything, else 0.

    The first failure ends the round unless `keep_going`; the operator who asks for an end always
    does. Services that were not reached are listed as not tried.
    """
    lines = list(_lines(typed, names, verb, says))
    rows = [[x.service, x.ended, _shown(x.exit_status), terminal_safe(x.says)] for x in lines]
    status = _exit_status(lines, exit_unchanged=typed.exit_unchanged)
    return typed.session.result(lines, table(_HEADERS, rows), status=status)


def _exit_status(lines: Sequence[Line], *, exit_unchanged: bool) -> int:
    if exit_unchanged and all(line.ended == "unchanged" for line in lines):
        return UNCHANGED
    statuses = [line.exit_status for line in lines if line.exit_status]
    failed = [status for status in statuses if status != PENDING]
    return (failed or statuses or [0])[0]


def _lines(
    typed: Typed,
    names: Sequence[str],
    verb: Callable[[str], Outcome],
    says: Callable[[Outcome], str],
) -> Iterator[Line]:
    session = typed.session
    goes_on = True
    for name in names:
        if not goes_on:
            yield Line(service=name, ended="not tried", exit_status=None)
            continue
        session.note(f"{name}:")
        try:
            outcome = verb(name)
        except OccError as error:
            session.tell(error, name)
            goes_on = typed.keep_going and not isinstance(error, StoppedByOperatorError)
            yield Line(
                service=name,
                ended=error.code,
                exit_status=error.exit_status,
                says=session.addressed(error.message, name),
                hint=session.addressed(error.hint, name),
            )
        else:
            yield _line(name, outcome, says(outcome))


def _line(name: str, outcome: Outcome, says: str) -> Line:
    operation = outcome.operation
    if outcome.proposal is not None:
        ended = "planned" if outcome.proposal.pending else "unchanged"
    elif outcome.unchanged or operation is None:
        ended = "unchanged"
    else:
        ended = row(operation).outcome
    number = operation.number if operation else None
    due = outcome.proposal is not None and outcome.proposal.due
    status = PENDING if due else 0
    return Line(service=name, ended=ended, exit_status=status, operation=number, says=says)


def _shown(status: int | None) -> str:
    return "-" if status is None else str(status)
