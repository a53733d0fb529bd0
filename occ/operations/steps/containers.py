"""Steps that stop, start, prove, name and remove containers."""

from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar

from occ.domain import step_names
from occ.domain.events import Event, VersionJudged
from occ.domain.request import Found
from occ.domain.starts import data_as_before
from occ.domain.step_results import Proof, ServiceTimes
from occ.engine.values import Container
from occ.errors import FailedError, NoProgramError, NotFoundError, OccError, UnhealthyError
from occ.operations import labels
from occ.operations.endings import deaf, exit_words, way_to_hear
from occ.operations.gate import prove, unhealthy
from occ.operations.step_context import StepContext
from occ.operations.steps.create import CreateContainer, recreate
from occ.operations.steps.proof import starts_again
from occ.operations.steps.step import Result, Step
from occ.operations.steps.users import made_anew


@dataclass(frozen=True, slots=True)
class SetPolicy(Step):
    """Have a container's restart policy, so that at most one of a service has one.

    `back` is the policy it has again when this is undone, empty to leave it.
    """

    name: ClassVar[str] = step_names.SET_POLICY
    container: str
    policy: str
    back: str = ""

    def seen(self, context: StepContext) -> Result | None:
        """Whether it has it."""
        there = context.find(self.container)
        return {"said": self.policy} if there and there.policy == self.policy else None

    def apply(self, context: StepContext) -> Result:
        """Set it, where the container is still there.

        A container may be gone when nothing leads back any more, or when it was found stopped and
        would only be kept from coming back: then that is said, not raised.
        """
        kept_down = self.policy == "no" and not context.operation.planned.found.running
        if context.lost(self.container) or (kept_down and context.find(self.container) is None):
            return {"said": "it is gone"}
        context.engine.set_policy(context.there(self.container).id, self.policy)
        return {"said": self.policy}

    def settle(self, context: StepContext) -> None:
        """Set it again, so that no earlier call can come after what undoes it."""
        there = context.find(self.container)
        if there is not None:
            with suppress(FailedError):  # undoing sets it anyhow
                context.engine.set_policy(there.id, self.policy)

    def revert(self, context: StepContext) -> Result:
        """Set the one it had, and start what ended by itself while it had none.

        The engine would have started it again; a policy that comes after the end brings nothing
        back.
        """
        there = context.find(self.container)
        if there is None or not self.back:
            return {}
        context.engine.set_policy(there.id, self.back)
        if there.policy != "no" or not context.operation.planned.found.running:
            return {}
        after = context.there(there.id)  # not before: it may end until the policy is there
        if after.state != "exited" or not starts_again(self.back, after.exit_code, after.restarts):
            return {}
        context.engine.start(after.id)
        return {"said": f"started under its policy, for it ended by itself with {after.exit_code}"}


@dataclass(frozen=True, slots=True)
class StopContainer(Step):
    """Have a container stopped. Undone, it is again as it was found.

    With `once` (a restart) a container that was started since counts as stopped.
    """

    name: ClassVar[str] = step_names.STOP_CONTAINER
    container: str
    grace_ms: int
    once: bool = False

    def seen(self, context: StepContext) -> Result | None:
        """Whether it is stopped."""
        there = context.find(self.container)
        if there is None:
            return {"said": "it is gone"}
        renewed = self.once and there.started_at != context.operation.planned.found.started_at
        if renewed:
            return {"said": "was started since"}
        return None if there.running else _stopped(there)

    def apply(self, context: StepContext) -> Result:
        """Stop it, and wait for its end."""
        there, began = context.there(self.container), context.clock.monotonic()
        context.engine.stop(there.id, self.grace_ms)
        after = context.engine.inspect(there.id)
        if after is None:
            return {
                "said": "it is gone",
                **ServiceTimes(finished_at=context.engine_now()).to_json(),
            }
        unheard = deaf(after, context.clock.monotonic() - began, self.grace_ms)
        if not unheard:
            return _stopped(after)
        spec = context.spec(context.operation.planned.found.version)
        way = way_to_hear(context.service, init=spec.engine.get("Init") is True)
        warning = f"{after.name} was {unheard}; {way}"
        return {**_stopped(after), "said": unheard, "warning": warning}

    def settle(self, context: StepContext) -> None:
        """Stop again: it returns when a stop under way has ended.

        A start on a container that is still stopping does nothing, and then it exits.
        """
        there = context.find(self.container)
        if there is not None:
            context.engine.stop(there.id, self.grace_ms)

    def revert(self, context: StepContext) -> Result:
        """Start it, from the journal if it is gone, and have it as found.

        Found healthy, it must pass its gate; found running but unhealthy, it must run, unless its
        policy starts it again; found paused, it is paused again. Found in a crash loop, it is
        started once under its policy, and need not run at that instant.

        Raises:
            UnhealthyError: the old one is not what it was on what the new one left.
        """
        found = context.operation.planned.found
        if not found.running:
            return {}
        again = context.operation.result(step_names.MAKE_AGAIN).get("container")
        there = context.engine.inspect(str(again or self.container))
        old = there or recreate(context)
        lost = "" if there else made_anew(context, old.id)
        # A stop in doubt has told nobody when the container ended.
        stopped = there is not None and 0 < found.started_at < there.finished_at
        finished_at = there.finished_at if there is not None and stopped else None
        if found.may_loop:  # an engine counts on from a start under the policy alone
            context.engine.set_policy(old.id, found.policy)
        if old.state != "paused":  # that start would be refused
            context.engine.start(old.id)
        running = context.there(old.id)
        if found.looping or (found.may_loop and not running.running):
            times = ServiceTimes(finished_at=finished_at)
            return _again("started under its policy, as it was found", times, lost)
        if not found.healthy:
            if not running.running:
                raise unhealthy(context, running, "it does not run any more")
            if found.state == "paused":
                context.engine.pause(old.id)
                return _again("paused again", ServiceTimes(finished_at=finished_at), lost)
            times = ServiceTimes(finished_at=finished_at, first_good_at=context.engine_now())
            return _again("runs as it was found", times, lost)
        try:
            proof = _prove_found(context, running, found)
        except UnhealthyError as error:
            raise UnhealthyError(
                f"{error.message}. {_how_long(context)}",
                hint="mend the data, then: occ resume. To leave it as it is: occ abandon",
                log_tail=error.log_tail,
            ) from error
        times = ServiceTimes(
            finished_at=finished_at,
            first_good_at=proof.first_good_at,
            good_after_ms=proof.good_after_ms,
        )
        return _again("healthy again", times, lost)


