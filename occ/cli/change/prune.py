from collections.abc import Sequence

import click

from occ.app.results import Outcome
from occ.cli.change.dialogue import change, of_kind
from occ.cli.change.typed import Typed, changing
from occ.domain.kept_names import read
from occ.domain.step_names import PRUNE_DATA


@click.command("prune")
@changing()
def command(typed: Typed) -> int:
    """Remove the snapshots, kept data sets and images that the rules of the config do not keep.

    The same goes at the end of each update. Whatever a rollback needs, is pinned or tagged, or is
    named by an unfinished operation stays. An image goes only if its registry has it.
    """
    return change(typed, of_kind("prune"), says=_said, more=_removed)


def _said(outcome: Outcome) -> str:
    gone = _gone(outcome)
    if outcome.operation is None or outcome.operation.ending != "done":
        return ""
    return f"{outcome.service}: {', '.join(gone) or 'nothing'} removed"


def _removed(outcome: Outcome) -> dict[str, object]:
    return {"removed": list(_gone(outcome))}


def _gone(outcome: Outcome) -> Sequence[str]:
    result = outcome.operation.result(PRUNE_DATA) if outcome.operation else {}
    return [str(name) for name, _ in read(result.get("removed"))]
