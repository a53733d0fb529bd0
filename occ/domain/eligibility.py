"""Whether a service may be updated now: a pure function from what was observed to reasons."""

from dataclasses import dataclass
from typing import assert_never

from occ.domain.holds import Hold
from occ.domain.reasons import ORDER, REASONS, Reason, ReasonName


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """An observation that is a reason by itself."""

    text: str = ""
    """In a sentence; empty for the words of the catalogue."""
    since: int = 0
    """ms since 1970; 0 where nobody knows."""
    ends: str = ""
    """The end of it; empty for the words of the catalogue."""
    until: int = 0
    """When it ends by itself, ms since 1970; 0 where that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that was observed of one service; None, 0 or empty for what was not, or is not so.

    A field that is named as a reason is that reason, observed by whoever fills it in.
    """

    now: int
    """ms since 1970."""
    engine_unreachable: Point | None = None
    other_engine: Point | None = None
    other_journal: Point | None = None
    foreign_container: Point | None = None
    host_ahead: Point | None = None
    busy: Point | None = None
    operation_unfinished: Point | None = None
    secret_missing: Point | None = None
    image_missing: Point | None = None
    registry_unknown: Point | None = None
    gate_refused: Point | None = None
    """Filled in by gate commands, as `gate_unknown`."""
    gate_unknown: Point | None = None
    no_room: Point | None = None
    snapshot_lacking: Point | None = None
    rehearsal_lacking: Point | None = None
    already_newest: Point | None = None
    known_bad: Point | None = None
    left_by_rollback: Point | None = None
    deferred: Point | None = None
    """Filled in by the service's own defer command."""
    not_installed: Point | None = None
    built_here: Point | None = None
    config_pending: Point | None = None
    auto_off: Point | None = None
    """Filled in by auto, as the three below."""
    dependency_failed: Point | None = None
    not_scheduled: Point | None = None
    outside_window: Point | None = None
    published: str = ""
    """The digest of the image that the update would bring; empty where nobody knows."""
    newer: bool = True
    """Whether the update would bring another image than the current one, as far as is known."""
    hold: Hold | None = None
    min_age_ms: int = 0
    """0 for none."""
    first_seen: int = 0
    """When this journal first saw the image that would come, ms since 1970; 0 for never yet."""


def reasons(seen: Situation) -> tuple[Reason, ...]:
    """Every reason why the service is not updated now, hard ones first; none where it is due."""
    found = ((name, _point(name, seen)) for name in ORDER)
    return tuple(_reason(name, point) for name, point in found if point is not None)


def _reason(name: ReasonName, point: Point) -> Reason:
    row = REASONS[name]
    return Reason(
        name=name,
        hard=row.hard,
        since=point.since,
        text=point.text or row.meaning,
        ends=point.ends or row.ends,
        until=point.until,
    )


def _point(name: ReasonName, seen: Situation) -> Point | None:  # noqa: C901, PLR0911, PLR0912 - one case a reason, for the type checker
    match name:
        case "engine_unreachable":
            return seen.engine_unreachable
        case "other_engine":
            return seen.other_engine
        case "other_journal":
            return seen.other_journal
        case "foreign_container":
            return seen.foreign_container
        case "host_ahead":
            return seen.host_ahead
        case "busy":
            return seen.busy
        case "operation_unfinished":
            return seen.operation_unfinished
        case "secret_missing":
            return seen.secret_missing
        case "image_missing":
            return seen.image_missing
        case "registry_unknown":
            return seen.registry_unknown
        case "gate_refused":
            return seen.gate_refused
        case "no_room":
            return seen.no_room
        case "snapshot_lacking":
            return seen.snapshot_lacking
        case "rehearsal_lacking":
            return seen.rehearsal_lacking
        case "already_newest":
            return seen.already_newest
        case "known_bad":
            return seen.known_bad
        case "left_by_rollback":
            return seen.left_by_rollback
        case "held":
            return _held(seen)
        case "too_young":
            return _too_young(seen)
        case "gate_unknown":
            return seen.gate_unknown
        case "deferred":
            return seen.deferred
        case "not_installed":
            return seen.not_installed
        case "built_here":
            return seen.built_here
        case "config_pending":
            return seen.config_pending
        case "dependency_failed":
            return seen.dependency_failed
        case "not_scheduled":
            return seen.not_scheduled
        case "outside_window":
            return seen.outside_window
        case "auto_off":
            return seen.auto_off
        case _:
            assert_never(name)


def _held(seen: Situation) -> Point | None:
    """A hold counts until its time, and not against a new config for the image that runs."""
    hold = seen.hold
    same_image = not seen.newer and seen.already_newest is None
    if hold is None or same_image or not hold.counts(seen.now):
        return None
    return Point(text=hold.says, since=hold.since, until=hold.until)


def _too_young(seen: Situation) -> Point | None:
    """The age counts from the first sight by this journal, never from the image's own date.

    A sight in the future is one by a clock that was wrong: it counts as one of now.
    """
    first = min(seen.first_seen or seen.now, seen.now)
    until = first + seen.min_age_ms
    if not (seen.newer and seen.min_age_ms) or seen.now >= until:
        return None
    age, least = _length(seen.now - first), _length(seen.min_age_ms)
    text = f"this journal saw it for the first time {age} ago, and min_age is {least}"
    return Point(text=text, since=first, until=until)


def _length(ms: int) -> str:
    """A length of time to its largest unit: `2 days`, `1 hour`, `5 minutes`."""
    for unit, length in (("day", 86_400_000), ("hour", 3_600_000), ("minute", 60_000)):
        if ms >= length:
            count = ms // length
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "less than a minute"
