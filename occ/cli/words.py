"""Numbers and times as people read them."""

from datetime import datetime

_SECOND, _MINUTE, _HOUR, _DAY = 1_000, 60_000, 3_600_000, 86_400_000


def duration(ms: int | None) -> str:
    """A length of time: `0.8 s`, `2 m 10 s`, `3 h 5 m`, `4 d 2 h`; a dash when not known."""
    if ms is None:
        return "-"
    if ms < _MINUTE:
        return f"{ms / _SECOND:.1f} s"
    if ms < _HOUR:
        return f"{ms // _MINUTE} m {ms % _MINUTE // _SECOND} s"
    if ms < _DAY:
        return f"{ms // _HOUR} h {ms % _HOUR // _MINUTE} m"
    return f"{ms // _DAY} d {ms % _DAY // _HOUR} h"


def moment(ms: int) -> str:
    """A point in time, local; a dash for never."""
    if not ms:
        return "-"
    return datetime.fromtimestamp(ms / 1000).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def short(digest: str) -> str:
    """An id or digest, as much of it as people compare."""
    return digest.rpartition(":")[2][:12] or "-"


def version(number: int) -> str:
    """A version's number; a dash for none."""
    return str(number) if number else "-"


def size(count: int) -> str:
    """Bytes: `12.3 MB`."""
    return f"{count / 1_000_000:.1f} MB"
