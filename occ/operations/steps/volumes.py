"""Steps that bring the data of an adopted container's anonymous volume into a named one."""

from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar

from occ.domain import step_names
from occ.domain.spec import Spec, Volume
from occ.engine.values import ContainerRequest
from occ.errors import EngineRefusedError, FailedError, NameTakenError
from occ.operations import labels
from occ.operations.step_context import StepContext
from occ.operations.steps.step import Result, Step

_PATH = "/occ-volume"


@dataclass(frozen=True, slots=True)
class ReserveVolume(Step):
    """Have an empty volume of this operation, to be filled from another one and by nothing else.

    Undone it is gone again: what it held was a copy, and what ran on it did not prove healthy.
    """

    name: ClassVar[str] = step_names.RESERVE_VOLUME
    volume: str
    source: str
    version: int

    def seen(self, context: StepContext) -> Result | None:
        """Whether this operation made it."""
        return {"said": self.volume} if self._ours(context) else None

    def apply(self, context: StepContext) -> Result:
        """Make it.

        Raises:
            EngineRefusedError: there is one of that name, which is never written into.
        """
        if context.engine.volume(self.volume) is not None and not self._ours(context):
            raise EngineRefusedError(
                f"a volume {self.volume} exists, and would be written into",
                hint=f"if nothing needs it: docker volume rm {self.volume}",
            )
        mark = {
            **labels.mine(context.journal, context.service),
            labels.VERSION: str(self.version),
            labels.OPERATION: str(context.operation.number),
            labels.COPY: self.source,
        }
        context.engine.create_volume(self.volume, mark)
        return {"said": self.volume}

    def settle(self, context: StepContext) -> None:
        """Make it again: then a call under way has come to its end."""
        if context.engine.volume(self.volume) is None:
            self.apply(context)

    def revert(self, context: StepContext) -> Result:
        """Remove it, if this operation made it."""
        if not self._ours(context):
            return {}
        context.engine.remove_volume(self.volume)
        return {"said": "removed"}

    def _ours(self, context: StepContext) -> bool:
        there = context.engine.volume(self.volume) or {}
        return (
            there.get(labels.JOURNAL) == context.journal
            and there.get(labels.OPERATION) == str(context.operation.number)
            and there.get(labels.COPY) == self.source
        )


@dataclass(frozen=True, slots=True)
class CopyVolume(Step):
    """Have the data of one volume in another, while nothing that uses them runs.

    Two helper containers, which are never started, lend the archive call a way in. The source is
    mounted read-only in its helper and stays as it is, also afterwards.
    """

    name: ClassVar[str] = step_names.COPY_VOLUME
    source: str
    target: str
    image: str

    def seen(self, context: StepContext) -> Result | None:
        """A copy is never believed, unless the replacement has run on it since."""
        new = context.made("replacement")
        return self._done() if new is not None and new.started_at else None

    def apply(self, context: StepContext) -> Result:
        """Copy all of it; what an earlier attempt brought is written again."""
        if context.engine.volume(self.source) is None:
            said = f"the anonymous volume {self.source[:12]} is gone: {self.target} begins empty"
            return {"said": "nothing to copy", "warning": said}
        self._clear(context)
        reading, writing = self._both(context)
        try:
            context.engine.copy_folder(reading, writing, _PATH)
        finally:
            self._clear(context)
        return self._done()

    def settle(self, context: StepContext) -> None:
        """Make the helpers and remove them: then no call under way makes one afterwards.

        The engine ends what it does with a helper before it removes it.
        """
        if context.engine.volume(self.source) is not None:
            with suppress(FailedError):  # what cannot be made needs no removal
                self._both(context)
        self._clear(context)

    def revert(self, context: StepContext) -> Result:
        """The source was only read; the target goes with its own step."""
        self._clear(context)
        return {}

    def _done(self) -> Result:
        left = f"the anonymous volume it was copied from stays: docker volume rm {self.source}"
        return {"said": self.target, "warning": left}

    def _mark(self, context: StepContext) -> dict[str, str]:
        return {
            labels.JOURNAL: context.journal,
            labels.OPERATION: str(context.operation.number),
            labels.HELPER: f"copy of {self.source}",
        }

    def _both(self, context: StepContext) -> tuple[str, str]:
        return self._lend(context, "from", self.source), self._lend(context, "to", self.target)

    def _lend(self, context: StepContext, which: str, volume: str) -> str:
        """A container that is never started, with one volume that nothing fills."""
        place = Volume(name=volume, path=_PATH, read_only=which == "from")
        request = ContainerRequest(
            name=f"{context.service}.occ-copy-{which}",
            image=self.image,
            spec=Spec(volumes=(place,), command=("never started",), networks=("none",)),
            labels=self._mark(context),
            alias=context.service,
        )
        try:
            return context.engine.create(request)
        except NameTakenError as error:
            # our own earlier call may have come to its end meanwhile
            ours = {one.name: one.id for one in context.engine.containers(self._mark(context))}
            if request.name in ours:
                return ours[request.name]
            raise FailedError(error.message, hint=f"docker rm {request.name}") from error

    def _clear(self, context: StepContext) -> None:
        for helper in context.engine.containers(self._mark(context)):
            context.engine.remove(helper.id)
