"""Remove: a service's containers and volumes gone from the host, for good."""

from dataclasses import dataclass

from occ.operations.kinds.replace import grace
from occ.operations.plan import Decision, Plan, PlanInput, Unchanged, shown
from occ.operations.steps import planned
from occ.operations.steps.containers import RemoveContainer, StopContainer
from occ.operations.steps.removal import ForgetService, RemoveVolume


@dataclass(frozen=True, slots=True, kw_only=True)
class Belongings:
    """All that the host has of a service: ids of containers, names of volumes, all of them ours."""

    containers: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()


def plan_remove(given: PlanInput, there: Belongings) -> Decision:
    """Stop it; then everything goes, and nothing leads back.

    The point of no return comes before the first removal: until then an end puts the service back,
    after it every resume goes on removing. A version activated there is the one that was current.
    """
    found, ledger = given.found, given.ledger
    if not ledger.versions or not (there.containers or there.volumes or ledger.current):
        return Unchanged("nothing of it is on the host")
    stopping = StopContainer(found.container, grace_ms=grace(given))
    stop = (planned(stopping, title="Stop the service", disrupts=True),) if found.running else ()
    steps = (
        *stop,
        *(
            planned(RemoveContainer(container), title=f"Remove container {container[:12]}")
            for container in there.containers
        ),
        *(
            planned(RemoveVolume(volume), title=f"Remove volume {volume}, with its data")
            for volume in there.volumes
        ),
        planned(ForgetService(there.containers)),
    )
    version = ledger.current or max(ledger.versions)
    return Plan(steps=steps, shown=shown(steps), commits_at=len(stop), version=version)
