"""The last thing of a changing command: its result is told, and every lock of a service is free."""

from occ.app.desk import Desk
from occ.app.outbox.deliver import AFTER_A_COMMAND_MS, Sent, deliver
from occ.errors import OccError


def afterwards(desk: Desk) -> tuple[str, ...]:
    """Write the metrics where the config wants them, and tell the targets; notes on what failed.

    Nothing here changes how the command ended.
    """
    return (*_metrics(desk), *_told(desk))


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


def _told(desk: Desk) -> tuple[str, ...]:
    if not desk.settings.notify:
        return ()
    try:
        sent = deliver(desk, AFTER_A_COMMAND_MS, AFTER_A_COMMAND_MS)
    except OccError as error:
        return (f"nobody was told of this: {error.message}; occ notify retry",)
    return tuple(waits(one) for one in sent if one.waiting)


def waits(sent: Sent) -> str:
    """A sentence on messages that wait for a target."""
    noun = "message waits" if sent.waiting == 1 else "messages wait"
    return f"{sent.waiting} {noun} for {sent.target}: {sent.why}; occ notify retry"
