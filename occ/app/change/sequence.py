"""The order that never changes, written once for all kinds of change.

Lock, finish what is unfinished, observe, ask for what is wanted, plan, propose, confirm, write the
plan, carry it out.
"""

from dataclasses import replace
from functools import partial

from occ.app import host
from occ.app.change import approval
from occ.app.change.carry_out import drive
from occ.app.change.exposure import exposure_notes, newly_exposed
from occ.app.change.kinds import ROWS
from occ.app.change.observed import Observed, observe
from occ.app.change.own_programs import with_programs
from occ.app.change.propose import propose
from occ.app.change.rehearsing import rehearsing_for
from occ.app.change.requests import Wanted
from occ.app.change.taking import taking_for
from occ.app.change.unfinished import finish_first, resume
from occ.app.change.update_reasons import note_newest, only_image
from occ.app.desk import Desk
from occ.app.knowledge.newest import Newest, newest
from occ.app.knowledge.rehearsals import rehearsal_words
from occ.app.knowledge.retaining import retain_of
from occ.app.knowledge.starts import learned_deadline
from occ.app.ledgers import operation_of, running_prints
from occ.app.operator import Operator
from occ.app.options import Options
from occ.app.outbox.reading import begin
from occ.app.results import Outcome, Proposal
from occ.app.which_service import service_of
from occ.domain.events import Event, HostRecorded, Kind, OperationPlanned, OperationUnchanged
from occ.domain.kinds import KINDS, works_aside
from occ.domain.operation import Operation
from occ.domain.request import Request
from occ.domain.secrets.secrecy import clean
from occ.domain.values import Host
from occ.errors import DeclinedError, NotCurrentError
from occ.operations.kinds.already import already
from occ.operations.plan import Decision, Plan, PlanInput, Unchanged
from occ.settings import Service


def change(
    desk: Desk, kind: Kind, service: str | None, options: Options, operator: Operator
) -> Outcome:
    """Make one change of a service.

    Raises:
        DeclinedError: the operator did not agree.
        NotCurrentError: another version is current than the options want.
        PlanMovedError, PlanForeignError, PlanExpiredError, PlanTokenError: as `--if-plan` is told.
        OccError: as the kind's request, its planner and its steps say.
    """
    subject, options = ROWS[kind].subject(desk, service, options)
    plan = approval.approved(desk, kind, subject.name, options.if_plan)
    with desk.lock(subject.name, aside=works_aside(kind)):
        if plan is None:
            return _made(desk, kind, subject, options, operator, None)
        if (begun := approval.carried_out(desk, plan)) is not None:
            again = partial(resume, desk, service_of(desk, subject.name), begun, operator)
            return approval.answer_again(desk, begun, options, again)
        approval.refuse_expired(desk, plan)
        # Anything unfinished is not of this plan, and answers nobody's question meanwhile.
        options = replace(options, resume_first=False)
        operator = replace(operator, ask_large=lambda _service, _taking: None)
        return _made(desk, kind, subject, options, operator, plan)


def _made(
    desk: Desk,
    kind: Kind,
    subject: Service,
    options: Options,
    operator: Operator,
    plan: approval.Approved | None,
) -> Outcome:
    """Make the change under its lock, which is held."""
    position = approval.last_position(desk, subject.name) if plan or options.plan else 0
    before = finish_first(desk, kind, subject.name, options, operator)
    observed = observe(desk, kind, subject.name)
    _refuse_other(observed, options)
    wanted = ROWS[kind].request(desk, subject, options, observed)
    if isinstance(wanted, Unchanged):
        if plan is not None:
            raise approval.nothing_left(plan, wanted.reason)
        return Outcome(service=subject.name, unchanged=wanted.reason)
    found = wanted.found or observed.found
    if KINDS[kind].works == "on the container":
        learned = learned_deadline(desk, subject, found, observed.ledger)
        found = replace(found, learned_ms=learned)
    opened = newly_exposed(wanted.request, found, observed.ledger)
    notes = (*before, *observed.warnings, *wanted.notes, *exposure_notes(opened))
    to = _newest(desk, kind, subject.name, wanted.request, observed)
    given = PlanInput(
        journal=desk.journal.id,
        service=subject.name,
        found=found,
        request=replace(wanted.request, exposed=opened),
        ledger=observed.ledger,
        prints=running_prints(desk.journal, subject.name),
        kind=kind,
        newest=to.image,
    )
    _refuse_name(desk, given)
    if options.plan:
        _refuse_unknown(given, to)
    served_by = wanted.service or subject
    given = with_programs(desk, served_by, given, options)
    given, decision = _decided(desk, served_by, given, wanted, observed, options, operator)
    draft = approval.Draft(given, decision, wanted, to, observed, position)
    given, decision, token = _promised(desk, draft, options, plan)
    proposal = propose(desk, given, decision, wanted, to, notes)
    beside = rehearsal_words(desk, served_by, given.request)
    proposal = replace(proposal, rehearsal=tuple(beside) if proposal.pending else ())
    if options.plan:
        proposal = replace(proposal, token=token)
        return Outcome(service=subject.name, proposal=proposal)
    note_newest(desk, given, to)
    if isinstance(decision, Plan) and not operator.confirm(proposal):
        raise DeclinedError("nothing was changed", hint=wanted.look_again)
    given = replace(given, request=_agreed(given.request, proposal))
    only = only_image(desk, given, to)
    given = replace(given, request=replace(given.request, only=only))
    operation = _write(desk, given, decision, wanted, observed, options, plan)
    if isinstance(decision, Unchanged):
        return Outcome(
            service=subject.name,
            operation=operation,
            unchanged=decision.reason,
            warnings=before,
        )
    outcome = drive(desk, served_by, operation, operator, passwords=wanted.passwords)
    return replace(outcome, warnings=(*outcome.warnings, *wanted.afterwards))


