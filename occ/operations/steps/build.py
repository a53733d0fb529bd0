"""The step that makes an image. It touches nothing that serves."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

from occ.domain import step_names
from occ.domain.secrets.secrecy import clean, redact
from occ.domain.spec import Build
from occ.domain.step_results import FetchedImage
from occ.engine.progress import BuildProgress
from occ.engine.values import Image
from occ.errors import BuildFailedError, StoppedByOperatorError
from occ.operations.step_context import StepContext
from occ.operations.steps.images import found_out
from occ.operations.steps.step import Result, Step

_TAIL_LINES = 60
_TAIL_BYTES = 6_144


@dataclass(frozen=True, slots=True)
class BuildImage(Step):
    """Have an image built on the host and called `reference`, while what serves goes on serving.

    `args` are `NAME=value`. After a crash the same build is made again: what the one before got
    done is in the builder's cache. The tag stays, whatever becomes of the operation.
    """

    name: ClassVar[str] = step_names.BUILD_IMAGE
    reference: str
    context: str
    dockerfile: str
    args: tuple[str, ...]
    target: str
    pull: bool

    def seen(self, context: StepContext) -> Result | None:
        """Whether the image built before is here."""
        known = FetchedImage.from_json(context.operation.result(self.name)).image
        there = context.engine.image(known) if known else None
        return _built(self.reference, there) if there else None

    def apply(self, context: StepContext) -> Result:
        """Build it, and call it so."""
        known = self.seen(context)
        if known is not None:
            return known
        build = Build(
            context=self.context,
            dockerfile=self.dockerfile,
            args=dict(arg.split("=", 1) for arg in self.args),
            target=self.target,
            pull=self.pull,
        )

        def progress(how_far: BuildProgress) -> None:
            if context.stop_requested():
                raise StoppedByOperatorError("you asked for an end while the image was built")
            context.progress(
                BuildProgress(
                    text=_without(context, how_far.text), step=how_far.step, steps=how_far.steps
                )
            )

        try:
            image = context.engine.build(build, progress)
        except BuildFailedError as error:
            tail = bounded(_without(context, line) for line in error.log_tail)
            raise BuildFailedError(error.message, hint=error.hint, log_tail=tail) from error
        context.engine.tag(image.id, self.reference)
        return _built(self.reference, image)


def _without(context: StepContext, text: str) -> str:
    return clean(redact(text, context.secrets.values()))


def bounded(lines: Iterable[str]) -> tuple[str, ...]:
    """The last lines of a log: at most 60, and 6 KiB in all, so that an event holds them."""
    kept: list[str] = []
    room = _TAIL_BYTES
    for line in list(lines)[: -_TAIL_LINES - 1 : -1]:
        shown = line.replace("\0", "\\x00")
        room -= len(shown.encode()) + 1
        if room < 0:
            break
        kept.append(shown)
    return tuple(reversed(kept))


def _built(reference: str, image: Image) -> Result:
    """The result of a build: no registry gives the image, whatever digests its tags have."""
    return found_out(reference, replace(image, digests=()))
