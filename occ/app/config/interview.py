"""How the app asks somebody: the command line answers, from a person or from its options."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

Key: TypeAlias = Literal["image", "port", "bind", "volume", "user", "health"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`default` is taken for an empty answer; where `several` is set, commas part them."""

    key: Key
    text: str
    default: str = ""
    several: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Precheck:
    """What was looked at before anything is written: engine, port, name, disk."""

    what: str
    fine: bool
    says: str
    fix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """What would be written into the config, as a unified diff; empty when it says so already."""

    config: str
    diff: str
    prechecks: tuple[Precheck, ...] = ()

    @property
    def fine(self) -> bool:
        """Whether nothing stands in the way of a start."""
        return all(one.fine for one in self.prechecks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interview:
    """`ask` brings an answer; `again` is told what is wrong with it, and says whether to ask again.

    `tell` is for notes; `agree` is asked before the config is written.
    """

    ask: Callable[[Question], str]
    again: Callable[[str], bool]
    tell: Callable[[str], None]
    agree: Callable[[Writing], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUp:
    """How it ended. `installed` says that the service has a version already."""

    service: str
    config: str
    written: bool
    installed: bool
    prechecks: tuple[Precheck, ...] = ()
