"""The loop: write the intent, act, write the result, until the fold has no more moves.

The order that never changes: lock, observe, plan, write the plan; then for each step write
started, act, write done. The result of one step and the intent of the next go into one commit, so
ten steps cost eleven syncs and every intent is still durable before its effect.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from occ.clock import Clock
from occ.domain.events import (
    ContainerAdopted,
    Event,
    OperationCommitted,
    OperationReverting,
    OperationUnchanged,
    StepDone,
    StepFailed,
    StepReverted,
    StepStuck,
    UsersRecorded,
    VersionActivated,
    VersionJudged,
)
from occ.domain.kinds import KINDS
from occ.domain.moves import Activate, Apply, Extend, Finish, Revert, next_move
from occ.domain.operation import Operation
from occ.domain.operation_fold import apply_event
from occ.domain.secrecy import clean, redact
from occ.errors import (
    BuildFailedError,
    EngineUnreachableError,
    JournalConflictError,
    JournalError,
    JournalUnwritableError,
    OccError,
    StoppedByOperatorError,
    UnfinishedError,
    UnhealthyError,
)
from occ.journal.port import Journal, Stamp
from occ.operations import event_size, steps
from occ.operations.plan import Extension
from occ.operations.rescue import rescue
from occ.operations.step_context import StepContext
from occ.operations.steps.step import Result

Listener = Callable[[Operation, Event], None]
_ATTEMPTS = 3
_PAUSE_MS = 500
# Together less than the 16 KiB that the journal takes in one event.
_MESSAGE_BYTES, _HINT_BYTES, _TAIL_BYTES = 4_096, 1_024, 8_192


@dataclass(slots=True, kw_only=True)
class Runner:
    """Carries one operation out, or undoes it, from wherever it stands.

    `extend` plans the next stage, None when it is empty. `listen` is told each event once it is
    durable, so what people see and what is stored cannot disagree.
    """

    journal: Journal
    clock: Clock
    operator: str
    context: Callable[[Operation], StepContext]
    extend: Callable[[Operation], Extension | None]
    stop_requested: Callable[[], bool] = bool
    listen: Listener = lambda _operation, _event: None
    _waiting: list[Event] = field(default_factory=list)
    _seq: int = 0
    _unreached: int = 0
    _durable: Operation | None = None

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
            raise _unfinished(operation, error) from error
        self._unreached = 0
        operation = self._note(operation, events)
        if isinstance(events[0], StepFailed | StepStuck) and not _goes_on(operation):
            self._commit(operation)
            raise _unfinished(operation, events[0])
        return operation

    def _should_turn_back(self, operation: Operation) -> bool:
        return self.stop_requested() and not (operation.reverting or operation.activated)

    def _note(self, operation: Operation, events: Sequence[Event]) -> Operation:
        for event in events:
            operation = apply_event(operation, event, self.clock.now())
            self._waiting.append(event)
        return operation

    def _next_stage(self, operation: Operation) -> Sequence[Event]:
        try:
            extension = self.extend(operation)
        except OccError as error:
            last = len(operation.steps) - 1
            failed = StepFailed(
                index=last,
                code=error.code,
                message=event_size.beginning(error.message, _MESSAGE_BYTES),
                hint=event_size.beginning(error.hint, _HINT_BYTES),
            )
            return (failed, OperationReverting(cause="failure"))
        return extension.events() if extension else (OperationUnchanged(),)

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
        step = steps.step_for(operation.steps[move.index].plan)
        context: StepContext | None = None
        try:
            context = self.context(operation)
            if isinstance(move, Revert):
                if move.pending:
                    step.settle(context)
                return (StepReverted(move.index, _fitting(step.revert(context))),)
            seen = step.seen(context) if move.in_doubt else None
            result = _fitting(seen if seen is not None else step.apply(context))
        except EngineUnreachableError:
            raise
        except OccError as error:
            return self._failed(operation, move, error, context)
        done = StepDone(move.index, result, seen is not None)
        return (done, *_of_known(context, step.facts(result)))

    def _failed(
        self,
        operation: Operation,
        move: Apply | Revert,
        error: OccError,
        context: StepContext | None = None,
    ) -> Sequence[Event]:
        said = clean(redact(error.message, context.secrets.values() if context else ()))
        tail = error.log_tail if isinstance(error, UnhealthyError | BuildFailedError) else ()
        kind = StepStuck if isinstance(move, Revert) else StepFailed
        failed = kind(
            index=move.index,
            code=error.code,
            message=event_size.beginning(said, _MESSAGE_BYTES),
            hint=event_size.beginning(error.hint, _HINT_BYTES),
            log_tail=event_size.last_lines(tail, _TAIL_BYTES),
        )
        if operation.activated or isinstance(move, Revert):
            return (failed,)
        blame: Sequence[Event] = ()
        if context is not None:
            blame = _of_known(
                context, steps.step_for(operation.steps[move.index].plan).blame(error)
            )
        interrupted = isinstance(error, StoppedByOperatorError)
        cause = OperationReverting(cause="interrupt" if interrupted else "failure")
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
            self._seq = rescue(self.journal, self.context(self._durable), write, error)
        self._durable = operation
        told, self._waiting = self._waiting, []
        for event in told:
            self.listen(operation, event)


def _fitting(result: Result) -> Result:
    """Some of what a step tells was said by somebody else, who may say a lot."""
    return event_size.fitting(result, _MESSAGE_BYTES, _TAIL_BYTES)


def _of_known(context: StepContext, events: Sequence[Event]) -> Sequence[Event]:
    """The events without judgements of versions that the journal was advanced over."""
    return tuple(
        event
        for event in events
        if not isinstance(event, VersionJudged) or event.number in context.versions
    )


def _activated(operation: Operation, number: int, replaced: int) -> Sequence[Event]:
    planned, facts = operation.planned, KINDS[operation.planned.kind]
    activates = facts.in_place if planned.stages == 1 else facts.activates
    if activates == "nothing":
        return (OperationCommitted(),)
    if activates == "users":
        return (UsersRecorded(planned.request.users),)
    of = planned.request.version if facts.leads_back else 0
    activated = VersionActivated(number, replaced, planned.kind, planned.request.users, of)
    adoption = planned.request.adoption
    return (activated, ContainerAdopted(adoption)) if adoption else (activated,)


def _goes_on(operation: Operation) -> bool:
    """Whether the loop has something to do after a failure: turning back, before activation."""
    stuck = any(step.state == "stuck" for step in operation.steps)
    return operation.reverting and not stuck


def _unfinished(operation: Operation, why: OccError | StepFailed | StepStuck) -> UnfinishedError:
    number, service = operation.number, operation.service
    if operation.activated:
        told = KINDS[operation.planned.kind].unfinished.format(
            version=operation.version, service=service, number=number
        )
        return UnfinishedError(f"{told}: {why.message}", hint="occ resume")
    return UnfinishedError(
        f"operation {number} of {service} is {operation.state}: {why.message}",
        hint=why.hint or "occ resume, or occ abort",
        log_tail=_tail(why),
    )


def _tail(why: OccError | StepFailed | StepStuck) -> tuple[str, ...]:
    return () if isinstance(why, OccError) else why.log_tail
