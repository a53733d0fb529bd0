"""The staged version: its image is here, it may be rehearsed, and it waits for its replacement."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VersionStaged:
    """A version was made ready to replace the current one, in place of one staged before."""

    number: int
    digest: str = ""
    """Its image's digest at the registry; empty where none has it."""


@dataclass(frozen=True, slots=True)
class VersionUnstaged:
    """The operator threw the stage away; the image stays until the rules take it."""

    number: int
    """The version that was staged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """The version that is staged now."""

    number: int
    digest: str
    at: int
    """When, ms since 1970 UTC."""
    operation: int
