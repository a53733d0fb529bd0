import click

from occ.app.service_status import LastOperation, Status, Unfinished
from occ.cli.change.several import every_service
from occ.cli.options import this_session
from occ.cli.session import Session
from occ.cli.terminal.tables import Column, Headers, for_people, pairs, table
from occ.cli.terminal.words import duration, moment, short, version
from occ.cli.view.operation_words import led
from occ.domain.history import NEWER
from occ.errors import EngineUnreachableError

_HEADERS: Headers = [
    Column(name="service", least=8),
    Column(name="state", stays=True),
    Column(name="health", stays=True),
    Column(name="version", stays=True),
    Column(name="says", least=6),
    Column(name="image", least=16, middle=True),
    Column(name="ports", least=14, spare=True),
    "up",
    Column(name="amiss", below=True),
]
_ABSENT, _AMISS, _UNFINISHED = 3, 4, 7
_WELL = frozenset({"done", "unfinished", "reverting", NEWER})


@click.command("status")
@click.option("-q", "short_answer", is_flag=True, help="Say nothing; the exit status tells.")
@click.option("--all", "every", is_flag=True, help="Every service of the config, a line each.")
@this_session
def command(session: Session, *, short_answer: bool, every: bool) -> int:
    """What runs, read off the engine, against what the journal says.

    Without a name and with several services: a line each, as with --all.

    With -q: 0 serving, 3 no container, 4 stopped, unhealthy or drifted, 5 the engine does not
    answer, 7 an operation is unfinished.
    """
    every = every or _every_by_itself(session, short_answer=short_answer)
    names = every_service(session) if every else (session.service,)
    if short_answer:
        statuses = [_exit_status(session, name) for name in names]
        return next((status for status in statuses if status), 0)
    if every:
        told = [session.app.status(name) for name in names]
        return session.result(told, table(_HEADERS, [_line(session, status) for status in told]))
    status = session.app.status(session.service)
    return session.result(status, _text(session, status))


def _every_by_itself(session: Session, *, short_answer: bool) -> bool:
    """Whether no name means every service.

    For programs it means the default service where there is one, as it does for other commands.
    """
    services = session.app.settings.services
    if session.service or len(services) < 2:  # noqa: PLR2004 - one service is a page of its own
        return False
    from occ.settings.model import DEFAULT_SERVICE  # noqa: PLC0415 - for several services only

    for_programs = short_answer or session.output != "text"
    return not (for_programs and DEFAULT_SERVICE in services)


def _line(session: Session, status: Status) -> list[str]:
    amiss = [
        *status.drift,
        *([_failed(status.last)] if _bad(status) and status.last else []),
        *(
            [session.addressed(_driving(status.unfinished), status.service)]
            if status.unfinished
            else []
        ),
        *([f"not in force: {', '.join(status.not_in_force)}"] if status.not_in_force else []),
    ]
    return [
        status.service,
        status.state,
        status.health if status.state != "absent" else "-",
        version(status.version),
        status.reported or "-",
        status.reference or "-",
        _ports(status) or "-",
        duration(status.uptime_ms),
        "; ".join(amiss) or "-",
    ]


def _exit_status(session: Session, service: str | None) -> int:
    try:
        status = session.app.status(service)
    except EngineUnreachableError as error:
        return error.exit_status
    if status.unfinished:
        return _UNFINISHED
    if status.state == "absent":
        return _ABSENT
    fine = status.state == "running" and status.health != "unhealthy" and not status.drift
    return 0 if fine else _AMISS


def _text(session: Session, status: Status) -> str:
    health = f"{status.health} ({status.why})" if status.why else status.health
    current = f"{version(status.version)}, {status.standing}" if status.version else ""
    rows: list[tuple[str, object]] = [
        ("service", status.service),
        ("state", status.state),
        ("health", health if status.state != "absent" else ""),
        ("uptime", duration(status.uptime_ms) if status.uptime_ms is not None else ""),
        ("version", current),
        ("reports", status.reported),
        ("unfinished", session.addressed(_unfinished(status))),
        ("last", session.addressed(_last(session, status))),
        *(("drift", drift) for drift in status.drift),
        ("not in force", session.addressed(_not_in_force(status))),
        ("update", session.addressed(_update(status))),
        ("staged", session.addressed(_staged(status))),
        ("why not", session.addressed(_why_not(status))),
        ("next", session.addressed(_next(status))),
        ("auto", session.addressed(_auto(status))),
        *(("note", note) for note in status.notes),
        ("image", status.reference),
        ("wanted", status.wanted if status.wanted != status.reference else ""),
        ("image id", short(status.image) if status.image else ""),
        ("digest", _digest(status)),
        ("ports", _ports(status)),
        *(("volume", volume) for volume in status.volumes),
        ("restart", status.policy),
        ("snapshot", _snapshot(status)),
        ("engine", status.engine),
        ("config", status.config or "none, the defaults"),
        ("journal", status.journal),
    ]
    return pairs(rows)


