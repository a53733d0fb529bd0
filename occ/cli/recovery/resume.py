import click

from occ.cli.change.dialogue import change, of_way
from occ.cli.change.typed import Typed, only_yes


@click.command("resume")
@only_yes
def command(typed: Typed) -> int:
    """Carry an unfinished operation on from where it stands."""
    typed.session.begins = True  # the adoption of a first service was cut off
    return change(typed, of_way("resume"))
