"""The versions of a service: which there are, which is current, and which one rollback means."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from occ.domain import events
from occ.domain.cautions import Cautions
from occ.domain.data_sets import DataSetBound, DataSetRecorded, DataSetRemoved, DataSets
from occ.domain.events import Entry, Event
from occ.domain.holds import Hold, ServiceHeld, ServiceReleased
from occ.domain.kinds import KINDS
from occ.domain.rehearsal import Rehearsal, VersionRehearsed
from occ.domain.request import Adoption, Version
from occ.domain.staging import Staged, VersionStaged, VersionUnstaged
from occ.domain.values import Host

Standing: TypeAlias = Literal["proven", "unproven", "bad"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The verdict on a version with the data of another one, and when, in ms since 1970 UTC."""

    verdict: events.Verdict
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A version and what became of it. Times are ms since 1970 UTC, 0 for never."""

    version: Version
    created_at: int
    standing: Standing = "unproven"
    reported: str = ""
    """The version that its container, just made of the image, said it is at its first verdict."""
    replaced: int | None = None
    """The version that its first activation replaced; None before any activation."""
    left_back: bool = False
    """The service was rolled back from it and has not been on it since. A rollback `--to` a version
    that came after it leads forward, and does not count as a rollback from it."""
    last_run_at: int = 0
    tried: Mapping[int, Trial] = field(default_factory=dict)
    """The last verdicts on the data of other versions, by the version that had last run on it."""
    pruned: str = ""
    """The rule by which its image was removed; empty where it was not, or the version ran since."""
    pruned_at: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """All versions of one service."""

    versions: Mapping[int, Record] = field(default_factory=dict)
    current: int = 0
    """The number of the version that runs; 0 when no version was ever activated."""
    highest: int = 0
    """The highest number that was ever given, also by an advance."""
    host: Host | None = None
    """The engine on which the service lives; None before its first operation."""
    users: tuple[str, ...] = ()
    """The users that its container has, as far as occ brought them there."""
    adoption: Adoption | None = None
    """The container that was adopted last; its volumes only as long as they wait for their copy."""
    called: str = ""
    """The name of its container; empty for the service's."""
    forgotten: frozenset[str] = frozenset()
    """The ids of containers that were given back, whatever their labels say."""
    cautions: Cautions = field(default_factory=Cautions)
    data: DataSets = field(default_factory=DataSets)
    staged: Staged | None = None
    """The version that waits for its replacement, until another one becomes current."""
    rehearsals: Mapping[int, Rehearsal] = field(default_factory=dict)
    """The last rehearsal of each version, by its number."""
    hold: Hold | None = None
    """The last hold, also one whose time is over; None once it was released."""

    def adopted(self, container: str) -> bool:
        """Whether this container is ours by adoption, and not by its labels."""
        return self.adoption is not None and self.adoption.container == container

    def container_name(self, service: str) -> str:
        """The name that the service's container has by the journal."""
        return self.called or service

    def proven(self, number: int) -> bool:
        """Whether this version is known and has passed its gate."""
        record = self.versions.get(number)
        return record is not None and record.standing == "proven"

    @property
    def next_number(self) -> int:
        """The number of the next new version."""
        return self.highest + 1

    def same(self, image: str, spec_digest: str, fingerprints: Mapping[str, str]) -> Record | None:
        """The newest version of exactly this image, spec and secrets, if there is one."""
        return next(
            (
                record
                for _, record in sorted(self.versions.items(), reverse=True)
                if record.version.image == image
                and record.version.spec.digest() == spec_digest
                and record.version.fingerprints == fingerprints
            ),
            None,
        )


def fold(entries: Iterable[Entry]) -> Ledger:
    """The ledger that a service's entries tell; entries of other kinds are passed over."""
    ledger = Ledger()
    for entry in entries:
        ledger = apply_event(ledger, entry.event, entry.at, entry.operation)
    return ledger


