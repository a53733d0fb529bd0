"""`occ adopt`."""

import click

from occ.app.results import Options
from occ.cli.change.dialogue import change
from occ.cli.options import changing, this_session
from occ.cli.session import Session


@click.command("adopt")
@click.argument("container")
@click.option(
    "--take", is_flag=True, help="Also one that another journal looks after, which is lost."
)
@click.option(
    "--secret",
    multiple=True,
    metavar="NAME",
    help="A variable that is a secret, though it does not look like one; may be repeated.",
)
@changing
@this_session
def command(
    session: Session,
    *,
    container: str,
    take: bool,
    secret: tuple[str, ...],
    yes: bool,
    reason: str,
    plan: bool,
    if_current: int | None,
    exit_unchanged: bool,
) -> int:
    """Look after CONTAINER, which somebody made with docker run or Compose.

    What it was made with is written into the config and recorded as a version; the container is
    neither stopped nor touched. Its name is the service's, or --service. What cannot be carried
    is a reason to refuse (exit 4). From then on it is started, stopped, updated and rolled back
    as any other; the first update replaces it.
    """
    from occ.app.change.adopt import Asked  # noqa: PLC0415 - no other verb needs it

    options = Options(reason=reason, plan=plan, if_current=if_current or 0, resume_first=yes)
    return change(
        session,
        lambda app, service, chosen, people: app.adopt(
            Asked(container=container, service=service, take=take, secret=secret), chosen, people
        ),
        options,
        yes=yes,
        exit_unchanged=exit_unchanged,
    )
