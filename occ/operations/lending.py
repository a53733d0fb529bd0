"""Containers that are made and never started, to lend a way into a volume or to anchor it."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from occ.domain.spec import Spec
from occ.engine.port import Engine
from occ.engine.values import Container, ContainerRequest
from occ.errors import FailedError, NameTakenError, NotFoundError
from occ.operations import labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Lender:
    """Makes and removes one helper, which is known by its labels and has no network."""

    engine: Engine
    name: str
    """The helper's name; whoever else has it keeps it."""
    service: str
    image: str
    """The id of an image that is on the host."""
    known: Mapping[str, str]
    """The labels by which the helper is found again, also one that a crash left."""
    operation: int

    def there(self) -> tuple[Container, ...]:
        """The helpers of these labels; one, or none."""
        return self.engine.containers(self.known)

    def clear(self) -> None:
        """Have no helper."""
        for helper in self.there():
            self.engine.remove(helper.id)

    def quiesce(self) -> None:
        """Have no helper, nor any that a call under way makes afterwards; no volume is touched."""
        # the name is somebody else's, so none of ours is made
        with suppress(FailedError, NotFoundError):
            self.lend(Spec())
        self.clear()

    def lend(self, mounted: Spec) -> str:
        """Have a helper with the volumes and folders of a spec, none of them filled; its id.

        Raises:
            FailedError: another container has the name.
        """
        request = ContainerRequest(
            name=self.name,
            image=self.image,
            spec=replace(mounted, command=("never started",), networks=("none",)),
            labels={**self.known, labels.OPERATION: str(self.operation)},
            alias=self.service,
        )
        try:
            return self.engine.create(request)
        except NameTakenError as error:
            # our own earlier call may have come to its end meanwhile
            ours = {one.name: one for one in self.there()}
            there = ours.get(request.name)
            if there is not None and mounts(there, mounted):
                return there.id
            raise FailedError(error.message, hint=f"docker rm {request.name}") from error


def mounts(container: Container, mounted: Spec) -> bool:
    """Whether a container has these volumes and folders, at these places."""
    wanted = {one.path: one.name for one in mounted.volumes}
    wanted |= {one.path: one.source for one in mounted.mounts}
    return wanted.items() <= container.mounts.items()
