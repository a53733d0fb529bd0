"""Adopt and forget: what somebody else made becomes a service's own, and is given back."""

from dataclasses import dataclass, replace
from pathlib import Path

from occ.app import host
from occ.app.change.adopt_draft import Draft, draft_of
from occ.app.change.carry_out import drive
from occ.app.change.unfinished import finished_first
from occ.app.desk import Desk
from occ.app.ledgers import ledger_of, operation_of, unfinished_of
from occ.app.results import Options, Outcome, People, Proposal
from occ.app.which_service import holder as adopter
from occ.app.which_service import service_of
from occ.domain.events import (
    Adoption,
    Event,
    HostRecorded,
    Kind,
    OperationDone,
    OperationPlanned,
    Request,
    ServiceForgotten,
    Version,
    VersionRecorded,
)
from occ.domain.secrecy import clean
from occ.domain.spec import Health
from occ.domain.values import service_name
from occ.domain.versions import Ledger
from occ.engine.values import Declared
from occ.errors import (
    DeclinedError,
    ForeignContainerError,
    NotFoundError,
    OtherJournalError,
    RefusedError,
    UsageMistakeError,
)
from occ.operations import labels
from occ.operations.kinds.adopt import Papers, plan_adopt
from occ.operations.plan import Plan, Scene
from occ.operations.steps.settings import StoreSecrets, WriteConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What adopt is asked for: `take` also from another journal; `secret` are variables too."""

    container: str
    service: str | None = None
    take: bool = False
    secret: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Adopting:
    """Brings containers under one desk's journal, and gives them back."""

    desk: Desk

    def adopt(self, asked: Asked, options: Options, people: People) -> Outcome:
        """Record a container as a service's version, without touching it.

        Raises:
            NotFoundError: there is no such container.
            UsageMistakeError: its name cannot be a service's, and none was given.
            RefusedError: something of it cannot be carried, or it is somebody's already.
        """
        there = self.desk.engine.declared(asked.container)
        if there is None:
            raise NotFoundError(f"there is no container {asked.container}", hint="docker ps -a")
        name = service_name(asked.service) if asked.service else _called(there)
        with self.desk.lock(name):
            if self._resumed(name, options, people):
                there = self.desk.engine.declared(there.container.id) or there
            ledger = ledger_of(self.desk.journal, name)
            host.refuse_not_current(ledger, options.if_current)
            info = self.desk.engine.info()
            host.refuse_other_engine(ledger, info, name)
            present = self._ours(name, ledger).current
            if present is not None and present.id == there.container.id:
                return Outcome(service=name, unchanged="it is looked after already")
            if present is not None:
                raise RefusedError(
                    f"{name} has a container already, {present.name}",
                    hint=f"occ forget --service {name}, or another name: --service NAME",
                )
            taken_from = self._whose(there, name, ledger, asked)
            draft = draft_of(self.desk, there, name, ledger, asked.secret, planning=options.plan)
            scene = self._scene(there, name, ledger, draft, taken_from)
            plan = plan_adopt(scene, draft.version, _papers(self.desk, there, draft, asked))
            proposal = _proposal(scene, plan, draft, taken_from)
            if options.plan:
                return Outcome(service=name, proposal=proposal)
            if not people.confirm(proposal):
                raise DeclinedError("nothing was changed", hint="docker ps")
            events: list[Event] = [] if ledger.host else [HostRecorded(host.home(info))]
            events.append(self._planned("adopt", scene, options, plan))
            if draft.version.number not in ledger.versions:
                events.append(VersionRecorded(draft.version))
            number = self.desk.journal.open_operation(events, self.desk.stamp(name))
            operation = operation_of(self.desk.journal, number)
            return drive(self.desk, draft.service, operation, people)

    def forget(self, service: str | None, options: Options, people: People) -> Outcome:
        """Look after a service's containers no more; they stay as they are.

        Raises:
            NotFoundError: nothing of that name was ever looked after.
        """
        name = service or self.desk.settings.service(None).name
        with self.desk.lock(name):
            self._resumed(name, options, people)
            ledger = ledger_of(self.desk.journal, name)
            if not ledger.versions:
                raise NotFoundError(f"nothing is known of a service {name}", hint="occ status")
            host.refuse_not_current(ledger, options.if_current)
            engine, journal = self.desk.engine, self.desk.journal
            host.refuse_other_engine(ledger, engine.info(), name)
            there = self._ours(name, ledger)
            if not ledger.current and there.current is None:
                return Outcome(service=name, unchanged="it is forgotten already")
            found = there.all
            listed = ", ".join(f"container {c.name} ({c.state})" for c in found) or "no container"
            proposal = Proposal(
                kind="forget",
                service=name,
                titles=(),
                downtime=False,
                before=ledger.current,
                summary=f"{listed} stays as it is, and occ looks after it no more",
            )
            if options.plan:
                return Outcome(service=name, proposal=proposal)
            if not people.confirm(proposal):
                raise DeclinedError("nothing was changed", hint="occ status")
            specs = {n: r.version.spec for n, r in ledger.versions.items()}
            scene = Scene(
                journal=journal.id,
                service=name,
                found=host.found_of(engine, there, specs, name),
                request=Request(),
                ledger=ledger,
            )
            events = (
                self._planned("forget", scene, options, Plan(steps=())),
                ServiceForgotten(tuple(container.id for container in found)),
                OperationDone(),
            )
            number = journal.open_operation(events, self.desk.stamp(name))
            left = "its volumes, its images' keep tags and its table in the config stay"
            return Outcome(
                service=name, operation=operation_of(self.desk.journal, number), warnings=(left,)
            )

    def _ours(self, service: str, ledger: Ledger) -> host.Ours:
        """What is there of the service.

        Raises:
            HostAheadError: the host carries numbers that this journal has not reached.
        """
        engine, journal = self.desk.engine, self.desk.journal
        there = host.ours(engine, journal.id, service, ledger)
        host.refuse_ahead(engine, there, ledger, journal.id, journal.last_operation(), service)
        return there

    def _resumed(self, service: str, options: Options, people: People) -> bool:
        """Whether an unfinished operation of the service was carried to its end first.

        Raises:
            UnfinishedError: nobody agreed to that.
        """
        if unfinished_of(self.desk.journal, service) is None:
            return False
        finished_first(self.desk, service_of(self.desk, service), options, people)
        return True

    def _planned(self, kind: Kind, scene: Scene, options: Options, plan: Plan) -> OperationPlanned:
        return OperationPlanned(
            kind=kind,
            actor=self.desk.actor,
            request=scene.request,
            found=scene.found,
            steps=plan.steps,
            reason=clean(options.reason),
            current=scene.ledger.current,
            shown=plan.shown,
            commits_at=plan.commits_at,
            version=plan.version,
        )

    def _whose(self, there: Declared, name: str, ledger: Ledger, asked: Asked) -> str:
        """Who looked after it before, empty for nobody.

        Raises:
            ForeignContainerError: another container has the service's name.
            OtherJournalError: another journal looks after it, and nobody said to take it.
            RefusedError: another service of this journal has it.
        """
        container = there.container
        holder = self.desk.engine.names().get(name)
        if holder not in {None, container.id}:
            raise ForeignContainerError(
                f"another container is named {name}", hint="choose another name: --service NAME"
            )
        other = adopter(self.desk, container.id)
        journal = container.labels.get(labels.JOURNAL, "")
        if not other and journal == self.desk.journal.id and container.id not in ledger.forgotten:
            other = container.labels.get(labels.SERVICE, "")
        if other:
            raise RefusedError(
                f"container {container.name} is that of service {other}",
                hint=f"occ status --service {other}",
            )
        if not journal or journal == self.desk.journal.id:
            return ""
        owner = container.labels.get(labels.OWNER, f"journal {journal}")
        if not asked.take:
            raise OtherJournalError(
                f"container {container.name} is looked after by {owner}",
                hint=f"if that journal is lost: occ adopt {container.name} --take",
            )
        return owner

    def _scene(
        self, there: Declared, name: str, ledger: Ledger, draft: Draft, taken_from: str
    ) -> Scene:
        version, container = draft.version, there.container
        own = {labels.VERSION: str(version.number), labels.SPEC: version.spec.digest()}
        ungated = {version.number: replace(version.spec, health=Health())}
        seen = host.Ours(current=replace(container, labels=own), others=())
        adoption = Adoption(
            container=container.id,
            version=version.number,
            volumes=draft.copies,
            taken_from=taken_from,
        )
        return Scene(
            journal=self.desk.journal.id,
            service=name,
            found=host.found_of(self.desk.engine, seen, ungated, name),
            request=Request(
                reference=version.reference,
                image=version.image,
                pull="never",
                version=version.number,
                fingerprints=version.fingerprints,
                adoption=adoption,
            ),
            ledger=ledger,
        )


