"""Steps that keep, fetch and name images. They touch nothing that serves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from occ.domain import step_names
from occ.domain.step_results import FetchedImage
from occ.domain.values import Reference
from occ.engine.port import Engine
from occ.engine.progress import PullProgress
from occ.engine.values import Image
from occ.errors import ImageMissingError, OccError, RegistryError, StoppedByOperatorError
from occ.operations.step_context import StepContext
from occ.operations.steps.step import Result, Step

VERSION_LABEL = "org.opencontainers.image.version"


@dataclass(frozen=True, slots=True)
class KeepImage(Step):
    """Have a keep tag on an image, by its id. The tag stays, whatever becomes of the operation."""

    name: ClassVar[str] = step_names.KEEP_IMAGE
    image: str
    keep: str

    def seen(self, context: StepContext) -> Result | None:
        """Whether the tag points at the image."""
        return {"said": self.keep} if _tagged(context, self.keep, self.image) else None

    def apply(self, context: StepContext) -> Result:
        """Tag it; an image that is gone already is said: the old container does not need it."""
        try:
            context.engine.tag(self.image, self.keep)
        except ImageMissingError as error:
            return _impossible(error)
        return {"said": self.keep}


@dataclass(frozen=True, slots=True)
class PullImage(Step):
    """Have an image on the host, while what serves goes on serving.

    `pull` is always, missing or never. With `image` exactly that image is wanted: it is pulled by
    one of `digests`, and tagged `keep` at once, because an untagged one is taken by any prune. With
    `digests` alone it is pulled by the first, and with `tag` it gets that name, as a pull by the
    name would have given it.
    """

    name: ClassVar[str] = step_names.PULL_IMAGE
    reference: str
    pull: str
    image: str = ""
    digests: tuple[str, ...] = ()
    keep: str = ""
    tag: str = ""

    def seen(self, context: StepContext) -> Result | None:
        """Whether the image found before is here."""
        known = self._wanted(context).image
        there = context.engine.image(known) if known else None
        return found_out(self.reference, there) if there else None

    def apply(self, context: StepContext) -> Result:
        """Pull it, or find it here where that is enough."""
        wanted = self._wanted(context)
        if wanted.image:
            image = exactly(context, wanted.image, self.reference, wanted.digests)
        elif self.digests:
            image = _pull(context, self.digests[0])
        else:
            image = self._newest(context)
        for name in filter(None, (self.keep, self.tag)):
            context.engine.tag(image.id, name)
        return found_out(self.reference, image)

    def _newest(self, context: StepContext) -> Image:
        accepted = str(context.operation.result(step_names.ACCEPT_IMAGE).get("accepted") or "")
        if accepted and not Reference.parse(self.reference).digest:
            return self._accepted(context, accepted)
        here = None if self.pull == "always" else context.engine.image(self.reference)
        if here is not None:
            return here
        if self.pull == "never":
            return on_host(context.engine, self.reference)
        return _pull(context, self.reference)

    def _accepted(self, context: StepContext, accepted: str) -> Image:
        """The image that the gate commands accepted, wherever its name leads by now."""
        image = context.engine.image(accepted)
        if image is None and self.pull == "never":
            return on_host(context.engine, accepted)
        image = image or _pull(context, accepted)
        context.engine.tag(image.id, self.reference)
        return image

    def _wanted(self, context: StepContext) -> FetchedImage:
        """The image that an earlier attempt found, else the one that was asked for."""
        before = context.operation.result(self.name)
        asked = FetchedImage(image=self.image, digests=self.digests)
        return FetchedImage.from_json(before) if before else asked


@dataclass(frozen=True, slots=True)
class RestoreImage(Step):
    """Have exactly this image on the host under its keep tag, pulled by one of its digests.

    It is for a way back that nothing waits for: a registry that does not give it is said, not
    raised.
    """

    name: ClassVar[str] = step_names.RESTORE_IMAGE
    image: str
    reference: str
    digests: tuple[str, ...]
    keep: str

    def seen(self, context: StepContext) -> Result | None:
        """Whether the tag points at the image."""
        return {"said": self.keep} if _tagged(context, self.keep, self.image) else None

    def apply(self, context: StepContext) -> Result:
        """Pull and tag it, or say why not."""
        try:
            exactly(context, self.image, self.reference, self.digests)
        except RegistryError as error:
            return _impossible(error)
        context.engine.tag(self.image, self.keep)
        return {"said": self.keep}


def on_host(engine: Engine, reference: str) -> Image:
    """The image that a name means on the host, where nothing may be pulled.

    Raises:
        ImageMissingError: there is none.
    """
    here = engine.image(reference)
    if here is None:
        raise ImageMissingError(
            f"{reference} is not on the host, and pull is never",
            hint=f"build or load it, or: docker pull {reference}",
        )
    return here


def found_out(reference: str, image: Image) -> Result:
    """The result of a pull or a build, from which the second stage is planned."""
    digests, labelled = described(reference, image)
    fetched = FetchedImage(
        image=image.id,
        digests=digests,
        labelled=labelled,
        volumes=image.volumes,
        check=image.health,
    )
    result = fetched.to_json()
    return {**result, "warning": image.note} if image.note else result


def described(reference: str, image: Image) -> tuple[tuple[str, ...], str]:
    """The facts of an image that a version records: its digests, and its version label's text."""
    labelled = image.labels.get(VERSION_LABEL, "")[:100]
    return _of_repository(reference, image.digests), labelled


