"""`occ adopt --project`: the containers of a Compose project, shown, agreed to once, taken on."""

from dataclasses import replace
from typing import TYPE_CHECKING

from occ.app.options import AdoptWish
from occ.app.results import Outcome
from occ.cli.change.asking import plan_text
from occ.cli.change.dialogue import carried_out, how_ended, of_kind
from occ.cli.change.several import change_all
from occ.cli.change.typed import Typed
from occ.cli.terminal import streams
from occ.cli.terminal.words import terminal_safe, terminal_safe_lines
from occ.cli.writing import said_yes
from occ.errors import PENDING, DeclinedError, UsageMistakeError

if TYPE_CHECKING:
    from occ.app.results import Proposal


def adopt_project(typed: Typed, name: str, *, take: bool) -> int:
    """Have each container of the project looked after, and return the exit status.

    All are planned before the question, so that one that cannot be carried is told before the first
    is taken on. The first failure ends it; the same command goes on with the rest.
    """
    session = typed.session
    if session.service:
        raise UsageMistakeError(
            "--project and --service exclude each other: each service has its name in Compose",
            hint=f"occ adopt --project {name}",
        )
    project = session.app.compose_project(name)
    for note in project.notes:
        session.note(f"note: {terminal_safe(note)}")
    ids = {one.service: one.container for one in project.members}

    def once(service: str, *, plan: bool = False) -> Outcome:
        wish = AdoptWish(container=ids[service], take=take)
        options = replace(typed.options, plan=plan, wish=wish)
        return carried_out(replace(typed, options=options, yes=True), of_kind("adopt"), service)

    planned = [once(service, plan=True).proposal for service in ids]
    proposals = [one for one in planned if one is not None]
    if typed.options.plan:
        status = PENDING if any(one.due for one in proposals) else 0
        return session.result(proposals, _texts(proposals), status=status)
    if proposals and not typed.yes:
        streams.err(f"{terminal_safe_lines(_texts(proposals))}\n")
        if not said_yes(f"Take on these {len(proposals)}, one after the other?", session):
            raise DeclinedError("nothing was adopted", hint=session.again())
    session.changing = True
    status = change_all(typed, tuple(ids), once, how_ended)
    if not status:
        return status
    session.reopen()  # the config has more services now
    if left := [one.called for one in session.app.compose_project(name).members]:
        again = f"occ adopt --project {name}"
        session.note(f"not adopted: {', '.join(left)}; the same command goes on with them: {again}")
    return status


def _texts(proposals: "list[Proposal]") -> str:
    return "\n".join(map(plan_text, proposals))
