"""A launchd property list as text; see launchd.plist(5). Untested on a real Mac."""

import plistlib
import shlex
from pathlib import Path
from typing import Final

from occ.units.port import Start, refuse_controls

_AGAIN_S: Final = 10


def label(service: str) -> str:
    """The job's name."""
    return f"occ.{service}"


def plist_text(start: Start, logs: Path) -> str:
    """The job that finishes what was interrupted, and then starts the service.

    launchd has no line to run before another, so a shell runs both. It is run again until the
    start succeeds, because the engine's application may come up after it.

    Raises:
        UsageMistakeError: a word has a control character.
    """
    resume, begin = start.words("resume"), start.words("start")
    pairs = [f"{name}={value}" for name, value in start.environment.items()]
    refuse_controls((*resume, *begin, *pairs, str(logs)))
    script = f"{shlex.join(resume)}; exec {shlex.join(begin)}"
    log = str(logs / f"{label(start.service)}.log")
    job = {
        "Label": label(start.service),
        "ProgramArguments": ["/bin/sh", "-c", script],
        "EnvironmentVariables": dict(start.environment),
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": _AGAIN_S,
        "StandardOutPath": log,
        "StandardErrorPath": log,
    }
    return plistlib.dumps(job).decode()
