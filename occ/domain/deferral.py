"""How long updates of a service have been put off, by the service or by a hook."""

from collections.abc import Iterable

from occ.domain.operation import Operation


def put_off_since(newest_first: Iterable[Operation]) -> int:
    """When the first one was put off since the last that was carried out, ms since 1970; 0: none.

    An update that failed for another reason ends no wait; one that found nothing new does. No
    operation before the last update that was carried out is looked at.
    """
    since = 0
    for operation in newest_first:
        if operation.planned.kind != "update":
            continue
        if operation.ending in {"done", "unchanged"}:
            break
        if operation.cause == "deferred":
            since = operation.ended_at or operation.at
    return since


def goes_on(since: int, max_wait_ms: int, now: int, *, opened_at: int = 0) -> bool:
    """Whether an update that has been put off since then is put off no longer.

    `opened_at` is when the window of an update by schedule opened, where that has to be after the
    wait was over; 0 where any time is good. All times are in ms since 1970.
    """
    return bool(since) and (opened_at or now) >= since + max_wait_ms