def _promised(
    desk: Desk, draft: approval.Draft, options: Options, plan: approval.Approved | None
) -> tuple[PlanInput, Decision, str]:
    """The plan with the image that was promised, where it is carried out by its token; its token.

    Raises:
        PlanMovedError: it is not the plan that was promised.
    """
    given, decision = draft.given, draft.decision
    if plan is None and not options.plan:
        return given, decision, ""
    draft = replace(draft, to=_meant(desk, given, decision, draft.to, draft.observed))
    token = approval.token_of(desk, draft, options.valid_ms)
    text = token.text() if approval.has_token(draft, token) else ""
    if plan is None:
        return given, decision, text
    approval.refuse_moved(plan, token, draft.to)
    given = approval.pinned(desk, draft)
    return given, draft.wanted.planner(given), text


def _refuse_other(observed: Observed, options: Options) -> None:
    """Refuse where another version is current than the operator said.

    Raises:
        NotCurrentError: it is.
    """
    current = observed.ledger.current
    if options.if_current not in {0, current}:
        raise NotCurrentError(
            f"version {current or 'none'} is current, not {options.if_current}",
            hint="occ versions",
        )


def _agreed(request: Request, proposal: Proposal) -> Request:
    """The request with the reasons that the operator was asked about, and overrode."""
    names = {*request.overridden, *(reason.name for reason in proposal.reasons)}
    return replace(request, overridden=tuple(sorted(names)))


def _decided(
    desk: Desk,
    service: Service,
    given: PlanInput,
    wanted: Wanted,
    observed: Observed,
    options: Options,
    operator: Operator,
) -> tuple[PlanInput, Decision]:
    """The decision, and its input with what a replacement does with the service's data."""
    decision = wanted.planner(given)
    if not (isinstance(decision, Plan) and decision.stages > 1):
        return given, decision
    rehearsing = rehearsing_for(desk, service, given, observed, options)
    request = replace(given.request, rehearsing=rehearsing)
    only = rehearsing is not None and rehearsing.only
    if not (request.data or only or request.staging):
        taking = taking_for(desk, service, given.found, observed, options, operator)
        prunes = taking is not None or service.keep_images
        retain = retain_of(desk, service, observed.ledger) if prunes else None
        request = replace(request, taking=taking, retain=retain)
    given = replace(given, request=request)
    return given, wanted.planner(given)


def _refuse_name(desk: Desk, given: PlanInput) -> None:
    """Refuse where the service's container gets a new name that somebody else's has.

    Raises:
        RefusedError: somebody else's has it.
    """
    service, ledger = given.service, given.ledger
    touches = KINDS[given.kind].works == "on the container"
    if touches and given.called != ledger.container_name(service):
        engine = desk.engine_of(service)
        host.refuse_foreign(engine, given.journal, service, ledger, given.called)


def _newest(
    desk: Desk,
    kind: Kind,
    service: str,
    request: Request,
    observed: Observed,
) -> Newest:
    """The image that the change leads to; a kind that compares nothing leads to no new one.

    For real, a registry that does not answer is no end here: the pull tells why, in the history.
    """
    if not KINDS[kind].compares:
        return Newest()
    return newest(desk.engine_of(service), observed.ledger, request, observed.found.image)


def _meant(
    desk: Desk, given: PlanInput, decision: Decision, to: Newest, observed: Observed
) -> Newest:
    """The image of a plan, also where its kind compares nothing and only installs."""
    installs = isinstance(decision, Plan) and decision.stages > 1
    if KINDS[given.kind].compares or not installs:
        return to
    engine = desk.engine_of(given.service)
    return newest(engine, observed.ledger, given.request, given.found.image)


def _refuse_unknown(given: PlanInput, to: Newest) -> None:
    """Refuse a plan where only the registry could tell whether there is anything to do.

    Raises:
        RegistryError: it did not.
    """
    if to.unanswered is not None and already(replace(given, newest=given.found.image)):
        raise to.unanswered


def _write(
    desk: Desk,
    given: PlanInput,
    decision: Decision,
    wanted: Wanted,
    observed: Observed,
    options: Options,
    approved: approval.Approved | None,
) -> Operation:
    """Write the plan; the operation as it stands then."""
    plan = decision if isinstance(decision, Plan) else Plan(steps=())
    planned = OperationPlanned(
        kind=given.kind,
        actor=desk.actor,
        request=given.request,
        found=given.found,
        steps=plan.steps,
        reason=clean(options.reason),
        current=given.ledger.current,
        stages=plan.stages,
        shown=plan.shown,
        commits_at=plan.commits_at,
        version=plan.version,
        planner=clean(approved.token.planner) if approved else "",
        token=approved.hash if approved else "",
    )
    info = observed.info
    home = HostRecorded(Host(engine_id=info.id, root=info.root, address=info.address))
    first: tuple[Event, ...] = (home,) if given.ledger.host is None else ()
    last = (OperationUnchanged(),) if isinstance(decision, Unchanged) else wanted.opens
    last = (*observed.corrected, *last)
    begin(desk)
    number = desk.journal.open_operation((*first, planned, *last), desk.stamp(given.service))
    return operation_of(desk.journal, number)
