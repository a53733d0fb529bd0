"""Prune: the snapshots, kept data sets and images removed that the rules do not keep."""

from occ.domain.retention import Retention
from occ.domain.rules import Retain
from occ.operations.plan import Decision, Plan, PlanInput, Unchanged, shown
from occ.operations.steps import planned
from occ.operations.steps.prune import MOST, PruneData

_NAMED = 3


def plan_prune(given: PlanInput, retain: Retain, answer: Retention) -> Decision:
    """The plan, in which exactly that goes which the operator was shown.

    A removal begins with the point of no return.
    """
    gone = answer.gone[:MOST]
    if not gone:
        return Unchanged("nothing goes by the rules")
    chosen = tuple(f"{one.item.name}: {one.why}" for one in gone)
    names = [str(one.item.name) for one in gone]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    title = f"Remove {', '.join(names[:_NAMED])}{more}, for good"
    steps = (planned(PruneData(retain.folder, chosen, retain.spared), title=title),)
    version = given.found.version or given.ledger.current
    return Plan(steps=steps, shown=shown(steps), commits_at=0, version=version)
