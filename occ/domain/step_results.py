"""The results of steps that something else is decided from: a later stage, or an answer to people.

The journal holds a result as a table. Reading one never fails: a key that is missing or of another
type has its default, so that the results of older journals are read too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from occ.domain.values import HealthCheck, Json

_TIMING: Final = ("interval_ms", "timeout_ms", "start_period_ms", "retries")


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedImage:
    """The image that a pull or a build brought: the second stage is planned from it."""

    image: str = ""
    """The image's id."""
    digests: tuple[str, ...] = ()
    """Each is `repository@sha256:...`, by which the registry gives the image again."""
    labelled: str = ""
    """The text of the image's version label, which may be inherited and wrong."""
    volumes: tuple[str, ...] = ()
    """The paths of the image's VOLUMEs."""
    check: HealthCheck | None = None
    """The timing of the image's HEALTHCHECK; its words are not recorded."""

    @classmethod
    def from_json(cls, result: Mapping[str, Json]) -> "FetchedImage":
        """Read a result of `pull_image` or `build_image`."""
        return cls(
            image=_text(result.get("image")),
            digests=_texts(result.get("digests")),
            labelled=_text(result.get("labelled")),
            volumes=_texts(result.get("volumes")),
            check=_timing(result.get("check")),
        )

    def to_json(self) -> Mapping[str, Json]:
        """The result as the journal holds it."""
        check = self.check
        return {
            "image": self.image,
            "digests": _listed(self.digests),
            "labelled": self.labelled,
            "volumes": _listed(self.volumes),
            "check": {name: getattr(check, name) for name in _TIMING} if check else None,
            "said": self.image.removeprefix("sha256:")[:12],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The end of a gate: the container is healthy, or it is not and was left running."""

    said: str = ""
    """A sentence for people; of an unhealthy container, why it is not healthy."""
    healthy: bool = True
    first_good_at: int = 0
    """When the first good answer came by the engine's clock, in ms since 1970; 0 for never."""
    good_after_ms: int = 0
    """How long after the gate's beginning it was good and stayed so; 0 where that is not known."""
    reported: str = ""
    """The version that the container says it is."""
    log_tail: tuple[str, ...] = ()
    """The last lines of an unhealthy container."""

    @classmethod
    def from_json(cls, result: Mapping[str, Json]) -> "Proof":
        """Read a result of `prove_health`."""
        return cls(
            said=_text(result.get("said")),
            healthy=result.get("healthy") is not False,
            first_good_at=_number(result.get("first_good_at")) or 0,
            good_after_ms=_number(result.get("good_after_ms")) or 0,
            reported=_text(result.get("reported")),
            log_tail=_texts(result.get("log_tail")),
        )

    def to_json(self) -> Mapping[str, Json]:
        """The result as the journal holds it."""
        if not self.healthy:
            return {"healthy": False, "said": self.said, "log_tail": _listed(self.log_tail)}
        return {
            "healthy": True,
            "first_good_at": self.first_good_at,
            "good_after_ms": self.good_after_ms,
            "reported": self.reported,
            "said": self.said,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTimes:
    """When a step saw a container end, and one answer well again: ms since 1970 UTC.

    Both are by the engine's clock. Journals of earlier releases have the second by the prober's.
    """

    finished_at: int | None = None
    """None where the step saw no end."""
    first_good_at: int | None = None
    """None where the step saw no good answer."""
    good_after_ms: int | None = None
    """As in Proof; None where no gate was passed, or where that is not known."""

    @classmethod
    def from_json(cls, result: Mapping[str, Json]) -> "ServiceTimes":
        """Read the result of any step, done or undone."""
        return cls(
            finished_at=_number(result.get("finished_at")),
            first_good_at=_number(result.get("first_good_at")),
            good_after_ms=_number(result.get("good_after_ms")),
        )

    def to_json(self) -> Mapping[str, Json]:
        """The times that are known, as the journal holds them."""
        times = {
            "finished_at": self.finished_at,
            "first_good_at": self.first_good_at,
            "good_after_ms": self.good_after_ms,
        }
        return {name: ms for name, ms in times.items() if ms is not None}


def _timing(value: Json) -> HealthCheck | None:
    if not isinstance(value, Mapping):
        return None
    known: Mapping[str, Any] = {
        name: value[name] for name in _TIMING if isinstance(value.get(name), int)
    }
    return HealthCheck(**known)


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Json) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def _number(value: Json) -> int | None:
    return value if isinstance(value, int) else None


def _listed(texts: Iterable[str]) -> list[Json]:
    return list(texts)
