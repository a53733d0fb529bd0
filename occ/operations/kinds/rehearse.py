"""The stage between getting the image and replacing: the version is tried beside the service.

    copy the data - run the new version on the copy - run the old one, if the new one failed - judge

Nothing of it touches what serves, and nothing of it is left.
"""

from collections.abc import Mapping

from occ.domain.operation import Operation
from occ.domain.rehearsal import Rehearsing, serving
from occ.domain.request import StepPlan
from occ.domain.versions import Ledger
from occ.operations.gate import deadline
from occ.operations.healthcheck import effective_healthcheck
from occ.operations.kinds.refusals import refuse_caution, refuse_other
from occ.operations.kinds.replace import decide_version, runs_already
from occ.operations.plan import Extension, PlanInput, plan_input_of
from occ.operations.steps import planned
from occ.operations.steps.copy_data import CopyData
from occ.operations.steps.rehearsal import ControlRehearsal, JudgeRehearsal, RehearseVersion


def rehearses(given: PlanInput) -> bool:
    """Whether a rehearsal comes before the replacement."""
    rehearsing = given.request.rehearsing
    return rehearsing is not None and not rehearsing.why


def plan_rehearsal(
    operation: Operation,
    ledger: Ledger,
    journal: str,
    prints: Mapping[str, str],
    *,
    now: int,
) -> Extension | None:
    """The stage, from what the first found out; None when that version runs already.

    It has no steps where an earlier rehearsal of the version counts; `now` is in ms since 1970.

    Raises:
        CautionError: the image is known only now, and the journal knows something against it.
    """
    given = plan_input_of(operation, ledger, journal, prints)
    version, new = decide_version(given, operation.fetched)
    if runs_already(given, version):
        return None
    refuse_caution(given, version)
    refuse_other(given, version, operation.fetched)
    rehearsing = given.request.rehearsing or Rehearsing()
    writer = ledger.data.writer(ledger.data.number, ledger.current)
    last = serving(ledger.rehearsals, version.number, writer, now)
    if last is not None and not rehearsing.only:
        return Extension(
            steps=(), commits_at=-1, version=version, new=new, rehearsed=last.operation
        )
    limit = deadline(
        version.spec.health, effective_healthcheck(version.spec, operation.fetched.check)
    )
    steps = steps_of(given, version.number, limit)
    return Extension(steps=steps, commits_at=-1, version=version, new=new)


def steps_of(given: PlanInput, version: int, deadline_ms: int) -> tuple[StepPlan, ...]:
    """The steps of the stage."""
    rehearsing, found = given.request.rehearsing or Rehearsing(), given.found
    reads = rehearsing.copy in {"paused", "live"} and rehearsing.volumes
    copying = (planned(CopyData(), title="Copy the data"),) if reads else ()
    return (
        *copying,
        planned(RehearseVersion(version, deadline_ms), title="Try the new version on the copy"),
        planned(
            ControlRehearsal(found.version, found.deadline_ms),
            title="Try the old one on it, if that failed",
        ),
        planned(JudgeRehearsal(version)),
    )