def _called(there: Declared) -> str:
    name = there.container.name
    try:
        return service_name(name)
    except UsageMistakeError as error:
        raise UsageMistakeError(
            error.message, hint=f"give it one of small letters: occ adopt {name} --service NAME"
        ) from None


def _papers(desk: Desk, there: Declared, draft: Draft, asked: Asked) -> Papers:
    file = draft.service.secrets_file
    secrets = StoreSecrets(
        container=there.container.id,
        file=str(desk.settings.secrets_file(draft.service)),
        names=draft.to_store,
        secret=asked.secret,
    )
    config = WriteConfig(
        file=str(desk.settings.path),
        version=draft.version.number,
        pull=draft.service.pull,
        secrets_file=Path(file).name if file else "",
    )
    return Papers(
        secrets=secrets if draft.to_store else None, config=config if draft.text else None
    )


def _proposal(scene: Scene, plan: Plan, draft: Draft, taken_from: str) -> Proposal:
    version: Version = draft.version
    taken = (f"it is taken from {taken_from}",) if taken_from else ()
    return Proposal(
        kind="adopt",
        service=scene.service,
        titles=tuple(step.title for step in plan.steps if step.title),
        downtime=False,
        warnings=(*taken, *draft.notes),
        before=scene.ledger.current,
        after=version.number,
        summary="the container is not touched; updates and rollbacks work from now on",
        declaration=draft.text,
    )
