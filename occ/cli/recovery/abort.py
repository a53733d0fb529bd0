import click

from occ.cli.change.dialogue import change, of_way
from occ.cli.change.typed import Typed, only_yes


@click.command("abort")
@only_yes
def command(typed: Typed) -> int:
    """Put an unfinished operation back.

    One whose new version is current already is done, and is only finished.
    """
    typed.session.begins = True  # the adoption of a first service was cut off
    return change(typed, of_way("abort"))
