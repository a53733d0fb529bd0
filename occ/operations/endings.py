"""How a container ended, in words: an exit code alone says little."""

import signal
from typing import Final

from occ.domain.values import seconds_text
from occ.engine.values import Container

_KILLED: Final = 137
"""128 and the number of SIGKILL."""
_SIGNALLED: Final = 128
_UNITS: Final = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))


def exit_words(container: Container, *, noun: str = "exit code") -> str:
    """The last end of a container: its exit code, the signal in it, and whether memory ran out."""
    limit = f" (limit {_size(container.memory_bytes)})" if container.memory_bytes else ""
    if container.out_of_memory and container.exit_code == _KILLED:
        return f"killed: out of memory{limit}"
    name = _signal(container.exit_code)
    told = f"{noun} {container.exit_code}" + (f" ({name})" if name else "")
    if container.out_of_memory:
        return f"{told}: a process of it was killed, out of memory{limit}"
    return told


def deaf(container: Container, waited_ms: int, grace_ms: int) -> str:
    """The words for a container that was killed because a stop's grace was over; else empty."""
    killed = container.exit_code == _KILLED and not container.out_of_memory
    if not killed or not grace_ms or waited_ms < grace_ms:
        return ""
    return f"killed after {seconds_text(grace_ms)}: it does not hear {container.stop_signal}"


def way_to_hear(service: str, *, init: bool) -> str:
    """The next thing to do about a container that does not end by its signal."""
    if init:
        return f"give it longer: occ config set services.{service}.stop_timeout 60s"
    return (
        "a first process without a handler hears no signal: "
        f"occ config set services.{service}.engine.Init true, then occ apply"
    )


def _signal(code: int) -> str:
    try:
        return signal.Signals(code - _SIGNALLED).name
    except ValueError:
        return ""


def _size(count: int) -> str:
    unit, name = next(((u, n) for u, n in _UNITS if count >= u), (1, "bytes"))
    return f"{count / unit:.4g} {name}"
