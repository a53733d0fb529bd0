"""The loop: write the intent, act, write the result, until the fold has no more moves.

The order that never changes: lock, observe, plan, write the plan; then for each step write
started, act, write done. The result of one step and the intent of the next go into one commit, so
ten steps cost eleven syncs and every intent is still durable before its effect.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from occ.clock import Clock
from occ.domain.data_sets import DataSetBound
from occ.domain.events import (
    Cause,
    ContainerAdopted,
    Event,
    OperationCommitted,
    OperationReverting,
    OperationUnchanged,
    UsersRecorded,
    VersionActivated,
    VersionJudged,
)
from occ.domain.kinds import KINDS
from occ.domain.moves import Activate, Apply, Extend, Finish, Revert, next_move
from occ.domain.operation import Operation
from occ.domain.operation_fold import apply_event
from occ.domain.staging import VersionStaged, VersionUnstaged
from occ.domain.step_events import StepDone, StepFailed, StepRepeated, StepReverted, StepStuck
from occ.domain.step_names import CREATE_CONTAINER
from occ.errors import (
    DeferredError,
    EngineUnreachableError,
    JournalConflictError,
    JournalError,
    JournalUnwritableError,
    OccError,
    StoppedByOperatorError,
)
from occ.journal.port import Journal, Stamp
from occ.operations import event_size, failures, steps
from occ.operations.plan import Extension
from occ.operations.rescue import rescue
from occ.operations.step_context import StepContext
from occ.operations.steps.step import RepeatError, Result

Listener = Callable[[Operation, Event], None]
_ATTEMPTS = 3
_PAUSE_MS = 500


@dataclass(slots=True, kw_only=True)
class Runner:
    """Carries one operation out, or undoes it, from wherever it stands.

    `extend` plans the next stage, None when it is empty. `listen` is told each event once it is
    durable, so what people see and what is stored cannot disagree; `masked` is what the journal
    makes of an event. `report` keeps the traceback of an error that nobody foresaw, and says in
    which file; an empty text is no file.
    """

    journal: Journal
    clock: Clock
    operator: str
    context: Callable[[Operation], StepContext]
    extend: Callable[[Operation], Extension | None]
    stop_requested: Callable[[], bool] = bool
    listen: Listener = lambda _operation, _event: None
    masked: Callable[[Event], Event] = lambda event: event
    report: failures.Report = lambda _operation, _error: ""
    _waiting: list[Event] = field(default_factory=list)
    _seq: int = 0
    _unreached: int = 0
    _durable: Operation | None = None
    _context: StepContext | None = None

    def carry_out(self, operation: Operation, *first: Event) -> Operation:
        """Run until the operation has ended; `first` are written with the first intent.

        Raises:
            UnfinishedError: a step after activation failed, an undo failed, or the engine stopped
                answering; the operation stays as it is written.
            JournalError: the journal cannot be written, or somebody else took the operation over.
        """
        self._seq = operation.next_seq
        self._unreached = 0
        self._durable = operation
        operation = self._note(operation, first)
        while move := next_move(operation):
            if self._should_turn_back(operation):
                operation = self._note(operation, (OperationReverting(cause="interrupt"),))
                continue
            match move:
                case Extend():
                    operation = self._note(operation, self._next_stage(operation))
                case Activate(number, replaced):
                    operation = self._note(operation, _activated(operation, number, replaced))
                case Finish(event):
                    operation = self._note(operation, (event,))
                case Apply() | Revert():
                    operation = self._step(operation, move)
        self._commit(operation)
        self.journal.release()
        return operation

    def _step(self, operation: Operation, move: Apply | Revert) -> Operation:
        """Write the intent together with what waits, act, and note the result."""
        if (full := self._no_room(operation, move)) is not None:
            return self._note(operation, self._failed(operation, move, full))
        operation = self._note(operation, (move.intent,))
        self._commit(operation)
        try:
            events = self._act(operation, move)
        except EngineUnreachableError as error:
            self._unreached += 1
            if self._unreached < _ATTEMPTS and not self._should_turn_back(operation):
                self.clock.sleep(_PAUSE_MS)
                return operation  # the step is in doubt now, and its turn comes again
            raise failures.unfinished(operation, error) from error
        self._unreached = 0
        operation = self._note(operation, events)
        if isinstance(events[0], StepFailed | StepStuck) and not _goes_on(operation):
            self._commit(operation)
            raise failures.unfinished(operation, events[0])
        return operation

    def _should_turn_back(self, operation: Operation) -> bool:
        return self.stop_requested() and not (operation.reverting or operation.activated)

    def _note(self, operation: Operation, events: Sequence[Event]) -> Operation:
        for event in map(self.masked, events):
            operation = apply_event(operation, event, self.clock.now())
            self._waiting.append(event)
        return operation

    def _next_stage(self, operation: Operation) -> Sequence[Event]:
        try:
            extension = self.extend(operation)
            return extension.events() if extension else (OperationUnchanged(),)
        except JournalConflictError:
            raise
        except Exception as error:  # noqa: BLE001 - the way back must not depend on a planner
            known = failures.foreseen(operation, error, self.report)
            failed = failures.failed_step(StepFailed, len(operation.steps) - 1, known, ())
            return (failed, OperationReverting(cause="failure"))

    def _no_room(self, operation: Operation, move: Apply | Revert) -> OccError | None:
        """The service goes before the journal: room is shown before anything is stopped."""
        if isinstance(move, Revert) or not operation.steps[move.index].plan.disrupts:
            return None
        try:
            self.journal.reserve()
        except JournalUnwritableError as error:
            return error
        return None

    def _act(self, operation: Operation, move: Apply | Revert) -> Sequence[Event]:
        """Let the step act; its result, or its failure whatever it raised.

        Raises:
            EngineUnreachableError: the step is in doubt.
            JournalConflictError: somebody else drives the operation now.
        """
        step = steps.step_for(operation.steps[move.index].plan)
        context: StepContext | None = None
        try:
            context = self._context_of(operation, back=operation.reverting)
            if isinstance(move, Revert):
                if move.pending:
                    step.settle(context)
                undone = StepReverted(move.index, _fitting(step.revert(context)))
                return (undone, *step.unfacts(context))
            seen = step.seen(context) if move.in_doubt else None
            result = _fitting(seen if seen is not None else step.apply(context))
            done = StepDone(move.index, result, seen is not None)
            return (done, *_of_known(context, step.facts(result)))
        except RepeatError as again:
            return (StepRepeated(move.index, again.exited_at, again.said),)
        except (EngineUnreachableError, JournalConflictError):
            raise
        except Exception as error:  # noqa: BLE001 - the way back must not depend on a stranger
            known = failures.foreseen(operation, error, self.report)
            return self._failed(operation, move, known, context)

    def _context_of(self, operation: Operation, *, back: bool) -> StepContext:
        """The context for a step; on the way back an earlier one, where it cannot be had anew."""
        try:
            self._context = self.context(operation)
        except Exception:
            if self._context is None or not back:
                raise
            return replace(self._context, operation=operation)
        return self._context

    def _failed(
        self,
        operation: Operation,
        move: Apply | Revert,
        error: OccError,
        context: StepContext | None = None,
    ) -> Sequence[Event]:
        stays = operation.reverting  # nothing leads back from the way back
        kind = StepStuck if stays else StepFailed
        hidden = context.secrets.values() if context else ()
        failed = failures.failed_step(kind, move.index, error, hidden)
        if operation.activated or stays:
            return (failed,)
        blame: Sequence[Event] = ()
        if context is not None:
            blame = _of_known(
                context, steps.step_for(operation.steps[move.index].plan).blame(context, error)
            )
        cause = OperationReverting(cause=_cause(error))
        return (failed, *blame, cause)

    def _commit(self, operation: Operation) -> None:
        """Write what waits; after a stop, a journal that cannot have it brings rescue.

        The durable operation tells whether a stop is behind it: an activation that could not be
        written does not count.
        """
        if not self._waiting:
            return
        stamp = Stamp(service=operation.service, operator=self.operator, at=self.clock.now())

        def write() -> int:
            return self.journal.append(operation.number, self._seq, self._waiting, stamp)

        try:
            self._seq = write()
        except JournalConflictError:
            raise  # somebody else drives it now, and looks after the service
        except JournalError as error:
            if self._durable is None or not self._durable.disrupted:
                raise
            context = self._context_of(self._durable, back=True)
            self._seq = rescue(self.journal, context, write, error)
        self._durable = operation
        told, self._waiting = self._waiting, []
        for event in told:
            self.listen(operation, event)


def _fitting(result: Result) -> Result:
    """Some of what a step tells was said by somebody else, who may say a lot."""
    return event_size.fitting(result, failures.MESSAGE_BYTES, failures.TAIL_BYTES)


def _of_known(context: StepContext, events: Sequence[Event]) -> Sequence[Event]:
    """The events without judgements of versions that the journal was advanced over."""
    return tuple(
        _as_it_ran(context, event) if isinstance(event, VersionJudged) else event
        for event in events
        if not isinstance(event, VersionJudged) or event.number in context.versions
    )


def _as_it_ran(context: StepContext, event: VersionJudged) -> VersionJudged:
    """The judgement with the data that the version ran on, and its secrets where not its recorded.

    A rollback runs a version with the values of its own day.
    """
    planned, data = context.operation.planned, context.data()
    of = event.data_of or data.writer(planned.request.data or data.number, planned.current)
    event = replace(event, data_of=of)
    asked = planned.request.fingerprints
    made = context.operation.has(CREATE_CONTAINER)
    if not made or asked == context.versions[event.number].fingerprints:
        return event
    return replace(event, fingerprints=asked)


def _activated(operation: Operation, number: int, replaced: int) -> Sequence[Event]:
    planned, facts = operation.planned, KINDS[operation.planned.kind]
    activates = facts.in_place if planned.stages == 1 else facts.activates
    if activates == "stage":
        return (_staged(operation, number),)
    if activates == "nothing":
        return (OperationCommitted(),)
    if activates == "users":
        return (UsersRecorded(planned.request.users),)
    of = planned.request.version if facts.leads_back else 0
    request = planned.request
    activated = VersionActivated(
        number, replaced, planned.kind, request.users, of, called=request.called
    )
    adopted = (ContainerAdopted(request.adoption),) if request.adoption else ()
    bound = (DataSetBound(request.data),) if request.data else ()
    return (*bound, activated, *adopted)


def _staged(operation: Operation, number: int) -> Event:
    gone = operation.planned.request.staged
    digest = next(iter(operation.fetched.digests), "").rpartition("@")[2]
    return VersionUnstaged(gone) if gone else VersionStaged(number, digest)


def _cause(error: OccError) -> Cause:
    match error:
        case StoppedByOperatorError():
            return "interrupt"
        case DeferredError():
            return "deferred"
        case _:
            return "failure"


def _goes_on(operation: Operation) -> bool:
    """Whether the loop has something to do after a failure: turning back, before activation."""
    stuck = any(step.state == "stuck" for step in operation.steps)
    return operation.reverting and not stuck
