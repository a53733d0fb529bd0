"""Adopt and forget: what somebody else made becomes a service's own, and is given back."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from occ.app import host
from occ.app.change.adopt_draft import Draft, draft_of, own_name
from occ.app.change.observed import Observed
from occ.app.change.removal import data_sets, snapshots_stay
from occ.app.change.requests import Wanted
from occ.app.desk import Desk
from occ.app.ledgers import snapshots_of
from occ.app.options import AdoptWish, Options
from occ.app.which_service import holder, or_unknown
from occ.domain.events import Event, OperationDone, ServiceForgotten, VersionRecorded
from occ.domain.request import Adoption, Found, Request
from occ.domain.spec import Health
from occ.domain.values import service_name
from occ.domain.versions import Ledger
from occ.engine.values import Inspection
from occ.errors import (
    ForeignContainerError,
    NotFoundError,
    OtherJournalError,
    RefusedError,
    UsageMistakeError,
)
from occ.operations import labels
from occ.operations.kinds.adopt import Papers, plan_adopt
from occ.operations.plan import Plan, Unchanged
from occ.operations.steps.settings import StoreSecrets, WriteConfig
from occ.settings import Service


def adopted_as(desk: Desk, service: str | None, options: Options) -> tuple[Service, Options]:
    """The service that the container becomes, by default of the container's name.

    The container is meant by its id from then on.

    Raises:
        NotFoundError: there is no such container.
        UsageMistakeError: its name cannot be a service's, and no other was given.
    """
    wish = _wish(options)
    there = _inspected(desk, wish)
    name = service_name(service) if service else _called(there)
    exact = replace(options, wish=replace(wish, container=there.container.id))
    return or_unknown(desk, name), exact


def adopt_request(
    desk: Desk, service: Service, options: Options, observed: Observed
) -> Wanted | Unchanged:
    """A container recorded as a service's version, and not touched for it.

    Raises:
        NotFoundError: the container is gone.
        RefusedError: something of it cannot be carried, or it is somebody's already.
    """
    wish, name, ledger = _wish(options), service.name, observed.ledger
    there, present = _inspected(desk, wish), observed.ours.current
    if present is not None and present.id == there.container.id:
        return Unchanged("it is looked after already")
    if present is not None:
        raise RefusedError(
            f"{name} has a container already, {present.name}",
            hint=f"occ forget --service {name}, or another name: --service NAME",
        )
    taken_from = _whose(desk, there, name, ledger, wish)
    draft = draft_of(desk, there, name, ledger, wish.secret, planning=options.plan)
    papers = _papers(desk, there, draft, wish)
    adoption = Adoption(
        container=there.container.id,
        version=draft.version.number,
        volumes=draft.copies,
        taken_from=taken_from,
    )
    known = draft.version.number in ledger.versions
    return Wanted(
        request=Request(
            reference=draft.version.reference,
            image=draft.version.image,
            pull="never",
            version=draft.version.number,
            fingerprints=draft.version.fingerprints,
            adoption=adoption,
            called=own_name(there, name),
            data=draft.data,
        ),
        planner=partial(plan_adopt, version=draft.version, papers=papers),
        notes=(*((f"it is taken from {taken_from}",) if taken_from else ()), *draft.notes),
        found=_found(desk, there, draft, name),
        service=draft.service,
        summary="the container is not touched; updates and rollbacks work from now on",
        declaration=draft.text,
        opens=() if known else (VersionRecorded(draft.version),),
        look_again="docker ps",
    )


def forgotten(desk: Desk, service: str | None, options: Options) -> tuple[Service, Options]:
    """The service of this name, which the config need not have."""
    return or_unknown(desk, service or desk.settings.service(None).name), options


def forget_request(
    desk: Desk,
    service: Service,
    options: Options,  # noqa: ARG001 - as all requests
    observed: Observed,
) -> Wanted | Unchanged:
    """A service's containers looked after no more; they stay as they are.

    Raises:
        NotFoundError: nothing of that name was ever looked after.
    """
    ledger, there = observed.ledger, observed.ours
    if not ledger.versions:
        raise NotFoundError(f"nothing is known of a service {service.name}", hint="occ status")
    if not ledger.current and there.current is None:
        return Unchanged("it is forgotten already")
    events: tuple[Event, ...] = (
        ServiceForgotten(tuple(container.id for container in there.all)),
        OperationDone(),
    )
    return Wanted(
        request=Request(),
        planner=lambda _: Plan(steps=()),
        summary=f"{_listed(there)} stays as it is, and occ looks after it no more",
        notes=_left_data(desk, service.name, ledger),
        by_name=bool(ledger.data.left or snapshots_of(desk.journal, service.name)),
        opens=events,
        afterwards=(
            "its volumes, its images' keep tags and its table in the config stay",
            *snapshots_stay(desk, service.name),
        ),
    )


def _left_data(desk: Desk, service: str, ledger: Ledger) -> tuple[str, ...]:
    """Notes on the data of another day, which no rule of occ's removes any more."""
    if not (ledger.data.left or snapshots_of(desk.journal, service)):
        return ()
    return (*data_sets(desk, service, ledger), *snapshots_stay(desk, service))


