from collections.abc import Iterator, Mapping
from shlex import join
from typing import TYPE_CHECKING, Final

import click

from occ.cli import offers
from occ.cli.options import this_session
from occ.cli.session import Session, plain
from occ.cli.terminal.tables import pairs
from occ.cli.terminal.words import duration, moment, short, times
from occ.cli.view.operation_words import down_for, led
from occ.cli.view.step_words import in_full, in_short
from occ.domain.events import Cause
from occ.domain.history import Row
from occ.domain.operation import Operation, StepState
from occ.domain.step_names import RESERVE_SNAPSHOT, TAKE_SNAPSHOT

if TYPE_CHECKING:
    from occ.app.config.secrets import SecretSeen

_CAUSES: Final[Mapping[Cause, str]] = {
    "failure": "a step failed",
    "abort": "by occ abort",
    "interrupt": "the operator asked for an end",
    "deferred": "the service, or a hook, asked for a later time",
}
_NUMBER: Final = click.IntRange(1, (1 << 63) - 1)
"""As large as the journal can look for."""
_TAIL: Final = 5
"""So many of a container's last lines stand in the head."""
_BY_IT: Final[Mapping[str, str]] = {
    "changed": "changed by it",
    "new": "new",
    "unknown": "unknown whether it changed it: another key",
}
_SINCE: Final[Mapping[str, str]] = {
    "changed": "changed since",
    "gone": "has no value any more",
    "unknown": "unknown whether changed since",
}


@click.command("show")
@click.argument("operation", type=_NUMBER, shell_complete=offers.operations)
@click.option("--full", is_flag=True, help="Each step's times, inputs and results too.")
@this_session
def command(session: Session, *, operation: int, full: bool) -> int:
    """One operation: how it ended and why, and a line a step."""
    there = session.app.show(operation)
    line = session.app.row(there)
    secrets = session.app.secrets_of(there)
    told = {
        **plain(there),
        "secrets": plain(secrets),
        "state": there.state,
        "outcome": line.outcome,
        "wanted": line.wanted,
        "duration_ms": line.duration_ms,
        "downtime_ms": line.downtime_ms,
        "down_since": line.down_since,
    }
    if session.output != "text":
        return session.result(told, "")
    head = _head(session, there, line, secrets)
    steps = "\n".join(in_full(there)) if full else in_short(there)
    return session.result(told, f"{head}\n\n{steps}")


def _head(
    session: Session, operation: Operation, line: Row, secrets: "tuple[SecretSeen, ...]"
) -> str:
    actor = operation.planned.actor
    exposed = ", ".join(operation.planned.request.exposed)
    return pairs(
        [
            ("operation", line.operation),
            ("service", line.service),
            ("what", line.kind),
            ("outcome", line.outcome),
            ("versions", led(line.before, line.wanted)),
            *_causes(session, operation),
            ("began", moment(line.at, exact=True)),
            ("took", duration(line.duration_ms)),
            ("down for", down_for(line, session.app.desk.clock.now())),
            ("who", f"{actor.operator}{f' ({actor.via})' if actor.via else ''} on {actor.machine}"),
            ("typed", join(actor.argv)),
            ("planned by", _approved(operation)),
            ("why", line.reason),
            ("exposed", f"{exposed}: {actor.operator} agreed" if exposed else ""),
            ("snapshot", _snapshot(operation)),
            ("resumed", times(operation.resumed) if operation.resumed else ""),
            ("turned back", _CAUSES[operation.cause] if operation.cause else ""),
            *(("secret", _secret(one)) for one in secrets),
            *(("note", note) for step in operation.steps for note in _notes(step)),
            *(("left", item) for item in operation.left),
        ]
    )


def _approved(operation: Operation) -> str:
    """The plan that was carried out by its token; empty without one."""
    planned = operation.planned
    return f"{planned.planner} (token {short(planned.token)})" if planned.token else ""


def _causes(session: Session, operation: Operation) -> Iterator[tuple[str, object]]:
    """Why it failed, and why it is stuck, each with the command that goes on."""
    for number, step in enumerate(operation.steps, 1):
        for what, failure in (("cause", step.failure), ("stuck", step.stuck)):
            if failure is not None:
                where = step.plan.title or step.plan.name
                yield what, f"{failure.message} [{failure.code}], in step {number}, {where}"
                yield "try", session.addressed(failure.hint)
                yield from (("log", line) for line in failure.log_tail[-_TAIL:])
    proof = operation.proof
    if proof is not None and not proof.healthy and operation.failure is None:
        yield "cause", proof.said
        yield from (("log", line) for line in proof.log_tail[-_TAIL:])


def _notes(step: StepState) -> Iterator[str]:
    for result in (step.result, step.undo_result):
        for key in ("warning", "skipped"):
            if isinstance(text := result.get(key), str):
                yield text


def _snapshot(operation: Operation) -> str:
    taken, taking = operation.result(TAKE_SNAPSHOT), operation.taking
    if taken:
        reserved = operation.step(RESERVE_SNAPSHOT)
        stays = reserved is not None and bool(reserved.undo_result.get("said"))
        gone = operation.ending == "undone" and not stays
        return f"{operation.number}{', removed when it was put back' if gone else ''}"
    return f"none: {taking.left}" if taking and taking.left else ""


def _secret(one: "SecretSeen") -> str:
    known = ", ".join(filter(None, (_BY_IT.get(one.by_it), _SINCE.get(one.since))))
    return f"{one.name} ({known})" if known else one.name
