import click

from occ.cli.change.dialogue import change, of_way
from occ.cli.change.typed import Typed, only_yes


@click.command("abandon")
@only_yes
def command(typed: Typed) -> int:
    """Close an unfinished operation without touching anything.

    Says what is left on the host; the next update starts from what is.
    """
    typed.session.begins = True  # the adoption of a first service was cut off
    return change(typed, of_way("abandon"), by_name=True)