def _wish(options: Options) -> AdoptWish:
    if not isinstance(options.wish, AdoptWish):
        raise TypeError("adopt needs an AdoptWish")
    return options.wish


def _inspected(desk: Desk, wish: AdoptWish) -> Inspection:
    there = desk.engine.inspection(wish.container)
    if there is None:
        raise NotFoundError(f"there is no container {wish.container}", hint="docker ps -a")
    return there


def _listed(there: host.Ours) -> str:
    return ", ".join(f"container {c.name} ({c.state})" for c in there.all) or "no container"


def _whose(desk: Desk, there: Inspection, name: str, ledger: Ledger, wish: AdoptWish) -> str:
    """Who looked after it before, empty for nobody.

    Raises:
        ForeignContainerError: another container has the service's name.
        OtherJournalError: another journal looks after it, and nobody said to take it.
        RefusedError: another service of this journal has it.
    """
    container = there.container
    named = desk.engine_of(name).names().get(name)
    if named not in {None, container.id}:
        raise ForeignContainerError(
            f"another container is named {name}", hint="choose another name: --service NAME"
        )
    other = holder(desk, container.id)
    journal = container.labels.get(labels.JOURNAL, "")
    if not other and journal == desk.journal.id and container.id not in ledger.forgotten:
        other = container.labels.get(labels.SERVICE, "")
    if other:
        raise RefusedError(
            f"container {container.name} is that of service {other}",
            hint=f"occ status --service {other}",
        )
    if not journal or journal == desk.journal.id:
        return ""
    owner = container.labels.get(labels.OWNER, f"journal {journal}")
    if not wish.take:
        raise OtherJournalError(
            f"container {container.name} is looked after by {owner}",
            hint=f"if that journal is lost: occ adopt {container.name} --take",
        )
    return owner


def _found(desk: Desk, there: Inspection, draft: Draft, name: str) -> Found:
    """The container as it runs; it is asked nothing before the plan is agreed to."""
    version = draft.version
    own = {labels.VERSION: str(version.number), labels.SPEC: version.spec.digest()}
    ungated = {version.number: replace(version.spec, health=Health())}
    seen = host.Ours(current=replace(there.container, labels=own), others=())
    return host.found_of(desk.engine_of(name), seen, ungated, name)


def _called(there: Inspection) -> str:
    name = there.container.name
    try:
        return service_name(name)
    except UsageMistakeError as error:
        raise UsageMistakeError(
            error.message, hint=f"give it one of small letters: occ adopt {name} --service NAME"
        ) from None


def _papers(desk: Desk, there: Inspection, draft: Draft, wish: AdoptWish) -> Papers:
    file = draft.service.secrets_file
    secrets = StoreSecrets(
        container=there.container.id,
        file=str(desk.settings.secrets_file(draft.service)),
        names=draft.to_store,
        secret=wish.secret,
    )
    config = WriteConfig(
        file=str(desk.settings.path),
        version=draft.version.number,
        pull=draft.service.pull,
        secrets_file=Path(file).name if file else "",
        called=draft.service.called,
    )
    return Papers(
        secrets=secrets if draft.to_store else None, config=config if draft.text else None
    )
