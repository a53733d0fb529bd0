"""The command line on a stage, as a process: `python -m tests.cli.process WORDS`.

OCC_STAGE says what the story is: good, bad, stuck, unreachable, pull (with its bytes), slow, many
(a history that fills any pipe), or `SIGINT@4`: that signal, sent to this very process before the
fourth event; `SIGINT@4,4` sends it twice.
"""

import os
import signal
import sys
import time
from collections.abc import Iterator

from occ.cli import run
from occ.engine.progress import PullProgress
from occ.errors import EngineUnreachableError
from tests.cli.stage import Stage
from tests.cli.story import bad_story, history_rows, stuck_story


def pulls() -> Iterator[PullProgress]:
    """A pull that takes its time."""
    for n in range(5):
        time.sleep(0.11)
        yield PullProgress(done=n * 10**7, total=4 * 10**7)


def staged(wanted: str) -> Stage:
    """The stage that a word asks for."""
    stage = Stage()
    if wanted == "bad":
        stage.story = bad_story()
    elif wanted == "stuck":
        stage.story = stuck_story()
    elif wanted == "unreachable":
        stage.error = EngineUnreachableError("the engine does not answer", hint="occ status")
    elif wanted == "pull":
        stage.pulls = pulls()
    elif wanted == "slow":
        stage.before_event = lambda _: time.sleep(0.05)
    elif wanted == "many":
        stage.rows = history_rows() * 5_000
        stage.lines = (b"x" * 100,) * 50_000
    elif "@" in wanted:
        name, _, times = wanted.partition("@")
        at = [int(n) for n in times.split(",")]

        def send(n: int) -> None:
            for _ in range(at.count(n)):
                os.kill(os.getpid(), getattr(signal, name))

        stage.before_event = send
    return stage


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:], open_app=staged(os.environ.get("OCC_STAGE", "good")).open))
