"""The stage that replaces the container, common to update, rollback and every installation.

    create the replacement - stop the old one - take a snapshot - recreate users - start - prove
    | activation | policy - remove the old one - rename - describe the snapshot

Up to activation every step can be undone and the old container keeps its name; after it nothing
leads back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from occ.domain.kinds import KINDS
from occ.domain.operation import Operation
from occ.domain.request import StepPlan, Version
from occ.domain.spec import Spec, Volume
from occ.domain.step_results import FetchedImage
from occ.domain.values import Reference
from occ.domain.versions import Ledger
from occ.operations.anchoring import anchor_name
from occ.operations.gate import deadline
from occ.operations.healthcheck import effective_healthcheck
from occ.operations.kinds import put_back, taken
from occ.operations.kinds.programs import asking, counting, hook, idling
from occ.operations.kinds.refusals import refuse_caution, refuse_other
from occ.operations.labels import keep_reference, volume_name
from occ.operations.plan import Extension, PlanInput, plan_input_of
from occ.operations.steps import planned
from occ.operations.steps.anchor import AnchorKept, AnchorVolumes, UnanchorVolumes
from occ.operations.steps.containers import (
    RemoveContainer,
    RenameContainer,
    SetPolicy,
    StartContainer,
    StopContainer,
)
from occ.operations.steps.create import CreateContainer
from occ.operations.steps.images import KeepImage, TagPrevious
from occ.operations.steps.proof import ProveHealth
from occ.operations.steps.users import RecreateUsers
from occ.operations.steps.volumes import CopyVolume, ReserveVolume

_NEW = "replacement"


def plan_replace(
    operation: Operation,
    ledger: Ledger,
    journal: str,
    prints: Mapping[str, str],
    *,
    ended: bool = False,
) -> Extension | None:
    """The second stage, from what the first found out; None when that version runs already.

    `prints` are the fingerprints of the secrets that the container found was made with; `ended`
    says that it ran when it was found, and does not any more.

    Raises:
        CautionError: the image is known only now, and the journal knows something against it.
        RefusedError: a snapshot is required, and none can be taken of what was measured.
    """
    given = plan_input_of(operation, ledger, journal, prints)
    fetched = operation.fetched
    version, new = decide_version(given, fetched)
    if not ended and runs_already(given, version):
        return None
    refuse_caution(given, version)
    refuse_other(given, version, fetched)
    given = taken.measured(given, operation)
    steps, commits_at = replacement(
        given,
        version,
        number=operation.number,
        deadline_ms=_deadline(given, version, fetched),
        runs=runs(given),
    )
    before = len(operation.steps)
    rehearsed = operation.number if operation.passed_beside else operation.rehearsed
    return Extension(
        steps=steps,
        commits_at=before + commits_at,
        version=version,
        new=new,
        rehearsed=rehearsed,
    )


def runs_already(given: PlanInput, version: Version) -> bool:
    """Whether nothing is to be done, because the version runs as it was asked for.

    A rollback to a recorded spec has been compared already, and mends what else is not right.
    """
    compares = KINDS[given.kind].compares and given.request.spec is not None
    return compares and is_current(given, version.image, version.spec)


def _deadline(given: PlanInput, version: Version, fetched: FetchedImage) -> int:
    """How long its gate may take; the learned time where it takes its own place on its own data.

    Where no container is there to go back to, nothing is won by an early end.
    """
    found = given.found
    most = deadline(version.spec.health, effective_healthcheck(version.spec, fetched.check))
    again = bool(found.container) and found.version == version.number and not given.request.data
    return min(most, found.gate_ms) if again else most


def runs(given: PlanInput) -> bool:
    """Whether the replacement is started.

    A service that was found stopped stays stopped, unless its start is asked for. A missing service
    is started, except by repair: there `request.runs` says whether it was last asked to run.
    """
    facts = KINDS[given.kind]
    if facts.leaves == "running" or given.request.runs or given.found.running:
        return True
    return facts.starts_absent and not given.found.container


def decide_version(given: PlanInput, fetched: FetchedImage) -> tuple[Version, bool]:
    """The version that the replacement will run, and whether its number is new.

    The same image, spec and secrets as a version recorded before are that version again.
    """
    request, ledger = given.request, given.ledger
    if request.spec is None:
        return ledger.versions[request.version].version, False
    spec = with_image_volumes(request.spec, fetched.volumes, given.service)
    same = ledger.same(fetched.image, spec.digest(), request.fingerprints)
    if same is not None:
        return same.version, False
    version = Version(
        number=ledger.next_number,
        image=fetched.image,
        reference=request.reference,
        spec=spec,
        digests=fetched.digests,
        fingerprints=dict(request.fingerprints),
        labelled=fetched.labelled,
    )
    return version, True


def replacement(
    given: PlanInput, version: Version, *, number: int, deadline_ms: int, runs: bool
) -> tuple[tuple[StepPlan, ...], int]:
    """The steps that put a version in place of what was found, and how many precede activation.

    A service that was stopped is replaced stopped (`runs` false): its gate is its first start's.
    """
    found = given.found
    called = f"{given.service}.occ-next"
    if found.next_taken:
        called = f"{called}.{number}"
    steps = [
        *asking(given),
        *idling(given),
        *hook(given, "pre_update"),
        planned(
            KeepImage(
                image=version.image,
                keep=keep_reference(given.journal, given.service, version.number),
            )
        ),
        *_reserve(given, version),
        planned(
            CreateContainer(
                called=called,
                version=version.number,
                source=found.container,
                data=given.request.data,
            ),
            title="Create the replacement",
        ),
        *_hold(given, version),
        *taken.before_stop(given),
        *(_count_before(given) if runs else ()),
        *hook(given, "pre_stop"),
        *_stop(given, runs=runs),
        *taken.after_stop(given),
        *_copy(given, version),
        planned(
            RecreateUsers(
                users=given.request.users, source=found.container, reset=given.request.reset
            ),
            title="Recreate users",
        ),
    ]
    if runs:
        steps += [
            *put_back.data_back(given),
            planned(StartContainer(_NEW), title="Start the new version"),
            *hook(given, "post_start"),
            planned(
                ProveHealth(_NEW, version=version.number, deadline_ms=deadline_ms),
                title="Prove it healthy",
            ),
            *counting(given, _NEW, version),
            *hook(given, "post_health"),
        ]
    return (*steps, *_after(given, version)), len(steps)


def _hold(given: PlanInput, version: Version) -> Iterable[StepPlan]:
    """The volumes that the service leaves are anchored, so that no prune of volumes takes them."""
    data, request = given.ledger.data, given.request
    left = data.apart(data.number, request.data) if request.data else ()
    if left:
        anchor = AnchorVolumes(
            called=anchor_name(given.service, data.number),
            volumes=left,
            image=given.found.image or version.image,
            number=data.number,
            make=False,
        )
        yield planned(anchor)


def _count_before(given: PlanInput) -> Iterable[StepPlan]:
    record = given.ledger.versions.get(given.found.version)
    return counting(given, given.found.container, record.version) if record else ()


def _stop(given: PlanInput, *, runs: bool) -> Iterable[StepPlan]:
    found = given.found
    if found.running or found.policy != "no":
        # Also where it is stopped: an engine that restarts may start it beside the new one.
        yield planned(SetPolicy(found.container, policy="no", back=found.policy))
    if runs:
        yield from put_back.former(given)
    if found.running:
        stop = StopContainer(found.container, grace_ms=grace(given))
        yield planned(stop, title="Stop the old version", disrupts=True)


def _waiting(given: PlanInput, version: Version) -> Iterable[tuple[str, str]]:
    """Anonymous volumes of the adopted container whose data the version wants in named ones."""
    adoption = given.ledger.adoption
    wanted = {volume.name for volume in version.spec.volumes}
    pairs = adoption.volumes.items() if adoption else ()
    return [(source, name) for source, name in pairs if name in wanted]


def _reserve(given: PlanInput, version: Version) -> Iterable[StepPlan]:
    for source, name in _waiting(given, version):
        step = ReserveVolume(volume=name, source=source, version=version.number)
        yield planned(step, title=f"Make volume {name}")


def _copy(given: PlanInput, version: Version) -> Iterable[StepPlan]:
    image = given.found.image or version.image
    for source, name in _waiting(given, version):
        step = CopyVolume(source=source, target=name, image=image)
        yield planned(step, title=f"Copy the data into volume {name}")


def _after(given: PlanInput, version: Version) -> Iterable[StepPlan]:
    found = given.found
    yield planned(SetPolicy(_NEW, policy=version.spec.restart))
    for old in (found.container, *found.leftovers):
        if old:
            yield planned(RemoveContainer(old))
    yield planned(RenameContainer(_NEW, called=given.called))
    if given.request.data:
        yield planned(UnanchorVolumes(given.request.data))
    if given.ledger.data.left:
        yield planned(AnchorKept(version.image))
    if found.image and found.image != version.image:
        repository = Reference.parse(version.reference).repository
        ask = given.request.pull != "never"
        yield planned(TagPrevious(image=found.image, tag=f"{repository}:previous", ask=ask))
    yield from taken.at_end(given)


def grace(given: PlanInput) -> int:
    """How long the container found gets to stop, in ms: what its own version declared."""
    record = given.ledger.versions.get(given.found.version)
    spec = record.version.spec if record else given.request.spec or Spec()
    return spec.stop_timeout_ms


def with_image_volumes(spec: Spec, paths: Iterable[str], service: str) -> Spec:
    """The spec with a named volume for every VOLUME of the image that it does not cover.

    Left to the engine these would be anonymous, and every replacement would begin with empty
    ones. The name follows from service and path alone, so it is the same for ever.
    """
    missing = sorted({path for path in paths if not spec.covers(path)})
    named = (Volume(name=volume_name(service, path), path=path) for path in missing)
    return replace(spec, volumes=(*spec.volumes, *named))


def with_volumes_of(spec: Spec, recorded: Spec, service: str) -> Spec:
    """The spec with the volumes that a recorded version's image brought: they are in no config."""
    brought = (v.path for v in recorded.volumes if v.name == volume_name(service, v.path))
    return with_image_volumes(spec, brought, service)


def is_current(given: PlanInput, image: str, spec: Spec) -> bool:
    """Whether the container found is of this image and spec, and today's secrets and users."""
    found = given.found
    return (
        found.image == image
        and not given.request.data
        and not found.stranded
        and found.spec == spec.digest()
        and found.version == given.ledger.current
        and given.prints == given.request.fingerprints
        and set(given.request.users) == set(given.ledger.users)
        and given.called == given.ledger.container_name(given.service)
    )
