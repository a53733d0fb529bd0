"""The facts of the steps of an operation: each is begun, done, failed, undone or stuck."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from occ.domain.values import Json


@dataclass(frozen=True, slots=True)
class StepStarted:
    """The intent to carry a step out: durable before its effect."""

    index: int
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step's effect is there; `seen` says that it was found, not made, by this attempt."""

    index: int
    result: Mapping[str, Json] = field(default_factory=dict)
    seen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a step could not be carried out or undone."""

    code: str
    message: str
    hint: str = ""
    log_tail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFailed(Failure):
    """A step could not be carried out; `log_tail` is the container's last lines, bounded."""

    index: int


@dataclass(frozen=True, slots=True)
class StepRepeated:
    """The container that a step watches ended as `said`, and its restarts allow another start."""

    index: int
    exited_at: int
    """When it ended, ms since 1970 by the engine's clock."""
    said: str = ""


@dataclass(frozen=True, slots=True)
class StepReverting:
    """The intent to undo a step: durable before its effect."""

    index: int
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class StepReverted:
    """A step's effect is gone."""

    index: int
    result: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStuck(Failure):
    """A step could not be undone; the operation stays reverting until it can."""

    index: int


StepEvent: TypeAlias = (
    StepStarted | StepDone | StepFailed | StepRepeated | StepReverting | StepReverted | StepStuck
)
