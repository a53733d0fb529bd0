"""Resume, abort and abandon: the three ways out of an unfinished operation."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, Literal, TypeAlias

from occ.app import host
from occ.app.change.carry_out import drive
from occ.app.change.outcome import unfinished_error
from occ.app.desk import Desk
from occ.app.knowledge.snapshots import store_of
from occ.app.knowledge.why_down import restarted_since
from occ.app.ledgers import ledger_of, snapshots_of, unfinished_of
from occ.app.operator import Operator
from occ.app.options import Options
from occ.app.outbox.reading import begin
from occ.app.results import Closed, Outcome, Proposal
from occ.app.which_service import service_of
from occ.domain.events import (
    Kind,
    NumbersAdvanced,
    OperationAbandoned,
    OperationResumed,
    OperationReverting,
)
from occ.domain.kinds import KINDS
from occ.domain.operation import Operation
from occ.errors import (
    DeclinedError,
    EngineUnreachableError,
    FailedError,
    JournalConflictError,
    UnfinishedError,
)
from occ.operations import labels
from occ.settings import Service

Way: TypeAlias = Literal["resume", "abort", "abandon"]

_TRIES = 5


def end(desk: Desk, way: Way, name: str, operator: Operator) -> Closed | Outcome:
    """Take this way out of the service's unfinished operation; one that works aside comes last."""
    service = service_of(desk, name)
    beside = unfinished_of(desk.journal, service.name, aside=True) is not None
    aside = beside and unfinished_of(desk.journal, service.name) is None
    with desk.lock(service.name, aside=aside):
        operation = unfinished_of(desk.journal, service.name, aside=aside)
        if operation is None:
            return Outcome(service=service.name, unchanged="nothing is unfinished")
        return _WAYS[way](desk, service, operation, operator)


def resume(desk: Desk, service: Service, operation: Operation, operator: Operator) -> Outcome:
    """Carry it on from where it stands: forward, or back if it was going back already."""
    _same_engine(desk, service.name)
    notes = restarted_since(desk, operation)
    outcome = drive(desk, service, operation, operator, OperationResumed(desk.actor))
    return _with_warning(outcome, *notes)


def _abort(desk: Desk, service: Service, operation: Operation, operator: Operator) -> Outcome:
    """Put everything back; after activation the change is done, and is only finished."""
    kind = operation.planned.kind
    if operation.activated:
        outcome = resume(desk, service, operation, operator)
        done = KINDS[kind].done_already.format(version=operation.version)
        return _with_warning(outcome, done) if done else outcome
    _same_engine(desk, service.name)
    notes = restarted_since(desk, operation)
    _ask(operator, kind, service.name, f"put operation {operation.number} back")
    return _with_warning(_put_back(desk, service, operation, operator), *notes)


def _abandon(desk: Desk, service: Service, operation: Operation, operator: Operator) -> Closed:
    """Close it without touching anything; says what of ours is left on the host."""
    left = (
        *_left(desk, service.name),
        *_helpers_left(desk, operation),
        *_files_left(desk, operation),
    )
    summary = f"close operation {operation.number} and leave {', '.join(left) or 'nothing'}"
    _ask(operator, operation.planned.kind, service.name, summary)
    event = OperationAbandoned(desk.actor, left, _down_at(desk, operation))
    stamp = desk.stamp(service.name)
    begin(desk)
    desk.journal.append(operation.number, operation.next_seq, (event,), stamp)
    return Closed(operation=operation.number, left=left)


_WAYS: Final[Mapping[Way, Callable[[Desk, Service, Operation, Operator], Closed | Outcome]]] = {
    "resume": resume,
    "abort": _abort,
    "abandon": _abandon,
}


def advance(desk: Desk, service: str, operator: Operator) -> Outcome:
    """Accept a host that is ahead of an older copy of the journal: numbers go on after it."""
    name = service_of(desk, service).name
    with desk.lock(name):
        journal, engine = desk.journal, desk.engine_of(name)
        ledger = ledger_of(journal, name)
        there = host.ours(engine, journal.id, name, ledger)
        numbers = host.host_numbers(engine, there, ledger, journal.id, name)
        event = NumbersAdvanced(
            max(numbers.operation, journal.last_operation()),
            max(numbers.version, ledger.highest),
        )
        if event == NumbersAdvanced(journal.last_operation(), ledger.highest):
            return Outcome(service=name, unchanged="the host is not ahead")
        summary = f"go on after operation {event.operation} and version {event.version}"
        _ask(operator, "update", name, summary)
        journal.note((event,), desk.stamp(name))
        return Outcome(service=name)


