"""The steps of a person's own programs: gate commands, the command that defers, hooks."""

from collections.abc import Iterable

from occ.domain.hooks import PlannedPrograms
from occ.domain.kinds import KINDS
from occ.domain.request import StepPlan, Version
from occ.domain.spec import Spec
from occ.operations.plan import PlanInput
from occ.operations.steps import planned
from occ.operations.steps.accept import AcceptImage
from occ.operations.steps.asked import AskIdle, CountEntries
from occ.operations.steps.hooks import AskService, RunHook

_NONE = PlannedPrograms()


def accepting(given: PlanInput) -> Iterable[StepPlan]:
    """The step that asks the gate commands, where there are any."""
    programs, request = given.request.programs or _NONE, given.request
    if not programs.accept:
        return
    running = given.ledger.versions.get(given.found.version)
    digests = running.version.digests if running else ()
    step = AcceptImage(
        reference=next(iter(request.digests), request.reference),
        pull=request.pull,
        current=digests[0] if digests else "",
        gates=programs.accept,
        on_unknown=programs.on_unknown,
    )
    yield planned(step, title="Ask the gate commands")


def asking(given: PlanInput) -> Iterable[StepPlan]:
    """The step that asks the service whether it may be updated; only one that runs can answer."""
    programs, found = given.request.programs or _NONE, given.found
    if programs.defer and found.serving and KINDS[given.kind].may_wait:
        step = AskService(found.container, programs.defer, programs.anyway)
        yield planned(step, title="Ask the service")


def idling(given: PlanInput) -> Iterable[StepPlan]:
    """The step that asks the service whether it is at work; only one that runs can answer."""
    programs, found = given.request.programs or _NONE, given.found
    known = found.version in given.ledger.versions
    if programs.idle and found.serving and known and KINDS[given.kind].may_wait:
        port = _port(given.ledger.versions[found.version].version.spec)
        step = AskIdle(found.container, found.version, port, programs.idle, programs.anyway)
        yield planned(step, title="See whether it is idle")


def counting(given: PlanInput, container: str, version: Version) -> Iterable[StepPlan]:
    """The step that counts what the service keeps, before the stop or after the proof."""
    programs, found = given.request.programs or _NONE, given.found
    known = found.version in given.ledger.versions
    if programs.counted and found.serving and known:
        after = container != found.container
        step = CountEntries(container, version.number, _port(version.spec), programs.counted, after)
        yield planned(step, title=f"Count {programs.counted}{' again' if after else ''}")


def _port(spec: Spec) -> int:
    """The port of the health path, else the first that is published; 0 without any."""
    published = (port.container for port in spec.ports if port.protocol == "tcp")
    return spec.health.port or next(published, 0)


def hook(given: PlanInput, place: str) -> Iterable[StepPlan]:
    """The step of the hook of this place, where there is one and it has a place to run in.

    A service that does not run is not stopped, and nothing is run inside of it.
    """
    programs, found = given.request.programs or _NONE, given.found
    declared = next((one for one in programs.hooks if one.place == place), None)
    if declared is None or not KINDS[given.kind].hooks:
        return
    stops = place == "pre_stop" or declared.where == "old"
    if stops and not found.serving:
        return
    inside = {"host": "", "old": found.container, "new": "replacement"}
    step = RunHook(
        place=place,
        digest=declared.digest,
        undo=declared.undo,
        where=declared.where,
        container=inside[declared.where],
        timeout_ms=declared.timeout_ms,
        once=declared.once,
    )
    yield planned(step, title=f"Run hook {place}")
