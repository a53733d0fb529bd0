"""The rehearsal of a version: how it is planned, what it showed, and for how long that counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, get_args

from occ.domain.values import Json, seconds_text

Copy: TypeAlias = Literal["paused", "snapshot", "live", "none"]
"""Where the data of a rehearsal comes from. `paused`: the service is frozen while it is read.
`snapshot`: the newest one. `live`: it is read while the service writes, and may be torn. `none`:
the rehearsed version begins with empty volumes."""
Verdict: TypeAlias = Literal["passed", "failed", "unknown"]

MOST_PAUSED_MS: Final = 5_000
"""Data is read from a frozen service unasked only where that takes less."""
COUNTS_MS: Final = 86_400_000
"""A rehearsal that passed serves the next update for a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsing:
    """A rehearsal as an operation was planned."""

    copy: Copy = "paused"
    snapshot: int = 0
    """The snapshot whose data is taken; 0 where the service's own is read."""
    folder: str = ""
    """Where the service's snapshots lie."""
    volumes: tuple[str, ...] = ()
    """The names of the data that is copied."""
    sources: tuple[str, ...] = ()
    """The volume of the engine, or the folder of the host, behind each."""
    image: str = ""
    """The id of the image that lends a helper."""
    timeout_ms: int = 0
    most_paused_ms: int = 0
    """The service is frozen for no longer, else no copy is made; 0 is no bound."""
    ms: int = 0
    """How long the reading is predicted to take."""
    bytes: int = 0
    """The predicted size of the data."""
    only: bool = False
    """Nothing is replaced after it."""
    asked: bool = False
    """It was typed; else the config wants it, and what keeps it from being made is only told."""
    required: bool = False
    """Nothing is replaced unless it has passed."""
    networks: tuple[str, ...] = ()
    """The networks that it may reach: whatever it does there is done for real."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Variables that it has in place of the service's."""
    secrets: tuple[str, ...] | None = None
    """The secrets that it gets; None for all of the service's."""
    checks: bool = False
    """A program of the config's has its say inside of it."""
    check: str = ""
    """SHA-256 of that program's words; empty in plans of an occ that did not record it."""
    why: str = ""
    """Why none is made, for people; empty where one is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRehearsed:
    """A version was run beside the service, on a copy of its data, and what that showed."""

    number: int
    verdict: Verdict
    """`unknown`: the copy, or the way that the rehearsal was made, says nothing of the version."""
    copy: Copy
    data_of: int = 0
    """The version that had last run on the data; 0 where nobody knows."""
    after_ms: int = 0
    """How long it took from its start to the first good answer; 0 where none came."""
    reported: str = ""
    """The version that it said it is."""
    changed: int = 0
    """How many files and folders of its data it had changed, made or removed."""
    of: int = 0
    """How many there were."""
    said: str = ""
    """Why it did not pass; empty where it did."""

    @property
    def words(self) -> str:
        """The verdict for people, as a sentence about the version."""
        if self.verdict == "passed":
            changed = (
                f"; it changed {self.changed} of {self.of} files of its data" if self.of else ""
            )
            return (
                f"passed beside the service, healthy after {seconds_text(self.after_ms)}{changed}"
            )
        if self.verdict == "failed":
            return f"failed beside the service, which was not stopped: {self.said}"
        return f"could not be judged beside the service, which was not stopped: {self.said}"

    def to_json(self) -> dict[str, Json]:
        """The verdict as a step's result has it."""
        return {
            "number": self.number,
            "verdict": self.verdict,
            "copy": self.copy,
            "data_of": self.data_of,
            "after_ms": self.after_ms,
            "reported": self.reported,
            "changed": self.changed,
            "of": self.of,
            "why": self.said,
        }

    @classmethod
    def from_json(cls, result: Mapping[str, Json]) -> "VersionRehearsed":
        """Read a step's result; what is missing has its default."""
        verdict, copy = result.get("verdict"), result.get("copy")
        return cls(
            number=_number(result.get("number")),
            verdict=next((one for one in get_args(Verdict) if one == verdict), "unknown"),
            copy=next((one for one in get_args(Copy) if one == copy), "none"),
            data_of=_number(result.get("data_of")),
            after_ms=_number(result.get("after_ms")),
            reported=_text(result.get("reported")),
            changed=_number(result.get("changed")),
            of=_number(result.get("of")),
            said=_text(result.get("why")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """The last rehearsal of a version."""

    event: VersionRehearsed
    at: int
    """In ms since 1970 UTC."""
    operation: int


def serving(
    rehearsals: Mapping[int, Rehearsal], version: int, data_of: int, now: int
) -> Rehearsal | None:
    """The rehearsal that need not be made again; None where one has to be made.

    A version is an image, a spec and secrets. The data has to be of the same last writer.
    """
    last = rehearsals.get(version)
    if last is None or last.event.verdict != "passed" or last.event.data_of != data_of:
        return None
    return last if 0 <= now - last.at < COUNTS_MS else None


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Json) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
