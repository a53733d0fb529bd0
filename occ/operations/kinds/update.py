"""Update and installation: the first stage touches nothing that serves."""

from occ.domain.request import Request, StepPlan, Version
from occ.domain.spec import Spec
from occ.domain.values import Reference
from occ.domain.versions import Record
from occ.operations.kinds.already import already
from occ.operations.kinds.programs import accepting
from occ.operations.kinds.rehearse import rehearses, steps_of
from occ.operations.kinds.replace import replacement, runs
from occ.operations.kinds.staging import keep_staged
from occ.operations.kinds.taken import measuring
from occ.operations.labels import keep_reference
from occ.operations.plan import Decision, Plan, PlanInput, shown
from occ.operations.steps import planned
from occ.operations.steps.build import BuildImage
from occ.operations.steps.images import KeepImage, PullImage


def plan_update(given: PlanInput) -> Decision:
    """Keep the image that runs, by its id, and get the wanted one while the old one serves.

    With no container this installs. The second stage is planned when the image is known.
    """
    if unchanged := already(given):
        return unchanged
    steps = (*keep_current(given), *accepting(given), newest(given))
    return two_stages(given, steps)


def newest(given: PlanInput) -> StepPlan:
    """The step that has the wanted image on the host: pulled, or built where that is declared."""
    request = given.request
    build = request.build
    if build is None:
        pull = PullImage(
            reference=request.reference,
            pull=request.pull,
            image=request.exact,
            digests=request.digests,
            keep=keep_reference(given.journal, given.service, request.staged)
            if request.staged
            else "",
            tag=_name(request),
        )
        verb = "Find" if request.pull == "never" or request.staged else "Pull"
        return planned(pull, title=f"{verb} {request.reference}")
    made = BuildImage(
        reference=request.reference,
        context=build.context,
        dockerfile=build.dockerfile,
        args=tuple(f"{name}={value}" for name, value in build.args.items()),
        target=build.target,
        pull=build.pull,
    )
    return planned(made, title=f"Build {request.reference} from {build.context}")


def _name(request: Request) -> str:
    """The name that an image gets which is not pulled by it; empty where nobody asked by a name."""
    promised = bool(request.exact or request.digests) and not request.staged
    return request.reference if promised and not Reference.parse(request.reference).digest else ""


def plan_restore(given: PlanInput, current: Record) -> Plan:
    """The current version again, when its container is gone."""
    return two_stages(given, (fetch(given, current),))


def fetch(given: PlanInput, target: Record) -> StepPlan:
    """The step that has exactly the image of a recorded version on the host."""
    version = target.version
    return planned(
        PullImage(
            reference=version.reference,
            pull="missing",
            image=version.image,
            digests=version.digests,
            keep=keep_reference(given.journal, given.service, version.number),
        ),
        title=f"Restore the image of version {version.number}",
    )


def keep_current(given: PlanInput) -> tuple[StepPlan, ...]:
    """The step that keeps the image of the container found, if there is one."""
    found = given.found
    if not found.container or not found.version:
        return ()
    keep = keep_reference(given.journal, given.service, found.version)
    return (planned(KeepImage(image=found.image, keep=keep), title="Back up current image"),)


def two_stages(given: PlanInput, steps: tuple[StepPlan, ...]) -> Plan:
    """A plan whose last stage replaces the container; `shown` counts the steps of all.

    A rehearsal is a stage in between, and may be the last one.
    """
    if rehearses(given):
        rehearsing = given.request.rehearsing
        only = rehearsing is not None and rehearsing.only
        steps = steps if only else (*steps, *measuring(given))
        return Plan(steps=steps, stages=2 if only else 3, shown=shown(steps) + shown(likely(given)))
    steps = (*steps, *measuring(given))
    return Plan(steps=steps, stages=2, shown=shown(steps) + shown(likely(given)))


def likely(given: PlanInput) -> tuple[StepPlan, ...]:
    """The stages to come, as far as they are known before the image is: titles, for people."""
    request = given.request
    beside = steps_of(given, request.version, 0) if rehearses(given) else ()
    if beside and request.rehearsing and request.rehearsing.only:
        return beside
    recorded = given.ledger.versions.get(request.version)
    version = Version(
        number=request.version,
        image="",
        reference=request.reference,
        spec=request.spec or (recorded.version.spec if recorded else Spec()),
    )
    if request.staging:
        return (*beside, *keep_staged(given, version))
    steps, _ = replacement(given, version, number=0, deadline_ms=0, runs=runs(given))
    return (*beside, *steps)
