"""Questions before something that cannot be taken lightly."""

from typing import TYPE_CHECKING

from occ.app.results import Destination, Proposal
from occ.cli.session import Session
from occ.cli.terminal import streams
from occ.cli.terminal.tables import Column, table
from occ.cli.terminal.words import (
    ago,
    duration,
    moment,
    short,
    size,
    terminal_safe,
    terminal_safe_lines,
    version,
)
from occ.domain.kinds import KINDS
from occ.domain.reasons import Reason
from occ.domain.taking import Taking
from occ.errors import CautionError, DeclinedError, HeldBackError

if TYPE_CHECKING:
    from occ.domain.outages import Outage


def agreed(proposal: Proposal, session: Session, *, by_name: bool) -> bool:
    """Ask on stderr, and read the answer from stdin.

    A change is a question when it takes the service down, removes something, changes whose the
    service is, or leads to an image against which the journal knows something. `by_name` asks for
    the service's name instead of y or n.

    Raises:
        DeclinedError: there is nobody to ask.
        CautionError, HeldBackError: the same, with reasons that nobody has overridden.
    """
    if not (
        proposal.downtime or proposal.asks or proposal.reasons or KINDS[proposal.kind].asks_always
    ):
        return True
    if streams.nobody():
        refuse_reasons(proposal, session, "--yes")
        raise DeclinedError(
            f"occ {session.command} asks before it goes on, and there is nobody to ask: "
            "standard input is no terminal",
            hint=session.again("--yes"),
        )
    by_name = by_name or proposal.by_name
    wanted = proposal.service if by_name else "y"
    question = f"Type {wanted} to go on: " if by_name else "Go on? [y/N] "
    streams.err(
        f"{terminal_safe_lines(session.addressed(plan_text(proposal)))}\n{terminal_safe(question)}"
    )
    line = streams.line()
    if not line.endswith("\n"):  # the input ended
        streams.err("\n")
    answer = line.strip()
    return answer == wanted if by_name else answer.lower() in {"y", "yes"}


def agreed_large(service: str, taking: Taking) -> bool | None:
    """Ask whether large data is taken before each replacement; None where the input ends."""
    guess = ", a first guess" if taking.guessed else ""
    streams.err(
        f"{service}: a snapshot of its data before each replacement is {taking.size}, and adds "
        f"{taking.time} to the outage{guess}.\n"
        "Take it? The answer goes into the config. [y/N] "
    )
    line = streams.line()
    if not line.endswith("\n"):  # the input ended
        streams.err("\n")
        return None
    return line.strip().lower() in {"y", "yes"}


def refuse_reasons(proposal: Proposal, session: Session, *more: str) -> None:
    """Refuse where the operator would have to override a reason and is not asked.

    Raises:
        CautionError, HeldBackError: with the same command and `more` options, which goes on.
    """
    if not proposal.reasons:
        return
    names = ",".join(reason.name for reason in proposal.reasons)
    override = (
        ("--override", names) if "--override" not in session.words else (f"--override={names}",)
    )
    way = ("--retry",) if names == "known_bad" else override
    said = "; ".join(map(said_of, proposal.reasons))
    again = session.again(*more, *way, without="--all")
    if proposal.caution is not None:
        hint = f"occ show {proposal.caution.operation} tells why; {again} takes it all the same"
        where = f"the image that {proposal.service} would get is not taken unasked"
        raise CautionError(f"{where}: {said}", hint=hint)
    raise HeldBackError(f"{proposal.service} is not updated unasked: {said}", hint=again)


def said_of(reason: Reason) -> str:
    """A reason in words, with the time at which it ends by itself."""
    return f"{reason.text} (until {moment(reason.until)})" if reason.until else reason.text


def plan_text(proposal: Proposal) -> str:
    """A proposal for people."""
    lines = [f"{proposal.service}: {headline(proposal)}"]
    if not (proposal.pending and proposal.titles):
        return "\n".join([lines[0], *_kept(proposal)])
    if proposal.summary:
        lines.append(f"  {proposal.summary}")
    lines += [f"  {n}. {terminal_safe(title)}" for n, title in enumerate(proposal.titles, 1)]
    lines += [f"  careful: {terminal_safe(said_of(reason))}" for reason in proposal.reasons]
    lines += _kept(proposal)
    lines += [f"  note: {terminal_safe(warning)}" for warning in proposal.warnings]
    lines += [f"  {terminal_safe(sentence)}" for sentence in proposal.rehearsal]
    lines += [f"  {_down(proposal.outage)}"] if proposal.outage else []
    lines += [f"  {terminal_safe(proposal.snapshot)}"] if proposal.snapshot else []
    for line in (*proposal.declaration.splitlines(), *proposal.difference.splitlines()):
        lines.append(f"  | {terminal_safe(line)}".rstrip())
    facts = KINDS[proposal.kind]
    if proposal.downtime or facts.destroys:
        lines.append(f"  {facts.while_down}")
    return "\n".join(lines)


def _down(outage: "Outage") -> str:
    """`down about 2.9 s, 20 replacements, 2.4 s to 3.8 s`: the middle, how many tell it, range."""
    low, high = duration(outage.low_ms), duration(outage.high_ms)
    middle = duration(outage.middle_ms)
    return f"down about {middle}, {outage.count} replacements, {low} to {high}"


def _kept(proposal: Proposal) -> list[str]:
    """A table of the data of another day: that which goes, how much room it frees, what stays."""
    if not (proposal.goes or proposal.stays):
        return []
    rows = [("goes", row) for row in proposal.goes] + [("stays", row) for row in proposal.stays]
    drawn = table(
        ["", "what", "of", "version", "size", Column(name="why", below=True)],
        [
            [
                ends,
                f"{row.what} {row.number}",
                moment(row.at),
                version(row.version),
                "?" if row.bytes is None else size(row.bytes),
                row.why,
            ]
            for ends, row in rows
        ],
        indent=2,
    )
    frees = f"frees {size(sum(row.bytes or 0 for row in proposal.goes))}"
    return [f"  {line}" for line in (*drawn.splitlines(), *((frees,) if proposal.goes else ()))]


def headline(proposal: Proposal) -> str:
    """The proposal in one line, without the service."""
    if not proposal.pending:
        return f"nothing to do: {proposal.summary}"
    if not proposal.titles:
        return proposal.summary
    return f"{proposal.kind}{_versions(proposal)}{_leads(proposal.destination)}"


def _leads(to: Destination | None) -> str:
    """`: 1.18.31 -> 1.18.32 (sha256:0123456789ab, built 2 days ago)`, as much as is known."""
    if to is None:
        return ""
    facts = [f"sha256:{short(to.digest)}"] if to.digest else []
    if to.age_ms is not None:
        facts.append(f"built {ago(to.age_ms)}")
    known = f" ({', '.join(facts)})" if facts else ""
    before = f"{terminal_safe(to.before)} -> " if to.before else ""
    return f": {before}{terminal_safe(to.after or to.reference)}{known}"


def _versions(proposal: Proposal) -> str:
    if proposal.after and proposal.after != proposal.before:
        return f", version {proposal.before or 'none'} -> {proposal.after}"
    return f" of version {proposal.before}" if proposal.before else ""
