"""The answers of gate commands about an image, before anything was stopped."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from occ.domain.programs import Ended
from occ.domain.values import Json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from occ.domain.events import Entry

EVENTS: Final = ("image.judged",)

Said: TypeAlias = Literal["accepted", "refused", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageJudged:
    """A gate command was asked about an image; that is no verdict on a version."""

    image: str
    """REPOSITORY@DIGEST; empty for an image that has no digest of a registry."""
    verdict: Said
    command: str
    """The command's name, `accept[0]`."""
    ended: str = ""
    """How it ended, in words."""
    output: str = ""
    """SHA-256 of its output, as hex."""

    def to_json(self) -> dict[str, str]:
        """As a step's result has it."""
        return {
            "image": self.image,
            "verdict": self.verdict,
            "command": self.command,
            "ended": self.ended,
            "output": self.output,
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Json] | Mapping[str, str]) -> "ImageJudged":
        """Read it back from a step's result."""
        texts = {key: str(told.get(key) or "") for key in ("image", "command", "ended", "output")}
        known: Mapping[object, Said] = {"accepted": "accepted", "refused": "refused"}
        return cls(verdict=known.get(told.get("verdict"), "unknown"), **texts)


def verdict_of(ended: Ended) -> Said:
    """The verdict of a gate command by its end: 0, any other status but 75, and all else."""
    if ended.good:
        return "accepted"
    return "refused" if ended.how == "ended" and not ended.later else "unknown"


def last_no(entries: "Iterable[Entry]", digest: str) -> "tuple[ImageJudged, Entry] | None":
    """The answer about an image that did not accept it, in the last operation that asked.

    `digest` is the image's at its registry. None where all accepted it, or none was asked.
    """
    found: tuple[ImageJudged, Entry] | None = None
    asked = 0
    for entry in entries:
        event = entry.event
        if isinstance(event, ImageJudged) and event.image.endswith(f"@{digest}"):
            if entry.operation != asked:
                found, asked = None, entry.operation
            if event.verdict != "accepted":
                found = event, entry
    return found
