"""The end of a time in which a service's data is in volumes of other names: back to the plain ones.

It is a row of operations, each of which can be resumed and is in the history: stop, snapshot, the
old data under the plain names removed, the version made again on new volumes of these names that
are filled from the snapshot, start, and the volumes of the other names removed.
"""

from dataclasses import replace

from occ.app import host
from occ.app.change.observed import observe
from occ.app.change.sequence import change
from occ.app.change.to_take import snapshot_volumes
from occ.app.desk import Desk
from occ.app.knowledge.retaining import keeper_of, retain_of
from occ.app.ledgers import ledger_of, snapshots_of
from occ.app.operator import Operator
from occ.app.options import Options, PruneWish
from occ.app.results import Outcome, Proposal
from occ.clock import local_time
from occ.domain.data_sets import FIRST, DataSets
from occ.domain.kept_names import read
from occ.domain.operation import Operation
from occ.domain.step_names import PRUNE_DATA, REMOVE_CONTAINER
from occ.domain.versions import Ledger
from occ.engine.values import Container
from occ.errors import DeclinedError, FailedError, NotFoundError, OccError, RefusedError
from occ.operations.kinds.snapshot import SnapshotWish


def adopt_name(desk: Desk, service: str, options: Options, operator: Operator) -> Outcome:
    """Have a service's data in volumes of the plain names.

    Raises:
        RefusedError: a volume of a plain name was not made by occ, or somebody mounts it, or the
            snapshot would not have the data.
        DeclinedError: the operator did not agree.
        FailedError: a part of it failed; the service is on the data that it had.
    """
    ledger = ledger_of(desk.journal, service)
    sets = ledger.data
    if not sets.current.volumes:
        return Outcome(service=service, unchanged="its data is in volumes of the plain names")
    plain = sets.apart(FIRST, sets.number)
    _refuse_strange(desk, service, plain)
    _refuse_untaken(desk, service, sets)
    proposal = _proposal(service, ledger, plain)
    if options.plan:
        return Outcome(service=service, proposal=proposal)
    if not operator.confirm(proposal):
        raise DeclinedError("nothing was changed", hint="occ data list")
    return _carried_out(desk, service, options, operator, sets)


def _carried_out(
    desk: Desk, service: str, options: Options, operator: Operator, sets: DataSets
) -> Outcome:
    agreed = replace(operator, confirm=lambda _: True)
    plain = Options(reason=options.reason or "data adopt-name", resume_first=options.resume_first)
    ran = _current(desk, service).running
    change(desk, "stop", service, plain, agreed)
    try:
        outcome = _moved(desk, service, plain, agreed, sets)
    except OccError as error:
        raise _started_again(desk, service, plain, operator, error) if ran else error from None
    if ran:
        outcome = change(desk, "start", service, plain, _undeterred(agreed))
    warnings = outcome.warnings
    try:
        _prune(desk, service, plain, _undeterred(agreed), sets.number)
    except OccError as error:
        warnings = (*warnings, f"data set {sets.number} stays: {error.message}")
    return replace(outcome, warnings=warnings)


def _moved(
    desk: Desk, service: str, options: Options, operator: Operator, sets: DataSets
) -> Outcome:
    """The data of the stopped service under the plain names.

    Raises:
        FailedError: the service was started meanwhile, by its policy or by somebody.
    """
    stopped = _current(desk, service)
    wish = SnapshotWish(verb="create")
    taken = change(desk, "snapshot", service, replace(options, wish=wish), operator).operation
    number = taken.number if taken else 0
    record = snapshots_of(desk.journal, service).get(number)
    if record is None or record.snapshot.fuzzy or not record.verified:
        raise FailedError(
            f"snapshot {number} of {service} is not exact and verified", hint="occ start"
        )
    _refuse_started(desk, service, stopped)
    for old in _in_the_way(sets):
        _prune(desk, service, options, operator, old)
    current = ledger_of(desk.journal, service).current
    back = replace(options, to=current, data=str(number), plain_names=True)
    _refuse_started(desk, service, stopped)
    outcome = change(desk, "rollback", service, back, operator)
    found = outcome.operation.planned.found if outcome.operation else None
    again = outcome.operation and _results(outcome.operation)
    if found is None or found.running or found.started_at != stopped.started_at or again:
        raise FailedError(
            f"{service} was started while its data was copied: both are kept",
            hint="occ data list",
        )
    return outcome


