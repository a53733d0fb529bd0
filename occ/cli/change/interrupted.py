"""An operator for commands that ask no question: progress is shown, and an end can be asked for."""

from collections.abc import Iterator
from contextlib import contextmanager

from occ.app.operator import Operator
from occ.app.results import Proposal
from occ.cli.session import Session
from occ.cli.terminal.interrupts import WAYS, Interrupts
from occ.cli.terminal.progress import Progress, Teller
from occ.cli.terminal.words import terminal_safe
from occ.domain.events import Event
from occ.domain.operation import Operation


@contextmanager
def listening(session: Session) -> Iterator[Operator]:
    """Give the operator; until it is left, a signal asks for an end instead of making one."""
    teller = Teller(quiet=session.quiet)
    progress = Progress(teller)
    with Interrupts(teller, session.addressed(WAYS)) as interrupts:

        def confirm(_: Proposal) -> bool:
            interrupts.begin()
            return True

        def listen(operation: Operation, event: Event) -> None:
            interrupts.begin()
            progress.listen(operation, event)

        yield Operator(
            confirm=confirm,
            listen=listen,
            progress=progress.tell,
            stop_requested=interrupts.asked,
            say=lambda what: teller.say(f"note: {terminal_safe(what)}\n"),
        )
