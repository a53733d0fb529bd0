"""The part that all changing commands share: asking, progress, interrupts, and the last line."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from occ.app.operator import Operator
from occ.app.options import Options
from occ.app.results import Closed, Outcome, Proposal
from occ.cli.change.asking import agreed, agreed_large, headline, plan_text, refuse_reasons
from occ.cli.change.typed import Typed
from occ.cli.session import plain
from occ.cli.terminal import streams
from occ.cli.terminal.interrupts import WAYS, Interrupts
from occ.cli.terminal.progress import Progress, Teller
from occ.cli.terminal.words import duration, terminal_safe
from occ.domain.events import Event, Kind
from occ.domain.history import Row, row
from occ.domain.kinds import KINDS
from occ.domain.operation import Operation
from occ.domain.rehearsal import VersionRehearsed
from occ.domain.snapshots import Snapshot
from occ.domain.step_names import (
    CREATE_CONTAINER,
    DESCRIBE_SNAPSHOT,
    IMPORT_SNAPSHOT,
    JUDGE_REHEARSAL,
    PROVE_HEALTH,
    TAKE_SNAPSHOT,
)
from occ.errors import PENDING, UNCHANGED, UsageMistakeError

if TYPE_CHECKING:
    from occ.app.app import App
    from occ.app.change.unfinished import Way
    from occ.domain.taking import Taking

Ended = TypeVar("Ended", bound=Outcome | Closed)
Verb = Callable[["App", str | None, Options, Operator], Ended]


def of_kind(kind: Kind) -> Verb[Outcome]:
    """The app's way to make a change of this kind."""
    return lambda app, service, options, operator: app.change(kind, service, options, operator)


def of_way(way: "Way") -> Verb[Outcome | Closed]:
    """The app's way out of an unfinished operation."""
    return lambda app, service, _options, operator: app.end(way, service, operator)


def change(
    typed: Typed,
    verb: Verb[Outcome | Closed],
    *,
    by_name: bool = False,
    says: Callable[[Outcome], str] = lambda _: "",
    more: Callable[[Outcome], Mapping[str, object]] = lambda _: {},
) -> int:
    """Run a verb that changes something, and return the exit status.

    `by_name` asks for the service's name instead of y or n. `says` words the end for people, empty
    for the line that all verbs have; `more` tells programs what they get beside the usual keys.
    """
    session = typed.session
    if typed.every:
        return _change_each(typed, verb)
    if typed.keep_going:
        raise UsageMistakeError("--keep-going goes with --all", hint=f"occ {session.command} --all")
    outcome = carried_out(typed, verb, session.service, by_name=by_name)
    if isinstance(outcome, Closed):
        return session.result(outcome, _closed(outcome))
    if outcome.proposal is not None:
        status = PENDING if outcome.proposal.due else 0
        return session.result(
            outcome.proposal, session.addressed(plan_text(outcome.proposal)), status=status
        )
    status = UNCHANGED if outcome.unchanged and typed.exit_unchanged else 0
    said = says(outcome) or session.addressed(last_line(outcome))
    return session.result({**told(outcome), **more(outcome)}, said, status=status)


def _change_each(typed: Typed, verb: Verb[Outcome | Closed]) -> int:
    from occ.cli.change.several import change_all, every_service  # noqa: PLC0415 - for `--all` only

    def once(service: str) -> Outcome:
        outcome = carried_out(typed, verb, service)
        if isinstance(outcome, Closed):
            raise UsageMistakeError("this verb takes one service", hint="name it: --service NAME")
        return outcome

    def says(outcome: Outcome) -> str:
        if outcome.proposal:
            caution = outcome.proposal.caution
            careful = f"; careful: {caution.says}" if caution else ""
            return f"{headline(outcome.proposal)}{careful}"
        return typed.session.addressed(how_ended(outcome), outcome.service)

    return change_all(typed, every_service(typed.session), once, says)


