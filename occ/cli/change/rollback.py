from dataclasses import replace

import click

from occ.cli import offers
from occ.cli.change.dialogue import change, of_kind
from occ.cli.change.typed import Typed, changing
from occ.cli.terminal import streams
from occ.cli.terminal.words import moment


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
@click.option(
    "--data",
    default="",
    metavar="then|keep|N|set:N",
    shell_complete=offers.data,
    help="The data: that of the version's own day, today's, that of snapshot N, or kept data set N "
    "(default: asked).",
)
@changing(probe=True)
def command(typed: Typed, *, to: int | None, spec: str, data: str) -> int:
    """Go back to the version before the current one, or to any recorded version.

    Without --to it follows what replaced what, back to the last version that was proven and not
    rolled back from; it never goes forward.
    """
    if not (data or typed.yes or typed.options.plan or streams.nobody()):
        data = _asked(typed, to or 0)
    options = replace(typed.options, to=to or 0, spec_now=spec == "now", data=data)
    return change(replace(typed, options=options), of_kind("rollback"))


def _asked(typed: Typed, to: int) -> str:
    """The answer of the operator, who is asked only where the version has data of its own."""
    own = typed.session.app.own_data(typed.session.service, to)
    if own is None:
        return ""
    version, source = own
    where = f"in snapshot {source.snapshot}" if source.snapshot else "as it was left"
    streams.err(
        f"Version {version} has its own data of {moment(source.at)}, {where}.\n"
        "Take it, and keep today's data beside it? [y/N] "
    )
    return "then" if streams.line().strip().lower() in {"y", "yes"} else "keep"