def _ports(status: Status) -> str:
    return ", ".join(status.ports) + (" (exposed)" if status.exposed else "")


def _digest(status: Status) -> str:
    """The image's digest: as much as people compare where one looks, whole where programs read."""
    if not status.digests:
        return ""
    digest = status.digests[0].rpartition("@")[2]
    return f"sha256:{short(digest)}" if for_people() else digest


def _staged(status: Status) -> str:
    staged = status.staged
    if staged is None:
        return ""
    named = f"version {staged.number}{f' ({short(staged.digest)})' if staged.digest else ''}"
    return f"{named}, since {moment(staged.at)}: occ update --staged"


def _snapshot(status: Status) -> str:
    if not status.snapshot:
        return ""
    taken = f"{status.snapshot}, taken {moment(status.snapshot_at)}"
    if not status.drilled:
        return taken
    proven = "proven restorable" if status.drill_passed else "did not pass its drill"
    which = "" if status.drilled == status.snapshot else f"{status.drilled} "
    return f"{taken}; {which}{proven} {moment(status.drilled_at)}"


def _unfinished(status: Status) -> str:
    there = status.unfinished
    if there is None:
        return ""
    named = f"operation {there.operation} ({there.kind})"
    if there.driven:
        since = moment(there.driver_since, exact=True)
        return f"{named} is {there.direction}, driven by {there.driver} since {since}"
    stopped = f"{named}, begun {moment(there.since)}, stopped while {there.direction}"
    nobody = "nobody drives it" if there.driven is False else "maybe nobody drives it"
    return f"{stopped}; {nobody} (last {there.driver}): {there.ways}"


def _driving(there: Unfinished) -> str:
    named = f"operation {there.operation} ({there.kind}) is {there.direction}"
    if there.driven:
        return f"{named}, driven by {there.driver}"
    return f"operation {there.operation} ({there.kind}) is unfinished: {there.ways}"


def _bad(status: Status) -> bool:
    """Whether the last operation has ended, and not as it should."""
    return status.last is not None and status.last.outcome not in _WELL


def _last(session: Session, status: Status) -> str:
    last, unfinished = status.last, status.unfinished
    if last is None or (unfinished is not None and unfinished.operation == last.operation):
        return ""
    told = f"{_failed(last)}, {moment(last.at)}"
    if last.down_since is not None:
        down = max(0, session.app.desk.clock.now() - last.down_since)
        told += f", down for {duration(down)} so far"
    cause = f"{told}: {last.cause}" if last.cause else told
    return f"{cause}: {last.hint}" if last.hint else cause


def _failed(last: LastOperation) -> str:
    versions = led(last.before, last.wanted)
    return f"operation {last.operation}, {last.kind} {versions}, {last.outcome}"


def _not_in_force(status: Status) -> str:
    if not status.not_in_force:
        return ""
    return f"{', '.join(status.not_in_force)}: occ config diff, then occ apply"


def _update(status: Status) -> str:
    if status.update and status.caution:
        return f"{short(status.update)} on this host is not taken unasked: {status.caution.says}"
    if status.update:
        return f"{short(status.update)} is on this host as {status.wanted}: occ update"
    asked = status.version and not status.unfinished
    return "no other image on this host; the registry was not asked: occ check" if asked else ""


def _auto(status: Status) -> str:
    """When it updates itself next, and whether its timer runs."""
    auto = status.auto
    if auto is None:
        return ""
    coming = f"updates itself next {moment(auto.next_at)}"
    if not auto.ran_at:
        return f"{coming}; its timer never ran: occ install --auto"
    ran = f"{coming}; the timer ran {moment(auto.ran_at)}"
    if not auto.late:
        return ran
    return f"{ran}, and should have {moment(auto.should_at)}: occ install --auto"


def _why_not(status: Status) -> str:
    """The first reason why it is not updated now, where no other line tells it."""
    told = {
        "busy",
        "operation_unfinished",
        "known_bad",
        *(("left_by_rollback",) * bool(status.caution)),
    }
    first = next((reason for reason in status.reasons if reason.name not in told), None)
    if first is None:
        return ""
    ends = moment(first.until) if first.until else first.ends
    return (
        f"{first.name}: {first.text}; until {ends}"
        if first.until
        else f"{first.name}: {first.text}; ends with: {ends}"
    )


def _next(status: Status) -> str:
    """The command to type where nothing was ever installed."""
    if status.state != "absent" or status.recorded or status.unfinished:
        return ""
    if status.config:
        return "occ start"
    return "nothing is set up yet: occ setup"
