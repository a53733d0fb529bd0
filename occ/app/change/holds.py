"""Holds, written and released: operations of one commit each, for which no engine is asked."""

from occ.app.desk import Desk
from occ.app.ledgers import ledger_of, operation_of
from occ.app.results import Outcome
from occ.domain.events import Event, Kind, OperationDone, OperationPlanned
from occ.domain.request import Found, Request
from occ.domain.secrets.secrecy import clean
from occ.operations.kinds.hold import HoldWish, plan_hold, plan_unhold
from occ.operations.plan import Unchanged


def hold(desk: Desk, service: str, wish: HoldWish) -> Outcome:
    """Have no newer image taken unasked, until a time or until it is released.

    An operation that is under way goes on.

    Raises:
        NotFoundError: the config has no such service.
        UsageMistakeError: its end is over already.
    """
    wish = HoldWish(until=wish.until, why=clean(wish.why))
    fact = plan_hold(wish, desk.actor.operator, desk.clock.now())
    return _written(desk, "hold", service, fact, wish.why)


def unhold(desk: Desk, service: str, why: str) -> Outcome:
    """Have newer images taken again, those too that a rollback had left.

    Raises:
        NotFoundError: the config has no such service.
    """
    ledger = ledger_of(desk.journal, desk.settings.service(service).name)
    fact = plan_unhold(ledger.hold, ledger.cautions)
    if isinstance(fact, Unchanged):
        return Outcome(service=service, unchanged=fact.reason)
    return _written(desk, "unhold", service, fact, clean(why))


def _written(desk: Desk, kind: Kind, service: str, fact: Event, why: str) -> Outcome:
    name = desk.settings.service(service).name
    planned = OperationPlanned(
        kind=kind,
        actor=desk.actor,
        request=Request(),
        found=Found(),
        steps=(),
        reason=why,
        current=ledger_of(desk.journal, name).current,
    )
    events = (planned, fact, OperationDone())
    number = desk.journal.open_operation(events, desk.stamp(name))
    return Outcome(service=name, operation=operation_of(desk.journal, number))
