"""The images that keep tags hold on the host: whether one may go, and its removal."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from occ.domain.kept_names import Name
from occ.domain.operation import Operation
from occ.domain.request import Version
from occ.domain.retention import Item
from occ.domain.values import LOCAL_REPOSITORIES, Reference
from occ.domain.versions import Ledger
from occ.engine.port import Engine
from occ.engine.values import Image
from occ.errors import ImageMissingError, RegistryError
from occ.operations import labels


def published(engine: Engine, digests: Collection[str]) -> bool:
    """Whether an image is still at its registry by one of its digests.

    Raises:
        RegistryError: the registry cannot be asked, so nobody knows.
    """
    unknown: RegistryError | None = None
    for digest in digests:
        try:
            engine.registry_digest(digest)
        except ImageMissingError:
            continue
        except RegistryError as error:
            unknown = error
        else:
            return True
    if unknown is not None:
        raise unknown
    return False


def needed_images(operation: Operation, ledger: Ledger) -> Iterator[Name]:
    """The images of the versions that an operation names, by number or by their id."""
    planned = operation.planned
    numbers = {planned.current, operation.version, planned.found.version, planned.request.version}
    images = {planned.request.image, planned.found.image}
    images |= {str(step.plan.inputs.get("image", "")) for step in operation.steps}
    for number, record in ledger.versions.items():
        if number in numbers or record.version.image in images:
            yield Name("image", number)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptImages:
    """The keep tags of one service's versions."""

    engine: Engine
    journal: str
    service: str
    ledger: Ledger

    def items(self) -> Iterator[Item]:
        """The versions whose keep tag is on the host, as the rules see them."""
        used = self._used()
        for number, record in self.ledger.versions.items():
            image = self.engine.image(self._keep(number))
            if image is not None:
                yield Item(
                    name=Name("image", number),
                    at=record.created_at,
                    version=number,
                    fixed=self._fixed(record.version, image, used.get(record.version.image, "")),
                    content=image.id,
                )

    def stays(self, number: int) -> str:
        """Why a version's image cannot go now; empty where it may, or is gone already.

        The registry is asked last, so that it has answered right before the removal.
        """
        version = self.ledger.versions[number].version
        if number == self.ledger.current:
            return "the current version's"
        if self.ledger.staged is not None and number == self.ledger.staged.number:
            return "it is staged"
        image = self.engine.image(version.image)
        if image is None:
            return ""
        used = self._used().get(version.image, "")
        return self._fixed(version, image, used) or self.unpublished(number)

    def unpublished(self, number: int) -> str:
        """Why a version's image might not be had again; empty where its registry has it."""
        version = self.ledger.versions[number].version
        try:
            there = published(self.engine, _own_digests(version))
        except RegistryError as error:
            return f"its registry cannot be asked: {error.message}"
        return "" if there else "its registry has it no more"

    def remove(self, number: int) -> None:
        """Have a version's keep tag gone, and the image with it where nothing else names it.

        Raises:
            EngineRefusedError: a container uses the image.
        """
        version = self.ledger.versions[number].version
        keep = self._keep(number)
        tagged = self.engine.image(keep)
        if tagged is not None and tagged.id == version.image:
            self.engine.remove_image(keep)
        left = self.engine.image(version.image)
        if left is not None and not left.references:
            for (
                digest
            ) in left.digests:  # of a pull: without them the image would lie there for ever
                self.engine.remove_image(digest)

    def _keep(self, number: int) -> str:
        return labels.keep_reference(self.journal, self.service, number)

    def _used(self) -> dict[str, str]:
        """The id of each image that anybody's container is of, and the name of such a one."""
        return {one.image: one.name for one in self.engine.containers({})}

    def _fixed(self, version: Version, image: Image, used: str) -> str:
        """Why an image cannot go, as far as this host knows."""
        if image.id != version.image:
            return f"its keep tag is on another image: occ repair --service {self.service}"
        if not _own_digests(version):
            return "no registry ever had it"
        if used:
            return f"the container {used} is of it"
        tags = [one for one in image.references if not one.startswith(LOCAL_REPOSITORIES)]
        return f"it is tagged {tags[0]}" if tags else ""


def _own_digests(version: Version) -> tuple[str, ...]:
    """The digests by which the version's own repository gives the image."""
    repository = Reference.parse(version.reference).repository
    return tuple(one for one in version.digests if Reference.parse(one).repository == repository)
