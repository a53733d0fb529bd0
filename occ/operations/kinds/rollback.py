"""Rollback: any recorded version again, by its image's id and with its own spec."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from occ.domain.data_sets import DataSet
from occ.domain.request import StepPlan
from occ.domain.spec import Spec
from occ.domain.versions import Record
from occ.operations.anchoring import anchor_name
from occ.operations.kinds.already import already
from occ.operations.kinds.start import plan_start
from occ.operations.kinds.update import fetch, keep_current, two_stages
from occ.operations.plan import Decision, Plan, PlanInput, Unchanged, shown
from occ.operations.steps import planned
from occ.operations.steps.anchor import AnchorVolumes
from occ.operations.steps.containers import RenameContainer, SetPolicy
from occ.operations.steps.restore import RestoreVolume
from occ.operations.steps.snapshot_files import DescribeSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class DataBack:
    """The data set of another day that a rollback takes."""

    data: DataSet
    folder: str = ""
    """Where the service's snapshots lie."""
    restored: Mapping[str, str] = field(default_factory=dict)
    """Volume name -> the new volume that is filled from the snapshot; empty for a set kept."""
    described: bool = True
    """The snapshot's manifests are there."""
    folders: tuple[str, ...] = ()
    """Folders of the host in the snapshot: they are not put back."""


def plan_rollback(
    given: PlanInput, target: Record, *, named: str = "", back: DataBack | None = None
) -> Decision:
    """Back to a version whose image was shown to be available before anything is touched.

    To the current one it is put right if it is missing, stopped or different; a restart policy
    and a name (`named` is the container's) are put right without a replacement.
    """
    if unchanged := already(given):
        return unchanged
    version, found = target.version, given.found
    right = (
        given.request.spec is None
        and not given.request.data
        and not found.stranded
        and found.image == version.image
        and found.version == version.number == given.ledger.current
        and found.spec == version.spec.digest()
        and given.called == given.ledger.container_name(given.service)
    )
    if not right:
        brought = tuple(_brought(given, target, back)) if back else ()
        return two_stages(given, (*keep_current(given), fetch(given, target), *brought))
    repairs = tuple(_repairs(given, version.spec, named or given.called))
    started = plan_start(given)
    if isinstance(started, Plan):
        steps = (*repairs, *started.steps)
        return replace(started, steps=steps, shown=shown(steps))
    if repairs:
        return Plan(steps=repairs, shown=shown(repairs), version=version.number)
    if found.looping:
        return started
    return Unchanged(f"version {version.number} is current and runs")


def _brought(given: PlanInput, target: Record, back: DataBack) -> Iterator[StepPlan]:
    """The data of another day in volumes of its own, while the service serves."""
    if not back.restored:
        return
    snapshot, image = back.data.snapshot, given.found.image or target.version.image
    if not back.described:
        title = f"Make the manifests of snapshot {snapshot}"
        yield planned(DescribeSnapshot(back.folder, snapshot), title=title)
    yield planned(
        AnchorVolumes(
            called=anchor_name(given.service, back.data.number),
            volumes=tuple(back.restored.values()),
            image=image,
            number=back.data.number,
            make=True,
        )
    )
    for name, real in back.restored.items():
        step = RestoreVolume(
            folder=back.folder, snapshot=snapshot, volume=name, target=real, image=image
        )
        yield planned(step, title=f"Restore {name} into {real}")


def _repairs(given: PlanInput, spec: Spec, named: str) -> Iterable[StepPlan]:
    found = given.found
    if found.policy != spec.restart:
        policy = SetPolicy(found.container, policy=spec.restart, back=found.policy)
        yield planned(policy, title="Set the restart policy")
    if named != given.called:
        rename = RenameContainer(found.container, called=given.called)
        yield planned(rename, title="Give it its name back")