def exactly(context: StepContext, wanted: str, reference: str, digests: Sequence[str]) -> Image:
    """This image by its id, fetched by one of its digests if the host has it no more.

    Raises:
        ImageMissingError: it is not on the host, and what the digests bring is another one.
        RegistryError: the registry could not be asked.
    """
    here = context.engine.image(wanted)
    if here is not None:
        return here
    for digest in digests:
        image = _pull(context, digest)
        if image.id == wanted:
            return image
    raise ImageMissingError(
        f"image {wanted} of {reference} is gone, here and at its registry",
        hint="occ versions --check lists what can still be had",
    )


def _tagged(context: StepContext, tag: str, image: str) -> bool:
    there = context.engine.image(tag)
    return there is not None and there.id == image


def _impossible(error: OccError) -> Result:
    return {"said": "not possible", "warning": f"{error.message}: no way back without it"}


def _pull(context: StepContext, reference: str) -> Image:
    def progress(how_far: PullProgress) -> None:
        if context.stop_requested():
            raise StoppedByOperatorError("you asked for an end while the image was pulled")
        context.progress(how_far)

    return context.engine.pull(reference, progress)


def _of_repository(reference: str, digests: tuple[str, ...]) -> tuple[str, ...]:
    repository = Reference.parse(reference).repository
    own = [d for d in digests if f"{repository}@" in d]
    return tuple(own or digests)


@dataclass(frozen=True, slots=True)
class TagPrevious(Step):
    """Have `<repository>:previous` point at the image that was replaced: a courtesy for people.

    occ never reads it. It is left alone where the registry publishes a tag of that name, and a
    failure here is said, not raised: the new version serves already.
    """

    name: ClassVar[str] = step_names.TAG_PREVIOUS
    image: str
    tag: str
    ask: bool

    def seen(self, context: StepContext) -> Result | None:
        """Whether the tag points at the image."""
        return {"tag": self.tag} if _tagged(context, self.tag, self.image) else None

    def apply(self, context: StepContext) -> Result:
        """Move the tag, or say why not."""
        if self.ask and self._published(context):
            return {"skipped": f"{self.tag} is a tag of the registry's own"}
        try:
            context.engine.tag(self.image, self.tag)
        except ImageMissingError as error:
            return {"skipped": error.message}
        return {"tag": self.tag}

    def _published(self, context: StepContext) -> bool:
        try:
            return bool(context.engine.registry_digest(self.tag))
        except RegistryError:
            return False