def finish_first(
    desk: Desk, kind: Kind, service: str, options: Options, operator: Operator
) -> tuple[str, ...]:
    """An unfinished operation comes before any new one; the notes that it leaves to be told.

    The lock is held. With `--yes` the unfinished operation is resumed, and the new one begins when
    that ended done or undone. An operation that works aside keeps nobody waiting: it is put back
    where it claims what this kind of change needs.

    Raises:
        UnfinishedError: nobody agreed to resume it, or it stays unfinished.
    """
    facts = KINDS[kind]
    operation = unfinished_of(desk.journal, service, aside=facts.works == "aside")
    notes: tuple[str, ...] = ()
    if operation is not None:
        if not options.resume_first or options.plan:
            raise unfinished_error(operation)
        _same_engine(desk, service)
        notes = restarted_since(desk, operation)
        first = OperationResumed(desk.actor)
        drive(desk, service_of(desk, service), operation, operator, first, gently=True)
    return notes if options.plan else (*notes, *_end_aside(desk, kind, service, operator))


def _end_aside(desk: Desk, kind: Kind, service: str, operator: Operator) -> tuple[str, ...]:
    """Put an operation back that works aside and claims what is needed now; nobody waits for it.

    Its process may live and write an event at this very instant: then it is tried again.
    """
    for _ in range(_TRIES):
        beside = unfinished_of(desk.journal, service, aside=True)
        if beside is None or beside.activated:  # from there on it claims nothing
            return ()
        if not KINDS[beside.planned.kind].claims & KINDS[kind].needs:
            return ()
        try:
            _put_back(desk, service_of(desk, service), beside, operator)
        except JournalConflictError:
            continue
        except UnfinishedError as error:
            return (error.message,)
        return (f"operation {beside.number} ({beside.planned.kind}) was ended for this",)
    return ("an operation that works aside goes on meanwhile",)


def _put_back(desk: Desk, service: Service, operation: Operation, operator: Operator) -> Outcome:
    resumed = OperationResumed(desk.actor)
    back = OperationReverting(cause="abort", actor=desk.actor)
    events = (resumed,) if operation.reverting or operation.activated else (resumed, back)
    return drive(desk, service, operation, operator, *events, gently=True)


def _same_engine(desk: Desk, service: str) -> None:
    info = desk.engine_of(service).info()
    host.refuse_other_engine(ledger_of(desk.journal, service), info, service)


def _left(desk: Desk, service: str) -> tuple[str, ...]:
    ledger = ledger_of(desk.journal, service)
    try:
        there = host.ours(desk.engine_of(service), desk.journal.id, service, ledger)
    except EngineUnreachableError as error:
        return (f"whatever is on the engine, which does not answer ({error.message})",)
    return tuple(f"container {c.name} ({c.id[:12]}, {c.state})" for c in there.all)


def _helpers_left(desk: Desk, operation: Operation) -> tuple[str, ...]:
    """The containers that lent a way into volumes, or anchor them."""
    known = {labels.JOURNAL: desk.journal.id, labels.OPERATION: str(operation.number)}
    try:
        there = desk.engine_of(operation.service).containers(known)
    except EngineUnreachableError:
        return ()
    return tuple(
        f"container {one.name} ({one.labels[labels.HELPER]}), and the volumes that it mounts"
        for one in there
        if labels.HELPER in one.labels
    )


def _files_left(desk: Desk, operation: Operation) -> tuple[str, ...]:
    """The files of a snapshot that is not recorded: nothing of ours knows them afterwards.

    A snapshot that is recorded may have the only data of before.
    """
    if operation.activated:
        return ()
    if operation.number in snapshots_of(desk.journal, operation.service):
        found = operation.planned.found.version
        way = f"occ rollback --to {found} --data {operation.number}"
        return (f"snapshot {operation.number}, with the data of before: {way}",)
    store = store_of(desk, operation.service)
    try:
        count = len(store.names(operation.number))
    except FailedError as error:
        return (error.message,)
    files = "1 file" if count == 1 else f"{count} files"
    return (f"{files} of number {operation.number} in {store.folder}",) if count else ()


def _down_at(desk: Desk, operation: Operation) -> int:
    """When the container that ran before had ended; 0 where it runs, or nobody knows."""
    found = operation.planned.found
    try:
        there = desk.engine_of(operation.service).inspect(found.container)
    except EngineUnreachableError:
        return 0
    ended = found.running and there is not None and not there.running
    return there.finished_at if there is not None and ended else 0


def _ask(operator: Operator, kind: Kind, service: str, summary: str) -> None:
    proposal = Proposal(kind=kind, service=service, titles=(), downtime=True, summary=summary)
    if not operator.confirm(proposal):
        raise DeclinedError("nothing was changed", hint="occ status")


def _with_warning(outcome: Outcome, *warnings: str) -> Outcome:
    return replace(outcome, warnings=(*outcome.warnings, *warnings))
