"""Carrying a written operation out: the runner, and the context that its steps act in."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from occ.app.bugs import kept_bug
from occ.app.change.callbacks import unfailing
from occ.app.change.outcome import ended
from occ.app.change.own_programs import own_programs
from occ.app.desk import Desk
from occ.app.ledgers import all_unfinished, ledger_of, operations_of, running_prints, snapshots_of
from occ.app.operator import Operator
from occ.app.outbox.reading import begin
from occ.app.results import Outcome
from occ.app.secret_values import comparable_prints, open_to_others, secrets_at_hand
from occ.domain.data_sets import DataSets
from occ.domain.events import Event
from occ.domain.kinds import works_aside
from occ.domain.operation import Operation
from occ.domain.request import Version
from occ.domain.secrets.masking import masked
from occ.domain.versions import Ledger
from occ.errors import ConfigError, JournalError
from occ.operations.kinds.rehearse import plan_rehearsal
from occ.operations.kinds.replace import plan_replace
from occ.operations.kinds.stage import plan_staging
from occ.operations.plan import Extension
from occ.operations.runner import Runner
from occ.operations.step_context import Passwords, StepContext
from occ.settings import Service


def drive(
    desk: Desk,
    service: Service,
    operation: Operation,
    operator: Operator,
    *first: Event,
    gently: bool = False,
    passwords: Passwords | None = None,
) -> Outcome:
    """Carry an operation on to its end, and say how it ended.

    `gently` raises only when it did not end done or undone; otherwise being put back after a
    failure is raised as that failure.
    """
    begin(desk)
    ledger = ledger_of(desk.journal, service.name)
    versions, users = _versions(ledger), ledger.users
    kept = passwords or Passwords()
    secrets: dict[str, str] = {}
    notes = list(open_to_others(desk, service))

    known = ledger.data

    def data() -> DataSets:
        nonlocal known
        with suppress(JournalError):  # then as they were known last
            known = ledger_of(desk.journal, service.name).data
        return known

    def context(now: Operation) -> StepContext:
        # Kept, so that an operation can be rescued when the journal can be read no more.
        if now.version not in {0, *versions}:
            versions.update(_versions(ledger_of(desk.journal, service.name)))
        # A value that was read once stays known: a store that is locked meanwhile uncovers nothing.
        secrets.update(_secrets(desk, service, now, versions))
        return StepContext(
            engine=desk.engine_of(now.service),
            clock=desk.clock,
            operation=now,
            versions=versions,
            journal=desk.journal.id,
            owner=desk.owner,
            head=desk.journal.head,
            secrets=dict(secrets),
            prints_now=_prints(desk, secrets),
            users=users,
            called=ledger.called,
            unused=lambda number: _unused(desk, now, number),
            snapshots=lambda: snapshots_of(desk.journal, now.service),
            data=data,
            ledger=lambda: ledger_of(desk.journal, now.service),
            unfinished=lambda: all_unfinished(desk.journal, now.service),
            superseded=lambda: _superseded(desk, now),
            passwords=kept,
            stop_requested=_never if now.reverting or now.activated else operator.stop_requested,
            end_asked=_never if now.reverting else operator.stop_requested,
            check=service.rehearse_check,
            progress=operator.progress,
            programs=own_programs(desk, service),
        )

    def extend(now: Operation) -> Extension | None:
        prints = running_prints(desk.journal, now.service)
        ledger = ledger_of(desk.journal, now.service)
        rehearsing = now.planned.request.rehearsing
        if now.stage == 1 and rehearsing is not None and not rehearsing.why:
            moment = desk.clock.now()
            return plan_rehearsal(now, ledger, desk.journal.id, prints, now=moment)
        if now.planned.request.staging:
            return plan_staging(now, ledger, desk.journal.id, prints)
        return plan_replace(now, ledger, desk.journal.id, prints, ended=_ended_since(desk, now))

    def report(now: Operation, error: Exception) -> str:
        return kept_bug(desk, now, error, secrets.values())

    def unheard(error: Exception) -> None:
        file = report(operation, error)
        where = f"; its traceback is in {file}" if file else ""
        notes.append(f"telling how it goes failed: {type(error).__name__}{where}")

    operator = unfailing(operator, unheard)
    runner = Runner(
        journal=desk.journal,
        clock=desk.clock,
        operator=desk.actor.operator,
        context=context,
        extend=extend,
        stop_requested=operator.stop_requested,
        listen=operator.listen,
        masked=lambda event: masked(event, desk.hidden(service.name)),
        report=report,
    )
    operation = runner.carry_out(operation, *first)
    outcome = ended(desk, operation, gently=gently)
    return replace(outcome, warnings=(*outcome.warnings, *notes))


def _ended_since(desk: Desk, operation: Operation) -> bool:
    """Whether the container that was found running has ended while nobody drove the operation."""
    found = operation.planned.found
    if not (operation.resumed and found.running):
        return False
    there = desk.engine_of(operation.service).inspect(found.container)
    return there is None or not there.running


def _secrets(
    desk: Desk, service: Service, operation: Operation, versions: Mapping[int, Version]
) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for number in (operation.planned.found.version, operation.version):
        if number in versions:
            found |= secrets_at_hand(desk, service, versions[number].spec)
    return found


def _prints(desk: Desk, secrets: Mapping[str, str]) -> Mapping[str, str]:
    """A key that cannot be read tells of nothing whether it changed, and holds no way back up."""
    try:
        return comparable_prints(desk, secrets)
    except ConfigError:
        return {}


def _unused(desk: Desk, now: Operation, number: int) -> bool:
    """Whether neither the operation of this number nor a later one had a container that ran.

    Nobody can tell that of a number which the journal does not know.
    """
    for operation in operations_of(desk.journal, now.service):
        ran = operation.ran and not works_aside(operation.planned.kind)
        if operation.number < number or (ran and operation.number != now.number):
            return False
        if operation.number == number:
            return True
    return False


def _superseded(desk: Desk, now: Operation) -> bool:
    """Whether the journal has entries of the operation that this process did not write."""
    return any(entry.seq >= now.next_seq for entry in desk.journal.entries(operation=now.number))


def _versions(ledger: Ledger) -> dict[int, Version]:
    return {n: r.version for n, r in ledger.versions.items()}


def _never() -> bool:
    return False
