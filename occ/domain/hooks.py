"""Hooks, gate commands and the command that may put an update off: as declared, and as planned.

Declared they are words of the config. Planned they are digests of those words, for the journal.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, get_args

from occ.domain.programs import DEFAULT_TIMEOUT_MS, Program, words_digest

Place: TypeAlias = Literal["pre_update", "pre_stop", "post_start", "post_health"]
"""Before anything of the replacement; before the stop; between start and gate; before activation"""
Where: TypeAlias = Literal["host", "old", "new"]
OnUnknown: TypeAlias = Literal["block", "pass"]
AfterWait: TypeAlias = Literal["window", "anyway"]

PLACES: Final[tuple[Place, ...]] = get_args(Place)
DEFERRING: Final[frozenset[Place]] = frozenset({"pre_update", "pre_stop"})
"""The places where 75 puts the change off: the old one still serves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A hook of the config."""

    run: tuple[str, ...]
    undo: tuple[str, ...] = ()
    """Run when the change is put back and the hook was begun; empty for nothing."""
    where: Where = "host"
    timeout_ms: int = DEFAULT_TIMEOUT_MS
    once: bool = False
    """A run that nobody saw end is not made again; the change is put back."""

    def program(self, place: str, *, undo: bool = False) -> Program | None:
        """The program that is run there; None for an undo that is not declared."""
        words, name = (self.undo, f"hooks.{place}.undo") if undo else (self.run, f"hooks.{place}")
        return Program(name=name, words=words, timeout_ms=self.timeout_ms) if words else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """All programs of one service's config that have a say in its changes."""

    hooks: Mapping[str, Hook] = field(default_factory=dict)
    """By their places."""
    accept: tuple[tuple[str, ...], ...] = ()
    """The gate commands, each a list of words."""
    accept_timeout_ms: int = DEFAULT_TIMEOUT_MS
    on_unknown: OnUnknown = "block"
    defer: tuple[str, ...] = ()
    idle: str = ""
    """The path that tells whether the service is at work; empty for none, as the next one."""
    counted: str = ""
    """The path that lists what it keeps."""

    def gates(self) -> tuple[Program, ...]:
        """The gate commands as programs."""
        return tuple(
            Program(name=gate_name(number), words=words, timeout_ms=self.accept_timeout_ms)
            for number, words in enumerate(self.accept)
        )

    def asker(self) -> Program | None:
        """The command that may put an update off; None without one."""
        return Program(name="defer", words=self.defer) if self.defer else None

    def on_host(self) -> tuple[Program, ...]:
        """Those that run on this machine, each of which has to be trusted."""
        hooks = [
            hook.program(place, undo=undo)
            for place, hook in self.hooks.items()
            for undo in (False, True)
            if hook.where == "host"
        ]
        return (*self.gates(), *(one for one in hooks if one is not None))

    def planned(self, *, hooks: bool, defers: bool, anyway: bool) -> "PlannedPrograms":
        """The part of them that a plan holds: those that its kind runs, by their digests."""
        return PlannedPrograms(
            hooks=tuple(
                PlannedHook(
                    place=place,
                    digest=words_digest(hook.run),
                    undo=words_digest(hook.undo) if hook.undo else "",
                    where=hook.where,
                    timeout_ms=hook.timeout_ms,
                    once=hook.once,
                )
                for place, hook in self.hooks.items()
                if hooks
            ),
            accept=tuple(one.digest for one in self.gates()),
            on_unknown=self.on_unknown,
            defer=words_digest(self.defer) if self.defer and defers else "",
            idle=self.idle if defers else "",
            counted=self.counted,
            anyway=anyway,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedHook:
    """A hook as a plan has it."""

    place: str
    digest: str
    """SHA-256 of its words."""
    undo: str = ""
    """The same of its undo; empty without one."""
    where: Where = "host"
    timeout_ms: int = DEFAULT_TIMEOUT_MS
    once: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPrograms:
    """The programs that have a say in an operation."""

    hooks: tuple[PlannedHook, ...] = ()
    accept: tuple[str, ...] = ()
    """The digests of the gate commands, in their order."""
    on_unknown: OnUnknown = "block"
    defer: str = ""
    """The digest of the command that may put it off; empty where nobody is asked."""
    idle: str = ""
    """The path that may put it off; empty where none is asked."""
    counted: str = ""
    """The path whose entries are counted before and after; empty for none."""
    anyway: bool = False
    """Putting off has lasted long enough, or the operator goes on all the same."""


def gate_name(number: int) -> str:
    """How people know a gate command: `accept[0]`, as the config counts."""
    return f"accept[{number}]"
