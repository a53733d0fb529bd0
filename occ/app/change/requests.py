"""What each verb wants: from the config, the operator's options and what was seen, a request."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from occ.app import host
from occ.app.change.observed import Sight
from occ.app.change.removal import belongings
from occ.app.change.rollback_target import choose
from occ.app.desk import Desk
from occ.app.doctor.service import ills_of
from occ.app.results import Options
from occ.app.secret_values import fingerprints_of
from occ.domain.events import Request, Version
from occ.domain.spec import Spec
from occ.domain.values import Reference
from occ.errors import NotFoundError
from occ.operations.kinds.apply import plan_apply
from occ.operations.kinds.remove import plan_remove
from occ.operations.kinds.repair import plan_repair
from occ.operations.kinds.replace import with_volumes_of
from occ.operations.kinds.rollback import plan_rollback
from occ.operations.kinds.stop import plan_stop
from occ.operations.kinds.update import plan_update
from occ.operations.plan import Decision, Scene
from occ.operations.step_context import Passwords
from occ.settings import Service

Planner = Callable[[Scene], Decision]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for, how it is planned, and what people must know of it beforehand.

    `asks` has it asked though nothing goes down.
    """

    request: Request
    planner: Planner
    notes: tuple[str, ...] = ()
    passwords: Passwords = field(default_factory=Passwords, repr=False)
    asks: bool = False


Wish = Callable[[Desk, Service, Options, Sight], Wanted]


def as_configured(planner: Planner) -> Wish:
    """The config's image and spec; what exists already is started and stopped as recorded."""

    def wish(desk: Desk, service: Service, options: Options, sight: Sight) -> Wanted:
        current = sight.ledger.versions.get(sight.ledger.current)
        if planner is plan_stop or (planner is not plan_update and sight.found.container):
            return Wanted(Request(version=sight.found.version, probe=options.probe), planner)
        if planner is not plan_update and current is not None:
            return Wanted(_recorded(desk, service, options, current.version, spec=None), planner)
        return Wanted(_configured(desk, service, options, pull=service.pull), planner)

    return wish


def as_declared(desk: Desk, service: Service, options: Options, sight: Sight) -> Wanted:
    """The config's spec with the image that is there.

    Raises:
        NotFoundError: there is no version yet.
    """
    if not sight.ledger.current:
        raise NotFoundError(
            f"{service.name} has no version yet that the config could be applied to",
            hint="occ start",
        )
    current = sight.ledger.versions[sight.ledger.current].version
    request = _configured(desk, service, options, pull="never")
    if request.reference == current.reference:
        request = replace(request, image=current.image)
    return Wanted(request, plan_apply)


def mended(desk: Desk, service: Service, options: Options, sight: Sight) -> Wanted:
    """What the journal says, where it is not so."""
    ledger, engine = sight.ledger, desk.engine
    there = host.ours(engine, desk.journal.id, service.name, ledger)
    wrong = ills_of(desk, service.name, ledger, there)
    request = Request(version=sight.found.version, users=ledger.users, probe=options.probe)
    if wrong.missing or wrong.different:
        current = ledger.versions[ledger.current].version
        request = _recorded(desk, service, options, current, spec=None)
        request = replace(request, runs=wrong.stopped)
    return Wanted(request, lambda scene: plan_repair(scene, wrong))


def back(desk: Desk, service: Service, options: Options, sight: Sight) -> Wanted:
    """A recorded version, by default the one before the current."""
    choice = choose(desk, sight.ledger, options.to)
    version, today = choice.record.version, service.spec if options.spec_now else None
    request = _recorded(desk, service, options, version, spec=today)
    if today is not None and _as_recorded(request, version, today, service.name):
        request = replace(request, spec=None)
    elif today is not None:
        request = replace(request, image=version.image)

    def planner(scene: Scene) -> Decision:
        return plan_rollback(scene, choice.record, named=sight.name)

    return Wanted(request, planner, choice.notes)


def _as_recorded(request: Request, version: Version, today: Spec, service: str) -> bool:
    """Whether today's spec and secrets are those that the version was recorded with."""
    spec = with_volumes_of(today, version.spec, service)
    same = request.fingerprints == version.fingerprints
    return same and spec.digest() == version.spec.digest()


def gone(desk: Desk, service: Service, options: Options, sight: Sight) -> Wanted:
    """Nothing of the service on the host."""
    there, notes = belongings(desk, service.name, sight.ledger)
    request = Request(version=sight.found.version, users=sight.ledger.users, probe=options.probe)
    return Wanted(request, lambda scene: plan_remove(scene, there), notes)


def _configured(desk: Desk, service: Service, options: Options, *, pull: str) -> Request:
    return Request(
        reference=str(Reference.parse(options.image or service.reference)),
        pull=pull,
        spec=service.spec,
        users=service.users,
        reset=service.passwords == "reset",
        fingerprints=fingerprints_of(desk, service, service.spec, planning=options.plan),
        probe=options.probe,
        build=None if options.image else service.build,
    )


def _recorded(
    desk: Desk, service: Service, options: Options, version: Version, *, spec: Spec | None
) -> Request:
    return Request(
        reference=version.reference,
        pull="missing" if version.digests else "never",  # what no registry ever had
        spec=spec,
        version=version.number,
        users=service.users,
        reset=service.passwords == "reset",
        fingerprints=fingerprints_of(desk, service, spec or version.spec, planning=options.plan),
        probe=options.probe,
    )
