"""Events to and from text: lasting names, schema numbers, upcasts.

A name is a `noun.past_tense` string of our own, never the path of a class: classes are renamed,
names are not. A body is canonical JSON: sorted keys, no spaces, whole numbers only, so that it
equals RFC 8785 and the stored bytes can be hashed as they are.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import msgspec

from occ.domain import events
from occ.domain.events import Event
from occ.errors import JournalDamagedError, JournalError, JournalNewerError

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
    events.OperationUnchanged: "operation.unchanged",
    events.OperationAbandoned: "operation.abandoned",
    events.StepStarted: "step.started",
    events.StepDone: "step.done",
    events.StepFailed: "step.failed",
    events.StepReverting: "step.reverting",
    events.StepReverted: "step.reverted",
    events.StepStuck: "step.stuck",
    events.VersionRecorded: "version.recorded",
    events.VersionActivated: "version.activated",
    events.VersionJudged: "version.judged",
}
KINDS: Mapping[str, type[Event]] = {name: kind for kind, name in NAMES.items()}

Body: TypeAlias = dict[str, Any]
UPCASTS: Mapping[tuple[str, int], Callable[[Body], Body]] = {}
"""(name, schema) -> the body as the next schema has it; pure, chained, applied on reading only."""

MOST_BYTES = 16_384


def schema_of(name: str) -> int:
    """The newest schema number of an event; 1 until its first upcast."""
    return 1 + max((schema for known, schema in UPCASTS if known == name), default=0)


def encode(event: Event) -> tuple[str, int, str]:
    """An event's name, schema number and body.

    Raises:
        JournalError: it holds a float or a NUL, or is larger than 16 KiB.
    """
    name = NAMES[type(event)]
    plain = _clean(msgspec.to_builtins(event), name)
    body = json.dumps(
        plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )
    if len(body.encode()) > MOST_BYTES:
        raise JournalError(
            f"an event {name} would take {len(body.encode())} bytes, more than {MOST_BYTES}",
            hint="shorten the service's config, then: occ update",
        )
    return name, schema_of(name), body


def decode(name: str, schema: int, body: str) -> Event:
    """The event that was stored.

    Raises:
        JournalNewerError: a newer occ wrote it.
        JournalDamagedError: it is not what its name says.
    """
    kind = KINDS.get(name)
    if kind is None or schema > schema_of(name):
        raise JournalNewerError(
            f"the journal holds {name} (schema {schema}), written by a newer occ",
            hint="install that occ; this one can still list: occ history",
        )
    try:
        fields = json.loads(body)
        for older in range(schema, schema_of(name)):
            fields = UPCASTS[name, older](fields)
        return msgspec.convert(fields, kind)
    except (ValueError, KeyError, msgspec.ValidationError) as error:
        raise JournalDamagedError(
            f"an event {name} does not read as one: {error}", hint="occ journal verify"
        ) from error


def _clean(value: Any, name: str) -> Any:  # noqa: ANN401 - JSON of any shape
    match value:
        case float():
            raise JournalError(f"an event {name} holds a float; whole numbers only")
        case str():
            text = value.encode("utf-8", "backslashreplace").decode()
            if "\0" in text:
                raise JournalError(f"an event {name} holds a NUL character")
            return text
        case list() | tuple():
            return [_clean(item, name) for item in value]
        case dict():
            return {_clean(key, name): _clean(item, name) for key, item in value.items()}
        case _:
            return value
