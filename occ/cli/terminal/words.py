"""Numbers, times and texts as people read them."""

from occ.clock import local_time
from occ.escapes import escaped

_SECOND, _MINUTE, _HOUR, _DAY = 1_000, 60_000, 3_600_000, 86_400_000


def duration(ms: int | None) -> str:
    """A length of time: `0.8 s`, `2 m 10 s`, `3 h 5 m`, `4 d 2 h`; a dash when not known."""
    if ms is None:
        return "-"
    tenths = round(ms / 100)
    if tenths < _MINUTE // 100:
        return f"{tenths / 10:.1f} s"
    if ms < _HOUR:
        return f"{ms // _MINUTE} m {ms % _MINUTE // _SECOND} s"
    if ms < _DAY:
        return f"{ms // _HOUR} h {ms % _HOUR // _MINUTE} m"
    return f"{ms // _DAY} d {ms % _DAY // _HOUR} h"


def ago(ms: int) -> str:
    """How long ago something was, to its largest unit: `2 days ago`, `1 hour ago`, `just now`."""
    for unit, length in (("day", _DAY), ("hour", _HOUR), ("minute", _MINUTE)):
        if ms >= length:
            count = ms // length
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def moment(ms: int, *, exact: bool = False) -> str:
    """A point in time, local, to the minute or to the second; a dash for never."""
    if not ms:
        return "-"
    return local_time(ms) if exact else local_time(ms, "%Y-%m-%d %H:%M")


def short_moment(ms: int, now: int) -> str:
    """A point in time for a narrow column: `11-23 12:00` of this year, `2025-11-23` of another."""
    if not ms:
        return "-"
    this_year = local_time(ms, "%Y") == local_time(now, "%Y")
    return local_time(ms, "%m-%d %H:%M" if this_year else "%Y-%m-%d")


def times(count: int) -> str:
    """How often: `once`, `twice`, `3 times`."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def short(digest: str) -> str:
    """An id or digest, as much of it as people compare."""
    return digest.rpartition(":")[2][:12] or "-"


def version(number: int) -> str:
    """A version's number; a dash for none."""
    return str(number) if number else "-"


def size(count: int) -> str:
    """Bytes: `12.3 MB`."""
    return f"{count / 1_000_000:.1f} MB"


def terminal_safe(text: str) -> str:
    r"""Text from outside, on one line and without power over a terminal: `\x1b` for a control.

    The config's own escapes are `\u001b`, as in TOML.
    """
    return escaped(text, _escape)


def terminal_safe_lines(text: str) -> str:
    """Text of several lines without power over a terminal; its lines and tabs stay."""
    return escaped(text, lambda each: each if each in "\n\t" else _escape(each))


def _escape(each: str) -> str:
    return each.encode("unicode_escape").decode()
