import click

from occ.app.results import Status
from occ.cli.change.several import every_service
from occ.cli.options import this_session
from occ.cli.session import Session
from occ.cli.terminal.tables import pairs, table
from occ.cli.terminal.words import duration, moment, short, version
from occ.errors import EngineUnreachableError

_HEADERS = ["service", "state", "health", "version", "says", "image", "ports", "up", "amiss"]
_ABSENT, _AMISS, _UNFINISHED = 3, 4, 7


@click.command("status")
@click.option("-q", "short_answer", is_flag=True, help="Say nothing; the exit status tells.")
@click.option("--all", "every", is_flag=True, help="Every service of the config, a line each.")
@this_session
def command(session: Session, *, short_answer: bool, every: bool) -> int:
    """What runs, read off the engine, against what the journal says.

    With -q: 0 serving, 3 no container, 4 stopped, unhealthy or drifted, 5 the engine does not
    answer, 7 an operation is unfinished.
    """
    names = every_service(session) if every else (session.service,)
    if short_answer:
        statuses = [_exit_status(session, name) for name in names]
        return next((status for status in statuses if status), 0)
    if every:
        told = [session.app.status(name) for name in names]
        return session.result(told, table(_HEADERS, [_line(status) for status in told]))
    status = session.app.status(session.service)
    return session.result(status, _text(session, status))


def _line(status: Status) -> list[str]:
    amiss = [*status.drift, *(["unfinished"] if status.unfinished else [])]
    return [
        status.service,
        status.state,
        status.health if status.state != "absent" else "-",
        version(status.version),
        status.reported or "-",
        status.reference or "-",
        ", ".join(status.ports) + (" (exposed)" if status.exposed else "") or "-",
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
        ("image", status.reference),
        ("wanted", status.wanted if status.wanted != status.reference else ""),
        ("image id", short(status.image) if status.image else ""),
        ("digest", status.digests[0].rpartition("@")[2] if status.digests else ""),
        ("ports", ", ".join(status.ports) + (" (exposed)" if status.exposed else "")),
        *(("volume", volume) for volume in status.volumes),
        ("restart", status.policy),
        ("snapshot", _snapshot(status)),
        *(("drift", drift) for drift in status.drift),
        *(("note", note) for note in status.notes),
        ("unfinished", session.addressed(_unfinished(status))),
        ("engine", status.engine),
        ("config", status.config or "none, the defaults"),
        ("journal", status.journal),
    ]
    return pairs(rows)


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
