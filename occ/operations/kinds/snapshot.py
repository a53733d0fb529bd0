"""Snapshot: the data of a service taken, described, brought from elsewhere, or removed."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from occ.domain.request import StepPlan
from occ.operations.gate import deadline
from occ.operations.healthcheck import effective_healthcheck
from occ.operations.kinds.update import fetch
from occ.operations.plan import Decision, Plan, PlanInput, shown
from occ.operations.steps import planned
from occ.operations.steps.drill import DrillSnapshot
from occ.operations.steps.prune import PinSnapshot
from occ.operations.steps.snapshot import RemoveSnapshot, TakeSnapshot
from occ.operations.steps.snapshot_before import ReserveSnapshot
from occ.operations.steps.snapshot_files import DescribeSnapshot, ImportSnapshot

SnapshotVerb: TypeAlias = Literal["create", "verify", "remove", "import", "pin", "unpin", "drill"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotWish:
    """The words of a snapshot's command beside the options of all changes."""

    verb: SnapshotVerb
    snapshot: int = 0
    """The number of the one meant; 0 for one that does not exist yet."""
    file: str = ""
    """The exported file that is imported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Volumes:
    """The data that a snapshot takes."""

    names: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    """The volume of the engine, or the folder of the host, behind each name."""
    image: str = ""
    """The id of the image that lends a helper."""
    timeout_ms: int = 0


def plan_snapshot(given: PlanInput, wish: SnapshotWish, folder: str, volumes: Volumes) -> Decision:
    """The plan, in which nothing touches the service.

    A snapshot that was taken stays when its manifests cannot be made: that comes after the point of
    no return. A removal begins with that point.
    """
    version = given.found.version or given.ledger.current
    if wish.verb == "drill":
        return _drill(given, wish.snapshot)
    commits_at, steps = -1, tuple[StepPlan, ...]()
    match wish.verb:
        case "create":
            take = TakeSnapshot(
                folder,
                volumes.names,
                volumes.sources,
                volumes.image,
                version,
                volumes.timeout_ms,
                given.found.container,
            )
            reserve = ReserveSnapshot(folder, volumes.names, volumes.sources, volumes.image)
            steps = (
                planned(reserve),
                planned(take, title=f"Read {', '.join(volumes.names)}"),
                planned(DescribeSnapshot(folder), title="Make the manifests"),
            )
            commits_at = 2
        case "import":
            title = f"Import {wish.file}"
            steps = (
                planned(ReserveSnapshot(folder)),
                planned(ImportSnapshot(folder, wish.file), title=title),
            )
            commits_at = 2
        case "verify":
            title = f"Make the manifests of snapshot {wish.snapshot}"
            steps = (planned(DescribeSnapshot(folder, wish.snapshot), title=title),)
        case "remove":
            title = f"Remove snapshot {wish.snapshot}, for good"
            steps = (planned(RemoveSnapshot(folder, wish.snapshot), title=title),)
            commits_at = 0
        case "pin" | "unpin":
            pin = wish.verb == "pin"
            title = f"{'Pin' if pin else 'Unpin'} snapshot {wish.snapshot}"
            steps = (planned(PinSnapshot(wish.snapshot, pinned=pin), title=title),)
    return Plan(steps=steps, shown=shown(steps), commits_at=commits_at, version=version)


def _drill(given: PlanInput, snapshot: int) -> Plan:
    """The image of the snapshot's version, and a run of it on the snapshot's data."""
    target = given.ledger.versions[given.request.version]
    version = target.version
    limit = deadline(version.spec.health, effective_healthcheck(version.spec, None))
    drill = DrillSnapshot(snapshot, version.number, limit)
    steps = (
        fetch(given, target),
        planned(drill, title=f"Run version {version.number} on snapshot {snapshot}"),
    )
    return Plan(steps=steps, shown=shown(steps), version=version.number)
