"""Resume, abort and abandon: the three ways out of an unfinished operation."""

from dataclasses import dataclass, replace

from occ.app import host
from occ.app.change.carry_out import drive
from occ.app.change.outcome import unfinished_error
from occ.app.desk import Desk
from occ.app.ledgers import ledger_of, unfinished_of
from occ.app.results import Closed, Options, Outcome, People, Proposal
from occ.app.which_service import service_of
from occ.app.why_down import restarted_since
from occ.domain.events import (
    Kind,
    NumbersAdvanced,
    OperationAbandoned,
    OperationResumed,
    OperationReverting,
)
from occ.domain.operation import Operation
from occ.errors import DeclinedError, EngineUnreachableError
from occ.settings import Service


@dataclass(frozen=True, slots=True)
class Ways:
    """The three ways out of one desk's unfinished operations."""

    desk: Desk

    def resume(self, service: str, people: People) -> Outcome:
        """Carry it on from where it stands: forward, or back if it was going back already."""
        wanted = service_of(self.desk, service)
        with self.desk.lock(wanted.name):
            operation = unfinished_of(self.desk.journal, wanted.name)
            if operation is None:
                return Outcome(service=wanted.name, unchanged="nothing is unfinished")
            self._same_engine(wanted.name)
            notes = restarted_since(self.desk.engine, operation)
            resumed = OperationResumed(self.desk.actor)
            outcome = drive(self.desk, wanted, operation, people, resumed)
            return _with_warning(outcome, *notes)

    def abort(self, service: str, people: People) -> Outcome:
        """Put everything back; after activation the change is done, and is only finished."""
        wanted = service_of(self.desk, service)
        with self.desk.lock(wanted.name):
            operation = unfinished_of(self.desk.journal, wanted.name)
            if operation is None:
                return Outcome(service=wanted.name, unchanged="nothing is unfinished")
            self._same_engine(wanted.name)
            notes = restarted_since(self.desk.engine, operation)
            resumed = OperationResumed(self.desk.actor)
            kind = operation.planned.kind
            if operation.activated:
                outcome = drive(self.desk, wanted, operation, people, resumed)
                done = () if kind == "remove" else (_done_already(operation),)
                return _with_warning(outcome, *notes, *done)
            self._ask(people, kind, wanted.name, f"put operation {operation.number} back")
            back = OperationReverting(cause="abort", actor=self.desk.actor)
            events = (resumed,) if operation.reverting else (resumed, back)
            outcome = drive(self.desk, wanted, operation, people, *events, gently=True)
            return _with_warning(outcome, *notes)

    def abandon(self, service: str, people: People) -> Closed | Outcome:
        """Close it without touching anything; says what of ours is left on the host."""
        wanted = service_of(self.desk, service)
        with self.desk.lock(wanted.name):
            operation = unfinished_of(self.desk.journal, wanted.name)
            if operation is None:
                return Outcome(service=wanted.name, unchanged="nothing is unfinished")
            left = self._left(wanted.name)
            summary = f"close operation {operation.number} and leave {', '.join(left) or 'nothing'}"
            self._ask(people, operation.planned.kind, wanted.name, summary)
            event = OperationAbandoned(self.desk.actor, left)
            self.desk.journal.append(
                operation.number, operation.next_seq, (event,), self.desk.stamp(wanted.name)
            )
            return Closed(operation=operation.number, left=left)

    def advance(self, service: str, people: People) -> Outcome:
        """Accept a host that is ahead of an older copy of the journal: numbers go on after it."""
        wanted = service_of(self.desk, service)
        with self.desk.lock(wanted.name):
            journal, engine = self.desk.journal, self.desk.engine
            ledger = ledger_of(self.desk.journal, wanted.name)
            there = host.ours(engine, journal.id, wanted.name, ledger)
            numbers = host.host_numbers(engine, there, ledger, journal.id, wanted.name)
            event = NumbersAdvanced(
                max(numbers.operation, journal.last_operation()),
                max(numbers.version, ledger.highest),
            )
            if event == NumbersAdvanced(journal.last_operation(), ledger.highest):
                return Outcome(service=wanted.name, unchanged="the host is not ahead")
            summary = f"go on after operation {event.operation} and version {event.version}"
            self._ask(people, "update", wanted.name, summary)
            seq = sum(1 for _ in journal.entries(operation=0))
            journal.append(0, seq, (event,), self.desk.stamp(wanted.name))
            return Outcome(service=wanted.name)

    def _same_engine(self, service: str) -> None:
        info = self.desk.engine.info()
        host.refuse_other_engine(ledger_of(self.desk.journal, service), info, service)

    def _left(self, service: str) -> tuple[str, ...]:
        ledger = ledger_of(self.desk.journal, service)
        try:
            there = host.ours(self.desk.engine, self.desk.journal.id, service, ledger)
        except EngineUnreachableError as error:
            return (f"whatever is on the engine, which does not answer ({error.message})",)
        return tuple(f"container {c.name} ({c.id[:12]}, {c.state})" for c in there.all)

    def _ask(self, people: People, kind: Kind, service: str, summary: str) -> None:
        proposal = Proposal(kind=kind, service=service, titles=(), downtime=True, summary=summary)
        if not people.confirm(proposal):
            raise DeclinedError("nothing was changed", hint="occ status")


def _done_already(operation: Operation) -> str:
    if operation.planned.kind == "user":
        return "who the users are was recorded already, and nothing leads back; the change is done"
    if operation.planned.kind == "repair":
        return "what cannot be undone was begun already; the repair is done"
    said = f"version {operation.version} was current already; the change is done"
    return f"{said}. To go back: occ rollback"


def _with_warning(outcome: Outcome, *warnings: str) -> Outcome:
    return replace(outcome, warnings=(*outcome.warnings, *warnings))


def finished_first(
    desk: Desk, service: Service, options: Options, people: People
) -> tuple[str, ...]:
    """An unfinished operation comes before any new one; what is to be said of it.

    The service's lock is held. With `--yes` it is resumed, and the new one begins when that ended
    done or undone.

    Raises:
        UnfinishedError: there is one, and it was not agreed to resume it, or it stays unfinished.
    """
    operation = unfinished_of(desk.journal, service.name)
    if operation is None:
        return ()
    if not options.resume_first or options.plan:
        raise unfinished_error(operation)
    host.refuse_other_engine(
        ledger_of(desk.journal, service.name), desk.engine.info(), service.name
    )
    notes = restarted_since(desk.engine, operation)
    drive(desk, service, operation, people, OperationResumed(desk.actor), gently=True)
    return notes
