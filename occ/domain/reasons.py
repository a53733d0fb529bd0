"""The catalogue of reasons why a service is not updated now.

A row here and its case in `occ/domain/eligibility.py` are all that a new reason needs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

ReasonName: TypeAlias = Literal[
    "engine_unreachable",
    "other_engine",
    "other_journal",
    "foreign_container",
    "host_ahead",
    "busy",
    "operation_unfinished",
    "secret_missing",
    "image_missing",
    "registry_unknown",
    "gate_refused",
    "no_room",
    "snapshot_lacking",
    "rehearsal_lacking",
    "already_newest",
    "known_bad",
    "left_by_rollback",
    "held",
    "too_young",
    "gate_unknown",
    "deferred",
    "not_installed",
    "built_here",
    "config_pending",
    "dependency_failed",
    "not_scheduled",
    "outside_window",
    "auto_off",
]
"""In the order in which they are told: hard ones first, and what must be mended before the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """One row of the catalogue."""

    hard: bool
    """Nothing overrides it. A soft one is overridden by its name."""
    unattended: bool = False
    """It keeps only occ by itself from an update, and nobody who types `occ update`."""
    meaning: str
    ends: str
    """How it ends: by itself, or the command to type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A reason why one service is not updated now."""

    name: ReasonName
    hard: bool
    since: int
    """ms since 1970; 0 where nobody knows."""
    text: str
    """The reason in a sentence without its name."""
    ends: str
    """The end of it, for people: by itself, or the command to type."""
    until: int = 0
    """When it ends by itself, ms since 1970; 0 where that is not known."""

    @property
    def unattended(self) -> bool:
        """Whether it keeps only occ by itself from an update."""
        return REASONS[self.name].unattended


def _hard(meaning: str, ends: str) -> Meaning:
    return Meaning(hard=True, meaning=meaning, ends=ends)


def _soft(meaning: str, ends: str) -> Meaning:
    return Meaning(hard=False, meaning=meaning, ends=ends)


def _unattended(meaning: str, ends: str) -> Meaning:
    return Meaning(hard=False, unattended=True, meaning=meaning, ends=ends)


REASONS: Final[Mapping[ReasonName, Meaning]] = {
    "engine_unreachable": _hard("The engine does not answer.", "the engine answers: occ doctor"),
    "other_engine": _hard(
        "Another engine answers than the one on which the service lives.",
        "the engine of the service is addressed",
    ),
    "other_journal": _hard(
        "Another journal looks after the container.", "that journal, or occ adopt --take"
    ),
    "foreign_container": _hard(
        "A container that occ did not make has the service's name.", "occ adopt, or another name"
    ),
    "host_ahead": _hard(
        "The host carries numbers that this journal has not reached: it is an older copy.",
        "the newer journal is restored, or occ journal advance",
    ),
    "busy": _hard("Another occ is at work on the service.", "it ends"),
    "operation_unfinished": _hard(
        "An operation is unfinished, and nobody drives it.", "occ resume, or occ abort"
    ),
    "secret_missing": _hard("A secret that the service needs has no value.", "occ secret set"),
    "image_missing": _hard(
        "There is no image of the config's name, at its registry or here.",
        "the image is published, or occ config set image",
    ),
    "registry_unknown": _hard(
        "The registry did not tell which image is the newest.", "the registry answers: occ check"
    ),
    "gate_refused": _hard(
        "A gate command refused the image. It is asked again at the next try.",
        "the gate command passes, or a newer image",
    ),
    "no_room": _hard(
        "A snapshot before the update would leave less room than min_free.",
        "room is made: occ prune",
    ),
    "snapshot_lacking": _hard(
        "A snapshot before the update is wanted, and none can be taken.",
        "what forbids the snapshot is changed, or snapshot_required is unset",
    ),
    "rehearsal_lacking": _hard(
        "A rehearsal is required, and none can be made.",
        "what forbids the rehearsal is changed, or rehearse_required is unset",
    ),
    "already_newest": _hard("The newest image runs.", "a newer image at the registry: occ check"),
    "known_bad": _soft(
        "The image failed its gate here, configured as it is now.",
        "a newer image, or occ update --retry",
    ),
    "left_by_rollback": _soft(
        "A person rolled back from the image, or hold_after_rollback keeps newer ones away too.",
        "a newer image, or occ unhold",
    ),
    "held": _soft("An operator holds the service at the image that runs.", "occ unhold"),
    "too_young": _soft(
        "This journal saw the image for the first time less than min_age ago.",
        "occ update --override too_young",
    ),
    "gate_unknown": _soft(
        "A gate command gave no answer about the image.", "the gate command answers"
    ),
    "deferred": _soft(
        "The service itself, or a hook, asked for a later time.",
        "it agrees, or max_wait is over",
    ),
    "not_installed": _unattended("The service has no container yet.", "occ start"),
    "built_here": _unattended(
        "The image is built here; whether it would be a new one only a build tells.", "occ update"
    ),
    "config_pending": _unattended(
        "The config says something else than what runs, and auto changes the image alone.",
        "occ apply, or auto.apply = true",
    ),
    "dependency_failed": _unattended(
        "A service that is updated first failed.", "that service is updated"
    ),
    "not_scheduled": _unattended("No time of its schedule has come since.", "its next time"),
    "outside_window": _unattended("The window is closed.", "its next opening"),
    "auto_off": _unattended(
        "No update is made unasked: auto is not enabled.", "occ update, or auto.enabled = true"
    ),
}
"""Each reason with its row, in the order of `ReasonName`."""

ORDER: Final[tuple[ReasonName, ...]] = get_args(ReasonName)
SOFT: Final = tuple(name for name in ORDER if not REASONS[name].hard)
"""The reasons that can be overridden by name."""


def in_the_way(
    reasons: Iterable[Reason],
    overridden: Iterable[str] = (),
    *,
    unattended: bool = False,
) -> tuple[Reason, ...]:
    """The reasons that keep an update away, once soft ones are overridden.

    `unattended` counts those too that keep only occ by itself from it.
    """
    names = frozenset(overridden)
    return tuple(
        reason
        for reason in reasons
        if (reason.hard or reason.name not in names) and (unattended or not reason.unattended)
    )
