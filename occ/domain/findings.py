"""The findings of doctor: a lasting code, what it means, and whether repair mends it.

`docs/doctor.md` is generated from this table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of finding. A `note` is worth knowing and is no reason to worry."""

    meaning: str
    mended: bool = False
    note: bool = False


KINDS: Final[Mapping[str, Kind]] = {
    "unfinished": Kind("an operation has not ended, and nobody drives it"),
    "driven": Kind("a process drives an operation at this instant", note=True),
    "container_missing": Kind("the current version has no container", mended=True),
    "container_stopped": Kind("the service is stopped, and nobody asked for that", mended=True),
    "container_different": Kind(
        "the container is not of the image and spec that the journal says", mended=True
    ),
    "network_gone": Kind(
        "a network that the stopped container was put in is gone, be it made anew under its name "
        "or not: every start is refused; start and repair make the container again",
        mended=True,
    ),
    "container_name": Kind("the container has another name than the service", mended=True),
    "restart_policy": Kind("the container's restart policy is not the declared one", mended=True),
    "second_container": Kind("two containers of the service run", mended=True),
    "leftover_container": Kind("a container of ours is left over", mended=True),
    "unhealthy": Kind("the service runs and does not answer as it should"),
    "start_slow": Kind(
        "the last start took unusually long until it was good: more than twice the slowest of the "
        "last twenty before it, and 2 s more",
        note=True,
    ),
    "keep_missing": Kind("an image that can be gone back to has no keep tag", mended=True),
    "image_absent": Kind(
        "the image of the current version, or of the one that a rollback goes back to, is at its "
        "registry and not on the host",
        mended=True,
    ),
    "image_gone": Kind(
        "the image of another version, or one that repair cannot get, is not on the host", note=True
    ),
    "volume_missing": Kind("a volume of the current version does not exist"),
    "mount_missing": Kind(
        "a folder or file of this machine that the current version mounts does not exist"
    ),
    "volume_left": Kind(
        "a volume of an earlier version is not mounted by the current one, and has its data still"
    ),
    "volume_new": Kind("a volume of the current version began empty", note=True),
    "rehearsal_left": Kind(
        "a container, volume or network of a rehearsal or drill that was abandoned is still there",
        mended=True,
    ),
    "rehearsal_reaches": Kind(
        "a rehearsed version reaches more of the host than nothing, as this engine isolates no "
        "better",
        note=True,
    ),
    "data_elsewhere": Kind(
        "the service's data is in volumes of other names since it went back with its data",
        note=True,
    ),
    "data_unheld": Kind(
        "volumes that a rollback or a failed update left have lost the container that anchors them",
        mended=True,
    ),
    "neighbour_cut_off": Kind(
        "another container uses network, process ids, IPC or volumes of a container that the "
        "service does not have any more, or of an earlier run of it"
    ),
    "secret_missing": Kind("a secret that the config names has no value"),
    "foreign_container": Kind("a container that occ did not make has the service's name"),
    "other_journal": Kind("the service's container is looked after by another journal"),
    "other_engine": Kind("another engine answers than the service's"),
    "host_ahead": Kind("the host carries numbers that this journal has not reached"),
    "config": Kind("the config cannot be used"),
    "engine_unreachable": Kind("the engine does not answer, or not to you"),
    "engine_version": Kind("the engine is too old for this occ, or too new"),
    "engine_old": Kind("the engine is older than what occ is tested with"),
    "engine_podman": Kind("the engine is Podman, which differs from Docker Engine", note=True),
    "journal": Kind("the journal cannot be used"),
    "journal_damaged": Kind("the journal does not verify"),
    "journal_newer": Kind("a newer occ wrote the journal"),
    "journal_unwritable": Kind("the journal cannot be written"),
    "journal_network": Kind("the journal is on a network file system"),
    "journal_readable": Kind("others can read the journal"),
    "secrets_readable": Kind(
        "others can read the secrets of a service, or the key of fingerprints"
    ),
    "disk_low": Kind("a disk is nearly full"),
    "prune_timer": Kind("something on this machine prunes containers or images by itself"),
    "auto_late": Kind(
        "a service of the config updates itself, and the timer for that has not run when it should"
    ),
    "sqlite": Kind("SQLite has a known fault, which occ's own lock keeps from biting", note=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not as it should be. `service` is empty for matters of the machine."""

    code: str
    says: str
    fix: str
    service: str = ""

    @property
    def mended(self) -> bool:
        """Whether `occ repair` mends it."""
        return KINDS[self.code].mended

    @property
    def note(self) -> bool:
        """Whether it is only worth knowing."""
        return KINDS[self.code].note
