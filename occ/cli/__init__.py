"""The command line: the only code that talks to people.

Nothing heavy is imported here: `occ --help` and `--version` need Click and this file alone.
"""

import gc
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

# Each command with the folder of its module and its short help; `occ.cli.help` has them in groups.
COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "setup": ("config", "Ask what the config needs, and write it; offers to start."),
    "import-config": ("config", "Take over what opencode-cloud's config declares."),
    "import-compose": ("config", "Take over the services of a Compose project."),
    "start": ("change", "Have the service running and healthy; installs it the first time."),
    "stop": ("change", "Stop the service."),
    "restart": ("change", "Stop the service and start it again."),
    "update": ("change", "Replace the container by the newest image; put back if not healthy."),
    "auto": ("change", "Update every service that is due by its schedule; a timer calls it."),
    "apply": ("change", "Replace the container by one of today's config; pulls nothing."),
    "rollback": ("change", "Go back to the version before, or to any recorded one."),
    "hold": ("change", "Keep the image that runs: no newer one is taken unasked."),
    "unhold": ("change", "End a hold: newer images are taken again."),
    "adopt": ("change", "Look after a container that somebody else made; not touched for it."),
    "forget": ("change", "Look after a service no more; its container stays as it is."),
    "config": (
        "config",
        "The config: show, get, set, unset, env, path, validate, schema, edit, diff.",
    ),
    "secret": ("config", "Values for the container's environment: set, list, unset."),
    "status": ("view", "What runs, against what the journal says."),
    "why": ("view", "Why a service is not updated now, and what ends each reason."),
    "versions": ("view", "The versions there are, and what can be gone back to."),
    "history": ("view", "Who did what, when, why, how long, and how it ended."),
    "show": ("view", "One operation, step by step."),
    "events": ("view", "The events of the journal as they come, one a line."),
    "metrics": ("view", "What Prometheus reads."),
    "notify": ("view", "Who is told of what happens: test, list, retry."),
    "changes": ("view", "The files that a replacement would not have."),
    "user": ("change", "Users inside the container: add, remove, list, passwd, enable, disable."),
    "snapshot": (
        "change",
        "The data at a point in time: create, list, show, pin, verify, diff, export, remove.",
    ),
    "data": ("change", "The volumes behind the names: list, adopt-name."),
    "prune": ("change", "Remove the snapshots and kept data that the rules do not keep."),
    "logs": ("view", "The container's output."),
    "check": ("view", "Ask the registry whether there is an update; pulls nothing."),
    "doctor": ("view", "Look for what is not as it should be; touches nothing."),
    "repair": ("change", "Mend what doctor finds wrong with containers and kept images."),
    "resume": ("recovery", "Carry an unfinished operation on."),
    "abort": ("recovery", "Put an unfinished operation back."),
    "abandon": ("recovery", "Close an unfinished operation without touching anything."),
    "install": (
        "config",
        "Have the service started at boot, interrupted operations finished first.",
    ),
    "uninstall": ("config", "Have it not started at boot any more."),
    "help": ("view", "The help of occ, or of one command."),
    "completion": ("config", "What bash, zsh or fish needs to complete occ's words."),
    "journal": ("view", "The journal itself: path, verify, advance."),
}


def main() -> None:
    """Run occ on this process's arguments, and exit.

    A command ends soon, and the objects that its imports made are no garbage. The search among
    them for garbage, at every so many objects and again at the exit, was a quarter of `occ
    history` (tests/bench).
    """
    gc.set_threshold(500_000)
    status = run(sys.argv[1:])
    gc.freeze()
    sys.exit(status)


def run(words: Sequence[str], open_app: Callable[..., Any] | None = None) -> int:
    """Run occ on these words, and return the exit status; `open_app` builds the app."""
    from occ.cli.boundary import bounded  # noqa: PLC0415 - keeps `import occ.cli` free

    return bounded(words, open_app)
