"""The verbs that change something: lock, observe, plan, ask, write the plan, carry it out."""

from dataclasses import dataclass, replace

from occ.app import host
from occ.app.change.carry_out import drive
from occ.app.change.exposure import exposure_notes, newly_exposed
from occ.app.change.observed import look
from occ.app.change.propose import propose
from occ.app.change.requests import Wish, as_configured, as_declared, back, gone, mended
from occ.app.change.unfinished import finished_first
from occ.app.desk import Desk
from occ.app.ledgers import operation_of, running_prints
from occ.app.results import Options, Outcome, People
from occ.domain.events import (
    Event,
    HostRecorded,
    Kind,
    OperationPlanned,
    OperationUnchanged,
)
from occ.domain.operation import Operation
from occ.domain.secrecy import clean
from occ.engine.values import EngineInfo
from occ.errors import DeclinedError
from occ.operations.kinds.start import plan_start
from occ.operations.kinds.stop import plan_restart, plan_stop
from occ.operations.kinds.update import plan_update
from occ.operations.plan import Decision, Plan, Scene, Unchanged


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes of one desk's services, one method a verb."""

    desk: Desk

    def start(self, service: str, options: Options, people: People) -> Outcome:
        """Have it running and healthy; installs it when it was never there."""
        return self.change("start", service, options, people, as_configured(plan_start))

    def stop(self, service: str, options: Options, people: People) -> Outcome:
        """Have it stopped."""
        return self.change("stop", service, options, people, as_configured(plan_stop))

    def restart(self, service: str, options: Options, people: People) -> Outcome:
        """Have it stopped and running again."""
        return self.change("restart", service, options, people, as_configured(plan_restart))

    def update(self, service: str, options: Options, people: People) -> Outcome:
        """Have the newest image and the config's spec running, or everything as it was."""
        return self.change("update", service, options, people, as_configured(plan_update))

    def apply(self, service: str, options: Options, people: People) -> Outcome:
        """Have the config's spec running with the image that is there, or everything as it was."""
        return self.change("apply", service, options, people, as_declared)

    def repair(self, service: str, options: Options, people: People) -> Outcome:
        """Have containers and keep tags as the journal says; see `plan_repair`."""
        return self.change("repair", service, options, people, mended)

    def rollback(self, service: str, options: Options, people: People) -> Outcome:
        """Have a recorded version running again, by default the one before the current."""
        return self.change("rollback", service, options, people, back)

    def remove(self, service: str, options: Options, people: People) -> Outcome:
        """Have its containers and volumes gone from the host; see `plan_remove`."""
        return self.change("remove", service, options, people, gone)

    def change(
        self, kind: Kind, service: str, options: Options, people: People, wish: Wish
    ) -> Outcome:
        """Lock, observe, plan, ask, write the plan, carry it out: what all verbs have in common."""
        wanted = self.desk.settings.service(service)
        with self.desk.lock(wanted.name):
            before = finished_first(self.desk, wanted, options, people)
            sight = look(self.desk, wanted.name)
            host.refuse_not_current(sight.ledger, options.if_current)
            asked = wish(self.desk, wanted, options, sight)
            opened = newly_exposed(asked.request, sight.found, sight.ledger)
            notes = (*asked.notes, *exposure_notes(opened))
            sight = replace(sight, warnings=(*before, *sight.warnings, *notes))
            scene = Scene(
                journal=self.desk.journal.id,
                service=wanted.name,
                found=sight.found,
                request=replace(asked.request, exposed=opened),
                ledger=sight.ledger,
                prints=running_prints(self.desk.journal, wanted.name),
                kind=kind,
            )
            decision = asked.planner(scene)
            proposal = propose(self.desk, kind, scene, decision, sight, options)
            proposal = replace(proposal, asks=asked.asks or bool(opened))
            if options.plan:
                return Outcome(service=wanted.name, proposal=proposal)
            if isinstance(decision, Plan) and not people.confirm(proposal):
                raise DeclinedError("nothing was changed", hint="occ status")
            operation = self._open(kind, scene, decision, options, sight.info)
            if isinstance(decision, Unchanged):
                return Outcome(
                    service=wanted.name,
                    operation=operation,
                    unchanged=decision.reason,
                    warnings=before,
                )
            return drive(self.desk, wanted, operation, people, passwords=asked.passwords)

    def _open(
        self, kind: Kind, scene: Scene, decision: Decision, options: Options, info: EngineInfo
    ) -> Operation:
        plan = decision if isinstance(decision, Plan) else Plan(steps=())
        events: list[Event] = []
        if scene.ledger.host is None:
            events.append(HostRecorded(host.home(info)))
        events.append(
            OperationPlanned(
                kind=kind,
                actor=self.desk.actor,
                request=scene.request,
                found=scene.found,
                steps=plan.steps,
                reason=clean(options.reason),
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
        return operation_of(self.desk.journal, number)
