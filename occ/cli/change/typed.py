"""The options that changing commands share, handed on as one value."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import reduce, wraps
from typing import TYPE_CHECKING, Any, Concatenate, TypeAlias

import click

from occ.app.options import AdoptWish, Options
from occ.cli import offers
from occ.cli.options import filled, this_session, yes
from occ.cli.session import Session
from occ.errors import UsageMistakeError

if TYPE_CHECKING:
    from occ.operations.kinds.snapshot import SnapshotWish
    from occ.operations.kinds.user import UserWish


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """The options of a changing command that it shares with others, as they were typed."""

    session: Session
    options: Options
    yes: bool
    """Every question is answered with yes."""
    exit_unchanged: bool = False
    """Exit 77 when nothing had to be done."""
    every: bool = False
    """All services of the config are meant, one after the other."""
    keep_going: bool = False
    """With `every`: a failure does not keep the next service from its turn."""

    def wishing(self, wish: "AdoptWish | UserWish | SnapshotWish") -> "Typed":
        """The same, with what this kind of change is told beside."""
        return replace(self, options=replace(self.options, wish=wish))


Command: TypeAlias = Callable[Concatenate[Typed, ...], int]

# Each group in the order in which help shows it.
_PROBE = (
    click.option("--no-probe", is_flag=True, help="Prove it without asking its health path."),
)
_EVERY = (
    click.option(
        "--all", "every", is_flag=True, help="Every service of the config, one after another."
    ),
    click.option(
        "--keep-going", is_flag=True, help="With --all: go on to the next after a failure."
    ),
)
_EACH = (
    click.option(
        "-y", "--yes", is_flag=True, help="Do not ask, and finish an interrupted operation first."
    ),
    click.option("--reason", default="", metavar="TEXT", help="Why; kept in the history."),
    click.option(
        "--plan",
        is_flag=True,
        help="Say what would be done, and touch nothing: exit 10 when there is something.",
    ),
    click.option(
        "--valid",
        metavar="DURATION",
        callback=filled,
        help="With --plan: how long its token is good, 30m or 12h (default: 1d).",
    ),
    click.option(
        "--if-plan",
        metavar="TOKEN",
        callback=filled,
        help="Do exactly what --plan -o json told with this token, or refuse (exit 4).",
    ),
    click.option(
        "--if-current",
        type=click.IntRange(min=1),
        metavar="V",
        shell_complete=offers.versions,
        help="Refuse (exit 4) unless version V is current.",
    ),
    click.option("--exit-unchanged", is_flag=True, help="Exit 77 when nothing had to be done."),
)


def changing(
    *, probe: bool = False, every: bool = False
) -> Callable[[Command], Callable[..., int]]:
    """Give a command the options of all that begin an operation; it gets them as a `Typed`.

    `probe` adds `--no-probe`; `every` adds `--all` and `--keep-going`.
    """
    shared = (*(_PROBE if probe else ()), *(_EVERY if every else ()), *_EACH)

    def bundled(command: Command) -> Callable[..., int]:
        @wraps(command)
        def called(
            session: Session,
            /,
            *,
            yes: bool,
            reason: str,
            plan: bool,
            valid: str | None,
            if_plan: str | None,
            if_current: int | None,
            exit_unchanged: bool,
            every: bool = False,
            keep_going: bool = False,
            no_probe: bool = False,
            **own: Any,  # noqa: ANN401 - options of this command alone
        ) -> int:
            if valid and not plan:
                raise UsageMistakeError("--valid goes with --plan", hint="occ help update")
            if if_plan and every:
                raise UsageMistakeError(
                    "--if-plan is of one service: it excludes --all", hint="name it: --service NAME"
                )
            options = Options(
                reason=reason,
                plan=plan,
                valid_ms=_valid(valid) if valid else 0,
                if_plan=if_plan or "",
                if_current=if_current or 0,
                probe=not no_probe,
                resume_first=yes,
            )
            typed = Typed(
                session=session,
                options=options,
                yes=yes,
                exit_unchanged=exit_unchanged,
                every=every,
                keep_going=keep_going,
            )
            return command(typed, **own)

        return reduce(lambda so_far, option: option(so_far), reversed(shared), this_session(called))

    return bundled


def _valid(text: str) -> int:
    from occ.cli.terminal.times import length  # noqa: PLC0415 - for `--valid` only
    from occ.domain.plan_token import LONGEST_MS  # noqa: PLC0415 - as above

    return length(text, LONGEST_MS)


def refuse_token(typed: Typed, why: str) -> None:
    """Refuse `--if-plan` where no single plan can be meant.

    Raises:
        UsageMistakeError: it was typed.
    """
    if typed.options.if_plan or typed.options.valid_ms:
        raise UsageMistakeError(
            f"occ {typed.session.command} has no plan token: {why}",
            hint=f"occ {typed.session.command} --plan",
        )


def only_yes(command: Command) -> Callable[..., int]:
    """Give a command `--yes` and the options of every command; it gets them as a `Typed`."""

    @yes
    @this_session
    @wraps(command)
    def called(session: Session, /, *, yes: bool) -> int:
        return command(Typed(session=session, options=Options(), yes=yes))

    return called
