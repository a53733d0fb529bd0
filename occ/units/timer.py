"""The timer of a config, as text: for systemd, launchd and cron.

See systemd.timer(5), systemd.service(5), launchd.plist(5), crontab(5).
"""

import plistlib
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from occ import DOCS
from occ.errors import UsageMistakeError
from occ.units.port import refuse_controls
from occ.units.unit import ENGINE, command_text, quoted

EVERY_MINUTES: Final = 10
"""How often the timer starts a run."""
_FINE: Final = "4 8 10 77"
"""Exit statuses with which nothing failed: a rule kept an update away, another occ is at work,
something is due, nothing had to be done."""


_UNIT: Final = re.compile(r"[A-Za-z0-9:_.@%\\-]+\.(?:service|target)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """How a config's services are updated by themselves."""

    name: str
    """The name of its units, without an ending."""
    config: str
    """The config's path, for people."""
    words: tuple[str, ...]
    """The whole command line of a run."""
    environment: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    """Paths whose file systems must be mounted before."""
    run_s: int
    """How long a run may take before it is asked to end."""
    stop_s: int
    """How long it may take to put a service back then, before it is killed."""
    on_failure: str = ""
    """A unit that is started when a run has failed; empty for none."""


def service_text(timer: Timer) -> str:
    """The systemd service that is one run.

    A run that is asked to end puts the service back, so only occ itself gets the signal, and its
    programs are killed with it at the very end.

    Raises:
        UsageMistakeError: something in it cannot be written into a unit.
    """
    files = " ".join(quoted(file) for file in timer.files)
    pairs = (f"{name}={value}" for name, value in timer.environment.items())
    lines = (
        "[Unit]",
        f"Description=Updates that are due, by occ, of {_percent(timer.config)}",
        f"Documentation={DOCS}",
        "Wants=network-online.target",
        f"After={ENGINE} network-online.target",
        *((f"RequiresMountsFor={files}",) if files else ()),
        *((f"OnFailure={_unit(timer.on_failure)}",) if timer.on_failure else ()),
        "",
        "[Service]",
        "Type=oneshot",
        *(f"Environment={quoted(pair)}" for pair in pairs),
        f"ExecStart={command_text(timer.words)}",
        f"SuccessExitStatus={_FINE}",
        "KillMode=mixed",
        f"TimeoutStartSec={timer.run_s}",
        f"TimeoutStopSec={timer.stop_s}",
    )
    return "\n".join((*lines, ""))


def timer_text(timer: Timer) -> str:
    """The systemd timer that starts a run, and makes up for one that was missed.

    It only starts occ; which services are due, and in which window, occ reads off its config.

    Raises:
        UsageMistakeError: something in it cannot be written into a unit.
    """
    lines = (
        "[Unit]",
        f"Description=Starts updates that are due, by occ, of {_percent(timer.config)}",
        f"Documentation={DOCS}",
        "",
        "[Timer]",
        f"OnCalendar=*:0/{EVERY_MINUTES}",
        "Persistent=true",
        f"Unit={timer.name}.service",
        "",
        "[Install]",
        "WantedBy=timers.target",
    )
    return "\n".join((*lines, ""))


def cron_text(timer: Timer) -> str:
    """The line for a crontab; cron ends a command at a `%` that has no backslash.

    Raises:
        UsageMistakeError: a word has a control character.
    """
    pairs = [f"{name}={value}" for name, value in timer.environment.items()]
    words = (*(("env", *pairs) if pairs else ()), *timer.words, "--quiet")
    refuse_controls(words)
    command = shlex.join(words).replace("%", "\\%")
    return f"*/{EVERY_MINUTES} * * * * {command}\n"


def agent_text(timer: Timer, logs: Path) -> str:
    """The launchd agent. Untested on a real Mac.

    Raises:
        UsageMistakeError: a word has a control character.
    """
    pairs = [f"{name}={value}" for name, value in timer.environment.items()]
    log = str(logs / f"{timer.name}.log")
    refuse_controls((*timer.words, *pairs, log))
    job = {
        "Label": timer.name,
        "ProgramArguments": [*timer.words, "--quiet"],
        "EnvironmentVariables": dict(timer.environment),
        "StartInterval": EVERY_MINUTES * 60,
        "ExitTimeOut": timer.stop_s,
        "StandardOutPath": log,
        "StandardErrorPath": log,
    }
    return plistlib.dumps(job).decode()


def unit_names(timer: str) -> Sequence[str]:
    """The names of both units."""
    return f"{timer}.service", f"{timer}.timer"


def _unit(name: str) -> str:
    """The name of a unit, maybe with specifiers, as in `mail@%n.service`."""
    if not _UNIT.fullmatch(name):
        raise UsageMistakeError(
            f"{name!r} is no name of a unit", hint="occ install --auto --on-failure mail@%n.service"
        )
    return name


def _percent(text: str) -> str:
    """A text of a unit that is no list of words: `%` begins a specifier all the same."""
    refuse_controls((text,))
    return text.replace("%", "%%")
