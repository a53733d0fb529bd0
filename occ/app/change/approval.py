"""A plan that was made before, and is carried out by its token: found again, compared, pinned."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from occ import __version__
from occ.app.change.observed import Observed
from occ.app.change.outcome import ended, unfinished_error
from occ.app.change.requests import Wanted
from occ.app.desk import Desk
from occ.app.knowledge.newest import Newest
from occ.app.ledgers import operation_of
from occ.app.options import Options
from occ.app.results import Outcome
from occ.clock import local_time
from occ.domain.data_sets import DataSetRecorded
from occ.domain.events import PLAN_VERSION, Kind, OperationPlanned
from occ.domain.operation import Operation
from occ.domain.plan_token import FOREIGN, VALID_MS, Moved, PlanToken, hash_of, steps_digest
from occ.domain.request import Request
from occ.domain.values import Reference
from occ.errors import (
    FailedError,
    OccError,
    PlanExpiredError,
    PlanForeignError,
    PlanMovedError,
)
from occ.operations.plan import Decision, Plan, PlanInput
from occ.settings.secret_values.fingerprints import known_key

_ASKED: Final = 8
"""So many of the newest operations are asked for the last entry of them all."""
_AHEAD_MS: Final = 300_000
"""A machine's clock may have been put back that much since the plan."""
_MOST_NAME: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """A token that was typed, read."""

    token: PlanToken
    hash: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan that was just made, and everything that it was made from."""

    given: PlanInput
    decision: Decision
    wanted: Wanted
    to: Newest
    observed: Observed
    position: int
    """That of the service's last entry before the change began."""


def approved(desk: Desk, kind: Kind, service: str, text: str) -> Approved | None:
    """The plan of a token for this change of this service; None without one.

    Raises:
        PlanTokenError: the text is no token.
        PlanForeignError: it is of another journal, service or kind.
    """
    if not text:
        return None
    token = PlanToken.parse(text)
    here = {"journal": desk.journal.id, "service": service, "kind": kind}
    for name in FOREIGN:
        of = getattr(token, name)
        if of != here[name] and (of or name != "journal"):
            raise PlanForeignError(
                f"the plan is of {name} {of}, and this is {here[name]}",
                hint="the same command with --plan -o json makes one for this",
            )
    return Approved(token=token, hash=hash_of(text))


def carried_out(desk: Desk, plan: Approved) -> Operation | None:
    """The operation that carried a plan out, or is at it; None where none has begun."""
    for entry in desk.journal.latest(service=plan.token.service):
        if entry.position <= plan.token.position:
            return None
        if isinstance(entry.event, OperationPlanned) and entry.event.token == plan.hash:
            return operation_of(desk.journal, entry.operation)
    return None


def answer_again(
    desk: Desk, operation: Operation, options: Options, resume: Callable[[], Outcome]
) -> Outcome:
    """The outcome of the operation that carried the plan out, as its first call would have told it.

    Raises:
        UnfinishedError: it is unfinished, and nobody agreed to resume it.
        OccError: it was put back; as its first call would have raised it.
    """
    told = f"operation {operation.number} carried this plan out already"
    try:
        if operation.ending is None:
            if options.plan or not options.resume_first:
                raise unfinished_error(operation)
            outcome = resume()
        elif operation.ending == "abandoned":
            raise FailedError("it was abandoned", hint=f"occ show {operation.number}")
        else:
            outcome = ended(desk, operation, gently=False)
    except OccError as error:
        if operation.ending is not None:
            error.message = f"{told}: {error.message}"
        raise
    newest = next((e.operation for e in desk.journal.latest(service=operation.service, limit=1)), 0)
    served = outcome.served if newest == operation.number else ()
    return replace(outcome, repeated=True, served=served, warnings=(told, *outcome.warnings))


def refuse_expired(desk: Desk, plan: Approved | None) -> None:
    """Refuse a plan whose time is over, or has not begun.

    Raises:
        PlanExpiredError: it is.
    """
    if plan is None:
        return
    now, token = desk.clock.now(), plan.token
    if token.at - _AHEAD_MS <= now < token.until:
        return
    over = f"the plan was good until {local_time(token.until, '%Y-%m-%d %H:%M')}"
    ahead = f"the plan is of {local_time(token.at, '%Y-%m-%d %H:%M')}, which is still to come"
    raise PlanExpiredError(
        over if now >= token.until else ahead, hint="the same command with --plan -o json"
    )


def last_position(desk: Desk, service: str) -> int:
    """The position of the last entry of the service's operations; 0 where there is none.

    Facts of no operation, such as an image that was seen, do not count: they move no plan.
    """
    newest = desk.journal.latest(service=service, limit=_ASKED)
    numbers = [entry.operation for entry in newest]
    return max((e.position for n in numbers for e in desk.journal.entries(operation=n)), default=0)


