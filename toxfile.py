"""A plugin of tox: a run that could not try the newest Docker Engine says so in its last line."""

import atexit

from tox.plugin import impl
from tox.tox_env.api import ToxEnv

from tests.testbed.releases import NEWEST


@impl
def tox_after_run_commands(tox_env: ToxEnv) -> None:
    """Have it said after tox's own summary."""
    if tox_env.name == "docker" and (line := NEWEST.untried()):
        atexit.register(print, line)
