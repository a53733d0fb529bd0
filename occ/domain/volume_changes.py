"""The volumes that a version leaves out of those before it, and those that it begins with."""

from collections.abc import Iterator
from dataclasses import dataclass

from occ.domain.spec import Spec, Volume
from occ.domain.values import Json
from occ.domain.versions import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeChanges:
    """The difference in volumes between two specs, by the volumes' names."""

    left: tuple[Volume, ...]
    """Mounted by the first and not by the second."""
    new: tuple[Volume, ...]
    """Mounted by the second alone."""


def volume_changes(before: Spec, after: Spec) -> VolumeChanges:
    """Which volumes the second spec leaves out, and which it adds."""
    old, now = mounted(before), mounted(after)
    return VolumeChanges(
        left=tuple(v for v in before.volumes if v.name not in now),
        new=tuple(v for v in after.volumes if v.name not in old),
    )


def since_replaced(ledger: Ledger) -> VolumeChanges:
    """The same for the current version, against all that were current before it.

    A version with a greater number does not count: a rollback leaves it on purpose.
    """
    current = ledger.versions.get(ledger.current)
    if current is None:
        return VolumeChanges(left=(), new=())
    specs = [
        record.version.spec
        for number, record in sorted(ledger.versions.items(), reverse=True)
        if number < ledger.current and record.replaced is not None
    ]
    changes = [volume_changes(spec, current.version.spec) for spec in specs]
    left = {volume.name: volume for one in reversed(changes) for volume in one.left}
    new = changes[0].new if changes else ()
    always = (v for v in new if all(v in one.new for one in changes))
    return VolumeChanges(left=tuple(left.values()), new=tuple(always))


def mounted(spec: Spec) -> frozenset[str]:
    """The names of all volumes of a spec, also those in the engine's own words."""
    return frozenset((*(volume.name for volume in spec.volumes), *_engine_sources(spec)))


def engine_mounted(spec: Spec) -> frozenset[str]:
    """The names of the volumes that a spec mounts in the engine's own words."""
    return frozenset(name for name in _engine_sources(spec) if name and not name.startswith("/"))


def _engine_sources(spec: Spec) -> Iterator[str]:
    for mount in _listed(spec.engine.get("Mounts")):
        if isinstance(mount, dict):
            yield str(mount.get("Source", ""))
    for bind in _listed(spec.engine.get("Binds")):
        yield str(bind).partition(":")[0]


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