@dataclass(frozen=True, slots=True)
class StartContainer(Step):
    """Have a container running."""

    name: ClassVar[str] = step_names.START_CONTAINER
    container: str

    def seen(self, context: StepContext) -> Result | None:
        """Whether it runs."""
        there = context.find(self.container)
        return {"said": there.name} if there and there.running else None

    def apply(self, context: StepContext) -> Result:
        """Start it; a replacement, for which a service is down, without a look before."""
        made, name = context.operation.created, context.operation.result(CreateContainer.name)
        if self.container == "replacement" and made and name.get("name"):
            try:
                context.engine.start(made)
            except NotFoundError:  # of the container, or of something that it needs
                if context.there(self.container).id == made:
                    raise
            else:
                return {"said": name["name"]}
        there = context.there(self.container)
        context.engine.start(there.id)
        return {"said": there.name}

    def blame(self, context: StepContext, error: OccError) -> tuple[Event, ...]:
        """A version whose program cannot be run is bad: it will be the same the next time."""
        if isinstance(error, NoProgramError) and self.container == "replacement":
            return (VersionJudged(context.operation.version, "bad"),)
        return ()

    def revert(self, context: StepContext) -> Result:
        """Stop it."""
        there = context.find(self.container)
        if there is None:
            return {}
        context.engine.stop(there.id, context.grace_ms)
        return {"said": "stopped"}


@dataclass(frozen=True, slots=True)
class RemoveContainer(Step):
    """Have a stopped container of ours gone; its named volumes stay."""

    name: ClassVar[str] = step_names.REMOVE_CONTAINER
    container: str

    def seen(self, context: StepContext) -> Result | None:
        """Whether it is gone."""
        return {"said": "removed"} if context.engine.inspect(self.container) is None else None

    def apply(self, context: StepContext) -> Result:
        """Stop it, should an engine restart have started it, and remove it.

        An adopted container leaves its anonymous volumes: they were never ours.
        """
        before = context.engine.inspect(self.container)
        context.engine.stop(self.container, context.grace_ms)
        there = context.engine.inspect(self.container)
        ours = there is not None and there.labels.get(labels.JOURNAL) == context.journal
        context.engine.remove(self.container, volumes=ours)
        found = context.operation.planned.found
        if before is None or not before.running or found.running or before.id != found.container:
            return {"said": "removed"}
        came = f"{before.name} was found stopped and ran again since: it was stopped and removed"
        return {"said": "removed", "warning": came}


@dataclass(frozen=True, slots=True)
class RenameContainer(Step):
    """Have a container under the name of the service's: the last step, and the only rename."""

    name: ClassVar[str] = step_names.RENAME_CONTAINER
    container: str
    called: str

    def seen(self, context: StepContext) -> Result | None:
        """Whether it has the name."""
        there = context.find(self.container)
        return {"said": self.called} if there and there.name == self.called else None

    def apply(self, context: StepContext) -> Result:
        """Rename it; one that is gone when nothing leads back any more is said, not raised."""
        if context.lost(self.container):
            gone = f"the new container of {context.service} is gone: occ start makes it again"
            return {"said": "it is gone", "warning": gone}
        context.engine.rename(context.there(self.container).id, self.called)
        return {"said": self.called}


def _stopped(container: Container) -> Result:
    return {
        "said": exit_words(container),
        **ServiceTimes(finished_at=container.finished_at).to_json(),
        "exit_code": container.exit_code,
    }


def _again(said: str, times: ServiceTimes, warning: str) -> Result:
    return {"said": said, **times.to_json(), **({"warning": warning} if warning else {})}


def _prove_found(context: StepContext, container: Container, found: Found) -> Proof:
    spec = context.spec(found.version or context.operation.planned.current)
    own = data_as_before(context.operation, spec)
    return prove(context, container, spec.health, found.gate_ms if own else found.deadline_ms)


def _how_long(context: StepContext) -> str:
    new = context.made("replacement")
    if new is None or not new.started_at:
        return "The new version never ran on these volumes"
    ran = max(0, (new.finished_at or context.engine_now()) - new.started_at)
    return f"The new version ran on these volumes for {ran / 1000:.1f} s"
