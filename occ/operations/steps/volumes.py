"""Steps that bring the data of an adopted container's anonymous volume into a named one."""

from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar

from occ.domain import step_names
from occ.domain.spec import Spec, Volume
from occ.engine.values import ContainerRequest
from occ.errors import EngineRefusedError, FailedError, NameTakenError
from occ.operations import labels
from occ.operations.step_context import World
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

    def seen(self, world: World) -> Result | None:
        """Whether this operation made it."""
        return {"said": self.volume} if self._ours(world) else None

    def apply(self, world: World) -> Result:
        """Make it.

        Raises:
            EngineRefusedError: there is one of that name, which is never written into.
        """
        if world.engine.volume(self.volume) is not None and not self._ours(world):
            raise EngineRefusedError(
                f"a volume {self.volume} exists, and would be written into",
                hint=f"if nothing needs it: docker volume rm {self.volume}",
            )
        mark = {
            **labels.mine(world.journal, world.service),
            labels.VERSION: str(self.version),
            labels.OPERATION: str(world.operation.number),
            labels.COPY: self.source,
        }
        world.engine.create_volume(self.volume, mark)
        return {"said": self.volume}

    def settle(self, world: World) -> None:
        """Make it again: then a call under way has come to its end."""
        if world.engine.volume(self.volume) is None:
            self.apply(world)

    def revert(self, world: World) -> Result:
        """Remove it, if this operation made it."""
        if not self._ours(world):
            return {}
        world.engine.remove_volume(self.volume)
        return {"said": "removed"}

    def _ours(self, world: World) -> bool:
        there = world.engine.volume(self.volume) or {}
        return (
            there.get(labels.JOURNAL) == world.journal
            and there.get(labels.OPERATION) == str(world.operation.number)
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

    def seen(self, world: World) -> Result | None:
        """A copy is never believed, unless the replacement has run on it since."""
        new = world.made("replacement")
        return self._done() if new is not None and new.started_at else None

    def apply(self, world: World) -> Result:
        """Copy all of it; what an earlier attempt brought is written again."""
        if world.engine.volume(self.source) is None:
            said = f"the anonymous volume {self.source[:12]} is gone: {self.target} begins empty"
            return {"said": "nothing to copy", "warning": said}
        self._clear(world)
        reading, writing = self._both(world)
        try:
            world.engine.copy_folder(reading, writing, _PATH)
        finally:
            self._clear(world)
        return self._done()

    def settle(self, world: World) -> None:
        """Make the helpers and remove them: then no call under way makes one afterwards.

        The engine ends what it does with a helper before it removes it.
        """
        if world.engine.volume(self.source) is not None:
            with suppress(FailedError):  # what cannot be made needs no removal
                self._both(world)
        self._clear(world)

    def revert(self, world: World) -> Result:
        """The source was only read; the target goes with its own step."""
        self._clear(world)
        return {}

    def _done(self) -> Result:
        left = f"the anonymous volume it was copied from stays: docker volume rm {self.source}"
        return {"said": self.target, "warning": left}

    def _mark(self, world: World) -> dict[str, str]:
        return {
            labels.JOURNAL: world.journal,
            labels.OPERATION: str(world.operation.number),
            labels.HELPER: f"copy of {self.source}",
        }

    def _both(self, world: World) -> tuple[str, str]:
        return self._lend(world, "from", self.source), self._lend(world, "to", self.target)

    def _lend(self, world: World, which: str, volume: str) -> str:
        """A container that is never started, with one volume that nothing fills."""
        place = Volume(name=volume, path=_PATH, read_only=which == "from")
        request = ContainerRequest(
            name=f"{world.service}.occ-copy-{which}",
            image=self.image,
            spec=Spec(volumes=(place,), command=("never started",), networks=("none",)),
            labels=self._mark(world),
            alias=world.service,
        )
        try:
            return world.engine.create(request)
        except NameTakenError as error:
            # our own earlier call may have come to its end meanwhile
            ours = {one.name: one.id for one in world.engine.containers(self._mark(world))}
            if request.name in ours:
                return ours[request.name]
            raise FailedError(error.message, hint=f"docker rm {request.name}") from error

    def _clear(self, world: World) -> None:
        for helper in world.engine.containers(self._mark(world)):
            world.engine.remove(helper.id)
