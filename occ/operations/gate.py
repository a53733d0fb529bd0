"""The gate: what a container must show before it counts as proven."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

from occ.domain.secrets.secrecy import clean, redact
from occ.domain.spec import Health
from occ.domain.step_results import Proof
from occ.domain.values import HealthCheck, seconds_text
from occ.engine.port import Engine
from occ.engine.progress import GateProgress
from occ.engine.values import Container, Image
from occ.errors import NoProbeError, NotFoundError, StoppedByOperatorError, UnhealthyError
from occ.operations import event_size, labels
from occ.operations.answers import HealthLook, ask, judge_version, lacks_version, way_to_ask
from occ.operations.endings import exit_words
from occ.operations.step_context import StepContext

_FIRST_PROBE_MS = 100
_TELL_MS = 1_000
_TAIL_LINES = 40
_TAIL_BYTES = 4_096
_PROBLEM_BYTES = 2_048
_FULL = "no space left on device"
_LONGEST_CHECK_MS = 3_600_000


def deadline(health: Health, check: HealthCheck | None) -> int:
    """How long a gate may take, in ms: never less than its own HEALTHCHECK may need.

    A HEALTHCHECK is an image's word, and may need years: more than an hour is for `health.timeout`
    to say.
    """
    if check is None:
        return health.timeout_ms
    needed = check.start_period_ms + (check.retries + 1) * (check.interval_ms + check.timeout_ms)
    return max(health.timeout_ms, min(needed, _LONGEST_CHECK_MS))


def prove(context: StepContext, container: Container, health: Health, deadline_ms: int) -> Proof:
    """Watch a running container until it was good for `min_healthy`, and return the proof.

    Good means: the same start, no more restarts than allowed, the image's HEALTHCHECK healthy if
    it has one, and every probe answered as asked. The first probe comes after 100 ms.

    Raises:
        UnhealthyError: it was not; with the container's last lines.
        NoProbeError: there is no way to ask it, and that was not waived.
        StoppedByOperatorError: the operator asked for an end meanwhile.
    """
    clock, began = context.clock, context.clock.monotonic()
    gate = health if context.operation.planned.request.probe else replace(health, path="")
    image = cache(lambda: context.engine.image(container.image))  # asked for when it is needed
    wait, first_good_at = _FIRST_PROBE_MS, 0
    good_since: int | None = None
    told: GateProgress | None = None
    while True:
        _pause(context, min(wait, health.interval_ms), told)
        if context.stop_requested():
            raise StoppedByOperatorError("you asked for an end while the container was proven")
        seen = _look_at(context.engine, container, gate, image, context.secrets)
        now = clock.monotonic()
        if seen.final:
            raise unhealthy(context, container, seen.problem)
        if seen.problem and now - began > deadline_ms:
            raise unhealthy(context, container, f"{seen.problem}{_sooner(health, deadline_ms)}")
        if seen.answered or not seen.problem:
            first_good_at = first_good_at or context.engine_now()
        if seen.problem:
            good_since = None
            wait *= 2
        elif good_since is None:
            good_since, wait = now, health.interval_ms
        if good_since is not None:
            left = health.min_healthy_ms - (now - good_since)
            if left <= 0:
                said = _said(seen, health, context)
                return Proof(
                    said=said,
                    first_good_at=first_good_at,
                    good_after_ms=good_since - began,
                    reported=seen.reported,
                )
            wait = min(health.interval_ms, left)
        told = _stands(seen, health, now - began, now - (good_since or now))
        context.progress(told)


def _pause(context: StepContext, wait_ms: int, told: GateProgress | None) -> None:
    """Wait, and tell each second that the gate stands as it did."""
    gone = 0
    while (left := wait_ms - gone) > _TELL_MS:
        context.clock.sleep(_TELL_MS)
        gone += _TELL_MS
        if told is not None:
            context.progress(replace(told, for_ms=told.for_ms + gone))
    context.clock.sleep(left)


def _stands(seen: HealthLook, health: Health, waited_ms: int, good_ms: int) -> GateProgress:
    if seen.problem:
        said = "connection refused" if seen.refused else seen.problem
        return GateProgress(said=said, for_ms=waited_ms)
    said = "runs" if seen.steady else "answers"
    return GateProgress(said=said, for_ms=good_ms, of_ms=health.min_healthy_ms)


def _sooner(health: Health, deadline_ms: int) -> str:
    """The words for a gate that ended before `health.timeout`."""
    if deadline_ms >= health.timeout_ms:
        return ""
    return f" (after {seconds_text(deadline_ms)}: its starts before were quicker, proven_timeout)"


def _said(seen: HealthLook, health: Health, context: StepContext) -> str:
    if seen.reported:
        return f"reports version {seen.reported}"
    skipped = bool(health.path) and not context.operation.planned.request.probe
    if seen.steady:
        why = "its health path was not asked: --no-probe" if skipped else ""
        return f"runs steadily ({why or way_to_ask(context.service)})"
    lacks = "" if skipped else lacks_version(seen, health)
    return f"healthy; {lacks}" if lacks else "healthy"


def look_at_health(
    engine: Engine, container: Container, health: Health, secrets: Mapping[str, str]
) -> HealthLook:
    """One look, for saying how a service stands; the version it reports is not judged.

    Where there is no way to ask it, all else is looked at. `secrets` are those at hand, for a login
    that the probe carries.
    """
    try:
        return _look_at(engine, container, health, _unjudged, secrets)
    except NoProbeError as error:
        seen = _look_at(engine, container, replace(health, path=""), _unjudged, {})
        return replace(seen, unasked=f"no probe: {error.message}")


def unhealthy(context: StepContext, container: Container, problem: str) -> UnhealthyError:
    """The failure of a gate, with the container's last lines.

    An engine that came up after the container was started took it down, and on a full disk any
    version fails: neither is known to be the container's own doing.
    """
    why = event_size.beginning(problem, _PROBLEM_BYTES)
    tail = log_tail(context, container)
    outside = ""
    if context.engine.started_at() > container.started_at:
        outside = " (the engine restarted after its start)"
    elif any(_FULL in line.lower() for line in (*tail, problem)):
        outside = " (a disk that it writes to is full)"
    return UnhealthyError(
        f"{container.name} is not healthy: {why}{outside}", log_tail=tail, own=not outside
    )


def log_tail(context: StepContext, container: Container) -> tuple[str, ...]:
    """A container's last lines: at most 40 and 4 KiB, secrets replaced, any bytes readable.

    The 4 KiB are those that they take in the journal. Where a secret of the container is not at
    hand nobody can take it out of them, and the journal never forgets: then a sentence stands in
    their place.
    """
    unknown = _not_at_hand(context, container)
    if unknown:
        names = ", ".join(unknown)
        verb = "has" if len(unknown) == 1 else "have"
        return (
            f"its last lines are not kept: {names} {verb} no value now to be taken out; occ logs",
        )
    try:
        lines = list(context.engine.logs(container.id, tail=_TAIL_LINES))
    except NotFoundError:
        return ()
    text = b"\n".join(lines).decode(errors="backslashreplace")
    hidden = clean(redact(text, context.secrets.values()))
    # Cut last: half a secret at the edge would be one that nobody finds.
    return event_size.last_lines(hidden.splitlines(), _TAIL_BYTES)


def _not_at_hand(context: StepContext, container: Container) -> list[str]:
    number = labels.number(container.labels, labels.VERSION)
    version = context.versions.get(number or context.operation.planned.found.version)
    return [
        name for name in (version.spec.secrets if version else ()) if name not in context.secrets
    ]


def _look_at(
    engine: Engine,
    before: Container,
    health: Health,
    image: Callable[[], Image | None],
    secrets: Mapping[str, str],
) -> HealthLook:
    now = engine.inspect(before.id)
    if now is None:
        return HealthLook("the container is gone", final=True)
    alive = _alive(before, now, health)
    answer = alive if alive.problem else ask(engine, now, health, secrets)
    if answer.problem:
        return answer
    if now.health == "unhealthy":
        return HealthLook("its own HEALTHCHECK says unhealthy")
    judged = judge_version(answer, health, image() if health.version_label else None)
    if now.health == "starting" and not judged.problem:
        answered = bool(health.path)
        return HealthLook("its own HEALTHCHECK is still starting", answered=answered)
    return judged


def _unjudged() -> None:
    """The reported version is compared with nothing."""


def _alive(before: Container, now: Container, health: Health) -> HealthLook:
    if now.state != "running":
        return HealthLook(_ended(now), final=now.state in {"exited", "dead"})
    restarts = now.restarts - before.restarts
    if restarts > health.restarts_allowed:
        return HealthLook(f"it restarted {restarts} times", final=True)
    if now.started_at != before.started_at and health.restarts_allowed == 0:
        return HealthLook("it was started anew while it was watched", final=True)
    return HealthLook()


def _ended(container: Container) -> str:
    words = exit_words(container)
    code = words if words.startswith("killed") else f"it is {container.state}, {words}"
    return f"{code}: {container.error}" if container.error else code