def _results(operation: Operation) -> list[str]:
    """The warnings of the removed container: it was found stopped, and ran again since."""
    told = (
        step.result.get("warning") for step in operation.steps if step.plan.name == REMOVE_CONTAINER
    )
    return [text for text in told if isinstance(text, str)]


def _undeterred(operator: Operator) -> Operator:
    """An operator whose Ctrl-C does not keep the service down."""
    return replace(operator, stop_requested=bool)


def _started_again(
    desk: Desk, service: str, options: Options, operator: Operator, error: OccError
) -> OccError:
    """The failure, once the service was started again."""
    agreed = replace(_undeterred(operator), confirm=lambda _: True)
    try:
        change(desk, "start", service, options, agreed)
    except OccError as other:
        return FailedError(
            f"{error.message}; and {service} could not be started: {other.message}",
            hint="occ start",
        )
    return error


def _current(desk: Desk, service: str) -> Container:
    """The service's container.

    Raises:
        NotFoundError: it has none.
    """
    ledger = ledger_of(desk.journal, service)
    there = host.ours(desk.engine_of(service), desk.journal.id, service, ledger).current
    if there is None:
        raise NotFoundError(f"{service} has no container", hint="occ start")
    return there


def _refuse_started(desk: Desk, service: str, stopped: Container) -> None:
    there = _current(desk, service)
    if there.running or there.started_at != stopped.started_at:
        raise FailedError(
            f"{service} was started since its data was read: nothing was moved", hint="occ status"
        )


def _refuse_untaken(desk: Desk, service: str, sets: DataSets) -> None:
    """Refuse where the snapshot would not have all that is in other volumes."""
    observed = observe(desk, "snapshot", service)
    volumes, _ = snapshot_volumes(desk, desk.settings.service(service), observed)
    if lacking := sorted(sets.current.volumes.keys() - {*volumes.names}):
        raise RefusedError(
            f"snapshot_volumes of {service} does not list {lacking[0]}, whose data is moved",
            hint=f"occ config get services.{service}.snapshot_volumes",
        )


def _in_the_way(sets: DataSets) -> tuple[int, ...]:
    """The sets that are kept in volumes of the plain names."""
    names = set(sets.apart(FIRST, sets.number))
    return tuple(
        number
        for number in sorted(sets.left)
        if names & {sets.get(number).real(name) for name in names}
    )


def _prune(desk: Desk, service: str, options: Options, operator: Operator, number: int) -> None:
    """Have a kept data set gone.

    Raises:
        FailedError: it stays.
    """
    wish = PruneWish(data=number, why="data adopt-name")
    outcome = change(desk, "prune", service, replace(options, wish=wish), operator)
    result = outcome.operation.result(PRUNE_DATA) if outcome.operation else {}
    if not read(result.get("removed")):
        why = str(result.get("warning") or outcome.unchanged)
        raise FailedError(f"data set {number} of {service} could not be removed: {why}")


def _refuse_strange(desk: Desk, service: str, plain: tuple[str, ...]) -> None:
    ledger, known = ledger_of(desk.journal, service), desk.settings.service(service)
    keeper = keeper_of(desk, known, retain_of(desk, known, ledger), ledger)
    there = [one for one in plain if desk.engine_of(service).volume(one) is not None]
    if why := keeper.fixed(there):
        raise RefusedError(f"the old data cannot be removed: {why}", hint="occ data list")


def _proposal(service: str, ledger: Ledger, plain: tuple[str, ...]) -> Proposal:
    sets = ledger.data
    now, names = ", ".join(sets.apart(sets.number, FIRST)), ", ".join(plain)
    gone = [
        f"the data that version {sets.left[number].version} left on "
        f"{local_time(sets.left[number].at, '%Y-%m-%d %H:%M')} is removed, for good"
        for number in _in_the_way(sets)
    ]
    return Proposal(
        kind="rollback",
        service=service,
        titles=(
            "Stop the service",
            f"Take a snapshot of {now}",
            f"Remove the old data in {names}, for good",
            f"Restore the snapshot into {names}",
            f"Make version {ledger.current} again on it",
            "Start the service",
            f"Remove {now}",
        ),
        downtime=True,
        warnings=tuple(gone),
        before=ledger.current,
        after=ledger.current,
        asks=True,
    )
