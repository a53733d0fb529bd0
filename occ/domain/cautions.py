"""The things that the journal knows against an update: what failed here, what was left by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from occ.domain.request import Version

Trial: TypeAlias = tuple[str, str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """A fact of the journal against a replacement, and the operation in which it came to be."""

    why: Literal["bad", "left"]
    """`bad`: this image failed its gate with this spec and these secrets. `left`: a person rolled
    back from this image, whatever it ran with."""
    operation: int

    @property
    def reason(self) -> Literal["known_bad", "left_by_rollback"]:
        """The reason that it is, by its name."""
        return "known_bad" if self.why == "bad" else "left_by_rollback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cautions:
    """All of one service, each with the number of its operation."""

    bad: Mapping[Trial, Mapping[int, int]] = field(default_factory=dict)
    """By the version that had last run on the data; 0 where that is not known."""
    left: Mapping[str, int] = field(default_factory=dict)
    """By the image's id."""

    def against(
        self, image: str, spec: str, fingerprints: Mapping[str, str], data_of: int
    ) -> Caution | None:
        """The caution against an image with a spec, by its digest, and secrets; None without one.

        `data_of` is the version that last ran on the data: a failure on other data says nothing.
        A failure comes before a rollback: it says more.
        """
        failures = self.bad.get(_trial(image, spec, fingerprints), {})
        failed = failures.get(data_of, failures.get(0))
        if failed is not None:
            return Caution(why="bad", operation=failed)
        left = self.left.get(image)
        return Caution(why="left", operation=left) if left is not None else None

    def judged(
        self,
        version: Version,
        prints: Mapping[str, str] | None,
        operation: int,
        *,
        good: bool,
        data_of: int,
    ) -> "Cautions":
        """After a version passed or failed its gate; `prints` None are its recorded secrets."""
        ran_with = version.fingerprints if prints is None else prints
        trial = _trial(version.image, version.spec.digest(), ran_with)
        failures = self.bad.get(trial, {})
        if good:
            failures = {of: number for of, number in failures.items() if of not in {0, data_of}}
        else:
            failures = {**failures, data_of: operation}
        return replace(self, bad={**self.bad, trial: failures})

    def reached(self, image: str) -> "Cautions":
        """After a version of this image became the current one, whoever brought it."""
        return replace(self, left={i: n for i, n in self.left.items() if i != image})

    def released(self) -> "Cautions":
        """After an operator released the service: no image counts as left by a rollback."""
        return replace(self, left={})

    def went_back(self, image: str, operation: int) -> "Cautions":
        """After a person rolled back from this image to another one."""
        return replace(self, left={**self.left, image: operation})


def _trial(image: str, spec: str, fingerprints: Mapping[str, str]) -> Trial:
    return (image, spec, tuple(sorted(fingerprints.items())))
