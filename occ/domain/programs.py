"""Programs that the config names: the journal holds their digests, and never a source of them.

A step says which program is meant by its name and the digest of its words. The words themselves
come from this machine's config, so a journal that somebody else wrote runs nothing here.
"""

import hashlib
import json
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from occ.errors import HookChangedError

LATER: Final = 75
"""The exit status that says "not now" or "I cannot know": EX_TEMPFAIL of sysexits.h."""
DEFAULT_TIMEOUT_MS: Final = 60_000
_PASSED: Final = ("PATH", "HOME", "LANG", "TZ")
_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

How: TypeAlias = Literal["ended", "killed", "timed out", "not started"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program of the config: words, handed to the system as they are, without a shell."""

    name: str
    """The key that declares it, as people know it: `hooks.pre_stop`, `accept`."""
    words: tuple[str, ...]
    """The first one is its path: an absolute one on this machine."""
    timeout_ms: int = DEFAULT_TIMEOUT_MS

    @property
    def digest(self) -> str:
        """SHA-256 of its words, the path among them: what the journal knows it by."""
        return words_digest(self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a run of a program ended, and what it wrote."""

    how: How = "ended"
    status: int = 0
    """Its exit status; of a killed one, the number of the signal."""
    said: str = ""
    """Why it could not be started; empty where it was."""
    tail: tuple[str, ...] = ()
    """The last lines of its output, at most 8 KiB, with no secret in them."""
    output: str = ""
    """SHA-256 of its whole output, both streams as they came."""
    took_ms: int = 0

    @property
    def good(self) -> bool:
        """Whether it ended with 0."""
        return self.how == "ended" and self.status == 0

    @property
    def later(self) -> bool:
        """Whether it ended with 75."""
        return self.how == "ended" and self.status == LATER

    @property
    def words(self) -> str:
        """Its end, for people."""
        match self.how:
            case "ended":
                return f"ended with {self.status}"
            case "killed":
                return f"was killed by {_signal(self.status)}"
            case "timed out":
                return "was ended, for its time was over"
            case "not started":
                return f"could not be started: {self.said}"


def words_digest(words: Sequence[str]) -> str:
    """SHA-256 of words, as hex."""
    text = json.dumps(list(words), ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def the_planned(program: Program | None, name: str, digest: str) -> Program:
    """The program of this name in today's config, which is the one that was planned.

    Raises:
        HookChangedError: the config has other words for it, or has it no more.
    """
    if program is not None and program.digest == digest:
        return program
    now = "other words now" if program else "no such program"
    raise HookChangedError(
        f"{name} is not what was planned: the config of this machine has {now}; nothing was run",
        hint="occ abort, or occ config edit",
    )


def environment(
    environ: Mapping[str, str], told: Mapping[str, str], secrets: Mapping[str, str]
) -> dict[str, str]:
    """The whole environment of a program: a few variables of occ's own, `OCC_*`, and secrets.

    `told` are the variables that occ sets, all named `OCC_*`; `secrets` those that the config
    names, filled in.
    """
    passed = {name: environ[name] for name in _PASSED if environ.get(name)}
    return {"PATH": _PATH, **passed, **secrets, **told}


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
