"""The half of the stage that changes something: a story of events, asked about as really."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, Self

from occ.app.change.unfinished import Way
from occ.app.operator import Operator
from occ.app.options import Options
from occ.app.results import Closed, Outcome, Proposal
from occ.domain.events import (
    Event,
    Kind,
    OperationDone,
    OperationResumed,
    OperationReverting,
    OperationUndone,
)
from occ.domain.operation import Operation
from occ.domain.operation_fold import apply_event
from occ.domain.step_events import StepStarted
from occ.engine.progress import PullProgress
from occ.errors import (
    DeclinedError,
    NotFoundError,
    OccError,
    StoppedByOperatorError,
    UnfinishedError,
    UnhealthyError,
)
from occ.operations.kinds.snapshot import SnapshotWish
from occ.operations.kinds.user import UserWish
from tests.cli.props import (
    PROPOSAL,
)
from tests.cli.story import (
    ANN,
    NOON,
    TAIL,
    bad_story,
    begun,
    good_story,
    planned,
    told,
)


@dataclass
class Acting:
    """The verbs that change something. What a test wants otherwise, it sets before."""

    story: list[Event] = field(default_factory=good_story)
    error: OccError | None = None
    outcome: Outcome | None = None
    """The end of an operation that had ended before the command was typed."""
    unchanged: str = ""
    proposal: Proposal = PROPOSAL
    pulls: Iterable[PullProgress] = ()
    before_event: Callable[[int], object] = lambda _: None
    calls: list[tuple[str, Any]] = field(default_factory=list)
    names: tuple[str, ...] = ("web",)
    errors: dict[str, OccError] = field(default_factory=dict)
    opened: dict[str, Any] = field(default_factory=dict)
    closed: bool = False
    desk: Any = field(default_factory=lambda: SimpleNamespace(clock=SimpleNamespace(now=_noon)))

    def open(self, environ: Any, **more: Any) -> Self:
        self.opened = {"environ": environ, **more}
        return self

    def close(self) -> None:
        self.closed = True

    def service_name(self, name: str | None) -> str:
        if name is not None and name not in self.names:
            raise NotFoundError(f"there is no service {name}; there are: web", hint="occ status")
        return name or "web"

    @property
    def settings(self) -> Any:
        return SimpleNamespace(services=dict.fromkeys(self.names))

    def _change(
        self, verb: Kind, service: str | None, options: Options, operator: Operator
    ) -> Outcome:
        self.calls.append((verb, options))
        name = self.service_name(service)
        if error := self.errors.get(name, self.error):
            raise error
        if self.outcome is not None:
            return self.outcome
        proposal = replace(
            self.proposal, kind=verb, downtime=verb not in {"start", "user", "snapshot"}
        )
        if options.plan:
            return Outcome(service=name, proposal=proposal)
        if self.unchanged:
            return Outcome(
                service=name, operation=told([OperationDone()]), unchanged=self.unchanged
            )
        if not operator.confirm(proposal):
            raise DeclinedError("nothing was changed", hint="occ status")
        return self._drive(name, operator, begun(planned(kind=verb)))

    def _drive(self, name: str, operator: Operator, operation: Operation) -> Outcome:
        for n, event in enumerate(self.story, 1):
            self.before_event(n)
            if operator.stop_requested():
                raise StoppedByOperatorError("operation 3 was ended as you asked")
            operation = apply_event(operation, event, NOON + n * 100)
            operator.listen(operation, event)
            if event == StepStarted(1):
                for progress in self.pulls:
                    operator.progress(progress)
        if operation.ending == "undone" and operation.cause == "failure":
            message = "update of web failed: exit code 1; it is as it was found"
            raise UnhealthyError(message, hint="occ show 3", log_tail=TAIL)
        if operation.ending is None:
            raise UnfinishedError("operation 3 of web is reverting", hint="occ resume")
        return Outcome(
            service=name,
            operation=operation,
            warnings=(
                "the password of ann must be set: docker exec -it web passwd ann",
                "web:previous is a tag of the registry's own",
            ),
            served=("http://127.0.0.1:3000",),
        )

    def change(
        self, kind: Kind, service: str | None, options: Options, operator: Operator
    ) -> Outcome:
        if isinstance(options.wish, UserWish):
            self.calls.append(("wish", options.wish))
            self.proposal = replace(self.proposal, asks=options.wish.verb == "remove")
        if isinstance(options.wish, SnapshotWish):
            self.calls.append(("wish", options.wish))
        return self._change(kind, service, options, operator)

    def adopt_name(self, service: str | None, options: Options, operator: Operator) -> Outcome:
        self.calls.append(("adopt-name", options))
        return self._change("rollback", service, options, operator)

    def end(self, way: Way, service: str | None, operator: Operator) -> Closed | Outcome:
        self.calls.append((way, service))
        if way == "resume":
            return self._resume(service, operator)
        if way == "abort":
            return self._abort(service, operator)
        self._ask(service, operator, "close operation 3 and leave container web.occ-next")
        return Closed(operation=3, left=("container web.occ-next (fedcba987654, created)",))

    def _resume(self, service: str | None, operator: Operator) -> Outcome:
        if self.unchanged:
            return Outcome(service="web", unchanged=self.unchanged)
        operation = begun(planned())
        operation = apply_event(operation, OperationResumed(ANN), NOON)
        operator.listen(operation, OperationResumed(ANN))
        return self._drive(self.service_name(service), operator, operation)

    def _abort(self, service: str | None, operator: Operator) -> Outcome:
        self._ask(service, operator, "put operation 3 back")
        story = [*bad_story()[:-10], OperationReverting(cause="abort"), OperationUndone()]
        return Outcome(service="web", operation=told(story))

    def journal_advance(self, service: str | None, operator: Operator) -> Outcome:
        self._ask(service, operator, "go on after operation 9 and version 4")
        return Outcome(service="web")

    def _ask(self, service: str | None, operator: Operator, summary: str) -> None:
        if self.error:
            raise self.error
        name = self.service_name(service)
        proposal = Proposal(kind="update", service=name, titles=(), downtime=True, summary=summary)
        if not operator.confirm(proposal):
            raise DeclinedError("nothing was changed", hint="occ status")


def _noon() -> int:
    return NOON
