"""Messages for people: one an event, short enough for a phone; and the same as JSON has it.

No message holds a log line, a variable, a label, the words of a command or the reason that
somebody typed: a failure is told by its code alone.
"""

from dataclasses import asdict, dataclass
from typing import Final, Literal, TypeAlias

from occ.domain.happenings import Happening
from occ.domain.history import row
from occ.domain.operation import Operation
from occ.domain.outbox import Fact, Summary
from occ.domain.values import seconds_text

FORM: Final = 1
"""The version of the JSON form: keys are added under the same one, and none goes."""

About: TypeAlias = Happening | Literal["given_up", "test", "auto_ended"]

_URGENT: Final = frozenset[About](("failed", "needs_person", "auto_ended"))
_TITLES: Final[dict[Happening, str]] = {
    "failed": "{kind} failed",
    "needs_person": "{kind} needs you",
    "done_by_auto": "{kind} done",
    "done": "{kind} done",
    "put_back": "{kind} put back",
    "abandoned": "{kind} abandoned",
    "unchanged": "{kind}: nothing to do",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message. Times are ms since 1970 UTC; 0 and empty texts stand for none."""

    id: str
    """The same for every try and every target, so that a receiver can drop what comes twice."""
    event: About
    title: str
    text: str
    at: int
    """When it happened."""
    machine: str = ""
    service: str = ""
    operation: int = 0
    kind: str = ""
    outcome: str = ""
    before: int = 0
    after: int = 0
    downtime_ms: int | None = None
    failure: str = ""
    """The code of the error, as `docs/errors.md` has it."""

    @property
    def urgent(self) -> bool:
        """Whether somebody should look soon."""
        return self.event in _URGENT

    def as_json(self) -> dict[str, object]:
        """The body of a webhook."""
        return {"occ": FORM, **asdict(self)}


def of_fact(fact: Fact, operation: Operation, journal: str) -> Message:
    """The message of an operation's end, or that it needs a person."""
    line, kind = row(operation), operation.planned.kind
    return Message(
        id=f"{journal}:{fact.position}:{fact.subject}",
        event=fact.happening,
        title=f"{operation.service}: {_TITLES[fact.happening].format(kind=kind)}",
        text=" ".join(_sentences(fact, operation)),
        at=fact.at,
        machine=operation.planned.actor.machine,
        service=operation.service,
        operation=operation.number,
        kind=kind,
        outcome=line.outcome,
        before=line.before,
        after=line.after,
        downtime_ms=line.downtime_ms,
        failure=_failure(operation),
    )


def of_summary(summary: Summary, journal: str, now: int) -> Message:
    """The one message in place of those that were given up."""
    first, last, count = summary.first, summary.last, summary.count
    which = f"operation {first}" if first == last else f"operations {first} to {last}"
    noun = "message" if count == 1 else "messages"
    return Message(
        id=f"{journal}:{summary.position}:given_up",
        event="given_up",
        title=f"occ: {count} {noun} could not be sent",
        text=f"For more than a week this target could not be reached: {which}. Look: occ history",
        at=now,
    )


def _sentences(fact: Fact, operation: Operation) -> list[str]:
    where = f" on {operation.planned.actor.machine}" if operation.planned.actor.machine else ""
    name = f"Operation {operation.number}{where}"
    line, code = row(operation), _failure(operation)
    why = f" ({code})" if code else ""
    match fact.happening:
        case "needs_person":
            down = ["The service may be down."] if operation.disrupted else []
            unfinished = f"{name} is unfinished{why}, and nobody drives it."
            return [unfinished, *down, f"To go on: {operation.ways}"]
        case "failed":
            ended = (
                f"{name} was put back{why}."
                if operation.ending == "undone"
                else f"{name} is done, but the service is not healthy{why}."
            )
        case "put_back":
            ended = f"{name} was put back."
        case "abandoned":
            ended = f"{name} was closed without touching anything."
        case "unchanged":
            ended = f"{name} had nothing to do."
        case "done" | "done_by_auto":
            ended = f"{name} is done."
    version = (
        f"Version {line.before} -> {line.after}."
        if line.before != line.after
        else f"Version {line.after} is current."
    )
    down = [] if line.downtime_ms is None else [f"Down for {seconds_text(line.downtime_ms)}."]
    shown = [version] if line.after else []
    return [ended, *shown, *down, f"Look: occ show {operation.number}"]


def _failure(operation: Operation) -> str:
    if operation.failure is not None:
        return operation.failure.code
    proof = operation.proof
    return "unhealthy" if proof is not None and not proof.healthy else ""
