"""The data of which a replacement takes a snapshot, and the rules by which it does or does not."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from occ.domain.snapshots import SnapshotVolume, Way
from occ.domain.values import Json

Choice: TypeAlias = Literal["", "replace", "never"]
"""The setting `snapshot`; empty where nobody has chosen."""
PutBack: TypeAlias = Literal["restore", "keep"]

MOST_BYTES: Final = 1 << 30
MOST_MS: Final = 30_000
"""Up to these a snapshot is taken without anybody's word."""

_PER_MS: Final[Mapping[Way, int]] = {"host": 100_000, "engine": 20_000}
_FILES_PER_MS: Final[Mapping[Way, int]] = {"host": 10, "engine": 2}
_HEADERS: Final = 2_048
"""The bytes that a tar has for a file beside its content."""
_TELLING: Final = 1 << 24
"""A volume with fewer bytes tells nothing about how fast a large one is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """A volume's folder as it was walked."""

    bytes: int
    files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """The size of data, and the time to read it."""

    bytes: int
    ms: int
    packed: int = 0
    """The size of the file that it becomes."""
    guessed: bool = False
    """The time is a first guess: no earlier snapshot tells how fast this host is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """The snapshot of a replacement, as the operation was planned."""

    folder: str = ""
    """Where the service's snapshots lie."""
    volumes: tuple[str, ...] = ()
    """The names of the data for people."""
    sources: tuple[str, ...] = ()
    """The volume of the engine, or the folder of the host, behind each."""
    image: str = ""
    """The id of the image that lends a helper."""
    timeout_ms: int = 0
    choice: Choice = ""
    required: bool = False
    """Without a snapshot nothing is replaced."""
    bytes: int = 0
    ms: int = 0
    """How much longer the outage is; a prediction, as `bytes`."""
    guessed: bool = False
    """The time is a first guess."""
    packed: int = 0
    """The bytes of the files that it is expected to write: compressed, as far as the last snapshot
    tells how much that does."""
    measure: tuple[str, ...] = ()
    """The volumes whose size is found out before the stop, by reading them once to nowhere."""
    why: str = ""
    """Why none can be taken; empty where one can be."""
    put_back: PutBack = "restore"
    """The data where the replacement ran and the operation is undone: as before, or as it is."""

    @property
    def large(self) -> bool:
        """Whether it is over the size or the time up to which nobody is asked."""
        return self.bytes > MOST_BYTES or self.ms > MOST_MS

    @property
    def undecided(self) -> bool:
        """Whether somebody has to choose first: it is large, and nobody has."""
        return not self.why and not self.choice and self.large

    @property
    def left(self) -> str:
        """Why none is taken, for people; empty where one is."""
        if not self.undecided:
            return self.why
        return f"its data is too large to take it unasked ({self.size}, {self.time} of outage)"

    @property
    def size(self) -> str:
        """The predicted size in words."""
        giga = self.bytes / 1e9
        return f"{giga:.1f} GB" if giga >= 1 else f"{giga * 1000:.1f} MB"

    @property
    def time(self) -> str:
        """The predicted time in words."""
        seconds = self.ms / 1000
        return f"about {round(seconds)} s" if seconds >= 1 else "less than 1 s"

    def known(self, result: Mapping[str, Json]) -> "Taking":
        """The same with that which the measuring found out; as it is where there is no result."""
        if not (self.measure and result):
            return self
        size, time, why = (result.get(key) for key in ("bytes", "took_ms", "left"))
        return replace(
            self,
            bytes=self.bytes + (size if isinstance(size, int) else 0),
            packed=self.packed + (size if isinstance(size, int) else 0),
            ms=self.ms + (time if isinstance(time, int) else 0),
            why=why if isinstance(why, str) else self.why,
            measure=(),
        )


def predicted(way: Way, walked: Walked | None, last: SnapshotVolume | None) -> Prediction | None:
    """The size and time of one volume; None where neither a walk nor a snapshot tells its size.

    `last` is the volume in the last snapshot that has it. Its time tells the speed where it was
    read the same way and was large enough to tell; a volume that is still small takes about as
    long as it did.
    """
    if walked is None and last is None:
        return None
    files = walked.files if walked else 0
    size = walked.bytes + _HEADERS * files if walked else last.raw_bytes if last else 0
    packed = size * last.bytes // last.raw_bytes if last is not None and last.raw_bytes else size
    ms = size // _PER_MS[way] + files // _FILES_PER_MS[way]
    if last is not None and last.way == way and last.ms:
        if last.raw_bytes >= _TELLING:
            return Prediction(bytes=size, ms=last.ms * size // last.raw_bytes, packed=packed)
        if size < _TELLING:
            return Prediction(bytes=size, ms=max(ms, last.ms), packed=packed)
    return Prediction(bytes=size, ms=ms, packed=packed, guessed=True)