def apply_event(  # noqa: C901, PLR0911, PLR0912 - one case an event
    ledger: Ledger, event: Event, at: int, operation: int
) -> Ledger:
    """The ledger after one more event, of the operation of this number."""
    match event:
        case events.VersionRecorded(version):
            record = Record(version=version, created_at=at)
            highest = max(ledger.highest, version.number)
            return replace(_with(ledger, record), highest=highest)
        case events.VersionActivated():
            ledger = replace(_copied(ledger), users=event.users, called=event.called, staged=None)
            return _activated(ledger, event, at, operation)
        case events.VersionJudged():
            return _judged(ledger, event, at, operation)
        case events.ImageRemoved(number, reason):
            record = ledger.versions[number]
            return _with(ledger, replace(record, pruned=reason, pruned_at=at))
        case events.ContainerAdopted(adoption):
            forgotten = ledger.forgotten - {adoption.container}
            return replace(ledger, adoption=adoption, forgotten=forgotten)
        case events.ServiceForgotten(containers):
            forgotten = ledger.forgotten | set(containers)
            ledger = replace(ledger, adoption=None, forgotten=forgotten, hold=None)
            return replace(ledger, current=0, host=None, users=(), called="", staged=None)
        case VersionStaged(number, digest):
            staged = Staged(number=number, digest=digest, at=at, operation=operation)
            return replace(ledger, staged=staged)
        case VersionUnstaged():
            return replace(ledger, staged=None)
        case VersionRehearsed():
            last = Rehearsal(event=event, at=at, operation=operation)
            return replace(ledger, rehearsals={**ledger.rehearsals, event.number: last})
        case DataSetRecorded() | DataSetBound() | DataSetRemoved():
            return replace(ledger, data=ledger.data.after(event, ledger.current, at))
        case ServiceHeld():
            hold = Hold(
                operation=operation,
                since=at,
                operator=event.operator,
                why=event.why,
                until=event.until,
            )
            return replace(ledger, hold=hold)
        case ServiceReleased():
            return replace(ledger, hold=None, cautions=ledger.cautions.released())
        case events.HostRecorded(host):
            return replace(ledger, host=host)
        case events.NumbersAdvanced(_, version):
            return replace(ledger, highest=max(ledger.highest, version))
        case _:
            users = event.users if isinstance(event, events.UsersRecorded) else ledger.users
            return replace(ledger, users=users)


def _judged(ledger: Ledger, event: events.VersionJudged, at: int, operation: int) -> Ledger:
    record, verdict, of = ledger.versions[event.number], event.verdict, event.data_of
    cautions = ledger.cautions.judged(
        record.version, event.fingerprints, operation, good=verdict == "proven", data_of=of
    )
    tried = {**record.tried, of: Trial(verdict=verdict, at=at)} if of else record.tried
    reported = record.reported or event.reported
    judged = replace(record, standing=verdict, reported=reported, tried=tried)
    return _with(replace(ledger, cautions=cautions), judged)


def _copied(ledger: Ledger) -> Ledger:
    """After a replacement nothing waits to be copied any more."""
    if ledger.adoption is None:
        return ledger
    return replace(ledger, adoption=replace(ledger.adoption, volumes={}))


def _with(ledger: Ledger, record: Record) -> Ledger:
    return replace(ledger, versions={**ledger.versions, record.version.number: record})


def _activated(ledger: Ledger, event: events.VersionActivated, at: int, operation: int) -> Ledger:
    number, replaced = event.number, event.replaced
    record = ledger.versions[number]
    cautions = ledger.cautions.reached(record.version.image)
    first = replaced if record.replaced is None else record.replaced
    record = replace(record, replaced=first, left_back=False, pruned="", pruned_at=0)
    ledger = _with(ledger, replace(record, last_run_at=at))
    if replaced and replaced != number:
        left = ledger.versions[replaced]
        back = KINDS[event.kind].leads_back and _leads_back(ledger, event.of or number, replaced)
        ledger = _with(ledger, replace(left, left_back=back or left.left_back, last_run_at=at))
        if back and left.version.image != record.version.image:
            cautions = cautions.went_back(left.version.image, operation)
    return replace(ledger, current=number, cautions=cautions)


def _leads_back(ledger: Ledger, to: int, left: int) -> bool:
    """Whether a rollback to this version left the other one, and not only led on from it.

    The version asked for counts, also where its image came back with today's spec: that one is
    new, and the line to it goes through the one that was left.
    """
    been = ledger.versions[to].replaced is not None
    return been and left != to and left not in _line(ledger, to)


def _line(ledger: Ledger, number: int) -> Iterator[int]:
    """The versions that were replaced on the way to this one, newest first."""
    while number := ledger.versions[number].replaced or 0:
        yield number


@dataclass(frozen=True, slots=True)
class Target:
    """Where a rollback without `--to` leads, and what was passed over on the way, with why."""

    number: int
    skipped: tuple[tuple[int, str], ...]


def previous(ledger: Ledger, why_not: Callable[[Version], str]) -> Target:
    """The version that "back" means; number 0 when there is none.

    Each version's first activation tells which one it replaced. That line is followed back from
    the current version to the first that is proven, not rolled back from since, and available:
    so it never leads forward, and never to a version that failed. `why_not` says why the image of
    a version is not available, empty when it is.
    """
    skipped: list[tuple[int, str]] = []
    current = ledger.versions.get(ledger.current)
    number = (current.replaced or 0) if current else 0
    while number:
        record = ledger.versions[number]
        reason = _unfit(record, why_not)
        if not reason:
            return Target(number, tuple(skipped))
        skipped.append((number, reason))
        number = record.replaced or 0
    return Target(0, tuple(skipped))


def _unfit(record: Record, why_not: Callable[[Version], str]) -> str:
    if record.standing != "proven":
        return record.standing
    if record.left_back:
        return "rolled back from"
    return why_not(record.version)
