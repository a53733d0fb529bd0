"""The end of a time in which a service's data is in volumes of other names: back to the plain ones.

It is a row of operations, each of which can be resumed and is in the history: stop, snapshot, the
old data under the plain names removed, the version made again on new volumes of these names that
are filled from the snapshot, start, and the volumes of the other names removed.
"""

from dataclasses import replace

from occ.app.change.sequence import change
from occ.app.desk import Desk
from occ.app.ledgers import ledger_of
from occ.app.results import Operator, Options, Outcome, Proposal, PruneWish
from occ.clock import local_time
from occ.domain.data_sets import FIRST, DataSets
from occ.domain.kept_names import read
from occ.domain.step_names import PRUNE_DATA
from occ.domain.versions import Ledger
from occ.errors import DeclinedError, FailedError, OccError, RefusedError
from occ.operations import labels
from occ.operations.kinds.snapshot import SnapshotWish


def adopt_name(desk: Desk, service: str, options: Options, operator: Operator) -> Outcome:
    """Have a service's data in volumes of the plain names.

    Raises:
        RefusedError: a volume of a plain name was not made by occ, or somebody mounts it.
        DeclinedError: the operator did not agree.
        FailedError: a part of it failed; the service runs on the data that it had.
    """
    ledger = ledger_of(desk.journal, service)
    sets = ledger.data
    if not sets.current.volumes:
        said = "its data is in volumes of the plain names"
        return Outcome(service=service, unchanged=said)
    plain = sets.apart(FIRST, sets.number)
    _refuse_strange(desk, service, plain)
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
    ran = change(desk, "stop", service, plain, agreed).operation is not None
    try:
        taken = change(
            desk, "snapshot", service, replace(plain, wish=SnapshotWish(verb="create")), agreed
        )
        number = taken.operation.number if taken.operation else 0
        for old in _in_the_way(sets):
            _prune(desk, service, plain, agreed, old)
        current = ledger_of(desk.journal, service).current
        back = replace(plain, to=current, data=str(number), plain_names=True)
        outcome = change(desk, "rollback", service, back, agreed)
    except OccError:
        if ran:
            change(desk, "start", service, plain, agreed)
        raise
    if ran:
        outcome = change(desk, "start", service, plain, agreed)
    left = sets.number
    warnings = outcome.warnings
    try:
        _prune(desk, service, plain, agreed, left)
    except OccError as error:
        warnings = (*warnings, f"data set {left} stays: {error.message}")
    return replace(outcome, warnings=warnings)


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
    engine, mine = desk.engine_of(service), labels.mine(desk.journal.id, service)
    for volume in plain:
        there = engine.volume(volume)
        if there is not None and not mine.items() <= there.items():
            raise RefusedError(
                f"the volume {volume} was not made by occ, and is not removed by it",
                hint=f"when nothing needs its data: docker volume rm {volume}",
            )


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
