"""What all changing commands share: asking, progress, interrupts, and the last line."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from occ.app.results import Closed, Options, Outcome, People, Proposal
from occ.cli.change.asking import agreed, plan_text
from occ.cli.session import Session
from occ.cli.terminal.interrupts import WAYS, Interrupts
from occ.cli.terminal.progress import Progress, Teller
from occ.cli.terminal.words import duration, printable
from occ.domain.events import Event
from occ.domain.history import row
from occ.domain.operation import Operation
from occ.errors import UsageMistakeError

if TYPE_CHECKING:
    from occ.app.app import App

_UNCHANGED, _PENDING = 77, 10
_ENDED = {
    "stop": "stopped",
    "forget": "forgotten; its container stays as it is",
    "remove": "its containers and volumes are removed",
    "adopt": "adopted as version {}",
    "user": "done, version {}",
}


@dataclass(frozen=True, slots=True)
class Telling:
    """How a verb words its end: `says` for people (empty: as all verbs do), `more` for programs."""

    says: Callable[[Outcome], str] = lambda _: ""
    more: Callable[[Outcome], Mapping[str, object]] = lambda _: {}


Verb = Callable[["App", str | None, Options, People], Outcome | Closed]


def change(
    session: Session,
    verb: Verb,
    options: Options,
    *,
    yes: bool,
    typed: bool = False,
    exit_unchanged: bool = False,
    every: bool = False,
    keep_going: bool = False,
    telling: Telling | None = None,
) -> int:
    """Run a verb that changes something, and return the exit status.

    `typed` asks for the service's name instead of y or n; `every` is for all services, one after
    the other, `keep_going` also after a failure.
    """
    if every:
        return _change_each(
            session, verb, options, yes=yes, keep_going=keep_going, exit_unchanged=exit_unchanged
        )
    if keep_going:
        raise UsageMistakeError("--keep-going goes with --all", hint=f"occ {session.command} --all")
    outcome = carried_out(session, verb, options, session.service, yes=yes, typed=typed)
    if isinstance(outcome, Closed):
        return session.result(outcome, _closed(outcome))
    if outcome.proposal is not None:
        status = _PENDING if outcome.proposal.pending else 0
        return session.result(outcome.proposal, plan_text(outcome.proposal), status=status)
    status = _UNCHANGED if outcome.unchanged and exit_unchanged else 0
    telling = telling or Telling()
    said = telling.says(outcome) or last_line(outcome)
    return session.result({**told(outcome), **telling.more(outcome)}, said, status=status)


def _change_each(
    session: Session,
    verb: Verb,
    options: Options,
    *,
    yes: bool,
    keep_going: bool,
    exit_unchanged: bool,
) -> int:
    from occ.cli.change.several import change_all  # noqa: PLC0415 - for `--all` only

    def once(service: str) -> Outcome:
        outcome = carried_out(session, verb, options, service, yes=yes, typed=False)
        if isinstance(outcome, Closed):
            raise UsageMistakeError("this verb takes one service", hint="name it: --service NAME")
        return outcome

    def says(outcome: Outcome) -> str:
        text = plan_text(outcome.proposal) if outcome.proposal else last_line(outcome)
        return text.partition("\n")[0].partition(": ")[2]

    return change_all(session, once, says, keep_going=keep_going, exit_unchanged=exit_unchanged)


def carried_out(
    session: Session,
    verb: Verb,
    options: Options,
    service: str | None,
    *,
    yes: bool,
    typed: bool = False,
) -> Outcome | Closed:
    """Run a verb with its question, progress and interrupts; nothing is printed on stdout."""
    session.changing = not options.plan
    teller = Teller(quiet=session.quiet)
    progress = Progress(teller)
    with Interrupts(teller, session.addressed(WAYS, service)) as interrupts:

        def confirm(proposal: Proposal) -> bool:
            if yes:  # what the question would have said
                for warning in proposal.warnings:
                    teller.say(f"note: {printable(warning)}\n")
                for line in proposal.difference.splitlines():
                    teller.say(f"  | {printable(line)}\n")
            elif not agreed(proposal, session, typed=typed):
                return False
            interrupts.begin()
            return True

        def listen(operation: Operation, event: Event) -> None:
            interrupts.begin()
            progress.listen(operation, event)

        people = People(
            confirm=confirm, listen=listen, progress=progress.tell, asked=interrupts.asked
        )
        outcome = verb(session.app, service, options, people)
    for warning in () if isinstance(outcome, Closed) else outcome.warnings:
        if warning not in progress.told:
            session.note(f"note: {printable(warning)}", service)
    return outcome


def _closed(closed: Closed) -> str:
    left = [f"  left: {item}" for item in closed.left]
    return "\n".join([f"operation {closed.operation} is closed; nothing was touched", *left])


def last_line(outcome: Outcome) -> str:
    """How it ended, in one line: versions, downtime, where it is served."""
    operation = outcome.operation
    if operation is None:
        return f"{outcome.service}: {outcome.unchanged or 'done'}"
    if outcome.unchanged:
        return f"{outcome.service}: unchanged, {outcome.unchanged}"
    line = row(operation)
    if operation.ending == "undone":
        return f"{outcome.service}: operation {operation.number} was put back"
    if line.kind in _ENDED:
        return f"{outcome.service}: {_ENDED[line.kind].format(line.after)}"
    if line.kind == "repair":
        versions = f"repaired, version {line.after}"
    elif line.before == line.after:
        versions = f"version {line.after}"
    elif line.before:
        versions = f"version {line.before} -> {line.after}"
    else:
        versions = f"version {line.after} installed"
    down = f", down for {duration(line.downtime_ms)}" if line.downtime_ms is not None else ""
    proven = "prove_health" in {step.plan.name for step in operation.steps}
    serves = f", serves at {', '.join(outcome.served)}" if outcome.served and proven else ""
    return f"{outcome.service}: {versions}{down}{serves}"


def told(outcome: Outcome) -> dict[str, object]:
    """An outcome as programs read it."""
    found: dict[str, object] = {"service": outcome.service, "unchanged": outcome.unchanged}
    if outcome.operation is not None:
        line = row(outcome.operation)
        found |= {
            "operation": line.operation,
            "kind": line.kind,
            "outcome": line.outcome,
            "before": line.before,
            "after": line.after,
            "downtime_ms": line.downtime_ms,
            "duration_ms": line.duration_ms,
        }
    return {**found, "served": list(outcome.served), "warnings": list(outcome.warnings)}
