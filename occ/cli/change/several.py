"""One verb for every service of the config: one after the other, and one table at the end."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from occ.app.results import Outcome
from occ.cli.session import Session
from occ.cli.terminal.tables import table
from occ.cli.terminal.words import printable
from occ.domain.history import row
from occ.errors import OccError, StoppedByOperatorError, UsageMistakeError

_UNCHANGED, _PENDING = 77, 10
_HEADERS = ["service", "ended", "exit", "says"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """How it went with one service; `exit_status` is None where it was not tried."""

    service: str
    ended: str
    exit_status: int | None
    operation: int | None = None
    says: str = ""
    hint: str = ""


def every_service(session: Session) -> tuple[str, ...]:
    """The services of the config, in its order.

    Raises:
        UsageMistakeError: one was named as well.
    """
    if session.service:
        raise UsageMistakeError(
            "--all and --service exclude each other", hint=f"occ {session.command} --all"
        )
    return tuple(session.app.settings.services)


def change_all(
    session: Session,
    verb: Callable[[str], Outcome],
    told: Callable[[Outcome], str],
    *,
    keep_going: bool,
    exit_unchanged: bool,
) -> int:
    """Have the verb done to each service, and return the first failure's exit status.

    Without a failure it is 10 where a plan has something to do, 77 with `exit_unchanged` where no
    service needed anything, else 0.

    It ends at the first failure unless `keep_going`, and in any case where the operator asked
    for an end; services that were not reached are listed as not tried.
    """
    lines = list(_lines(session, verb, told, keep_going=keep_going))
    failed = [line.exit_status for line in lines if line.exit_status not in {None, 0, _PENDING}]
    pending = any(line.exit_status == _PENDING for line in lines)
    status = failed[0] if failed else _PENDING * pending
    if exit_unchanged and all(line.ended == "unchanged" for line in lines):
        status = _UNCHANGED
    rows = [[x.service, x.ended, _shown(x.exit_status), printable(x.says)] for x in lines]
    return session.result(lines, table(_HEADERS, rows), status=status)


def _lines(
    session: Session,
    verb: Callable[[str], Outcome],
    told: Callable[[Outcome], str],
    *,
    keep_going: bool,
) -> Iterator[Line]:
    goes_on = True
    for name in every_service(session):
        if not goes_on:
            yield Line(service=name, ended="not tried", exit_status=None)
            continue
        session.note(f"{name}:")
        try:
            outcome = verb(name)
        except OccError as error:
            session.tell(error, name)
            goes_on = keep_going and not isinstance(error, StoppedByOperatorError)
            yield Line(
                service=name,
                ended=error.code,
                exit_status=error.exit_status,
                says=session.addressed(error.message, name),
                hint=session.addressed(error.hint, name),
            )
        else:
            yield _line(name, outcome, told(outcome))


def _line(name: str, outcome: Outcome, says: str) -> Line:
    operation = outcome.operation
    if outcome.proposal is not None:
        ended = "planned" if outcome.proposal.pending else "unchanged"
    elif outcome.unchanged or operation is None:
        ended = "unchanged"
    else:
        ended = row(operation).outcome
    number = operation.number if operation else None
    status = _PENDING if ended == "planned" else 0
    return Line(service=name, ended=ended, exit_status=status, operation=number, says=says)


def _shown(status: int | None) -> str:
    return "-" if status is None else str(status)
