"""Requests: made from the config, the options, and everything that was observed."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, TypeAlias

from occ.app.change.observed import Observed
from occ.app.change.removal import belongings, only_copy
from occ.app.change.rollback_data import chosen_data
from occ.app.change.rollback_target import rollback_target
from occ.app.desk import Desk
from occ.app.doctor.service import service_problems
from occ.app.options import Options
from occ.app.results import KeptRow
from occ.app.secret_values import fingerprints_of
from occ.domain.data_sets import DataSetRecorded
from occ.domain.events import Event
from occ.domain.request import Found, Request, Version
from occ.domain.spec import Spec
from occ.domain.values import Reference
from occ.domain.versions import Ledger
from occ.errors import NotFoundError, RefusedError
from occ.operations.kinds.apply import plan_apply
from occ.operations.kinds.remove import plan_remove
from occ.operations.kinds.repair import plan_repair
from occ.operations.kinds.replace import with_volumes_of
from occ.operations.kinds.rollback import plan_rollback
from occ.operations.kinds.start import plan_start
from occ.operations.kinds.stop import plan_restart, plan_stop
from occ.operations.kinds.update import plan_update
from occ.operations.plan import Decision, PlanInput
from occ.operations.step_context import Passwords
from occ.settings import Service

_EXACT: Final = ("known_bad", "left_by_rollback", "too_young")
"""Soft reasons that are no question where exactly one image was named, by its digest."""

Planner: TypeAlias = Callable[[PlanInput], Decision]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A request, and how it is planned and told."""

    request: Request
    planner: Planner
    notes: tuple[str, ...] = ()
    """Said before the operator agrees."""
    asks: bool = False
    """The operator is asked even if the service stays up."""
    by_name: bool = False
    """The operator types the service's name, and not y: it is about the only copy of data."""
    passwords: Passwords = field(default_factory=Passwords, repr=False)
    found: Found | None = None
    """The container that the change is about, where that is not yet the service's own."""
    service: Service | None = None
    """The service as it will be declared, where the config does not have it yet."""
    summary: str = ""
    """The proposal in one sentence, for a change that is not told by its steps."""
    declaration: str = ""
    """The text that would be written into the config."""
    opens: tuple[Event, ...] = ()
    """Written in one commit with the plan, behind it."""
    afterwards: tuple[str, ...] = ()
    """Said at the end."""
    goes: tuple[KeptRow, ...] = ()
    """The data of another day that goes."""
    stays: tuple[KeptRow, ...] = ()
    """That which stays."""
    look_again: str = "occ status"
    """The command to type after the operator did not agree."""


def start_request(desk: Desk, service: Service, options: Options, observed: Observed) -> Wanted:
    """The container is started; without one the current version runs, or else the config's."""
    return Wanted(request=_running(desk, service, options, observed), planner=plan_start)


def restart_request(desk: Desk, service: Service, options: Options, observed: Observed) -> Wanted:
    """As for a start, with a stop before."""
    return Wanted(request=_running(desk, service, options, observed), planner=plan_restart)


def stop_request(desk: Desk, service: Service, options: Options, observed: Observed) -> Wanted:  # noqa: ARG001 - as all requests
    """The container is stopped."""
    return Wanted(request=_as_found(options, observed), planner=plan_stop)


def update_request(desk: Desk, service: Service, options: Options, observed: Observed) -> Wanted:
    """The config's image, the newest there is, and its spec."""
    request = _configured(desk, service, options, pull=service.pull)
    exact = bool(options.image and Reference.parse(options.image).digest)
    overridden = {*options.overridden, *(_EXACT if exact else ())}
    if service.hold_after_rollback == "no":
        overridden.add("left_by_rollback")
    request = replace(request, overridden=tuple(sorted(overridden)))
    if options.staged:
        request = of_stage(request, service, observed.ledger)
    return Wanted(request=request, planner=plan_update)


def of_stage(request: Request, service: Service, ledger: Ledger) -> Request:
    """The same with exactly the image that is staged.

    Raises:
        NotFoundError: nothing is staged.
        RefusedError: the config names another image since.
    """
    staged = ledger.staged
    if staged is None:
        raise NotFoundError(f"nothing is staged for {service.name}", hint="occ update --stage")
    version = ledger.versions[staged.number].version
    if version.reference != request.reference:
        raise RefusedError(
            f"version {staged.number} is staged of {version.reference}, and the config names "
            f"{request.reference}",
            hint="occ update --stage",
        )
    return replace(
        request,
        staged=staged.number,
        exact=version.image,
        digests=version.digests,
        pull="missing" if version.digests else "never",
        build=None,
    )


