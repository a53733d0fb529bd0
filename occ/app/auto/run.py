"""One run over all services that update themselves: whatever is due, in the order of `after`.

A run that finds nothing due reads the journal alone: it asks no engine and no registry, and writes
nothing. It changes the image alone, and answers no question that a person would be asked.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from graphlib import TopologicalSorter
from typing import Final

from occ.app.actor import unattended
from occ.app.auto.asked import Asked, reason_of
from occ.app.auto.awake import Awake
from occ.app.auto.results import DUE, NOT_DUE, AutoLine, AutoRun
from occ.app.auto.unfinished import take_over
from occ.app.change.sequence import change
from occ.app.change.why import situation_of
from occ.app.desk import Desk
from occ.app.knowledge.clockwork import note_run
from occ.app.knowledge.turns import failed_before, opening
from occ.app.ledgers import ledger_of
from occ.app.operator import Operator
from occ.app.options import Options
from occ.app.results import Outcome
from occ.app.view.check import check
from occ.domain.eligibility import reasons
from occ.domain.reasons import Reason, ReasonName, in_the_way
from occ.domain.schedules.auto import HOUR_MS
from occ.domain.schedules.due import Opening
from occ.domain.schedules.turns import UNCHANGED, UPDATED, AutoTried
from occ.errors import (
    PENDING,
    BusyError,
    DeclinedError,
    DeferredError,
    EngineRefusedError,
    EngineUnreachableError,
    FailedError,
    GateUnknownError,
    JournalConflictError,
    JournalError,
    OccError,
    RefusedError,
    RegistryError,
    StoppedByOperatorError,
    TooManyRequestsError,
    UnfinishedError,
    UnhealthyError,
)
from occ.settings import Service

_PASSING: Final = frozenset[ReasonName](
    (
        *("engine_unreachable", "registry_unknown", "no_room"),
        *("deferred", "gate_unknown", "dependency_failed"),
    )
)
"""Reasons that may be gone within the hour."""
_QUIET: Final = frozenset[ReasonName](
    {"already_newest", "too_young", "held", "deferred", "not_installed"}
)
"""Reasons about which nobody has to do anything."""
_UNWRITTEN: Final = frozenset[ReasonName]({"not_installed", "busy", "operation_unfinished"})
"""Reasons with which the turn is not taken: it goes on being due."""
_AWAY: Final = frozenset[ReasonName]({"engine_unreachable", "registry_unknown"})
_NETWORK_MS: Final = 60_000
"""How long a run waits for the network, which may come up later than a machine wakes."""
_ASK_AGAIN_MS: Final = 5_000


@dataclass(slots=True)
class _Run:
    """One run, and the time that it has left to wait for the network."""

    desk: Desk
    operator: Operator
    dry_run: bool
    awake: Awake
    waits_ms: int = field(default=_NETWORK_MS)


def auto_run(desk: Desk, operator: Operator, awake: Awake, *, dry_run: bool) -> AutoRun:
    """Update whatever is due; with `dry_run` only say what that is.

    Raises:
        JournalError: the journal cannot be used.
        StoppedByOperatorError: the operator asked for an end.
    """
    desk.identify = unattended
    if not dry_run:
        note_run(desk)
    run = _Run(desk, operator, dry_run, awake)
    try:
        return AutoRun(lines=tuple(_one(run, service) for service in _ordered(desk)))
    finally:
        awake.release()


def _ordered(desk: Desk) -> Iterator[Service]:
    """The services that update themselves, each behind those in its `after`."""
    services = desk.settings.services
    order = TopologicalSorter({name: one.after for name, one in services.items()})
    yield from (s for name in order.static_order() if (s := services[name]).auto.enabled)


def _one(run: _Run, service: Service) -> AutoLine:
    desk = run.desk
    taken = take_over(desk, service, run.awake.during(run.operator), dry_run=run.dry_run)
    if taken is not None:
        return taken
    found = opening(desk, service)
    if not found.due:
        return AutoLine(service=service.name, ended=NOT_DUE, next_at=found.at)
    try:
        against = tuple(_known(desk, service)) or _observed(run, service)
    except JournalError:
        raise
    except OccError as error:
        return _failed(run, service, found, error)
    if against:
        return _kept(run, service, found, against)
    if run.dry_run:
        return AutoLine(service=service.name, ended=DUE, exit_status=PENDING)
    return _update(run, service, found)


def _known(desk: Desk, service: Service) -> Iterator[Reason]:
    """The reasons against an update for which nobody need be asked."""
    if not ledger_of(desk.journal, service.name).current:
        yield reason_of("not_installed")
    elif failed := failed_before(desk, service):
        yield reason_of("dependency_failed", f"{failed}, which is updated first, failed")


def _observed(run: _Run, service: Service) -> tuple[Reason, ...]:
    """The reasons that host and registry tell; a registry that is silent is asked again a while."""
    while True:
        found = reasons(situation_of(run.desk, service))
        applies = ("config_pending",) if service.auto.apply else ()
        against = in_the_way(found, applies, unattended=True)
        away = any(reason.name in _AWAY for reason in against)
        if not away or run.waits_ms <= 0 or run.dry_run:
            break
        run.waits_ms -= _ASK_AGAIN_MS
        run.desk.clock.sleep(_ASK_AGAIN_MS)
    if not run.dry_run and any(reason.name == "too_young" for reason in against):
        with suppress(RegistryError):
            check(run.desk, service.name)  # which has it in the journal since when it is known
    return against


def _update(run: _Run, service: Service, found: Opening) -> AutoLine:
    desk, asked = run.desk, Asked(run.desk, service)
    operator = run.awake.during(asked.answering(run.operator))
    options = Options(reason="its turn", resume_first=False, window_at=found.turn)
    before = desk.journal.last_operation()
    try:
        outcome = change(desk, "update", service.name, options, operator)
    except (BusyError, JournalConflictError) as error:  # a person is at it; the turn is not over
        return _line(service, error, BusyError.exit_status)
    except JournalError:
        raise
    except StoppedByOperatorError as error:
        _note(desk, service, found, error.code, again=True)
        raise
    except DeclinedError:
        return _kept(run, service, found, asked.reasons)
    except OccError as error:
        number = desk.journal.last_operation()
        return _failed(run, service, found, error, number if number > before else 0)
    ended = UNCHANGED if outcome.unchanged else UPDATED
    _note(desk, service, found, ended)
    return _done(service, outcome, ended)


def _kept(run: _Run, service: Service, found: Opening, against: tuple[Reason, ...]) -> AutoLine:
    """A turn that brings nothing, and why."""
    first = against[0]
    names = {reason.name for reason in against}
    line = AutoLine(
        service=service.name,
        ended=first.name,
        exit_status=_status(against),
        says=first.text,
        hint=first.ends,
        reasons=against,
    )
    if run.dry_run or names & _UNWRITTEN:
        return line
    soon = run.desk.clock.now() + HOUR_MS  # so that "3d" is three nights and not four
    again = all(one.name in _PASSING or 0 < one.until <= soon for one in against)
    _note(run.desk, service, found, first.name, again=again)
    return line


def _status(against: tuple[Reason, ...]) -> int:
    names = {reason.name for reason in against}
    if "engine_unreachable" in names:
        return EngineUnreachableError.exit_status
    if "operation_unfinished" in names:
        return UnfinishedError.exit_status
    if "busy" in names:
        return BusyError.exit_status
    if "registry_unknown" in names:
        return FailedError.exit_status
    return 0 if against[0].name in _QUIET else RefusedError.exit_status


def _passes(desk: Desk, error: OccError, operation: int) -> bool:
    """Whether the turn may be tried again: nothing was said of the image itself.

    A gate that an engine's restart broke has judged no version.
    """
    if isinstance(error, EngineUnreachableError | TooManyRequestsError | UnfinishedError):
        return True
    if type(error) in {RegistryError, EngineRefusedError, DeferredError, GateUnknownError}:
        return True
    if not isinstance(error, UnhealthyError):
        return False
    verdicts = ("version.judged", "version.rehearsed")
    return not any(True for _ in desk.journal.entries(operation=operation, names=verdicts))


def _note(desk: Desk, service: Service, found: Opening, ended: str, *, again: bool = False) -> None:
    event = AutoTried(turn=found.turn, ended=ended, again=again)
    desk.journal.note((event,), desk.stamp(service.name))


def _failed(
    run: _Run, service: Service, found: Opening, error: OccError, operation: int = 0
) -> AutoLine:
    """A turn that an error ended; `operation` is the one that was begun, 0 without one."""
    if not run.dry_run:
        again = _passes(run.desk, error, operation)
        _note(run.desk, service, found, error.code, again=again)
    return replace(_line(service, error, error.exit_status), operation=operation or None)


def _line(service: Service, error: OccError, status: int) -> AutoLine:
    return AutoLine(
        service=service.name,
        ended=error.code,
        exit_status=status,
        says=error.message,
        hint=error.hint,
    )


def _done(service: Service, outcome: Outcome, ended: str) -> AutoLine:
    number = outcome.operation.number if outcome.operation else None
    return AutoLine(
        service=service.name,
        ended=ended,
        operation=number,
        says=outcome.unchanged,
        warnings=outcome.warnings,
    )
