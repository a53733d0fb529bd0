"""The situation of a service, looked at as an update would, and the reasons why there is none."""

from dataclasses import dataclass, replace
from typing import Final

from occ.app.change.observed import Observed, observe
from occ.app.change.rehearsing import rehearsing_for
from occ.app.change.requests import update_request
from occ.app.change.taking import taking_for
from occ.app.desk import Desk
from occ.app.knowledge.cautions import caution_of
from occ.app.knowledge.newest import Newest, brings_current, newest
from occ.app.knowledge.own_answers import with_answers
from occ.app.knowledge.situation import against, at_work
from occ.app.knowledge.turns import with_auto
from occ.app.ledgers import ledger_of, running_prints
from occ.app.operator import Operator
from occ.app.options import Options
from occ.app.view.comparison import keys_not_in_force
from occ.domain.eligibility import Point, Situation, reasons
from occ.domain.reasons import Reason, in_the_way
from occ.domain.request import Request
from occ.domain.staging import Staged
from occ.errors import (
    EngineUnreachableError,
    FailedError,
    ForeignContainerError,
    HostAheadError,
    ImageMissingError,
    NotFoundError,
    OccError,
    OtherEngineError,
    OtherJournalError,
    RefusedError,
    SecretMissingError,
)
from occ.operations.kinds.already import already
from occ.operations.plan import PlanInput
from occ.settings import Service

_PLAN: Final = Options(plan=True)
_NOBODY: Final = Operator(
    confirm=lambda _: False,
    listen=lambda _operation, _event: None,
    progress=lambda _: None,
    stop_requested=bool,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """The reasons why one service is not updated now."""

    service: str
    due: bool
    """Whether `occ update --yes` would do something now."""
    reasons: tuple[Reason, ...]
    """Hard ones first; those of auto alone too."""
    staged: Staged | None = None
    """The version that waits for `occ update --staged`; None where none does."""


def why(desk: Desk, service: str) -> Why:
    """All reasons of one service; the registry is asked, and nothing is pulled or written.

    Raises:
        NotFoundError: the config has no such service.
        ConfigError: its spec cannot be used.
        JournalError: the journal cannot be read.
    """
    wanted = desk.settings.service(service)
    seen = with_answers(desk, situation_of(desk, wanted), wanted)
    found = reasons(with_auto(desk, wanted, seen))
    staged = ledger_of(desk.journal, wanted.name).staged
    return Why(service=wanted.name, due=not in_the_way(found), reasons=found, staged=staged)


def situation_of(desk: Desk, service: Service) -> Situation:
    """All that is to be observed of a service, but for what auto and gate commands know.

    Raises:
        ConfigError: its spec cannot be used.
        JournalError: the journal cannot be read.
    """
    ledger = ledger_of(desk.journal, service.name)
    seen = replace(at_work(desk, service.name), hold=ledger.hold)
    if not ledger.current:
        seen = replace(seen, not_installed=Point())
    try:
        return _looked(desk, service, seen)
    except EngineUnreachableError as error:
        return replace(seen, engine_unreachable=_point(error))


def _looked(desk: Desk, service: Service, seen: Situation) -> Situation:
    """With all that the host and the registry tell; a host that is not ours to change ends it."""
    try:
        observed = observe(desk, "update", service.name)
    except OtherEngineError as error:
        return replace(seen, other_engine=_point(error))
    except OtherJournalError as error:
        return replace(seen, other_journal=_point(error))
    except ForeignContainerError as error:
        return replace(seen, foreign_container=_point(error))
    except HostAheadError as error:
        return replace(seen, host_ahead=_point(error))
    return _compared(desk, service, observed, seen)


def _compared(desk: Desk, service: Service, observed: Observed, seen: Situation) -> Situation:
    """With the config and the newest image, against what runs."""
    try:
        request = update_request(desk, service, _PLAN, observed).request
    except SecretMissingError as error:
        return replace(seen, secret_missing=_point(error))
    to = newest(desk.engine_of(service.name), observed.ledger, request, observed.found.image)
    given = PlanInput(
        journal=desk.journal.id,
        service=service.name,
        found=observed.found,
        request=request,
        ledger=observed.ledger,
        prints=running_prints(desk.journal, service.name),
        newest=to.image,
    )
    seen = _judged(desk, service, given, to, seen)
    if seen.already_newest is not None:
        return seen
    seen = _with_registry(request, to, seen)
    seen = replace(seen, config_pending=_pending(service, given))
    return _with_stages(desk, service, given, observed, seen)


def _judged(
    desk: Desk, service: Service, given: PlanInput, to: Newest, seen: Situation
) -> Situation:
    """With everything that the journal knows of the image, and whether it is new at all."""
    request, ledger = given.request, given.ledger
    spec, prints = request.spec or service.spec, request.fingerprints
    caution = caution_of(desk, service.name, ledger, to.image, spec, prints)
    newer = not brings_current(given.found, ledger, to.image)
    unchanged = already(given)
    if unchanged is not None:
        seen = replace(seen, already_newest=Point(text=unchanged.reason))
    digest = to.digest or to.image
    return against(desk, seen, service, ledger, caution, newer=newer, digest=digest)


def _with_registry(request: Request, to: Newest, seen: Situation) -> Situation:
    """With the answer of the registry, where that is no image."""
    if request.build is not None:
        return replace(seen, built_here=Point())
    if isinstance(to.unanswered, ImageMissingError):
        return replace(seen, image_missing=_point(to.unanswered))
    if to.unanswered is not None:
        return replace(seen, registry_unknown=_point(to.unanswered))
    if not to.image and not to.digest:
        text = f"{request.reference} is not on the host, and pull is never"
        return replace(seen, image_missing=Point(text=text))
    return seen


def _pending(service: Service, given: PlanInput) -> Point | None:
    """The keys of the config that say something else than what runs; secrets by their names."""
    record = given.ledger.versions.get(given.found.version)
    if record is None:
        return None
    keys = keys_not_in_force(service, record.version, given.ledger)
    wanted = given.request.fingerprints
    names = sorted({*wanted, *given.prints})
    changed = [f"secret {name}" for name in names if wanted.get(name) != given.prints.get(name)]
    told = ", ".join((*keys, *changed))
    return Point(text=f"not in force: {told}", ends="occ apply") if told else None


def _with_stages(
    desk: Desk, service: Service, given: PlanInput, observed: Observed, seen: Situation
) -> Situation:
    """With a rehearsal and a snapshot that the config wants, and that cannot be made."""
    try:
        rehearsing_for(desk, service, given, observed, _PLAN)
    except RefusedError as error:
        seen = replace(seen, rehearsal_lacking=_point(error))
    try:
        taking_for(desk, service, given.found, observed, _PLAN, _NOBODY)
    except FailedError as error:
        return replace(seen, no_room=_point(error))
    except (RefusedError, NotFoundError) as error:
        return replace(seen, snapshot_lacking=_point(error))
    return seen


def _point(error: OccError) -> Point:
    return Point(text=error.message, ends=error.hint)
