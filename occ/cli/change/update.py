from dataclasses import replace
from typing import TYPE_CHECKING

import click

from occ.cli import offers
from occ.cli.change.dialogue import change, of_kind
from occ.cli.change.typed import Typed, changing
from occ.cli.options import filled
from occ.cli.terminal.words import short
from occ.domain.reasons import REASONS, SOFT
from occ.errors import UsageMistakeError

if TYPE_CHECKING:
    from occ.app.results import Outcome


def soft_reasons(
    _context: click.Context, _parameter: click.Parameter, value: tuple[str, ...]
) -> tuple[str, ...]:
    """The names of soft reasons, typed one by one or with commas between.

    Raises:
        UsageMistakeError: one is a hard reason, or none at all.
    """
    names = tuple(name.strip() for one in value for name in one.split(","))
    for name in names:
        if name not in SOFT:
            hard = name in REASONS
            wrong = "is a hard reason, and nothing overrides it" if hard else "is no reason"
            raise UsageMistakeError(f"{name!r} {wrong}", hint=f"soft reasons: {', '.join(SOFT)}")
    return names


@click.command("update")
@click.option("--image", default=None, callback=filled, metavar="REF", help="This image, for once.")
@click.option(
    "--retry",
    is_flag=True,
    help="Also an image that failed here: as --override known_bad.",
)
@click.option(
    "--override",
    multiple=True,
    metavar="REASONS",
    callback=soft_reasons,
    shell_complete=offers.soft_reasons,
    help="Update in spite of these soft reasons of occ why, as in held,too_young.",
)
@click.option(
    "--rehearse/--no-rehearse",
    default=None,
    help="Try it beside the old one first, on a copy of the data; or do not.",
)
@click.option(
    "--rehearse-only", is_flag=True, help="Only that: nothing is stopped and nothing replaced."
)
@click.option(
    "--stage", is_flag=True, help="Only all that costs no outage; --staged goes on later."
)
@click.option("--staged", is_flag=True, help="Replace with exactly what is staged.")
@click.option("--unstage", is_flag=True, help="Throw away what is staged.")
@click.option("--rollback", is_flag=True, help="The same as occ rollback.")
@changing(probe=True, every=True)
def command(
    typed: Typed,
    *,
    image: str | None,
    retry: bool,
    override: tuple[str, ...],
    rollback: bool,
    rehearse: bool | None,
    rehearse_only: bool,
    stage: bool,
    staged: bool,
    unstage: bool,
) -> int:
    """Replace the container by the newest image and the config's spec.

    The registry is asked first: where nothing is new, nothing is asked and nothing stopped. The
    image is pulled while the old one serves. Volumes and users are kept, and a snapshot of the
    data is taken before the new one starts. If that does not prove healthy, the old one is put
    back (exit 6).

    With --rehearse, or rehearse = true in the config, the new version first runs beside the old
    one, isolated, on a copy of the data. If it fails there, nothing was stopped (exit 6). A
    rehearsal that passed counts for a day.

    With --stage the image is pulled, the new version is rehearsed where that is wanted, and nothing
    is stopped. With --staged the container is replaced later, by exactly that image. A stage counts
    until a newer one takes its place or another version becomes current.

    An image that failed here with the same configuration and secrets, or that was rolled back
    from, is a question of its own, and so are a hold and an image that is too young: --yes refuses
    it (exit 4). With --override and the reason's name it is taken; one that is bad, left or too
    young with --image NAME@sha256:... too, as that names exactly one image.
    """
    if image and rollback:
        raise UsageMistakeError("--image and --rollback exclude each other", hint="occ versions")
    if rehearse_only and rehearse is False:
        raise UsageMistakeError(
            "--rehearse-only and --no-rehearse exclude each other", hint="occ update --help"
        )
    if rollback and (rehearse or rehearse_only):
        raise UsageMistakeError(
            "a rollback is not rehearsed: its version has run here",
            hint="occ snapshot drill tries a version on the data of its day",
        )
    _refuse_stages(
        {"--stage": stage, "--staged": staged, "--unstage": unstage},
        {
            "--rollback": rollback,
            "--rehearse-only": rehearse_only,
            "--image": bool(image) and not stage,
        },
    )
    options = replace(
        typed.options,
        staged=staged,
        unstage=unstage,
        image=image or "",
        overridden=(*override, *(("known_bad",) if retry else ())),
        rehearse=rehearse,
        rehearse_only=rehearse_only,
    )
    typed = replace(typed, options=options)
    if stage or unstage:
        return change(typed, of_kind("stage"), says=_staged)
    return change(typed, of_kind("rollback" if rollback else "update"))


def _refuse_stages(ways: dict[str, bool], others: dict[str, bool]) -> None:
    """Refuse two ways at once, and options that belong to none of them."""
    typed = [name for name, said in ways.items() if said]
    typed += [name for name, said in others.items() if typed and said]
    if len(typed) > 1:
        raise UsageMistakeError(
            f"{typed[0]} and {typed[1]} exclude each other", hint="occ update --help"
        )


def _staged(outcome: "Outcome") -> str:
    """The end of staging for people; empty where nothing was staged, or it was put back."""
    operation = outcome.operation
    if operation is None or operation.ending != "done":
        return ""
    gone = operation.planned.request.staged
    if gone:
        return f"{outcome.service}: version {gone} is not staged any more"
    digest = next(iter(operation.fetched.digests), operation.fetched.image)
    named = f"version {operation.version} ({short(digest)}) is staged"
    return f"{outcome.service}: {named}; nothing was replaced: occ update --staged"
