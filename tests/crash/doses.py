"""What can happen to occ at a point, given from outside through its two ports.

kill        SIGKILL to itself, as a power cut would end it
int         SIGINT to itself, as Ctrl-C does; the call at hand is made all the same
timeout     the engine carries the call out, and its answer never comes (once)
overrun     the engine is still at the call when its caller gives up waiting for it (once)
gone        from here on the engine does not answer at all
refuse409   the engine refuses the call at hand (once); also 404 and 500
full        from here on the journal's disk is full, also when something is deleted there
bug         the call raises what nobody foresaw (once)
hold        stays there until the file `go` appears; `held` tells the process id
"""

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from occ.engine.docker.wire.errors import refusal
from occ.errors import EngineUnreachableError, OccError

SENT_SECONDS = 0.1  # until a call has come to the engine

_SAID = {
    409: "conflict: the container is busy with something else",
    404: "no such container: it was there a moment ago",
    500: "something broke in the engine",
}


def die() -> None:
    """End at once, as a power cut would end us."""
    os.kill(os.getpid(), signal.SIGKILL)


class Dose:
    """One fault, given at most once; what it brings may last."""

    def __init__(self, fault: str, folder: Path, disk: Path) -> None:
        self._fault, self._folder, self._disk = fault, folder, disk
        self._given = self._gone = self._full = self._hasty = False

    def give(self) -> None:
        """Let it happen now."""
        self._given = True
        match self._fault:
            case "kill":
                die()
            case "int":
                os.kill(os.getpid(), signal.SIGINT)
            case "timeout":
                raise _silent()
            case "overrun":
                self._hasty = True
            case "gone":
                self._gone = True
            case "full":
                self._full = True
                fill(self._disk)
            case "bug":
                raise RecursionError("maximum recursion depth exceeded")
            case "hold":
                self._hold()
            case refused:
                code = int(refused.removeprefix("refuse"))
                raise refusal(code, _SAID[code])

    def read(self, kind: str, name: str, call: Callable[[], Any]) -> Any:
        """Make a call under what has come to last."""
        if self._gone and kind == "engine":
            raise _silent()
        if self._hasty and kind == "engine":
            self._hasty = False
            threading.Thread(target=_unheard, args=(call,), daemon=True).start()
            time.sleep(SENT_SECONDS)
            raise _silent()
        result = call()
        if self._full and name == "release":
            fill(self._disk)
        return result

    def _hold(self) -> None:
        (self._folder / "held.new").write_text(str(os.getpid()))
        (self._folder / "held.new").rename(self._folder / "held")
        while not (self._folder / "go").exists():
            time.sleep(0.01)


def fill(disk: Path) -> None:
    """Take every byte that is left on a disk."""
    with (disk / "filler").open("ab", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:  # full
            return


def _unheard(call: Callable[[], Any]) -> None:
    with suppress(OccError):  # nobody is there to hear it
        call()


def _silent() -> EngineUnreachableError:
    return EngineUnreachableError("the engine does not answer", hint="sudo systemctl status docker")
