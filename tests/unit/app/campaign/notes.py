"""What a person is told, as text."""

from collections.abc import Iterable, Iterator

from occ.app.results import Closed, Outcome, Proposal
from occ.errors import OccError
from occ.journal.port import Head


def head(there: Head) -> str:
    """The end of a chain, shortened."""
    return f"{there.position} {there.hash[:16]}"


def proposal(word: str, there: Proposal) -> str:
    """What is put to the operator."""
    return "\n".join(_proposal(word, there))


def result(there: object) -> str:
    """How a command ended."""
    if isinstance(there, Closed):
        return "\n".join((f"  closed operation {there.operation}", *_each("left", there.left)))
    assert isinstance(there, Outcome)
    return "\n".join(_outcome(there))


def failure(there: OccError) -> str:
    """An error of occ's own."""
    lines = [f"  error {there.code}, exit status {there.exit_status}: {there.message}"]
    lines += [f"    hint: {there.hint}"] if there.hint else []
    lines += _each("  log", getattr(there, "log_tail", ()))
    return "\n".join(lines)


def _proposal(word: str, there: Proposal) -> Iterator[str]:
    facts = [f"{there.kind} of {there.service}", f"{there.before} -> {there.after}"]
    facts += ["down for a while"] if there.downtime else []
    facts += ["asks"] if there.asks else []
    facts += [] if there.pending else ["nothing pending"]
    facts += [there.summary] if there.summary else []
    yield f"  {word}: {', '.join(facts)}"
    yield from _each("  steps", ("; ".join(there.titles),) if there.titles else ())
    yield from _each("  warning", there.warnings)
    yield from (f"    {line}" for line in there.difference.splitlines() if line[0] in "+-")
    yield from _each("  declares", there.declaration.splitlines())


def _outcome(there: Outcome) -> Iterator[str]:
    operation = there.operation
    if there.proposal is not None:
        yield proposal("planned", there.proposal)
    if operation is not None:
        number, kind = operation.number, operation.planned.kind
        yield f"  {operation.ending}: operation {number} ({kind}), version {operation.version}"
    elif there.proposal is None:
        yield "  nothing was written" if there.unchanged else "  done without an operation"
    yield from _each("unchanged", (there.unchanged,) if there.unchanged else ())
    yield from _each("warning", there.warnings)
    yield from _each("serves at", there.served)


def _each(word: str, lines: Iterable[str]) -> list[str]:
    return [f"  {word}: {line}" for line in lines]
