"""Events to and from text: lasting names, schema numbers, upcasts.

A name is a `noun.past_tense` string of our own, never the path of a class: classes are renamed,
names are not. A body is canonical JSON: sorted keys, no spaces, whole numbers only, so that it
equals RFC 8785 and the stored bytes can be hashed as they are.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, TypeAlias

import msgspec

from occ.domain import (
    acceptance,
    data_sets,
    events,
    holds,
    notices,
    rehearsal,
    sightings,
    snapshots,
    staging,
    step_events,
)
from occ.domain.events import Entry, Event
from occ.domain.schedules import turns
from occ.errors import JournalDamagedError, JournalError, JournalNewerError
from occ.journal import chain
from occ.journal.chain import Row
from occ.journal.port import Stamp

NAMES: Mapping[type[Event], str] = {
    events.JournalCreated: "journal.created",
    events.HostRecorded: "host.recorded",
    events.NumbersAdvanced: "numbers.advanced",
    events.OperationPlanned: "operation.planned",
    events.OperationExtended: "operation.extended",
    events.OperationResumed: "operation.resumed",
    events.OperationReverting: "operation.reverting",
    events.OperationDone: "operation.done",
    events.OperationUndone: "operation.undone",
    events.OperationCommitted: "operation.committed",
    events.OperationUnchanged: "operation.unchanged",
    events.OperationAbandoned: "operation.abandoned",
    step_events.StepStarted: "step.started",
    step_events.StepDone: "step.done",
    step_events.StepFailed: "step.failed",
    step_events.StepRepeated: "step.repeated",
    step_events.StepReverting: "step.reverting",
    step_events.StepReverted: "step.reverted",
    step_events.StepStuck: "step.stuck",
    events.VersionRecorded: "version.recorded",
    events.VersionActivated: "version.activated",
    events.VersionJudged: "version.judged",
    rehearsal.VersionRehearsed: "version.rehearsed",
    staging.VersionStaged: "version.staged",
    staging.VersionUnstaged: "version.unstaged",
    acceptance.ImageJudged: "image.judged",
    events.ImageRemoved: "image.removed",
    events.UsersRecorded: "users.recorded",
    events.ContainerAdopted: "container.adopted",
    events.ServiceForgotten: "service.forgotten",
    data_sets.DataSetRecorded: "data.recorded",
    data_sets.DataSetBound: "data.bound",
    data_sets.DataSetRemoved: "data.removed",
    snapshots.SnapshotTaken: "snapshot.taken",
    snapshots.SnapshotDescribed: "snapshot.described",
    snapshots.SnapshotPinned: "snapshot.pinned",
    snapshots.SnapshotDrilled: "snapshot.drilled",
    snapshots.SnapshotRemoved: "snapshot.removed",
    data_sets.VolumeRestored: "volume.restored",
    notices.NoticeBegun: "notice.begun",
    notices.NoticeDelivered: "notice.delivered",
    notices.NoticeRefused: "notice.refused",
    notices.NoticeFailed: "notice.failed",
    notices.NoticeGivenUp: "notice.given_up",
    turns.AutoTried: "auto.tried",
    holds.ServiceHeld: "service.held",
    holds.ServiceReleased: "service.released",
    sightings.ImageSeen: "image.seen",
}
EVENT_TYPES: Mapping[str, type[Event]] = {name: kind for kind, name in NAMES.items()}

Body: TypeAlias = dict[str, Any]
Upcasts: TypeAlias = Mapping[tuple[str, int], Callable[[Body], Body]]
UPCASTS: Upcasts = {}
"""(name, schema) -> the body as the next schema has it; pure, chained, applied on reading only."""

MOST_BYTES = 16_384
_MOST, _LEAST = (1 << 63) - 1, -(1 << 63)


def schema_of(name: str, upcasts: Upcasts = UPCASTS) -> int:
    """The newest schema number of an event; 1 until its first upcast."""
    return 1 + max((schema for known, schema in upcasts if known == name), default=0)


def known(name: str, schema: int) -> bool:
    """Whether this occ can read such an event."""
    return name in EVENT_TYPES and schema <= schema_of(name)


def encode(event: Event) -> tuple[str, int, str]:
    """An event's name, schema number and body.

    Bytes that are not UTF-8 (in arguments, in image labels) are written with backslashes.

    Raises:
        JournalError: the event holds a float, a NUL or a number beyond 64 bits, or takes more than
            16 KiB.
    """
    name = NAMES[type(event)]
    plain = _clean(msgspec.to_builtins(event), name)
    body = json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    size = len(body.encode())
    if size > MOST_BYTES:
        raise JournalError(
            f"an event {name} would take {size} bytes in the journal, more than {MOST_BYTES}",
            hint="shorten the service's config, then: occ update",
        )
    return name, schema_of(name), body


def encode_all(events: Iterable[Event]) -> tuple[tuple[str, int, str], ...]:
    """Several events, encoded.

    Raises:
        JournalError: one of them cannot be.
    """
    return tuple(encode(event) for event in events)


def clean(stamp: Stamp) -> Stamp:
    """A stamp as it can be stored.

    Raises:
        JournalError: it holds a NUL.
    """
    return Stamp(
        service=text(stamp.service, "the service"),
        operator=text(stamp.operator, "the operator"),
        at=stamp.at,
    )


def decode(name: str, schema: int, body: str, upcasts: Upcasts = UPCASTS) -> Event:
    """The event that was stored.

    Raises:
        JournalNewerError: a newer occ wrote it.
        JournalDamagedError: it is not what its name says.
    """
    newest = schema_of(name, upcasts)
    if name not in EVENT_TYPES or schema > newest:
        raise newer(name, schema)
    try:
        if schema == newest:
            return _decoder(name).decode(body)
        fields = msgspec.json.decode(body, type=dict[str, Any])
        for older in range(schema, newest):
            fields = upcasts[name, older](fields)
        return msgspec.convert(fields, EVENT_TYPES[name])
    except (KeyError, TypeError, ValueError, msgspec.MsgspecError) as error:
        raise JournalDamagedError(
            f"the journal's event {name} does not read as one: {error}", hint="occ journal verify"
        ) from error


def entry(row: Row, address: str) -> Entry:
    """The entry in a row, after a look at its hash: nothing damaged is ever believed.

    Raises:
        JournalNewerError: a newer occ wrote it.
        JournalDamagedError: it does not fit its hash.
    """
    if not chain.intact(row):
        raise chain.damaged(address, row.position, "its hash does not fit what it says")
    return Entry(
        position=row.position,
        operation=row.operation,
        seq=row.seq,
        at=row.at,
        service=row.service,
        operator=row.operator,
        hash=row.hash,
        event=decode(row.name, row.schema, row.body),
    )


def newer(name: str, schema: int) -> JournalNewerError:
    """The refusal of an event that this occ does not know."""
    return JournalNewerError(
        f"the journal holds {name} (schema {schema}), written by a newer occ",
        hint="install that occ; what this one can read: occ history",
    )


def text(value: str, where: str) -> str:
    """A text as it can be stored.

    Raises:
        JournalError: it holds a NUL.
    """
    if "\0" in value:
        raise JournalError(f"{where} holds a NUL character, which the journal refuses")
    return value.encode(errors="backslashreplace").decode()


@cache
def _decoder(name: str) -> "msgspec.json.Decoder[Event]":
    return msgspec.json.Decoder(EVENT_TYPES[name])


def _clean(value: Any, name: str) -> Any:  # noqa: ANN401 - JSON of any shape
    match value:
        case str():
            return text(value, f"an event {name}")
        case None | bool():
            return value
        case int() if _LEAST <= value <= _MOST:
            return value
        case list() | tuple():
            return [_clean(item, name) for item in value]
        case dict():
            return {_key(key, name): _clean(item, name) for key, item in value.items()}
        case _:
            raise JournalError(
                f"an event {name} holds {value!r}: the journal takes texts, lists, tables, and "
                "whole numbers of 64 bits"
            )


def _key(key: object, name: str) -> str:
    if isinstance(key, str):
        return text(key, f"an event {name}")
    raise JournalError(f"an event {name} has a table with the key {key!r}, which is no text")
