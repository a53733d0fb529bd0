"""A plan as the operator is asked to agree to it: its steps, its outage, its warnings."""

from dataclasses import replace

from occ.app.change.requests import Wanted
from occ.app.config.secrets import secret_notes
from occ.app.desk import Desk
from occ.app.results import Options, Proposal
from occ.app.view.comparison import spec_difference
from occ.domain.kinds import KINDS
from occ.domain.request import StepPlan
from occ.domain.spec import Spec, differences
from occ.engine.port import Engine
from occ.errors import NoProbeError
from occ.operations.answers import can_ask
from occ.operations.kinds.replace import with_image_volumes, with_volumes_of
from occ.operations.kinds.update import likely
from occ.operations.plan import Decision, Plan, PlanInput, Unchanged
from occ.operations.steps.containers import ProveHealth
from occ.operations.steps.users import RecreateUsers, accounts_of
from occ.operations.unsaved_files import notes


def propose(
    desk: Desk,
    given: PlanInput,
    decision: Decision,
    wanted: Wanted,
    warnings: tuple[str, ...],
    options: Options,
) -> Proposal:
    """The plan as it is put to the operator: the steps, the outage, and what to know beforehand.

    Raises:
        NoProbeError: the container that would have to pass its gate cannot be asked.
        RegistryError: with --plan the registry is asked, and does not answer.
    """
    ledger, request = given.ledger, given.request
    engine = desk.engine_of(given.service)
    proposal = Proposal(
        kind=given.kind,
        service=given.service,
        titles=(),
        downtime=False,
        warnings=warnings,
        before=ledger.current,
        after=request.version if request.spec is None else 0,
        asks=wanted.asks or bool(request.exposed),
    )
    if isinstance(decision, Unchanged):
        return replace(proposal, summary=decision.reason, pending=False)
    steps: tuple[StepPlan, ...] = decision.steps
    if decision.stages > 1:
        steps = (*steps, *likely(given))
    # For real, the pull finds that out, and a registry that is down is in the history.
    compares = options.plan and KINDS[given.kind].compares and request.spec is not None
    pending = not compares or _would_change(engine, given)
    return replace(
        proposal,
        titles=tuple(step.title for step in steps if step.title),
        downtime=any(step.disrupts for step in steps),
        warnings=(
            *warnings,
            *_config_changes(given),
            *secret_notes(given),
            *_no_probe(engine, given, decision, steps),
            *_left_behind(engine, given, steps),
        ),
        summary=wanted.summary if pending else "what is asked for runs already",
        declaration=wanted.declaration,
        pending=pending,
        difference=_difference(desk, given) if pending else "",
    )


def _config_changes(given: PlanInput) -> tuple[str, ...]:
    record = given.ledger.versions.get(given.found.version)
    if record is None or given.request.spec is None:
        return ()
    recorded = record.version.spec
    wanted = with_volumes_of(given.request.spec, recorded, given.service)
    changed = differences(recorded, wanted)
    if set(given.request.users) != set(given.ledger.users):
        changed = (*changed, "users")
    return (f"the config changes: {', '.join(changed)}",) if changed else ()


def _difference(desk: Desk, given: PlanInput) -> str:
    """Line by line what becomes of the spec that runs; empty where the config has no say."""
    record, request = given.ledger.versions.get(given.found.version), given.request
    if record is None or request.spec is None:
        return ""
    wanted = replace(
        desk.settings.service(given.service),
        spec=request.spec,
        reference=request.reference,
        users=request.users,
    )
    config = str(desk.settings.path)
    return spec_difference(wanted, record.version, given.ledger.users, config)


def _no_probe(
    engine: Engine, given: PlanInput, plan: Plan, steps: tuple[StepPlan, ...]
) -> tuple[str, ...]:
    """Said where the container found cannot be asked; a new image may have what it takes.

    Raises:
        NoProbeError: it is that container which would have to pass its gate.
    """
    container, request = given.found.container, given.request
    touched = KINDS[given.kind].works == "on the container"
    if not (container and touched and any(step.name == ProveHealth.name for step in steps)):
        return ()
    recorded = given.ledger.versions.get(request.version)
    spec = request.spec or (recorded.version.spec if recorded else Spec())
    health = spec.health
    if not health.path or can_ask(engine, container, health):
        return ()
    note = f"no probe: nothing can ask {health.path} of {given.service} as it is"
    if request.probe and plan.stages == 1:
        raise NoProbeError(note, hint="the same command with --no-probe goes without")
    return (note,)


def _left_behind(engine: Engine, given: PlanInput, steps: tuple[StepPlan, ...]) -> tuple[str, ...]:
    """Notes on that which a replacement will not have of the container before it."""
    container, request = given.found.container, given.request
    if not container or not any(step.name == RecreateUsers.name for step in steps):
        return ()
    image = engine.image(given.found.image)
    if request.spec is not None:
        spec = with_image_volumes(request.spec, image.volumes if image else (), given.service)
    else:
        spec = given.ledger.versions[request.version].version.spec
    accounts = accounts_of(engine, container)
    return notes(request.users, accounts, engine.changes(container), spec)


def _would_change(engine: Engine, given: PlanInput) -> bool:
    """Whether an update would replace anything, found out without pulling."""
    found, request = given.found, given.request
    image = engine.image(found.image) if found.container else None
    if image is None or request.spec is None:
        return True
    spec = with_image_volumes(request.spec, image.volumes, given.service)
    if (
        spec.digest() != found.spec
        or request.fingerprints != given.prints
        or set(request.users) != set(given.ledger.users)
        or found.version != given.ledger.current
        or request.build is not None  # only the builder knows
    ):
        return True
    if request.image:
        return request.image != image.id
    if request.pull == "always":
        digest = engine.registry_digest(request.reference)
        return not any(known.endswith(digest) for known in image.digests)
    here = engine.image(request.reference)
    return here is None or here.id != image.id
