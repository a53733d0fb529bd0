"""The last thing of a changing command: its result is told, and every lock of a service is free."""

from typing import Final

from occ.app.desk import Desk
from occ.app.outbox import direct
from occ.app.outbox.deliver import AFTER_A_COMMAND_MS, Sent, deliver
from occ.errors import UNCHANGED, OccError

AFTER_AUTO_MS: Final = 60_000
_GOOD: Final = frozenset((0, UNCHANGED))
_ENDED: Final = {1: "bug", 2: "config", 9: "journal"}
"""Exit statuses after which the journal tells nobody, each with the code of its error."""


def afterwards(desk: Desk) -> tuple[str, ...]:
    """Write the metrics where the config wants them, and tell the targets; notes on what failed.

    Nothing here changes how the command ended.
    """
    return (*_metrics(desk), *_told(desk, AFTER_A_COMMAND_MS, None))


def after_auto(desk: Desk, status: int) -> tuple[str, ...]:
    """The same after a run of auto, with more time; a good one also asks for the heartbeat.

    A run that ended as a bug, or without config or journal, is told without these.
    """
    if code := _ENDED.get(status):
        return tuple(waits(one) for one in direct.auto_ended(desk, code) if one.waiting)
    notes = (*_metrics(desk), *_told(desk, AFTER_AUTO_MS, None))
    if status not in _GOOD:
        return notes
    try:
        beat = direct.beat(desk)
    except OccError as error:
        return (*notes, f"the heartbeat was not asked for: {error.message}")
    failed = beat.how != "delivered"
    return (*notes, f"the heartbeat was not heard: {beat.why}") if failed else notes


def _metrics(desk: Desk) -> tuple[str, ...]:
    file = desk.settings.metrics_file
    if file is None:
        return ()
    from occ.app.outbox.metrics import write  # noqa: PLC0415 - an extra

    try:
        write(desk, file)
    except OccError as error:
        return (f"the metrics were not written: {error.message}",)
    return ()


def _told(desk: Desk, within_ms: int, each_ms: int | None) -> tuple[str, ...]:
    if not desk.settings.notify:
        return ()
    try:
        sent = deliver(desk, within_ms, each_ms)
    except OccError as error:
        return (f"nobody was told of this: {error.message}; occ notify retry",)
    return tuple(waits(one) for one in sent if one.waiting)


def waits(sent: Sent) -> str:
    """A sentence on messages that wait for a target."""
    noun = "message waits" if sent.waiting == 1 else "messages wait"
    return f"{sent.waiting} {noun} for {sent.target}: {sent.why}; occ notify retry"
