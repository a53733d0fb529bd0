"""How far a call is that takes long."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class PullProgress:
    """How far a pull is."""

    done: int
    """The bytes that have come, of all layers that are known so far."""
    total: int
    """The size of these layers in bytes."""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildProgress:
    """How far a build is: with every line of the builder's log, of some also now and then."""

    text: str
    step: int = 0
    """The number of the instruction that it is at; 0 where the builder does not tell it."""
    steps: int = 0
    """How many instructions there are; 0 where the builder does not tell it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateProgress:
    """How a gate stands: after each look at its container, and each second until the next one."""

    said: str
    """Why the container is not good; else how it is seen to be well."""
    for_ms: int
    """How long the gate has waited for a good look; of a good one, how long it has been good."""
    of_ms: int = 0
    """How long it must be good; 0 while it is not."""


HowFar: TypeAlias = PullProgress | BuildProgress | GateProgress
