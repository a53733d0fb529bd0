"""Stage: all of an update that costs no outage. The replacement comes later, with that digest.

[ask the gate commands] - get the image - [try it beside the service] - keep it | staged
"""

from collections.abc import Mapping

from occ.domain.operation import Operation
from occ.domain.versions import Ledger
from occ.operations.kinds.already import already
from occ.operations.kinds.programs import accepting
from occ.operations.kinds.refusals import refuse_caution, refuse_other
from occ.operations.kinds.rehearse import rehearses
from occ.operations.kinds.replace import decide_version, runs_already
from occ.operations.kinds.staging import keep_staged
from occ.operations.kinds.update import likely, newest
from occ.operations.plan import Decision, Extension, Plan, PlanInput, plan_input_of, shown


def plan_stage(given: PlanInput) -> Decision:
    """Get the wanted image while the service serves; the version is decided when it is here."""
    if unchanged := already(given):
        return unchanged
    steps = (*accepting(given), newest(given))
    stages = 3 if rehearses(given) else 2
    return Plan(steps=steps, stages=stages, shown=shown(steps) + shown(likely(given)))


def plan_unstage(given: PlanInput) -> Decision:  # noqa: ARG001 - as all planners
    """Nothing is done to the host: the journal alone knows what is staged."""
    return Plan(steps=(), commits_at=0)


def plan_staging(
    operation: Operation, ledger: Ledger, journal: str, prints: Mapping[str, str]
) -> Extension | None:
    """The last stage, from what the stages before found out; None when that version runs already.

    Raises:
        CautionError: the image is known only now, and the journal knows something against it.
    """
    given = plan_input_of(operation, ledger, journal, prints)
    version, new = decide_version(given, operation.fetched)
    if runs_already(given, version):
        return None
    refuse_other(given, version, operation.fetched)
    refuse_caution(given, version)
    steps = keep_staged(given, version)
    rehearsed = operation.number if operation.passed_beside else operation.rehearsed
    return Extension(
        steps=steps,
        commits_at=len(operation.steps) + len(steps),
        version=version,
        new=new,
        rehearsed=rehearsed,
    )
