"""The memory engine's builder: of a Dockerfile it knows FROM, ARG, LABEL, and RUN true or false."""

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from occ.domain.spec import Build
from occ.engine.progress import BuildProgress
from occ.errors import BuildFailedError, ImageMissingError
from tests.doubles.engine.image import BuiltImage

_VARIABLE = re.compile(r"\$\{?(\w+)\}?")


def make(
    build: Build,
    find: Callable[[str], BuiltImage],
    progress: Callable[[BuildProgress], None],
) -> BuiltImage:
    """What the Dockerfile says, over the images that `find` finds.

    Raises:
        BuildFailedError: there is no Dockerfile, or an instruction fails.
    """
    file = Path(build.context) / build.dockerfile
    if not file.is_file():
        raise BuildFailedError(f"there is no {file}", hint="name it as build.dockerfile")
    lines = [line.strip() for line in file.read_text("utf-8").splitlines() if line.strip()]
    said: list[str] = []
    known: dict[str, str] = {}
    stages: dict[str, BuiltImage] = {}
    image: BuiltImage | None = None
    stage = ""
    for number, line in enumerate(lines, 1):
        if line.startswith("FROM ") and image is not None:
            stages[stage] = image
            if stage == build.target != "":
                break
        said.append(f"Step {number}/{len(lines)} : {line}")
        progress(BuildProgress(text=said[-1], step=number, steps=len(lines)))
        word, _, rest = line.partition(" ")
        try:
            if word == "FROM":
                name, _, stage = rest.partition(" AS ")
                image = stages.get(name) or find(name)
            elif word == "ARG":
                name, _, value = rest.partition("=")
                known[name] = build.args.get(name, value)
            elif image is not None:
                image = _after(image, word, rest, known)
        except (ImageMissingError, ValueError) as error:
            message = f"the build from {build.context} failed: {error}"
            raise BuildFailedError(message, log_tail=tuple(said)) from error
    if image is None:
        raise BuildFailedError(f"{file} has no FROM", log_tail=tuple(said))
    return image


def _after(image: BuiltImage, word: str, rest: str, known: Mapping[str, str]) -> BuiltImage:
    if word == "RUN" and rest != "true":
        raise ValueError(f"The command '/bin/sh -c {rest}' returned a non-zero code: 1")
    if word != "LABEL":
        return image
    written = _VARIABLE.sub(lambda found: known.get(found[1], ""), rest)
    labels = dict(pair.split("=", 1) for pair in shlex.split(written))
    return replace(image, labels={**image.labels, **labels})
