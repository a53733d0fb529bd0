"""A plan as the operator is asked to agree to it: its steps, its outage, its warnings."""

from dataclasses import replace

from occ.app.change.destination import destination
from occ.app.change.requests import Wanted
from occ.app.change.taking import left_words, taking_words
from occ.app.change.update_reasons import open_reasons
from occ.app.config.secrets import secret_notes
from occ.app.desk import Desk
from occ.app.knowledge import neighbours, volumes
from occ.app.knowledge.cautions import caution_of
from occ.app.knowledge.newest import Newest
from occ.app.knowledge.outages import outage
from occ.app.knowledge.rehearsals import unrehearsed_words
from occ.app.results import Caution, Proposal
from occ.app.view.comparison import spec_difference
from occ.domain.kinds import KINDS
from occ.domain.outages import replaces
from occ.domain.request import Request, StepPlan
from occ.domain.spec import Spec, differences
from occ.engine.port import Engine
from occ.errors import NoProbeError
from occ.operations.accounts import Accounts
from occ.operations.answers import can_ask
from occ.operations.kinds.replace import with_image_volumes, with_volumes_of
from occ.operations.kinds.update import likely
from occ.operations.plan import Decision, Plan, PlanInput, Unchanged
from occ.operations.steps.containers import RemoveContainer
from occ.operations.steps.proof import ProveHealth
from occ.operations.steps.users import RecreateUsers, accounts_of
from occ.operations.unsaved_files import notes
from occ.settings.keys.readers import names_container


def propose(
    desk: Desk,
    given: PlanInput,
    decision: Decision,
    wanted: Wanted,
    to: Newest,
    warnings: tuple[str, ...],
) -> Proposal:
    """The plan as it is put to the operator: the steps, the outage, and what to know beforehand.

    Raises:
        NoProbeError: the container that would have to pass its gate cannot be asked.
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
        by_name=wanted.by_name,
        goes=wanted.goes,
        stays=wanted.stays,
    )
    if isinstance(decision, Unchanged):
        return replace(proposal, summary=decision.reason, pending=False)
    known = _caution(desk, given)
    asked_about = known is not None and known.reason not in request.overrides
    steps: tuple[StepPlan, ...] = decision.steps
    if decision.stages > 1:
        steps = (*steps, *likely(given))
    return replace(
        proposal,
        titles=tuple(step.title for step in steps if step.title and not step.back),
        downtime=any(step.disrupts for step in steps),
        warnings=(
            *warnings,
            *_known_against(known, request),
            *((f"nobody told what is newest: {to.unanswered.message}",) if to.unanswered else ()),
            *_config_changes(given),
            *secret_notes(given),
            *_no_probe(engine, given, decision, steps),
            *_left_behind(engine, given, steps),
            *_neighbours(engine, given, steps),
            *filter(
                None,
                (
                    left_words(given.service, request.taking),
                    unrehearsed_words(request.rehearsing),
                ),
            ),
        ),
        snapshot=taking_words(request.taking, down=any(step.disrupts for step in steps)),
        outage=outage(desk, given.service)
        if decision.stages > 1 and replaces(step.name for step in steps)
        else None,
        summary=wanted.summary,
        declaration=wanted.declaration,
        difference=_difference(desk, given),
        destination=destination(desk, given, to),
        caution=known if asked_about else None,
        reasons=open_reasons(desk, given, to, known),
    )


def _caution(desk: Desk, given: PlanInput) -> Caution | None:
    request = given.request
    if request.spec is None or not KINDS[given.kind].heeds_cautions:
        return None
    return caution_of(
        desk, given.service, given.ledger, given.newest, request.spec, request.fingerprints
    )


def _known_against(known: Caution | None, request: Request) -> tuple[str, ...]:
    """The note on a caution that the operator has overridden already."""
    return (known.says,) if known and known.reason in request.overrides else ()


def _config_changes(given: PlanInput) -> tuple[str, ...]:
    record = given.ledger.versions.get(given.found.version)
    if record is None or given.request.spec is None:
        return ()
    recorded = record.version.spec
    wanted = with_volumes_of(given.request.spec, recorded, given.service)
    changed = differences(recorded, wanted)
    if set(given.request.users) != set(given.ledger.users):
        changed = (*changed, "users")
    if given.called != given.ledger.container_name(given.service):
        changed = (*changed, "container")
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
        called=request.called,
    )
    config = str(desk.settings.path)
    return spec_difference(wanted, record.version, given.ledger, config)


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
    if not any(step.name == RecreateUsers.name for step in steps):
        return ()
    spec, before = _likely_spec(engine, given), given.ledger.versions.get(given.ledger.current)
    data = given.ledger.data.current
    said = tuple(volumes.foreseen(engine, before.version.spec, spec, data)) if before else ()
    if not container:
        return said
    changes = engine.changes(container)
    # Without a change all accounts are the image's, and to read them costs four calls.
    read = accounts_of(engine, container) if changes or request.users else Accounts.parse({})
    left = notes(request.users, read, changes, spec)
    return (*left, *said, *_renamed(engine, given))


def _renamed(engine: Engine, given: PlanInput) -> tuple[str, ...]:
    """The note on a container whose replacement has another name than it has."""
    there = engine.inspect(given.found.container)
    if there is None or there.name == given.called or not names_container(there.name):
        return ()
    keeps = f"occ config set services.{given.service}.container {there.name}"
    says = f"its container is named {there.name} now, and {given.called} afterwards"
    return (f"{says} (to keep the name: {keeps})",)


def _neighbours(engine: Engine, given: PlanInput, steps: tuple[StepPlan, ...]) -> tuple[str, ...]:
    """Sentences on the containers of others that use parts of this one, when it is stopped."""
    container = given.found.container
    if not container or not any(step.disrupts for step in steps):
        return ()
    replaced = any(step.name == RecreateUsers.name for step in steps)
    gone = any(
        step.name == RemoveContainer.name and step.inputs.get("container") == container
        for step in steps
    )
    data = given.ledger.data.get(given.request.data)
    after = data.bound(_likely_spec(engine, given)) if replaced else None
    leaves = replaced or gone
    return tuple(neighbours.foreseen(engine, given.called, container, after, leaves=leaves))


def _likely_spec(engine: Engine, given: PlanInput) -> Spec:
    """The spec of the replacement, with the VOLUMEs of its image as far as that is known.

    An image that is still to be pulled or built is taken to have those of the one that runs.
    """
    request = given.request
    if request.spec is None:
        return given.ledger.versions[request.version].version.spec
    there = request.image or (request.reference if request.pull != "always" else "")
    image = engine.image(there) if there and request.build is None else None
    image = image or (engine.image(given.found.image) if given.found.image else None)
    return with_image_volumes(request.spec, image.volumes if image else (), given.service)
