"""The verbs that change something: lock, observe, plan, ask, write the plan, carry it out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from occ.app import observe
from occ.app.checks.service import ills_of
from occ.app.desk import Desk
from occ.app.down import why_service_down
from occ.app.ending import ended, unfinished_error
from occ.app.exposure import exposure_notes, newly_exposed
from occ.app.removal import belongings
from occ.app.results import Options, Outcome, People, Proposal
from occ.app.secrets import secret_notes
from occ.app.target import choose
from occ.domain.events import (
    Event,
    Found,
    HostRecorded,
    Kind,
    OperationPlanned,
    OperationResumed,
    OperationUnchanged,
    Request,
    StepPlan,
    Version,
)
from occ.domain.operation import Operation
from occ.domain.spec import Spec, differences
from occ.domain.values import Reference
from occ.domain.versions import Ledger
from occ.engine.port import EngineInfo
from occ.errors import DeclinedError, NoProbeError, NotCurrentError, NotFoundError
from occ.operations.apply import plan_apply
from occ.operations.layer import notes
from occ.operations.plan import Decision, Extension, Plan, Scene, Unchanged
from occ.operations.remove import plan_remove
from occ.operations.repair import plan_repair
from occ.operations.replace import plan_replace, with_image_volumes
from occ.operations.rollback import plan_rollback
from occ.operations.runner import Runner
from occ.operations.start import plan_start
from occ.operations.steps.containers import ProveHealth
from occ.operations.steps.users import RecreateUsers, accounts_of
from occ.operations.stop import plan_restart, plan_stop
from occ.operations.update import likely, plan_update
from occ.operations.world import Passwords, World
from occ.settings import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What was seen on the host and in the journal, once the lock was taken.

    `name` is that of the container found, empty without one.
    """

    info: EngineInfo
    found: Found
    name: str
    ledger: Ledger
    warnings: tuple[str, ...]


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


Wish = Callable[[Service, Options, Sight], Wanted]


