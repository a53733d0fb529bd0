"""The words that setup and an import exchange with the command line: questions and answers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

Key: TypeAlias = Literal[
    "service",
    "image",
    "port",
    "bind",
    "volume",
    "mount",
    "env",
    "secret",
    "network",
    "user",
    "health",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question to the operator."""

    key: Key
    text: str
    default: str = ""
    """The answer for which an empty one is taken."""
    several: bool = False
    """Whether there may be more than one answer, parted by commas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Precheck:
    """One check before anything is written."""

    what: str
    """`engine`, `name`, `port`, `network`, `secret` or `disk`."""
    fine: bool
    says: str
    fix: str = ""
    """The way to mend it; empty where all is fine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """The change of the config that is proposed."""

    config: str
    """The file."""
    diff: str
    """The change as a unified diff; empty when the file says so already."""
    prechecks: tuple[Precheck, ...] = ()

    @property
    def fine(self) -> bool:
        """Whether nothing stands in the way of a start."""
        return all(one.fine for one in self.prechecks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interview:
    """How the operator is asked and told."""

    ask: Callable[[Question], str]
    """Brings an answer."""
    again: Callable[[str], bool]
    """Is told what is wrong with an answer, and says whether to ask again."""
    tell: Callable[[str], None]
    """Takes a note."""
    agree: Callable[[Writing], bool]
    """Is asked before the config is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUp:
    """How a setup ended."""

    service: str
    config: str
    written: bool
    """False where the config says so already."""
    installed: bool
    """Whether the service has a version already."""
    prechecks: tuple[Precheck, ...] = ()
    password: str = ""
    """The secret by which its server would have a password, and has not; empty for none."""