def token_of(desk: Desk, draft: Draft, valid_ms: int) -> PlanToken:
    """The token of a plan; `valid_ms` 0 is a day."""
    given, decision, to = draft.given, draft.decision, draft.to
    request, found, now = given.request, given.found, desk.clock.now()
    recorded = given.ledger.versions.get(request.version)
    spec = request.spec or (recorded.version.spec if recorded else None)
    rehearsing, taking = request.rehearsing, request.taking
    only = rehearsing is not None and rehearsing.only
    return PlanToken(
        journal=given.journal if desk.journal.head().position else "",
        service=given.service,
        engine=draft.observed.info.id,
        kind=given.kind,
        position=draft.position,
        current=given.ledger.current,
        container=found.container,
        state=found.state,
        digest=to.digest,
        image="" if to.digest else to.image,
        spec=spec.digest() if spec else "",
        users=tuple(sorted({*request.users})),
        fingerprints=_prints(desk, request),
        data=_data(given, draft.wanted),
        snapshot="" if taking is None else "left" if taking.left else "taken",
        rehearsal="" if rehearsing is None else "left" if rehearsing.why else _copy(request),
        does="nothing" if not isinstance(decision, Plan) else "rehearse" if only else "all",
        steps=steps_digest(decision.steps) if isinstance(decision, Plan) else "",
        plan=PLAN_VERSION,
        occ=__version__,
        planner=_planner(desk),
        at=now,
        until=now + (valid_ms or VALID_MS),
    )


def has_token(draft: Draft, token: PlanToken) -> bool:
    """Whether a plan can be promised: something is done, and with an image that is known."""
    known = bool(token.digest or token.image)
    return isinstance(draft.decision, Plan) and (known or not _by_name(draft))


def refuse_moved(plan: Approved, now: PlanToken, to: Newest) -> None:
    """Refuse where anything is not as it was planned.

    Raises:
        PlanMovedError: naming each difference.
        RegistryError: the registry did not say which image it is now.
    """
    moved = plan.token.moved(now)
    if to.unanswered is not None and {one.field for one in moved} <= {"digest", "image"}:
        raise to.unanswered
    if moved:
        raise _moved(moved)


def pinned(desk: Desk, draft: Draft) -> PlanInput:
    """The input of the same plan with exactly the image that was planned, whatever is pulled."""
    given, to = draft.given, draft.to
    if given.request.exact or not _by_name(draft):
        return given
    here = bool(to.image) and desk.engine_of(given.service).image(to.image) is not None
    repository = Reference.parse(given.request.reference).repository
    digests = (f"{repository}@{to.digest}",) if to.digest else ()
    exact = to.image if here else ""
    return replace(given, request=replace(given.request, exact=exact, digests=digests))


def nothing_left(plan: Approved, reason: str) -> PlanMovedError:
    """The refusal where there is nothing to do any more, so that nothing can be compared."""
    return _moved((Moved(field="does", planned=plan.token.does, now=f"nothing ({reason})"),))


def _moved(moved: tuple[Moved, ...]) -> PlanMovedError:
    return PlanMovedError(
        f"it is not as it was planned: {'; '.join(map(str, moved))}",
        hint="plan anew: the same command with --plan -o json",
        differences=moved,
    )


def _by_name(draft: Draft) -> bool:
    """Whether the plan takes an image by its name, so that the name decides which."""
    request, decision = draft.given.request, draft.decision
    several = isinstance(decision, Plan) and decision.stages > 1
    return several and request.spec is not None and not (request.image or request.version)


def _prints(desk: Desk, request: Request) -> dict[str, str]:
    """The fingerprints; without a key of their own there are none that could be compared."""
    known = bool(request.fingerprints) and known_key(desk.settings.path.parent) is not None
    return {name: one if known else "" for name, one in request.fingerprints.items()}


def _data(given: PlanInput, wanted: Wanted) -> str:
    number = given.request.data
    if not number:
        return "keep"
    made = (event.data for event in wanted.opens if isinstance(event, DataSetRecorded))
    data = next(made, None) or given.ledger.data.known.get(number)
    snapshot = data.snapshot if data else 0
    return f"set {number} of snapshot {snapshot}" if snapshot else f"set {number}"


def _copy(request: Request) -> str:
    rehearsing = request.rehearsing
    if rehearsing is None:
        return ""
    return f"snapshot {rehearsing.snapshot}" if rehearsing.snapshot else rehearsing.copy


def _planner(desk: Desk) -> str:
    """Who plans, as a token takes it: one line, and not a long one."""
    name = f"{desk.actor.operator} on {desk.actor.machine}"
    return "".join(one if one.isprintable() else "?" for one in name)[:_MOST_NAME]
