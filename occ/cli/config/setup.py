import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

import click

from occ.app.options import Options
from occ.app.results import Outcome
from occ.cli.change.asking import agreed_large
from occ.cli.change.dialogue import carried_out, last_line, of_kind, told
from occ.cli.change.typed import Typed
from occ.cli.options import this_session, yes
from occ.cli.session import Session, plain
from occ.cli.terminal import streams
from occ.cli.terminal.words import terminal_safe
from occ.cli.writing import answer, hidden_twice, said_yes, show_writing
from occ.errors import RefusedError

FC = TypeVar("FC", bound=Callable[..., Any] | click.Command)

if TYPE_CHECKING:
    from occ.app.config.interview import Interview, Key, Question, SetUp, Writing

_ROOM: Final = 20
"""The columns left for a short answer behind a question."""


def _several(option: str, form: str, meaning: str) -> Callable[[FC], FC]:
    """An option that may be repeated."""
    told = f"{meaning}; may be repeated."
    return click.option(option, multiple=True, metavar=form, help=told)


@click.command("setup")
@click.option(
    "--profile",
    type=click.Choice(["opencode", "generic"]),
    default=None,
    help="Whose values are the defaults: opencode's, or the image's own (default: by the image).",
)
@click.option("--image", metavar="REF", help="The image to run.")
@click.option(
    "--port",
    multiple=True,
    metavar="HOST:CONTAINER",
    help="A port to publish, an address before it or not; may be repeated; none for none.",
)
@click.option("--bind", metavar="ADDRESS", help="Where ports are published (default: 127.0.0.1).")
@_several("--volume", "NAME:/PATH", "A named volume")
@_several("--mount", "/FOLDER:/PATH", "A folder of this machine")
@_several("--env", "NAME=VALUE", "A variable, no secret")
@_several("--secret", "NAME", "A variable whose value is asked for, or comes by occ secret set")
@_several("--network", "NAME", "A network to join")
@_several("--user", "NAME", "A user inside")
@click.option("--health", metavar="PATH", help="What answers when it is well; none for none.")
@click.option("--start/--no-start", default=None, help="Start it afterwards, or do not offer to.")
@yes
@this_session
def command(
    session: Session,
    *,
    profile: Literal["opencode", "generic"] | None,
    image: str | None,
    port: tuple[str, ...],
    bind: str | None,
    volume: tuple[str, ...],
    mount: tuple[str, ...],
    env: tuple[str, ...],
    secret: tuple[str, ...],
    network: tuple[str, ...],
    user: tuple[str, ...],
    health: str | None,
    start: bool | None,
    yes: bool,
) -> int:
    """Ask what a service needs, show what would be written into the config, and write it.

    Defaults are the config's own values, else the profile's, else what the image brings (EXPOSE,
    VOLUME, HEALTHCHECK, when it is on the host). What is given as an option is not asked; --yes
    takes the defaults for the rest, and starts. What stands in the config already is changed key
    by key, and its comments stay.
    """
    from occ.app.config.setup import Given  # noqa: PLC0415 - no other verb asks

    singles: dict[Key, str | None] = {"image": image, "bind": bind, "health": health}
    several: dict[Key, tuple[str, ...]] = {
        "port": port,
        "volume": volume,
        "mount": mount,
        "env": env,
        "secret": secret,
        "network": network,
        "user": user,
    }
    given: dict[Key, tuple[str, ...]] = {key: found for key, found in several.items() if found}
    given |= {key: (found,) for key, found in singles.items() if found is not None}
    session.begins = True
    asked = Given(
        service=session.service,
        profile=profile,
        answers=given,
    )
    done = session.app.setup(asked, _interview(session, yes=yes, starts=start is not False))
    session.reopen()
    lacks = any(one.what == "secret" and not one.fine for one in done.prechecks)
    if lacks and not yes and streams.terminal(sys.stdin):
        _values(session, done)
    if done.password and not (yes or streams.nobody()):
        _password(session, done)
    if done.installed and not (yes or streams.nobody()):
        session.app.choose_snapshot(done.service, agreed_large, session.note)
        session.reopen()
    outcome = _started(session, done, start=start, yes=yes)
    how = "written into" if done.written else "nothing to write into"
    lines = [f"{done.service}: {how} {done.config}"]
    if outcome is not None:
        lines.append(last_line(outcome))
    elif done.written or not done.installed:
        named = f" --service {done.service}" if len(session.app.settings.services) > 1 else ""
        verb = "update" if done.installed else "start"
        does = "brings it into force" if done.installed else "starts it"
        lines.append(f"{done.service}: occ {verb}{named} {does}")
    result = {
        "service": done.service,
        "config": done.config,
        "written": done.written,
        "prechecks": plain(done.prechecks),
        "started": told(outcome) if outcome is not None else None,
    }
    return session.result(result, "\n".join(lines))


def _interview(session: Session, *, yes: bool, starts: bool) -> "Interview":
    from occ.app.config.interview import Interview  # noqa: PLC0415 - see above

    def ask(question: "Question") -> str:
        if yes:
            return ""
        return answer(prompt(question), session)

    def again(wrong: str) -> bool:
        if not yes:
            streams.err(f"  {terminal_safe(wrong)}\n")
        return not yes

    def agree(writing: "Writing") -> bool:
        show_writing(writing, quiet=session.quiet)
        if not yes:
            return said_yes(f"Write this into {writing.config}?", session)
        if starts and not writing.fine:
            wrong = "; ".join(one.says for one in writing.prechecks if not one.fine)
            raise RefusedError(
                f"it could not be started, so nothing was written: {wrong}",
                hint=f"{session.again('--no-start')} writes it all the same",
            )
        return True

    return Interview(ask=ask, again=again, tell=session.note, agree=agree)


def _password(session: Session, done: "SetUp") -> None:
    """Ask whether the server gets a password, and keep it as a secret of the service."""
    if not said_yes(f"Whoever reaches {done.service} works in it. Give it a password?", session):
        return
    spared = f"{done.config} is written, without a password"
    typed = partial(hidden_twice, "Password: ", "Once more: ", session, spared=spared)
    session.app.keep_secret(done.password, done.service, typed, add=True)
    session.reopen()


def _values(session: Session, done: "SetUp") -> None:
    """Ask for the value of each secret that has none; an empty one is asked for by the start."""
    missing = [row.name for row in session.app.secret_rows(done.service) if not row.source]
    for name in missing:
        asked, spared = f"Value of {name}: ", f"{done.config} is written, {name} has no value"
        typed = partial(hidden_twice, asked, "Once more: ", session, spared=spared)
        session.app.keep_secret(name, done.service, typed, add=False)
    if missing:
        session.reopen()


def prompt(question: "Question") -> str:
    """The question with its default; a default of several parts that is too wide has lines."""
    text, usual = terminal_safe(question.text), terminal_safe(question.default)
    whole = f"{text} [{usual}]: " if usual else f"{text}: "
    parts = usual.split(", ") if question.several else [usual]
    if len(parts) == 1 or len(whole) <= streams.columns(sys.stderr) - _ROOM:
        return whole
    lines = "".join(f"  {part}\n" for part in parts)
    return f"{text}; by default these {len(parts)}:\n{lines}[all of these]: "


def _started(session: Session, done: "SetUp", *, start: bool | None, yes: bool) -> Outcome | None:
    """Start the service where a start is wanted; one that is installed already is not touched."""
    if start is False or done.installed:
        return None
    if start is None and not yes and not said_yes("Start it now?", session):
        return None
    typed = Typed(session=session, options=Options(reason="set up"), yes=yes)
    return carried_out(typed, of_kind("start"), done.service)
