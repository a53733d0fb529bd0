from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from occ.cli.options import named, service_word, this_session
from occ.cli.session import Session, plain
from occ.cli.terminal.tables import Column, Headers, table
from occ.cli.terminal.words import moment

if TYPE_CHECKING:
    from occ.app.change.why import Why

_HEADERS: Headers = [
    "service",
    "reason",
    "kind",
    "since",
    Column(name="says", below=True),
    Column(name="ends", below=True),
]


@click.command("why")
@service_word
@this_session
def command(session: Session, *, name: str | None) -> int:
    """Why a service is not updated now: every reason, since when, and what ends it.

    Without a service: each of the config. A hard reason has to end; a soft one is overridden by
    its name, as in occ update --override held. Those of auto keep only occ by itself away, never
    an update that is typed. The registry is asked; nothing is pulled or written.
    """
    named(session, name)
    services = (session.service,) if session.service else tuple(session.app.settings.services)
    found = [session.app.why(one) for one in services]
    rows = [row for one in found for row in _rows(session, one)]
    return session.result([_told(session, one) for one in found], table(_HEADERS, rows))


def _rows(session: Session, why: "Why") -> Iterator[list[str]]:
    if why.due:
        update = session.addressed("occ update", why.service)
        yield [why.service, "-", "due", "-", f"nothing keeps an update away: {update}", "-"]
    if why.staged is not None:
        staged, update = why.staged, session.addressed("occ update --staged", why.service)
        says = f"version {staged.number} is staged"
        yield [why.service, "-", "staged", moment(staged.at), says, update]
    for reason in why.reasons:
        kind = "hard" if reason.hard else "auto" if reason.unattended else "soft"
        ends = f"{moment(reason.until)}, or: {reason.ends}" if reason.until else reason.ends
        ends = session.addressed(ends, why.service)
        yield [why.service, reason.name, kind, moment(reason.since), reason.text, ends]


def _told(session: Session, why: "Why") -> dict[str, Any]:
    """The answer as programs read it, with what follows from the reason's name."""
    reasons = [
        {
            **plain(reason),
            "ends": session.addressed(reason.ends, why.service),
            "unattended": reason.unattended,
        }
        for reason in why.reasons
    ]
    return {
        "service": why.service,
        "due": why.due,
        "reasons": reasons,
        "staged": plain(why.staged),
    }
