"""The one place where failures become exit statuses."""

import contextlib
import importlib
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from occ import __version__
from occ.cli import COMMANDS
from occ.cli.options import common
from occ.cli.session import Session
from occ.errors import OccError, StoppedByOperatorError, UsageMistakeError

if TYPE_CHECKING:
    from occ.app.app import App

_CLOSED = 141


class Commands(click.Group):
    """Commands that are imported when they are called; their short helps stand in a table."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - Click's signature
        """All commands, in the order in which people meet them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of this name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"occ.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List them without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Note which command it is."""
        name, command, rest = super().resolve_command(ctx, args)
        ctx.find_object(Session).command = name or ""  # type: ignore[union-attr]
        return name, command, rest


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="occ", message="%(prog)s %(version)s")
@common
def cli() -> None:
    """Look after a long-running container: update it, prove it healthy, always be able to go back.

    Every step is an event in a journal; `occ resume` and `occ abort` survive any crash.
    """


def bounded(words: Sequence[str], open_app: "Callable[..., App] | None" = None) -> int:
    """Run the command line; every failure ends in an exit status and a sentence."""
    session = Session(words=tuple(words), open_app=open_app)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):  # a stream that a test put in its place
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        return _closing(session, _called(session, list(words)))
    except BrokenPipeError:
        _point_away(sys.stdout)
        return _CLOSED
    finally:
        session.close()


def _called(session: Session, words: list[str]) -> int:
    try:
        _readable(words)
        status = cli.main(args=words, prog_name="occ", standalone_mode=False, obj=session)
        return status if isinstance(status, int) else 0
    except click.ClickException as error:
        _guess_output(session, words)
        return session.failure(_as_ours(error))
    except (click.Abort, KeyboardInterrupt):
        return session.failure(
            StoppedByOperatorError("interrupted", hint="occ status, occ resume, or occ abort")
        )
    except OccError as error:
        _guess_output(session, words)
        return session.failure(error)
    except SystemExit:
        return _CLOSED  # Click's own ending when the output was closed, and only then
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the last resort: a bug, told as one
        traceback.print_exc()
        bug = OccError(f"this is a bug in occ: {type(error).__name__}: {error}", hint="occ status")
        bug.code = "bug"
        return session.failure(bug)


def _closing(_session: Session, status: int) -> int:
    sys.stdout.flush()
    return status


def _readable(words: list[str]) -> None:
    for word in words:
        if "\0" in word or word.encode(errors="surrogateescape") != word.encode(errors="replace"):
            shown = word.encode(errors="surrogateescape").decode(errors="backslashreplace")
            raise UsageMistakeError(
                f"the argument {shown} is not UTF-8", hint="type it in UTF-8, or leave it out"
            )


def _as_ours(error: click.ClickException) -> UsageMistakeError:
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "occ"
    return UsageMistakeError(error.format_message(), hint=f"{path} --help")


def _guess_output(session: Session, words: list[str]) -> None:
    """What was asked for, also when the words could not be parsed so far."""
    text = " ".join(words)
    if any(form in text for form in ("-o json", "-ojson", "--output json", "--output=json")):
        session.output = "json"


def _point_away(stream: Any) -> None:  # noqa: ANN401 - a text stream, or what stands for one
    """Nobody listens any more: what is still buffered must not fail when Python ends."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