@dataclass(frozen=True, slots=True)
class Changes:
    """Start, stop, restart, update and rollback of one desk's services."""

    desk: Desk

    def start(self, service: str, options: Options, people: People) -> Outcome:
        """Have it running and healthy; installs it when it was never there."""
        return self.change("start", service, options, people, self._as_wanted(plan_start))

    def stop(self, service: str, options: Options, people: People) -> Outcome:
        """Have it stopped."""
        return self.change("stop", service, options, people, self._as_wanted(plan_stop))

    def restart(self, service: str, options: Options, people: People) -> Outcome:
        """Have it stopped and running again."""
        return self.change("restart", service, options, people, self._as_wanted(plan_restart))

    def update(self, service: str, options: Options, people: People) -> Outcome:
        """Have the newest image and the config's spec running, or everything as it was."""
        return self.change("update", service, options, people, self._as_wanted(plan_update))

    def apply(self, service: str, options: Options, people: People) -> Outcome:
        """Have the config's spec running with the image that is there, or everything as it was."""
        return self.change("apply", service, options, people, self._as_declared)

    def repair(self, service: str, options: Options, people: People) -> Outcome:
        """Have containers and keep tags as the journal says; see `plan_repair`."""
        return self.change("repair", service, options, people, self._mended)

    def rollback(self, service: str, options: Options, people: People) -> Outcome:
        """Have a recorded version running again, by default the one before the current."""
        return self.change("rollback", service, options, people, self._back)

    def remove(self, service: str, options: Options, people: People) -> Outcome:
        """Have its containers and volumes gone from the host; see `plan_remove`."""
        return self.change("remove", service, options, people, self._gone)

    def change(
        self, kind: Kind, service: str, options: Options, people: People, wish: Wish
    ) -> Outcome:
        """Lock, observe, plan, ask, write the plan, carry it out: what all verbs have in common."""
        wanted = self.desk.settings.service(service)
        with self.desk.lock(wanted.name):
            self._first_things_first(wanted, options, people)
            sight = self._look(wanted.name)
            self._refuse_not_current(sight.ledger, options)
            asked = wish(wanted, options, sight)
            opened = newly_exposed(asked.request, sight.found, sight.ledger)
            notes = (*asked.notes, *exposure_notes(opened))
            sight = replace(sight, warnings=(*sight.warnings, *notes))
            scene = Scene(
                journal=self.desk.journal.id,
                service=wanted.name,
                found=sight.found,
                request=replace(asked.request, exposed=opened),
                ledger=sight.ledger,
            )
            decision = asked.planner(scene)
            proposal = self._propose(kind, scene, decision, sight, options)
            proposal = replace(proposal, asks=asked.asks or bool(opened))
            if options.plan:
                return Outcome(service=wanted.name, proposal=proposal)
            if isinstance(decision, Plan) and not people.confirm(proposal):
                raise DeclinedError("nothing was changed", hint="occ status")
            operation = self._open(kind, scene, decision, options, sight.info)
            if isinstance(decision, Unchanged):
                return Outcome(service=wanted.name, operation=operation, unchanged=decision.reason)
            return self.drive(wanted, operation, people, passwords=asked.passwords)

    def _first_things_first(self, service: Service, options: Options, people: People) -> None:
        """An unfinished operation comes before any new one."""
        operation = self.desk.unfinished(service.name)
        if operation is None:
            return
        if not options.resume_first or options.plan:
            raise unfinished_error(operation)
        info = self.desk.engine.info()
        observe.refuse_other_engine(self.desk.ledger(service.name), info, service.name)
        self.drive(service, operation, people, OperationResumed(self.desk.actor), gently=True)

    def _look(self, service: str) -> Sight:
        desk, engine = self.desk, self.desk.engine
        info = engine.info()
        ledger = desk.ledger(service)
        observe.refuse_other_engine(ledger, info, service)
        journal = desk.journal.id
        there = observe.ours(engine, journal, service, ledger)
        observe.refuse_foreign(engine, journal, service, ledger)
        observe.refuse_ahead(engine, there, ledger, journal, desk.journal.last_operation())
        health = {n: r.version.spec.health for n, r in ledger.versions.items()}
        found = observe.found_of(engine, there, health, service)
        sharers = engine.sharers(found.container) if found.container else ()
        warnings = tuple(f"container {name} shares its network or volumes" for name in sharers)
        down = why_service_down(desk, service, there.current)
        warnings = (*warnings, down) if down else warnings
        name = there.current.name if there.current else ""
        if ledger.adopted(found.container):
            name = service  # its name is its owner's until it is replaced
        return Sight(info=info, found=found, name=name, ledger=ledger, warnings=warnings)

    def _refuse_not_current(self, ledger: Ledger, options: Options) -> None:
        if options.if_current and options.if_current != ledger.current:
            raise NotCurrentError(
                f"version {ledger.current or 'none'} is current, not {options.if_current}",
                hint="occ versions",
            )

    def _as_wanted(self, planner: Planner) -> Wish:
        """The config's image and spec; what exists already is started and stopped as recorded."""

        def wish(service: Service, options: Options, sight: Sight) -> Wanted:
            current = sight.ledger.versions.get(sight.ledger.current)
            if planner is plan_stop or (planner is not plan_update and sight.found.container):
                return Wanted(Request(version=sight.found.version, probe=options.probe), planner)
            if planner is not plan_update and current is not None:
                return Wanted(self._request(service, options, current.version, spec=None), planner)
            return Wanted(self._wanted(service, options, pull=service.pull), planner)

        return wish

    def _wanted(self, service: Service, options: Options, *, pull: str) -> Request:
        return Request(
            reference=str(Reference.parse(options.image or service.reference)),
            pull=pull,
            spec=service.spec,
            users=service.users,
            reset=service.passwords == "reset",
            fingerprints=self.desk.fingerprints(service, service.spec, planning=options.plan),
            probe=options.probe,
            build=None if options.image else service.build,
        )

    def _as_declared(self, service: Service, options: Options, sight: Sight) -> Wanted:
        if not sight.ledger.current:
            raise NotFoundError(
                f"{service.name} has no version yet that the config could be applied to",
                hint="occ start",
            )
        current = sight.ledger.versions[sight.ledger.current].version
        request = self._wanted(service, options, pull="never")
        if request.reference == current.reference:
            request = replace(request, image=current.image)
        return Wanted(request, plan_apply)

    def _mended(self, service: Service, options: Options, sight: Sight) -> Wanted:
        ledger, engine = sight.ledger, self.desk.engine
        there = observe.ours(engine, self.desk.journal.id, service.name, ledger)
        wrong = ills_of(self.desk, service.name, ledger, there)
        request = Request(version=sight.found.version, probe=options.probe)
        if wrong.missing or wrong.different:
            current = ledger.versions[ledger.current].version
            request = self._request(service, options, current, spec=None)
        return Wanted(request, lambda scene: plan_repair(scene, wrong))

    def _gone(self, service: Service, options: Options, sight: Sight) -> Wanted:
        there, notes = belongings(self.desk, service.name, sight.ledger)
        request = Request(
            version=sight.found.version, users=sight.ledger.users, probe=options.probe
        )
        return Wanted(request, lambda scene: plan_remove(scene, there), notes)

    def _back(self, service: Service, options: Options, sight: Sight) -> Wanted:
        choice = choose(self.desk, sight.ledger, options.to)
        spec = service.spec if options.spec_now else None
        request = self._request(service, options, choice.record.version, spec=spec)

        def planner(scene: Scene) -> Decision:
            return plan_rollback(scene, choice.record, named=sight.name)

        return Wanted(request, planner, choice.notes)

    def _request(
        self, service: Service, options: Options, version: Version, *, spec: Spec | None
    ) -> Request:
        return Request(
            reference=version.reference,
            pull="missing",
            spec=spec,
            version=version.number,
            users=service.users,
            reset=service.passwords == "reset",
            fingerprints=self.desk.fingerprints(
                service, spec or version.spec, planning=options.plan
            ),
            probe=options.probe,
        )

    def _propose(
        self, kind: Kind, scene: Scene, decision: Decision, sight: Sight, options: Options
    ) -> Proposal:
        ledger, request = scene.ledger, scene.request
        proposal = Proposal(
            kind=kind,
            service=scene.service,
            titles=(),
            downtime=False,
            warnings=sight.warnings,
            before=ledger.current,
            after=request.version,
        )
        if isinstance(decision, Unchanged):
            return replace(proposal, summary=decision.reason, pending=False)
        steps: tuple[StepPlan, ...] = decision.steps
        if decision.stages > 1:
            steps = (*steps, *likely(scene))
        # For real, the pull finds that out, and a registry that is down is in the history.
        updates = options.plan and kind in {"update", "apply"}
        pending = not updates or self._would_change(scene)
        return replace(
            proposal,
            titles=tuple(step.title for step in steps if step.title),
            downtime=any(step.disrupts for step in steps),
            warnings=(
                *sight.warnings,
                *_config_changes(scene),
                *secret_notes(self.desk, kind, scene),
                *self._no_probe(scene, decision, steps),
                *self._left_behind(scene, steps),
            ),
            summary="" if pending else "the registry's image and the config are what runs",
            pending=pending,
        )

    def _no_probe(self, scene: Scene, plan: Plan, steps: tuple[StepPlan, ...]) -> tuple[str, ...]:
        """Said where the container found cannot be asked; a new image may have what it takes.

        Raises:
            NoProbeError: it is that container which would have to pass its gate.
        """
        container, request = scene.found.container, scene.request
        if not container or not any(step.name == ProveHealth.name for step in steps):
            return ()
        recorded = scene.ledger.versions.get(request.version)
        spec = request.spec or (recorded.version.spec if recorded else Spec())
        health = spec.health
        if not health.path or self.desk.engine.route(container, health.port) is not None:
            return ()
        note = f"no probe: nothing can ask {health.path} of {scene.service} as it is"
        if request.probe and plan.stages == 1:
            raise NoProbeError(note, hint="go without: --no-probe")
        return (note,)

    def _left_behind(self, scene: Scene, steps: tuple[StepPlan, ...]) -> tuple[str, ...]:
        """What a replacement will not have of the container that it replaces."""
        container, engine, request = scene.found.container, self.desk.engine, scene.request
        if not container or not any(step.name == RecreateUsers.name for step in steps):
            return ()
        image = engine.image(scene.found.image)
        if request.spec is not None:
            spec = with_image_volumes(request.spec, image.volumes if image else (), scene.service)
        else:
            spec = scene.ledger.versions[request.version].version.spec
        accounts = accounts_of(engine, container)
        return notes(request.users, accounts, engine.changes(container), spec)

    def _would_change(self, scene: Scene) -> bool:
        """Whether an update would replace anything, found out without pulling."""
        found, request, engine = scene.found, scene.request, self.desk.engine
        record = scene.ledger.versions.get(found.version)
        image = engine.image(found.image) if found.container else None
        if record is None or image is None or request.spec is None:
            return True
        spec = with_image_volumes(request.spec, image.volumes, scene.service)
        if (
            spec.digest() != found.spec
            or request.fingerprints != record.version.fingerprints
            or set(request.users) != set(scene.ledger.users)
            or found.version != scene.ledger.current
        ):
            return True
        if request.build is not None:
            return True  # only the builder knows
        if request.image:
            return request.image != image.id
        if request.pull == "always":
            digest = engine.registry_digest(request.reference)
            return not any(known.endswith(digest) for known in image.digests)
        here = engine.image(request.reference)
        return here is None or here.id != image.id

    def _open(
        self, kind: Kind, scene: Scene, decision: Decision, options: Options, info: EngineInfo
    ) -> Operation:
        plan = decision if isinstance(decision, Plan) else Plan(steps=())
        events: list[Event] = []
        if scene.ledger.host is None:
            events.append(HostRecorded(observe.home(info)))
        events.append(
            OperationPlanned(
                kind=kind,
                actor=self.desk.actor,
                request=scene.request,
                found=scene.found,
                steps=plan.steps,
                reason=options.reason,
                current=scene.ledger.current,
                stages=plan.stages,
                shown=plan.shown,
                commits_at=plan.commits_at,
                version=plan.version,
            )
        )
        if isinstance(decision, Unchanged):
            events.append(OperationUnchanged())
        number = self.desk.journal.open_operation(events, self.desk.stamp(scene.service))
        return self.desk.operation(number)

    def drive(
        self,
        service: Service,
        operation: Operation,
        people: People,
        *first: Event,
        gently: bool = False,
        passwords: Passwords | None = None,
    ) -> Outcome:
        """Carry an operation on to its end, and say how it ended.

        `gently` raises only when it did not end done or undone; otherwise being put back after a
        failure is raised as that failure.
        """
        versions = self._versions(service.name)
        kept = passwords or Passwords()

        def world(now: Operation) -> World:
            # Kept, so that an operation can be rescued when the journal can be read no more.
            if now.version not in {0, *versions}:
                versions.update(self._versions(service.name))
            return World(
                engine=self.desk.engine,
                clock=self.desk.clock,
                operation=now,
                versions=versions,
                journal=self.desk.journal.id,
                owner=self.desk.owner,
                head=self.desk.journal.head,
                secrets=self._secrets(service, now, versions),
                passwords=kept,
                asked=_never if now.reverting or now.activated else people.asked,
                progress=people.progress,
            )

        runner = Runner(
            journal=self.desk.journal,
            clock=self.desk.clock,
            operator=self.desk.actor.operator,
            world=world,
            extend=self._extend,
            asked=people.asked,
            listen=people.listen,
        )
        operation = runner.carry_out(operation, *first)
        return ended(self.desk, operation, gently=gently)

    def _secrets(
        self, service: Service, operation: Operation, versions: Mapping[int, Version]
    ) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for number in (operation.planned.found.version, operation.version):
            if number in versions:
                found |= self.desk.secrets_at_hand(service, versions[number].spec)
        return found

    def _versions(self, service: str) -> dict[int, Version]:
        return {n: r.version for n, r in self.desk.ledger(service).versions.items()}

    def _extend(self, operation: Operation) -> Extension | None:
        ledger = self.desk.ledger(operation.service)
        return plan_replace(operation, ledger, self.desk.journal.id)


def _never() -> bool:
    return False


def _config_changes(scene: Scene) -> tuple[str, ...]:
    record = scene.ledger.versions.get(scene.found.version)
    if record is None or scene.request.spec is None:
        return ()
    changed = differences(record.version.spec, scene.request.spec)
    if set(scene.request.users) != set(scene.ledger.users):
        changed = (*changed, "users")
    return (f"the config changes: {', '.join(changed)}",) if changed else ()
