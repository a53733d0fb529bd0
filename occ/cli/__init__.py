"""The command line: the only code that talks to people.

Nothing heavy is imported here: `occ --help` and `--version` need Click and this file alone.
"""

import gc
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

COMMANDS: Final[Mapping[str, str]] = {
    "setup": "Ask what the config needs, and write it; offers to start.",
    "import-config": "Take over what opencode-cloud's config declares.",
    "start": "Have the service running and healthy; installs it the first time.",
    "stop": "Stop the service.",
    "restart": "Stop the service and start it again.",
    "update": "Replace the container by the newest image; put back if not healthy.",
    "apply": "Replace the container by one of today's config; pulls nothing.",
    "rollback": "Go back to the version before, or to any recorded one.",
    "adopt": "Look after a container that somebody else made; not touched for it.",
    "forget": "Look after a service no more; its container stays as it is.",
    "config": "The config: show, get, set, unset, env, path, validate, edit, diff.",
    "secret": "Values for the container's environment: set, list, unset.",
    "status": "What runs, against what the journal says.",
    "versions": "The versions there are, and what can be gone back to.",
    "history": "Who did what, when, why, how long, and how it ended.",
    "show": "One operation, step by step.",
    "changes": "The files that a replacement would not have.",
    "user": "Users inside the container: add, remove, list, passwd, enable, disable.",
    "logs": "The container's output.",
    "check": "Ask the registry whether there is an update; pulls nothing.",
    "doctor": "Look for what is not as it should be; touches nothing.",
    "repair": "Mend what doctor finds wrong with containers and kept images.",
    "resume": "Carry an unfinished operation on.",
    "abort": "Put an unfinished operation back.",
    "abandon": "Close an unfinished operation without touching anything.",
    "install": "Have the service started at boot, interrupted operations finished first.",
    "uninstall": "Have it not started at boot any more.",
    "completion": "What bash, zsh or fish needs to complete occ's words.",
    "journal": "The journal itself: path, verify, advance.",
}


def main() -> None:
    """Run occ on this process's arguments, and exit.

    A command ends soon, and what its imports made is no garbage. Searching it for garbage, at
    every so many objects and again at the exit, was a quarter of `occ history` (tests/bench).
    """
    gc.set_threshold(500_000)
    status = run(sys.argv[1:])
    gc.freeze()
    sys.exit(status)


def run(words: Sequence[str], open_app: Callable[..., Any] | None = None) -> int:
    """Run occ on these words, and return the exit status; `open_app` builds the app."""
    from occ.cli.boundary import bounded  # noqa: PLC0415 - keeps `import occ.cli` free

    return bounded(words, open_app)
