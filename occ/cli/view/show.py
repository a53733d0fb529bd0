import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

import click

from occ.cli import offers
from occ.cli.options import this_session
from occ.cli.session import Session, plain
from occ.cli.terminal.tables import pairs
from occ.cli.terminal.words import duration, moment, short, terminal_safe, version
from occ.domain.events import Cause
from occ.domain.history import Row, outcome
from occ.domain.operation import Operation, StepState
from occ.domain.step_events import Failure
from occ.domain.step_names import RESERVE_SNAPSHOT, TAKE_SNAPSHOT
from occ.domain.values import Json

if TYPE_CHECKING:
    from occ.app.config.secrets import SecretSeen

_CAUSES: Final[Mapping[Cause, str]] = {
    "failure": "a step failed",
    "abort": "by occ abort",
    "interrupt": "the operator asked for an end",
}
_NUMBER: Final = click.IntRange(1, (1 << 63) - 1)
"""As large as the journal can look for."""
_TURNED: Final = ("reverting", "reverted")
_ID: Final = re.compile(r"(sha256:)?[0-9a-f]{64}")
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
@this_session
def command(session: Session, *, operation: int) -> int:
    """One operation: every step with its times, inputs, results, and the error."""
    there = session.app.show(operation)
    line = session.app.row(there)
    secrets = session.app.secrets_of(there)
    told = {
        **plain(there),
        "secrets": plain(secrets),
        "state": there.state,
        "outcome": line.outcome,
        "duration_ms": line.duration_ms,
        "downtime_ms": line.downtime_ms,
    }
    return session.result(told, "\n".join(_text(there, line, secrets)))


def _text(operation: Operation, line: Row, secrets: "tuple[SecretSeen, ...]") -> Iterator[str]:
    actor = operation.planned.actor
    exposed = ", ".join(operation.planned.request.exposed)
    yield pairs(
        [
            ("operation", line.operation),
            ("service", line.service),
            ("what", line.kind),
            ("outcome", outcome(operation)),
            ("versions", f"{version(line.before)} -> {version(line.after)}"),
            ("began", moment(line.at, exact=True)),
            ("took", duration(line.duration_ms)),
            ("down for", duration(line.downtime_ms)),
            ("who", f"{actor.operator}{f' ({actor.via})' if actor.via else ''} on {actor.machine}"),
            ("typed", " ".join(actor.argv)),
            ("why", line.reason),
            ("exposed", f"{exposed}: {actor.operator} agreed" if exposed else ""),
            ("snapshot", _snapshot(operation)),
            ("resumed", f"{operation.resumed} times" if operation.resumed else ""),
            ("turned back", _CAUSES[operation.cause] if operation.cause else ""),
            *(("secret", _secret(one)) for one in secrets),
            *(("left", item) for item in operation.left),
        ]
    )
    for number, step in enumerate(operation.steps, 1):
        yield ""
        yield from _step(number, step, ended=operation.ending is not None)


def _snapshot(operation: Operation) -> str:
    taken, taking = operation.result(TAKE_SNAPSHOT), operation.taking
    if taken:
        reserved = operation.step(RESERVE_SNAPSHOT)
        stays = reserved is not None and bool(reserved.undo_result.get("said"))
        gone = operation.ending == "undone" and not stays
        return f"{operation.number}{', removed when it was put back' if gone else ''}"
    return terminal_safe(f"none: {taking.left}") if taking and taking.left else ""


def _secret(one: "SecretSeen") -> str:
    known = ", ".join(filter(None, (_BY_IT.get(one.by_it), _SINCE.get(one.since))))
    return f"{one.name} ({known})" if known else one.name


def _step(number: int, step: StepState, *, ended: bool) -> Iterator[str]:
    title = f" ({terminal_safe(step.plan.title)})" if step.plan.title else ""
    took = [duration(max(0, step.ended_at - step.started_at))] if step.ended_at else []
    seen = ["found done"] if step.seen else []
    told = ", ".join([_state(step, ended=ended), *seen, *_attempts(step), *took])
    yield f"{number}. {step.plan.name}{title}: {told}"
    if step.started_at:
        until = f", ended {moment(step.ended_at, exact=True)}" if step.ended_at else ""
        yield f"   began   {moment(step.started_at, exact=True)}{until}"
    yield from _lines("input", step.plan.inputs)
    yield from _lines("result", step.result)
    yield from _lines("undone", step.undo_result)
    yield from _failed("error", step.failure)
    yield from _failed("stuck", step.stuck)


def _failed(what: str, failure: Failure | None) -> Iterator[str]:
    if failure is None:
        return
    yield f"   {what:<7} {terminal_safe(failure.message)} [{failure.code}]"
    if failure.hint:
        yield f"   try     {failure.hint}"
    for line in failure.log_tail:
        yield f"   |  {terminal_safe(line)}"


def _state(step: StepState, *, ended: bool) -> str:
    if step.state == "waiting" and step.plan.back:
        return "for the way back"
    if step.state == "waiting" and ended:
        return "never begun"
    return f"failed, {step.state}" if step.failure and step.state in _TURNED else step.state


def _attempts(step: StepState) -> list[str]:
    """How often the step was tried, where it was more than once each way."""
    usual = 2 if step.state in _TURNED or step.state == "stuck" else 1
    return [f"{step.attempts} attempts"] if step.attempts > usual else []


def _lines(what: str, values: Mapping[str, Json]) -> Iterator[str]:
    for name, value in values.items():
        if value not in ("", None, [], {}, False):
            yield f"   {what:<7} {name.removesuffix('_ms')} = {_value(name, value)}"


def _value(name: str, value: Json) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        if name.endswith("_at"):
            return moment(value, exact=True)
        return duration(value) if name.endswith("_ms") else str(value)
    if isinstance(value, str):
        return short(value) if _ID.fullmatch(value) else terminal_safe(value)
    return terminal_safe(json.dumps(value, ensure_ascii=False))
