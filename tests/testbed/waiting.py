"""Waiting for something that another process does."""

import time
from collections.abc import Callable


def pause(seconds: float) -> None:
    """Do nothing for so many real seconds: the test bed waits for real processes."""
    time.sleep(seconds)


def until(question: Callable[[], bool], *, seconds: float, what: str, every: float = 0.02) -> None:
    """Ask until the answer is yes; after so many seconds raise TimeoutError that says what."""
    if not came_true(question, seconds=seconds, every=every):
        raise TimeoutError(f"waited {seconds:g} s in vain for {what}")


def came_true(question: Callable[[], bool], *, seconds: float, every: float = 0.02) -> bool:
    """Ask until the answer is yes, at most so many seconds long; the last answer."""
    end = time.monotonic() + seconds
    while not question():
        if time.monotonic() >= end:
            return False
        pause(every)
    return True