def apply_request(desk: Desk, service: Service, options: Options, observed: Observed) -> Wanted:
    """The config's spec with the image that is there.

    Raises:
        NotFoundError: there is no version yet.
    """
    if not observed.ledger.current:
        raise NotFoundError(
            f"{service.name} has no version yet that the config could be applied to",
            hint="occ start",
        )
    current = observed.ledger.versions[observed.ledger.current].version
    request = _configured(desk, service, options, pull="never")
    if request.reference == current.reference:
        request = replace(request, image=current.image)
    return Wanted(request=request, planner=plan_apply)


def repair_request(desk: Desk, service: Service, options: Options, observed: Observed) -> Wanted:
    """Everything is mended that differs from the journal."""
    ledger = observed.ledger
    wrong = service_problems(desk, service.name, ledger, observed.ours)
    request = replace(_as_found(options, observed), users=ledger.users)
    if wrong.made_again:
        current = ledger.versions[ledger.current].version
        request = _recorded(desk, service, options, current, spec=None)
        request = replace(request, runs=wrong.stopped)
    return Wanted(request=request, planner=partial(plan_repair, problems=wrong))


def rollback_request(desk: Desk, service: Service, options: Options, observed: Observed) -> Wanted:
    """A recorded version, by default the one before the current."""
    choice = rollback_target(desk.engine_of(service.name), observed.ledger, options.to)
    version, today = choice.record.version, service.spec if options.spec_now else None
    request = _recorded(desk, service, options, version, spec=today)
    if today is not None and _as_recorded(request, version, today, service.name):
        request = replace(request, spec=None)
    elif today is not None:
        request = replace(request, image=version.image)
    data = chosen_data(desk, service.name, options, observed, version)
    back = data.back
    request = replace(request, data=back.data.number if back else 0)
    planner = partial(plan_rollback, target=choice.record, named=observed.name, back=back)
    return Wanted(
        request=request,
        planner=planner,
        notes=(*choice.notes, *data.notes),
        opens=(DataSetRecorded(back.data),) if back and data.recorded else (),
        afterwards=data.afterwards,
    )


def _as_recorded(request: Request, version: Version, today: Spec, service: str) -> bool:
    """Whether today's spec and secrets are those that the version was recorded with."""
    spec = with_volumes_of(today, version.spec, service)
    same = request.fingerprints == version.fingerprints
    return same and spec.digest() == version.spec.digest()


def remove_request(desk: Desk, service: Service, options: Options, observed: Observed) -> Wanted:
    """Nothing of the service on the host."""
    there, notes = belongings(desk, service.name, observed.ledger)
    request = replace(_as_found(options, observed), users=observed.ledger.users)
    return Wanted(
        request=request,
        planner=partial(plan_remove, there=there),
        notes=notes,
        by_name=bool(there.volumes) and only_copy(desk, service.name, observed.ledger),
    )


def _as_found(options: Options, observed: Observed) -> Request:
    called = observed.ledger.called
    return Request(version=observed.found.version, probe=options.probe, called=called)


def _running(desk: Desk, service: Service, options: Options, observed: Observed) -> Request:
    """A container is started as it is, if it can be; else it is made again as it was recorded."""
    if observed.found.container and not observed.found.stranded:
        return _as_found(options, observed)
    current = observed.ledger.versions.get(observed.ledger.current)
    if current is not None:
        return _recorded(desk, service, options, current.version, spec=None)
    return _configured(desk, service, options, pull=service.pull)


def _configured(desk: Desk, service: Service, options: Options, *, pull: str) -> Request:
    return Request(
        reference=str(Reference.parse(options.image or service.reference)),
        pull=pull,
        spec=service.spec,
        users=service.users,
        called=service.called,
        reset=service.passwords == "reset",
        fingerprints=fingerprints_of(
            desk, service, service.spec, planning=options.plan, declared=True
        ),
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
        called=service.called,
        reset=service.passwords == "reset",
        fingerprints=fingerprints_of(
            desk,
            service,
            spec or version.spec,
            planning=options.plan,
            declared=spec is not None,
        ),
        probe=options.probe,
    )
