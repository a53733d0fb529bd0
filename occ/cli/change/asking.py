"""Questions before something that cannot be taken lightly."""

from occ.app.results import Proposal
from occ.cli.session import Session
from occ.cli.terminal import streams
from occ.cli.terminal.words import printable
from occ.errors import DeclinedError

_DOWN = {
    "remove": "The service and its data are gone after it, and nothing brings them back.",
    "stop": "The service is down from here until its next start.",
    "restart": "The service is down until it has started again.",
}
_ASKED = {"adopt", "forget", "repair", "remove"}
_DOWN_WHILE_REPLACED = "The service is down from the stop of the old one until the new one answers."


def agreed(proposal: Proposal, session: Session, *, typed: bool) -> bool:
    """Ask on stderr, and read the answer from stdin.

    What takes a service down, removes something, or changes whose it is, is a question.

    `typed` asks for the service's name instead of y or n.

    Raises:
        DeclinedError: there is nobody to ask.
    """
    if not (proposal.downtime or proposal.asks or proposal.kind in _ASKED):
        return True
    if streams.nobody():
        raise DeclinedError(
            f"occ {session.command} asks before it goes on, and there is nobody to ask: "
            "standard input is no terminal",
            hint=session.again("--yes"),
        )
    wanted = proposal.service if typed else "y"
    question = f"Type {wanted} to go on: " if typed else "Go on? [y/N] "
    streams.err(f"{plan_text(proposal)}\n{question}")
    line = streams.line()
    if not line.endswith("\n"):  # the input ended
        streams.err("\n")
    answer = line.strip()
    return answer == wanted if typed else answer.lower() in {"y", "yes"}


def plan_text(proposal: Proposal) -> str:
    """A proposal for people."""
    if not proposal.pending:
        return f"{proposal.service}: nothing to do: {proposal.summary}"
    if not proposal.titles:
        return f"{proposal.service}: {proposal.summary}"
    lines = [f"{proposal.service}: {proposal.kind}{_versions(proposal)}"]
    if proposal.summary:
        lines.append(f"  {proposal.summary}")
    lines += [f"  {n}. {printable(title)}" for n, title in enumerate(proposal.titles, 1)]
    lines += [f"  note: {printable(warning)}" for warning in proposal.warnings]
    for line in (*proposal.declaration.splitlines(), *proposal.difference.splitlines()):
        lines.append(f"  | {printable(line)}".rstrip())
    if proposal.downtime or proposal.kind == "remove":
        lines.append(f"  {_DOWN.get(proposal.kind, _DOWN_WHILE_REPLACED)}")
    return "\n".join(lines)


def _versions(proposal: Proposal) -> str:
    if proposal.after and proposal.after != proposal.before:
        return f", version {proposal.before or 'none'} -> {proposal.after}"
    return f" of version {proposal.before}" if proposal.before else ""
