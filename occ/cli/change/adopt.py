import click

from occ.app.options import AdoptWish
from occ.cli.change.dialogue import change, of_kind
from occ.cli.change.typed import Typed, changing, refuse_token
from occ.cli.options import filled
from occ.errors import UsageMistakeError


@click.command("adopt")
@click.argument("container", required=False)
@click.option(
    "--project",
    metavar="NAME",
    callback=filled,
    help="All containers of this Compose project, each after those that it depends on.",
)
@click.option(
    "--take", is_flag=True, help="Also one that another journal looks after, which is lost."
)
@click.option(
    "--secret",
    multiple=True,
    metavar="NAME",
    help="A variable that is a secret, though it does not look like one; may be repeated.",
)
@changing()
def command(
    typed: Typed, *, container: str | None, project: str | None, take: bool, secret: tuple[str, ...]
) -> int:
    """Look after CONTAINER, which somebody made with docker run or Compose.

    What it was made with is written into the config and recorded as a version; the container is
    neither stopped nor touched. Its name is the service's, or --service. What cannot be carried
    is a reason to refuse (exit 4). From then on it is started, stopped, updated and rolled back
    as any other; the first update replaces it.
    """
    typed.session.begins = True
    if project is not None and (container is not None or secret):
        raise UsageMistakeError(
            "--project takes whole projects: it excludes CONTAINER and --secret",
            hint=f"occ adopt --project {project}",
        )
    if project is not None:
        refuse_token(typed, "a project has as many as it has services")
        from occ.cli.change.project import adopt_project  # noqa: PLC0415 - for `--project` only

        return adopt_project(typed, project, take=take)
    if container is None:
        raise UsageMistakeError(
            "name a container, or a Compose project: --project NAME", hint="docker ps"
        )
    wish = AdoptWish(container=container, take=take, secret=secret)
    return change(typed.wishing(wish), of_kind("adopt"))
