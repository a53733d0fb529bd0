"""The half of the stage that changes something: a story of events, asked about as really."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, Self

from occ.app.results import (
    Closed,
    Operator,
    Options,
    Outcome,
    Proposal,
)
from occ.domain.events import (
    Event,
    OperationDone,
    OperationResumed,
    OperationReverting,
    OperationUndone,
    StepStarted,
)
from occ.domain.operation import Operation
from occ.domain.operation_fold import apply_event
from occ.engine.values import PullProgress
from occ.errors import (
    DeclinedError,
    NotFoundError,
    OccError,
    StoppedByOperatorError,
    UnfinishedError,
    UnhealthyError,
)
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
        self, verb: str, service: str | None, options: Options, people: Operator
    ) -> Outcome:
        self.calls.append((verb, options))
        name = self.service_name(service)
        if error := self.errors.get(name, self.error):
            raise error
        proposal = replace(self.proposal, kind=verb, downtime=verb not in {"start", "user"})  # type: ignore[arg-type]
        if options.plan:
            return Outcome(service=name, proposal=proposal)
        if self.unchanged:
            return Outcome(
                service=name, operation=told([OperationDone()]), unchanged=self.unchanged
            )
        if not people.confirm(proposal):
            raise DeclinedError("nothing was changed", hint="occ status")
        return self._drive(name, people, begun(planned(kind=verb)))

    def _drive(self, name: str, people: Operator, operation: Operation) -> Outcome:
        for n, event in enumerate(self.story, 1):
            self.before_event(n)
            if people.stop_requested():
                raise StoppedByOperatorError("operation 3 was ended as you asked")
            operation = apply_event(operation, event, NOON + n * 100)
            people.listen(operation, event)
            if event == StepStarted(1):
                for progress in self.pulls:
                    people.progress(progress)
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

    def update(self, service: str | None, options: Options, people: Operator) -> Outcome:
        return self._change("update", service, options, people)

    def apply(self, service: str | None, options: Options, people: Operator) -> Outcome:
        return self._change("apply", service, options, people)

    def repair(self, service: str | None, options: Options, people: Operator) -> Outcome:
        return self._change("repair", service, options, people)

    def adopt(self, asked: Any, options: Options, people: Operator) -> Outcome:
        return self._change("adopt", asked.service, options, people)

    def forget(self, service: str | None, options: Options, people: Operator) -> Outcome:
        return self._change("forget", service, options, people)

    def rollback(self, service: str | None, options: Options, people: Operator) -> Outcome:
        return self._change("rollback", service, options, people)

    def start(self, service: str | None, options: Options, people: Operator) -> Outcome:
        return self._change("start", service, options, people)

    def stop(self, service: str | None, options: Options, people: Operator) -> Outcome:
        return self._change("stop", service, options, people)

    def restart(self, service: str | None, options: Options, people: Operator) -> Outcome:
        return self._change("restart", service, options, people)

    def remove(self, service: str | None, options: Options, people: Operator) -> Outcome:
        return self._change("remove", service, options, people)

    def user(
        self, service: str | None, wish: Any, hashed: str, options: Options, people: Operator
    ) -> Outcome:
        self.calls.append(("wish", (wish, hashed)))
        self.proposal = replace(self.proposal, asks=wish.verb == "remove")
        return self._change("user", service, options, people)

    def resume(self, service: str | None, options: Options, people: Operator) -> Outcome:
        self.calls.append(("resume", options))
        if self.unchanged:
            return Outcome(service="web", unchanged=self.unchanged)
        operation = begun(planned())
        operation = apply_event(operation, OperationResumed(ANN), NOON)
        people.listen(operation, OperationResumed(ANN))
        return self._drive(self.service_name(service), people, operation)

    def abort(self, service: str | None, options: Options, people: Operator) -> Outcome:
        self.calls.append(("abort", options))
        self._ask(service, people, "put operation 3 back")
        story = [*bad_story()[:-10], OperationReverting(cause="abort"), OperationUndone()]
        return Outcome(service="web", operation=told(story))

    def abandon(self, service: str | None, options: Options, people: Operator) -> Closed:
        self.calls.append(("abandon", options))
        self._ask(service, people, "close operation 3 and leave container web.occ-next")
        return Closed(operation=3, left=("container web.occ-next (fedcba987654, created)",))

    def journal_advance(self, service: str | None, people: Operator) -> Outcome:
        self._ask(service, people, "go on after operation 9 and version 4")
        return Outcome(service="web")

    def _ask(self, service: str | None, people: Operator, summary: str) -> None:
        if self.error:
            raise self.error
        name = self.service_name(service)
        proposal = Proposal(kind="update", service=name, titles=(), downtime=True, summary=summary)
        if not people.confirm(proposal):
            raise DeclinedError("nothing was changed", hint="occ status")


def _noon() -> int:
    return NOON