def carried_out(
    typed: Typed, verb: Verb[Ended], service: str | None, *, by_name: bool = False
) -> Ended:
    """Run a verb with its question, progress and interrupts; nothing is printed on stdout.

    `service` None is the only one of the config, or the default.
    """
    session = typed.session
    session.changing = not typed.options.plan
    session.tells = "change" if session.changing else ""
    teller = Teller(quiet=session.quiet)
    progress = Progress(teller)
    with Interrupts(teller, session.addressed(WAYS, service)) as interrupts:

        def confirm(proposal: Proposal) -> bool:
            if typed.yes:
                refuse_reasons(proposal, session)
                # The notes and the difference that the question would have shown.
                for warning in proposal.warnings:
                    teller.say(f"note: {terminal_safe(session.addressed(warning, service))}\n")
                for line in proposal.difference.splitlines():
                    teller.say(f"  | {terminal_safe(line)}\n")
            elif not agreed(proposal, session, by_name=by_name):
                return False
            interrupts.begin()
            return True

        def listen(operation: Operation, event: Event) -> None:
            interrupts.begin()
            progress.listen(operation, event)

        operator = Operator(
            confirm=confirm,
            listen=listen,
            progress=progress.tell,
            stop_requested=interrupts.asked,
            ask_large=partial(_ask_large, typed),
            say=lambda what: teller.say(f"note: {terminal_safe(what)}\n"),
        )
        outcome = verb(session.app, service, typed.options, operator)
    for warning in () if isinstance(outcome, Closed) else outcome.warnings:
        if warning not in progress.told:
            session.note(f"note: {terminal_safe(warning)}", service)
    return outcome


def _ask_large(typed: Typed, service: str, taking: "Taking") -> bool | None:
    return None if typed.yes or streams.nobody() else agreed_large(service, taking)


def _closed(closed: Closed) -> str:
    left = [f"  left: {item}" for item in closed.left]
    return "\n".join([f"operation {closed.operation} is closed; nothing was touched", *left])


def last_line(outcome: Outcome) -> str:
    """How a change ended, in one line: service, versions, downtime, where it is served."""
    return f"{outcome.service}: {how_ended(outcome)}"


def how_ended(outcome: Outcome) -> str:
    """The same without the service."""
    operation = outcome.operation
    if operation is None:
        return outcome.unchanged or "done"
    if outcome.unchanged:
        return f"unchanged, {outcome.unchanged}"
    line, facts = row(operation), KINDS[operation.planned.kind]
    if operation.ending == "undone":
        return f"operation {operation.number} was put back"
    rehearsed, wish = rehearsal_told(operation), operation.planned.request.rehearsing
    if rehearsed is not None and wish is not None and wish.only:
        return f"version {rehearsed.number} {rehearsed.words}; nothing was replaced"
    ended = facts.ended.format(after=line.after) or _versions(line)
    if not facts.tells_downtime:
        return ended
    share = operation.snapshot_ms
    part = f" ({duration(share)} of it for the snapshot)" if share is not None else ""
    down = f", down for {duration(line.downtime_ms)}{part}" if line.downtime_ms is not None else ""
    proven = outcome.served and operation.has(PROVE_HEALTH)
    serves = f", serves at {', '.join(outcome.served)}" if proven else ""
    made = operation.has(CREATE_CONTAINER)
    idle = made and facts.works == "on the container" and not operation.has(PROVE_HEALTH)
    waits = "; it is stopped: occ start" if idle else ""
    return f"{ended}{down}{serves}{waits}"


def _versions(line: Row) -> str:
    if line.before == line.after:
        return f"version {line.after}"
    if line.before:
        return f"version {line.before} -> {line.after}"
    return f"version {line.after} installed"


def rehearsal_told(operation: Operation) -> VersionRehearsed | None:
    """The verdict of an operation's own rehearsal; None where it made none."""
    result = operation.result(JUDGE_REHEARSAL)
    return VersionRehearsed.from_json(result) if result else None


def snapshot_of(operation: Operation) -> Snapshot | None:
    """The snapshot that an operation has brought; None where it brought none, or it went again."""
    done = operation.ending == "done"
    result = operation.result(TAKE_SNAPSHOT) or operation.result(IMPORT_SNAPSHOT)
    return Snapshot.from_json(result) if done and result else None


def snapshot_told(operation: Operation) -> dict[str, object] | None:
    """The same as programs read it."""
    snapshot = snapshot_of(operation)
    if snapshot is None:
        return None
    described = bool(operation.result(DESCRIBE_SNAPSHOT).get("described"))
    return {**plain(snapshot), "fuzzy": list(snapshot.fuzzy), "verified": described}


def told(outcome: Outcome) -> dict[str, object]:
    """An outcome as programs read it."""
    found: dict[str, object] = {"service": outcome.service, "unchanged": outcome.unchanged}
    if outcome.operation is not None:
        line = row(outcome.operation)
        found |= {
            "operation": line.operation,
            "kind": line.kind,
            "outcome": line.outcome,
            "before": line.before,
            "after": line.after,
            "downtime_ms": line.downtime_ms,
            "duration_ms": line.duration_ms,
            "snapshot_ms": outcome.operation.snapshot_ms,
            "snapshot": snapshot_told(outcome.operation),
            "rehearsal": plain(rehearsal_told(outcome.operation)),
            "rehearsed": outcome.operation.rehearsed,
            "repeated": outcome.repeated,
        }
    return {**found, "served": list(outcome.served), "warnings": list(outcome.warnings)}
