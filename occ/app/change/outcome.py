"""How an operation's end becomes an outcome, or the error that the person sees."""

from typing import Final

from occ import errors
from occ.app import host
from occ.app.desk import Desk
from occ.app.knowledge import neighbours, volumes
from occ.app.knowledge.snapshots import no_snapshot
from occ.app.knowledge.starts import slow_start
from occ.app.ledgers import ledger_of
from occ.app.results import Outcome
from occ.domain.kinds import KINDS
from occ.domain.operation import Operation
from occ.domain.request import Found
from occ.domain.spec import Health, Port, Spec
from occ.domain.step_names import (
    COMPARE_DATA,
    MAKE_AGAIN,
    PROVE_HEALTH,
    REMOVE_CONTAINER,
    RENAME_CONTAINER,
)
from occ.errors import (
    BugError,
    BuildFailedError,
    EngineUnreachableError,
    FailedError,
    GateRefusedError,
    HookFailedError,
    OccError,
    RefusedError,
    StoppedByOperatorError,
    UnfinishedError,
    UnhealthyError,
    UntrustedProgramError,
)
from occ.operations.kinds.already import already_said

# An address that stands for every one of the host, and one of these at which this machine answers.
_OWN: Final = {"*": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - looked up, not bound


def ended(desk: Desk, operation: Operation, *, gently: bool) -> Outcome:
    """The outcome of an operation that has ended.

    Raises:
        FailedError: it was put back, with the reason; RefusedError where a rule was the reason,
            BugError where the reason was an error that nobody foresaw.
        UnhealthyError: it was started, is not healthy, and was left running.
        StoppedByOperatorError: it was put back because the operator asked.
    """
    down, gone = _down(desk, operation), _removed(desk, operation)
    cut = _cut_off(desk, operation)
    outcome = Outcome(
        service=operation.service,
        operation=operation,
        warnings=(
            *_warnings(operation),
            *_left_out(operation),
            *filter(None, (slow_start(desk, operation),)),
            *down,
            *gone,
            *_aftermath(desk, operation),
            *cut,
        ),
        served=served(desk, operation),
        unchanged=_unchanged(desk, operation),
    )
    if gently:
        return outcome
    if operation.ending == "undone" and operation.cause != "abort":
        raise _put_back(operation, down=bool(down), gone=gone, cut=cut)
    proof = operation.proof
    if proof is not None and not proof.healthy:
        raise UnhealthyError(
            "; ".join((proof.said, "it was left running", *cut)),
            hint=f"occ logs, or occ show {operation.number}",
            log_tail=proof.log_tail,
        )
    return outcome


def unfinished_error(operation: Operation) -> UnfinishedError:
    """The refusal of a new operation while another one is unfinished."""
    return UnfinishedError(
        f"operation {operation.number} ({operation.planned.kind}) of {operation.service} is "
        f"unfinished: it stopped while {operation.direction}, and nobody drives it",
        hint=operation.ways,
    )


def served(desk: Desk, operation: Operation) -> tuple[str, ...]:
    """The addresses of its TCP ports where the service answers afterwards; none where it is down.

    The port that the health path is asked on has a URL; another one may speak anything.
    """
    started = operation.ending == "done" and operation.has(PROVE_HEALTH)
    down = KINDS[operation.planned.kind].leaves in {"stopped", "gone"}
    stayed = operation.planned.found.serving and not down
    lost = operation.result(RENAME_CONTAINER).get("warning")
    if lost or not (started or stayed):
        return ()
    number = operation.reached
    record = ledger_of(desk.journal, operation.service).versions.get(number)
    spec = record.version.spec if record else Spec()
    return tuple(_address(port, spec.health) for port in spec.ports if port.protocol == "tcp")


def _unchanged(desk: Desk, operation: Operation) -> str:
    if operation.ending != "unchanged":
        return ""
    ledger = ledger_of(desk.journal, operation.service)
    return already_said(operation.planned.kind, operation.service, operation.planned.found, ledger)


def _address(port: Port, health: Health) -> str:
    host = _OWN.get(port.address, port.address)
    scheme = "http://" if health.path and port.container == health.port else ""
    return f"{scheme}{f'[{host}]' if ':' in host else host}:{port.host}"


def _as(found: Found) -> str:
    """How it was found, where that is neither running nor stopped."""
    if found.looping:
        return ": in a crash loop"
    return ": paused" if found.state == "paused" else ""


def _left_out(operation: Operation) -> tuple[str, ...]:
    """Why a replacement went without a snapshot, or a rehearsal, that nobody had declined."""
    why, rehearsing = no_snapshot(operation), operation.planned.request.rehearsing
    without = (f"no snapshot was taken: {why}",) if why else ()
    if rehearsing is not None and rehearsing.why and operation.ending == "done":
        return (*without, f"it was not rehearsed: {rehearsing.why}")
    if operation.rehearsed not in {0, operation.number}:
        earlier = f"not rehearsed again: it passed in operation {operation.rehearsed}"
        return (*without, earlier)
    return without


def _warnings(operation: Operation) -> list[str]:
    thawed = operation.planned.found.state == "paused" and operation.proof is not None
    runs = ["it was found paused, and runs now"] if operation.ending == "done" and thawed else []
    return [*runs, *_results(operation)]


def _results(operation: Operation) -> list[str]:
    results = [result for s in operation.steps for result in (s.result, s.undo_result)]
    found = [result.get(key) for result in results for key in ("warning", "skipped")]
    return [text for text in found if isinstance(text, str)]


def _down(desk: Desk, operation: Operation) -> tuple[str, ...]:
    """The note on a service that ran when it was found and was stopped by somebody else since.

    An engine that was killed starts it again as little as an operation that never stopped it. A
    container that is adopted, and maybe is not any more, is known by its id alone. In a crash loop
    nobody stopped what does not run.
    """
    found = operation.planned.found
    if operation.ending != "undone" or not found.running or found.looping:
        return ()
    try:
        ledger = ledger_of(desk.journal, operation.service)
        engine = desk.engine_of(operation.service)
        there = engine.inspect(found.container)
        if there is None:
            there = host.ours(engine, desk.journal.id, operation.service, ledger).current
    except EngineUnreachableError:
        return ()
    if there is not None and there.running:
        return ()
    return (f"{operation.service} ran when it was found and does not now: occ start",)


def _aftermath(desk: Desk, operation: Operation) -> tuple[str, ...]:
    """The notes on data that a change leaves behind."""
    try:
        return tuple(volumes.happened(desk, operation))
    except OccError:  # it is done, and whatever keeps us from looking undoes nothing
        return ()


def _removed(desk: Desk, operation: Operation) -> tuple[str, ...]:
    """The note on containers that an operation removed before it was put back.

    Only a repair does: a second container that runs goes before another one is started.
    """
    if operation.ending != "undone":
        return ()
    begun = [s for s in operation.steps if s.plan.name == REMOVE_CONTAINER and s.attempts]
    ids = [str(step.plan.inputs["container"]) for step in begun]
    engine = desk.engine_of(operation.service)
    try:
        gone = [one for one in ids if engine.inspect(one) is None]
    except EngineUnreachableError:
        gone = ids
    return tuple(f"container {one[:12]} was removed and is not made again" for one in gone)


def _cut_off(desk: Desk, operation: Operation) -> tuple[str, ...]:
    """The notes on containers of others that used parts of ours, and are cut off now."""
    if KINDS[operation.planned.kind].works != "on the container":
        return ()
    try:
        return tuple(str(one) for one in neighbours.cut_off(desk, operation.service))
    except OccError:  # as above
        return ()


def _put_back(
    operation: Operation, *, down: bool, gone: tuple[str, ...], cut: tuple[str, ...]
) -> OccError:
    failure, found = operation.failure, operation.planned.found
    back = f"it is as it was found{_as(found)}" if found.container else "nothing was installed"
    if changed := operation.result(COMPARE_DATA).get("warning"):
        back = f"its container is as it was found{_as(found)}; but {changed}"
    if operation.result(MAKE_AGAIN).get("container"):
        back = f"it runs again on its data of before, from snapshot {operation.number}"
        back += f"; but {changed}" if changed else ""
    if cut and found.container:
        back = f"its own container is as before{_as(found)}"
    if down:
        back = "it ran when it was found and was stopped meanwhile by somebody else: occ start"
    if gone:
        back = f"{back}; but {', '.join(gone)}"
    if cut:
        back = f"{back}; but {'; '.join(cut)}"
    if operation.cause == "interrupt":
        return StoppedByOperatorError(
            f"operation {operation.number} was ended as you asked; {back}", hint="occ status"
        )
    why = failure.message if failure else "unknown"
    ended = "was put off" if operation.cause == "deferred" else "failed"
    message = f"{operation.planned.kind} of {operation.service} {ended}: {why}; {back}"
    hint = (failure.hint if failure else "") or f"occ show {operation.number}"
    kind = next((k for k in errors.every() if failure and k.code == failure.code), FailedError)
    if issubclass(kind, UnhealthyError | BuildFailedError | HookFailedError | GateRefusedError):
        return kind(message, hint=hint, log_tail=failure.log_tail if failure else ())
    if not issubclass(kind, FailedError | RefusedError | BugError | UntrustedProgramError):
        kind = FailedError
    return kind(message, hint=hint)
