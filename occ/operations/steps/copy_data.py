"""The step that copies the data of now for a rehearsal, and the place of that copy."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from occ.archives.store import DATA, Store, stem
from occ.domain import step_names
from occ.domain.rehearsal import Rehearsing
from occ.domain.snapshots import NOT_CARRIED, Record, Snapshot, SnapshotVolume
from occ.domain.values import Json, seconds_text
from occ.errors import EngineRefusedError, FailedError, NotFoundError, RefusedError
from occ.operations.describing import describe
from occ.operations.reading import VolumeReader
from occ.operations.step_context import StepContext
from occ.operations.steps.snapshot import (
    packed_into,
    reader_of,
    recorded,
    refuse_superseded,
    said_of,
    ticking,
)
from occ.operations.steps.step import Result, Step

_COPIES: Final = "rehearsal"
"""The folder, within that of the snapshots, for the files of copies that are in use."""
CANNOT: Final = (FailedError, NotFoundError, RefusedError)
"""The failures that keep a rehearsal from being made, and say nothing of a version."""


@dataclass(frozen=True, slots=True)
class CopyData(Step):
    """Have the data of now in files of this operation, with their manifests."""

    name: ClassVar[str] = step_names.COPY_DATA

    def seen(self, context: StepContext) -> Result | None:
        """A copy is made anew while a run on it is to come: nothing tells that it is whole."""
        return recorded(context, self.name) if ran_out(context) else None

    def apply(self, context: StepContext) -> Result:
        """Read each volume to its end; where that was asked for, while the service is frozen."""
        planned, store = rehearsing_of(context), copies(context)
        store.remove(context.operation.number)
        reader, tick = copy_reader(context), ticking(context, planned.timeout_ms, noun="rehearsal")
        reader.clear()
        try:
            reader.lend(planned.sources)
            volumes, frozen_ms = self._read(context, store, planned)
            manifests = {one.name: describe(store, one, tick)[0] for one in volumes}
            refuse_superseded(context)
        except CANNOT as error:
            store.remove(context.operation.number)
            return {"why": f"the data could not be copied: {error.message}", "said": "not copied"}
        finally:
            reader.clear()
        snapshot = Snapshot(number=context.operation.number, volumes=volumes)
        paused = f", paused for {seconds_text(frozen_ms)}" if planned.copy == "paused" else ""
        return {
            **snapshot.to_json(),
            "manifests": dict[str, Json](manifests),
            "paused_ms": frozen_ms,
            "said": f"{said_of(snapshot)}{paused}",
        }

    def settle(self, context: StepContext) -> None:
        """Have every call that freezes the service, or makes a helper, come to its end."""
        if _freezes(context):
            with suppress(EngineRefusedError, NotFoundError):  # it does not run
                context.engine.pause(context.operation.planned.found.container)
        copy_reader(context).settle(rehearsing_of(context).sources)

    def revert(self, context: StepContext) -> Result:
        """Have the service go on, and no files."""
        if _freezes(context):
            context.engine.unpause(context.operation.planned.found.container)
        copy_reader(context).clear()
        copies(context).remove(context.operation.number)
        return {}

    def _read(
        self, context: StepContext, store: Store, planned: Rehearsing
    ) -> tuple[tuple[SnapshotVolume, ...], int]:
        """The volumes as they were read, and for how long the service was frozen, in ms."""
        number, reader = context.operation.number, copy_reader(context)
        bound = planned.most_paused_ms if _freezes(context) else planned.timeout_ms
        pairs = list(zip(planned.volumes, planned.sources, strict=True))
        with ExitStack() as open_ones:
            drafts = [
                open_ones.enter_context(store.draft(stem(number, name) + DATA)) for name, _ in pairs
            ]
            with _frozen(context):
                began, tick = context.clock.monotonic(), _bounded(context, bound)
                read = [
                    packed_into(draft, reader, name, source, tick)
                    for draft, (name, source) in zip(drafts, pairs, strict=True)
                ]
                took = max(0, context.clock.monotonic() - began)
            for draft in drafts:
                draft.keep()
        volumes = tuple(
            SnapshotVolume(
                name=name,
                file=stem(number, name),
                way=way,
                bytes=packed.bytes,
                raw_bytes=packed.raw_bytes,
                sha256=packed.sha256,
                not_carried=NOT_CARRIED[way],
            )
            for (name, _), (packed, way, _) in zip(pairs, read, strict=True)
        )
        return volumes, took if _freezes(context) else 0


def rehearsing_of(context: StepContext) -> Rehearsing:
    """The rehearsal as it was planned."""
    return context.operation.planned.request.rehearsing or Rehearsing()


def ran_out(context: StepContext) -> bool:
    """Whether every run on the copy was seen to its end: then the service is left alone."""
    passed = context.operation.result(step_names.REHEARSE_VERSION).get("passed") is True
    return passed or recorded(context, step_names.CONTROL_REHEARSAL) is not None


def copies(context: StepContext) -> Store:
    """The place for the files of this operation's copy."""
    return Store(Path(rehearsing_of(context).folder) / _COPIES)


def copy_of(context: StepContext) -> Record | None:
    """The operation's own copy; None where there is none to be made."""
    result = context.operation.result(CopyData.name)
    manifests = result.get("manifests")
    if not isinstance(manifests, dict):
        return None
    told = {name: digest for name, digest in manifests.items() if isinstance(digest, str)}
    return Record(snapshot=Snapshot.from_json(result), taken_at=0, manifests=told)


def copy_reader(context: StepContext) -> VolumeReader:
    """The reader of the copy."""
    return reader_of(context, rehearsing_of(context).image)


def _freezes(context: StepContext) -> bool:
    """Whether the service is frozen for the copy: it runs, and nobody had frozen it before."""
    return rehearsing_of(context).copy == "paused" and context.operation.planned.found.serving


@contextmanager
def _frozen(context: StepContext) -> Iterator[None]:
    container = context.operation.planned.found.container
    if not _freezes(context):
        yield
        return
    context.engine.pause(container)
    try:
        yield
    finally:
        context.engine.unpause(container)


def _bounded(context: StepContext, most_ms: int) -> Callable[[], None]:
    """A look at whether the copying is to end.

    Raises, when it is called:
        StoppedByOperatorError, JournalConflictError: as of every step that takes long.
        FailedError: it took longer than `most_ms`; 0 is no bound.
    """
    tick, began = ticking(context, noun="rehearsal"), context.clock.monotonic()

    def look() -> None:
        tick()
        if most_ms and context.clock.monotonic() - began > most_ms:
            name = context.service
            raise FailedError(
                f"reading it took longer than {seconds_text(most_ms)}",
                hint=f"occ config set services.{name}.rehearse_data snapshot (or live, or paused)",
            )

    return look
