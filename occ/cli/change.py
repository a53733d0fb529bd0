"""What all changing commands share: asking, progress, interrupts, and the last line."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from occ.app.results import Closed, Options, Outcome, People, Proposal
from occ.cli.interrupts import Interrupts
from occ.cli.progress import Progress, Teller
from occ.cli.session import Session
from occ.cli.words import duration
from occ.domain.history import row
from occ.errors import DeclinedError

if TYPE_CHECKING:
    from occ.app.app import App

_UNCHANGED, _PENDING = 77, 10
Verb = Callable[["App", str | None, Options, People], Outcome | Closed]


def change(
    session: Session,
    verb: Verb,
    options: Options,
    *,
    yes: bool,
    typed: bool = False,
    exit_unchanged: bool = False,
) -> int:
    """Run a verb that changes something, and return the exit status.

    `typed` asks for the service's name instead of y or n.
    """
    teller = Teller(quiet=session.quiet)
    progress = Progress(teller)
    with Interrupts(teller) as interrupts:
        people = People(
            confirm=lambda proposal: yes or _agreed(teller, proposal, typed=typed),
            listen=progress.listen,
            progress=progress.pull,
            asked=interrupts.asked,
        )
        outcome = verb(session.app, session.service, options, people)
    if isinstance(outcome, Closed):
        left = "\n".join(f"  left: {item}" for item in outcome.left)
        text = f"operation {outcome.operation} is closed; nothing was touched\n{left}".rstrip()
        return session.result(outcome, text)
    for warning in outcome.warnings:
        session.note(f"note: {warning}")
    if outcome.proposal is not None:
        return _planned(session, outcome.proposal)
    status = _UNCHANGED if outcome.unchanged and exit_unchanged else 0
    return session.result(_told(outcome), last_line(outcome), status=status)


def _agreed(teller: Teller, proposal: Proposal, *, typed: bool) -> bool:
    """Ask, where there is somebody to ask; only what takes the service down is a question."""
    if not proposal.downtime:
        return True
    if sys.stdin is None or sys.stdin.closed or not sys.stdin.isatty():
        raise DeclinedError(
            f"{proposal.kind} of {proposal.service} takes it down for a while, and there is nobody "
            "to ask",
            hint="type the command again with --yes",
        )
    teller.say(plan_text(proposal) + "\n")
    wanted = proposal.service if typed else "y"
    question = f"Type {wanted} to go on: " if typed else "Go on? [y/N] "
    sys.stderr.write(question)
    sys.stderr.flush()
    answer = sys.stdin.readline().strip()
    return answer == wanted if typed else answer.lower() in {"y", "yes"}


def plan_text(proposal: Proposal) -> str:
    """A proposal for people."""
    steps = [f"  {n}. {title}" for n, title in enumerate(proposal.titles, 1)]
    lines = [
        f"{proposal.service}: {proposal.kind}"
        + (f", {proposal.summary}" if proposal.summary else "")
    ]
    lines += steps
    lines += [f"  note: {warning}" for warning in proposal.warnings]
    if proposal.downtime:
        lines.append("  The service is down between its stop and the new one's start.")
    return "\n".join(lines)


def _planned(session: Session, proposal: Proposal) -> int:
    text = plan_text(proposal)
    if not proposal.pending:
        text = f"{proposal.service}: nothing to do: {proposal.summary}"
    return session.result(proposal, text, status=_PENDING if proposal.pending else 0)


def last_line(outcome: Outcome) -> str:
    """How it ended, in one line: versions, downtime, where it is served."""
    operation = outcome.operation
    if outcome.unchanged:
        return f"{outcome.service}: unchanged, {outcome.unchanged}"
    if operation is None:
        return f"{outcome.service}: done"
    told = row(operation)
    if operation.ending == "undone":
        return f"{outcome.service}: operation {operation.number} was put back"
    if told.kind == "stop":
        return f"{outcome.service}: stopped"
    if told.before == told.after:
        versions = f"version {told.after}"
    else:
        versions = (
            f"version {told.before} -> {told.after}"
            if told.before
            else (f"version {told.after} installed")
        )
    down = f", down for {duration(told.downtime_ms)}" if told.downtime_ms is not None else ""
    proven = "prove_health" in {step.plan.name for step in operation.steps}
    serves = f", serves at {', '.join(outcome.served)}" if outcome.served and proven else ""
    return f"{outcome.service}: {versions}{down}{serves}"


def _told(outcome: Outcome) -> dict[str, object]:
    operation = outcome.operation
    told: dict[str, object] = {"service": outcome.service, "unchanged": outcome.unchanged}
    if operation is not None:
        line = row(operation)
        told |= {
            "operation": line.operation,
            "kind": line.kind,
            "outcome": line.outcome,
            "before": line.before,
            "after": line.after,
            "downtime_ms": line.downtime_ms,
            "duration_ms": line.duration_ms,
        }
    return {**told, "served": list(outcome.served), "warnings": list(outcome.warnings)}
