"""The volumes of now that data of another day takes the place of, and who else has them."""

from collections.abc import Iterator, Mapping

from occ.app.change.observed import Observed
from occ.domain.data_sets import DataSet
from occ.domain.request import Version
from occ.domain.versions import Ledger
from occ.domain.volume_changes import engine_mounted
from occ.engine.port import Engine
from occ.errors import RefusedError
from occ.operations import labels
from occ.operations.kinds.rollback import DataBack
from occ.operations.reading import writers


def refuse_used(engine: Engine, observed: Observed, back: DataBack, version: Version) -> None:
    """Refuse what cannot be put beside the data of now.

    Raises:
        RefusedError: a volume is of another driver, another container that runs writes to it, a
            kept volume is gone, or the version mounts none of them.
    """
    ledger = observed.ledger
    mounts = {volume.name for volume in version.spec.volumes}
    differing = changed(ledger, back.data, mounts)
    if not differing:
        raise RefusedError(
            f"version {version.number} mounts no volume whose data would change",
            hint="occ versions -o json" if not mounts else "occ snapshot list",
        )
    if twice := sorted(differing.keys() & engine_mounted(version.spec)):
        raise RefusedError(
            f"the volume {twice[0]} is mounted in the engine's own words too, which would still "
            "mean the data of now",
            hint="--data keep",
        )
    for name, (now, then) in differing.items():
        place = engine.volume_place(now)
        if place is not None and (place.driver != "local" or not place.plain):
            raise RefusedError(
                f"the volume {now} is of a driver or with options that occ cannot repeat",
                hint="--data keep",
            )
        if name not in back.restored and engine.volume(then) is None:
            raise RefusedError(f"the volume {then} is gone", hint="occ snapshot list")
    own = {container.name for container in observed.ours.all}
    for volume, names in writers(engine, [now for now, _ in differing.values()]).items():
        if others := sorted(set(names) - own):
            raise RefusedError(
                f"the volume {volume} is mounted by {others[0]}, which runs and would go on with "
                "the data of now",
                hint=f"{_stopping(engine, others[0])}, or --data keep",
            )


def stopped(engine: Engine, observed: Observed, back: DataBack, version: Version) -> Iterator[str]:
    """A sentence on each container of somebody else that has a volume of now, and does not run."""
    mounts = {volume.name for volume in version.spec.volumes}
    now = {name for name, _ in changed(observed.ledger, back.data, mounts).values()}
    own = {container.name for container in observed.ours.all}
    for one in sorted(engine.neighbours((), now), key=lambda one: one.container.name):
        there = one.container
        if there.running or there.name in own or labels.HELPER in there.labels:
            continue
        shared = ", ".join(sorted(now & {*there.mounts.values()}))
        yield (
            f"container {there.name} mounts {shared} too; it is stopped now, and has the data that "
            "is left when it starts"
        )


def _stopping(engine: Engine, container: str) -> str:
    """The command that stops a container, with how long that suffices."""
    there = engine.inspect(container)
    again = there is not None and there.policy == "always"
    until = " (until the engine starts again: its restart policy is always)" if again else ""
    return f"docker stop {container}{until}"


def changed(ledger: Ledger, data: DataSet, mounts: "set[str]") -> Mapping[str, tuple[str, str]]:
    """Name -> the volume of now and that of then, where they differ."""
    current = ledger.data.current
    return {
        name: (current.real(name), data.real(name))
        for name in sorted(mounts)
        if current.real(name) != data.real(name)
    }
