from dataclasses import replace

import click

from occ.cli import offers
from occ.cli.change.dialogue import change, of_kind
from occ.cli.change.typed import Typed, changing


@click.command("rollback")
@click.option(
    "--to",
    type=click.IntRange(min=1),
    metavar="V",
    shell_complete=offers.versions,
    help="Version V.",
)
@click.option(
    "--spec",
    type=click.Choice(["recorded", "now"]),
    default="recorded",
    help="Its own configuration, or today's (default: recorded).",
)
@changing(probe=True)
def command(typed: Typed, *, to: int | None, spec: str) -> int:
    """Go back to the version before the current one, or to any recorded version.

    Without --to it follows what replaced what, back to the last version that was proven and not
    rolled back from; it never goes forward.
    """
    options = replace(typed.options, to=to or 0, spec_now=spec == "now")
    return change(replace(typed, options=options), of_kind("rollback"))
