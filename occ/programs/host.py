"""Programs of this machine: run without a shell, in a group of their own, for a limited time."""

import os
import selectors
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from occ.clock import Clock, SystemClock
from occ.domain.program_output import Output
from occ.domain.programs import Ended, How, Program, environment
from occ.programs import run_lock, trust

_TICK_MS: Final = 100
_GRACE_MS: Final = 2_000
"""From SIGTERM to SIGKILL."""
_SOON_MS: Final = 5
_PIECE: Final = 1 << 16
_LEFT: Final = 64
"""Pieces that can be left in a pipe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostPrograms:
    """The programs of one config on this machine; see the port."""

    config: Path
    """The config file that names them."""
    folder: Path
    """The folder for the locks of running programs; made at need, 0700."""
    environ: Mapping[str, str] = field(repr=False)
    clock: Clock = field(default_factory=SystemClock)

    def refuse_untrusted(self, program: Program) -> None:
        """Look at the program, its folders and the config, where root would run it."""
        if os.geteuid() == 0:
            trust.refuse_untrusted(Path(program.words[0]), program.name)
            trust.refuse_untrusted(self.config, program.name)

    def run(
        self,
        program: Program,
        *,
        body: bytes = b"",
        told: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
        hidden: tuple[str, ...] = (),
        key: str = "",
        tick: Callable[[], None] = lambda: None,
    ) -> Ended:
        """Start it, feed it, take its output, and see to its end."""
        self.refuse_untrusted(program)
        values = dict(secrets or {})
        variables = environment(self.environ, dict(told or {}), values)
        output, began = Output((*values.values(), *hidden)), self.clock.monotonic()
        with ExitStack() as stack:
            locks = (stack.enter_context(run_lock.held(self._lock(key))),) if key else ()
            try:
                child = stack.enter_context(_child(program.words, variables, locks))
            except (OSError, ValueError) as error:
                said = getattr(error, "strerror", None) or str(error)
                return Ended(how="not started", said=said, output=output.digest)
            try:
                in_time = self._fed(child, body, output, began + program.timeout_ms, tick)
            finally:
                self._end(child, output)
            status = child.wait()
        how: How = "killed" if status < 0 else "ended"
        return Ended(
            how=how if in_time else "timed out",
            status=abs(status),
            tail=output.tail,
            output=output.digest,
            took_ms=self.clock.monotonic() - began,
        )

    def settle(self, key: str, most_ms: int) -> bool:
        """Wait for the lock that a run of this key has inherited."""
        lock, until = self._lock(key), self.clock.monotonic() + most_ms
        while not run_lock.free(lock):
            if self.clock.monotonic() >= until + _GRACE_MS:
                return False
            if self.clock.monotonic() >= until:
                for process in run_lock.holders(lock):
                    with suppress(OSError):
                        os.kill(process, signal.SIGKILL)
            self.clock.sleep(_TICK_MS)
        return True

    def _lock(self, key: str) -> Path:
        return self.folder / f"{key}.lock"

    def _fed(
        self,
        child: "subprocess.Popen[bytes]",
        body: bytes,
        output: Output,
        until: int,
        tick: Callable[[], None],
    ) -> bool:
        """Feed it, and take its output until it has ended; whether that was in time."""
        assert child.stdin is not None  # noqa: S101 - made with both pipes
        assert child.stdout is not None  # noqa: S101 - as above
        rest, wait_ms = memoryview(body), _TICK_MS
        with selectors.DefaultSelector() as watched:
            watched.register(child.stdout, selectors.EVENT_READ)
            if rest:
                os.set_blocking(child.stdin.fileno(), False)
                watched.register(child.stdin, selectors.EVENT_WRITE)
            else:
                child.stdin.close()
            while not _has_ended(child):
                tick()
                if self.clock.monotonic() >= until:
                    return False
                for ready, _ in watched.select(wait_ms / 1000):
                    if ready.fileobj is child.stdin:
                        rest = rest[_written(child, rest) :]
                        if not rest:
                            watched.unregister(child.stdin)
                            child.stdin.close()
                    elif piece := os.read(child.stdout.fileno(), _PIECE):
                        output.take(piece)
                    else:
                        watched.unregister(child.stdout)  # mostly it ends now; it may run on
                        wait_ms = _SOON_MS
        return True

    def _end(self, child: "subprocess.Popen[bytes]", output: Output) -> None:
        """Have its group ended, politely first, and take what it still wrote."""
        if not _has_ended(child):
            _signal_group(child, signal.SIGTERM)
            until = self.clock.monotonic() + _GRACE_MS
            while not _has_ended(child) and self.clock.monotonic() < until:
                _drain(child, output)
                self.clock.sleep(_TICK_MS // 2)
        # Before it is waited for: until then nobody else's group can have its number.
        _signal_group(child, signal.SIGKILL)
        _drain(child, output)


@contextmanager
def _child(
    words: tuple[str, ...], variables: Mapping[str, str], locks: tuple[int, ...]
) -> Iterator["subprocess.Popen[bytes]"]:
    child = subprocess.Popen(  # noqa: S603 - words of the config, no shell; see trust.py
        words,
        executable=words[0],
        env=variables,
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        pass_fds=locks,
    )
    try:
        yield child
    finally:
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        child.wait()


def _has_ended(child: "subprocess.Popen[bytes]") -> bool:
    """Whether it has ended; it is not waited for yet, so its number stays its own."""
    if child.returncode is not None:
        return True
    found = os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    return found is not None


def _signal_group(child: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    with suppress(OSError):
        os.killpg(child.pid, number)


def _written(child: "subprocess.Popen[bytes]", rest: memoryview) -> int:
    """How much of the body is done with: all of it, where nobody reads it any more."""
    assert child.stdin is not None  # noqa: S101 - made with both pipes
    try:
        return os.write(child.stdin.fileno(), rest[:_PIECE])
    except BlockingIOError:
        return 0
    except BrokenPipeError:
        return len(rest)


def _drain(child: "subprocess.Popen[bytes]", output: Output) -> None:
    """Take what is in its pipe, and wait for no more."""
    assert child.stdout is not None  # noqa: S101 - made with both pipes
    os.set_blocking(child.stdout.fileno(), False)
    with suppress(OSError):
        for _ in range(_LEFT):
            piece = os.read(child.stdout.fileno(), _PIECE)
            if not piece:
                return
            output.take(piece)
