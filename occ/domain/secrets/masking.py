"""Values of secrets taken out of an event: out of the texts that anybody chose, and no others.

Ids, names and paths are what a plan is carried out by, so they stay. Whatever a person typed, an
image, a container, an engine or a registry said is a text for people, and is masked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final, Protocol

from occ.domain.acceptance import ImageJudged
from occ.domain.data_sets import DataSetRemoved
from occ.domain.events import (
    ContainerAdopted,
    Event,
    ImageRemoved,
    OperationAbandoned,
    OperationPlanned,
    OperationResumed,
    OperationReverting,
    VersionJudged,
    VersionRecorded,
)
from occ.domain.holds import ServiceHeld
from occ.domain.notices import NoticeFailed, NoticeRefused
from occ.domain.rehearsal import VersionRehearsed
from occ.domain.secrets.secrecy import redact
from occ.domain.snapshots import SnapshotDrilled, SnapshotRemoved, SnapshotTaken
from occ.domain.step_events import StepDone, StepFailed, StepRepeated, StepReverted, StepStuck
from occ.domain.values import Actor, Json

_CARRIED: Final = frozenset(("accepted", "image", "digests", "volumes"))
"""The keys of results from which the second stage is planned."""

_WORDS_BELOW: Final = 8


class _Mask(Protocol):
    def __call__(self, text: str) -> str: ...


def masked(event: Event, values: Sequence[str]) -> Event:
    """The event without these values in the texts that a person or a stranger chose.

    Values of fewer than four characters stay, and those of fewer than eight within a longer word:
    see `redact`.
    """
    mask = partial(redact, values=values, words_below=_WORDS_BELOW)
    return _masked(event, mask) if values else event


def _masked(event: Event, mask: _Mask) -> Event:  # noqa: PLR0911, PLR0912, C901 - a case for each kind of event
    match event:
        case OperationPlanned():
            actor, planner = _typed(event.actor, mask), mask(event.planner)
            return replace(event, reason=mask(event.reason), actor=actor, planner=planner)
        case OperationResumed():
            return replace(event, actor=_typed(event.actor, mask))
        case OperationReverting():
            return replace(event, actor=event.actor and _typed(event.actor, mask))
        case OperationAbandoned():
            left = _each(event.left, mask)
            return replace(event, actor=_typed(event.actor, mask), left=left)
        case StepDone() | StepReverted():
            return replace(event, result=_said(event.result, mask))
        case StepFailed() | StepStuck():
            return replace(
                event,
                message=mask(event.message),
                hint=mask(event.hint),
                log_tail=_each(event.log_tail, mask),
            )
        case StepRepeated():
            return replace(event, said=mask(event.said))
        case VersionRecorded():
            labelled = mask(event.version.labelled)
            return replace(event, version=replace(event.version, labelled=labelled))
        case VersionJudged():
            return replace(event, reported=mask(event.reported))
        case ContainerAdopted():
            taken = mask(event.adoption.taken_from)
            return replace(event, adoption=replace(event.adoption, taken_from=taken))
        case SnapshotTaken():
            snapshot = replace(event.snapshot, imported=mask(event.snapshot.imported))
            return replace(event, snapshot=snapshot)
        case VersionRehearsed():
            return replace(event, reported=mask(event.reported), said=mask(event.said))
        case SnapshotDrilled():
            return replace(event, said=mask(event.said))
        case NoticeRefused() | NoticeFailed():
            return replace(event, why=mask(event.why))
        case ImageJudged():
            return replace(event, ended=mask(event.ended))
        case SnapshotRemoved() | DataSetRemoved() | ImageRemoved():
            return replace(event, reason=mask(event.reason))
        case ServiceHeld():
            return replace(event, why=mask(event.why))
        case _:
            return event


def _typed(actor: Actor, mask: _Mask) -> Actor:
    return replace(actor, argv=_each(actor.argv, mask))


def _each(texts: Sequence[str], mask: _Mask) -> tuple[str, ...]:
    return tuple(mask(text) for text in texts)


def _said(result: Mapping[str, Json], mask: _Mask) -> Mapping[str, Json]:
    return {
        key: value if key in _CARRIED else _within(value, mask) for key, value in result.items()
    }


def _within(value: Json, mask: _Mask) -> Json:
    match value:
        case str():
            return mask(value)
        case list():
            return [_within(item, mask) for item in value]
        case dict():
            return {key: _within(item, mask) for key, item in value.items()}
        case _:
            return value
