"""Data put into a new volume: refused before anything is written, or written and read back."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from occ.archives.store import DATA, MANIFEST
from occ.domain.data_sets import VolumeRestored
from occ.domain.operation import StepState
from occ.domain.snapshots import NOT_CARRIED, Record
from occ.domain.spec import Spec, Volume
from occ.engine.docker.wire.errors import refusal
from occ.engine.values import File
from occ.errors import (
    EngineRefusedError,
    FailedError,
    JournalConflictError,
    NotFoundError,
    OccError,
    RefusedError,
    SnapshotDamagedError,
    StoppedByOperatorError,
)
from occ.operations.step_context import StepContext
from occ.operations.steps import planned
from occ.operations.steps.anchor import AnchorVolumes
from occ.operations.steps.restore import RestoreVolume
from occ.operations.steps.step import Result
from tests.archived import described, kept
from tests.unit.operations.house import House
from tests.unit.operations.inside import IMAGE, JOURNAL

FILES = {"app.db": b"1" * 5_000, "log": b"2"}
TARGET, LOG = "web.data.occ-7", "web.log.occ-7"


class Site(House):
    """A house with a verified snapshot 3 of the data of two volumes, and two new, anchored ones.

    `verbs` are the calls that its engine got.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        self.records[3] = described(self.store, kept(self.store, 3, "web.data", FILES))
        self.verbs: list[str] = []
        self.anchor = AnchorVolumes("web.occ-data-2", (TARGET, LOG), IMAGE.id, 2, make=True)
        self.anchor.apply(self.fitted())
        self.engine.wire.watch = self.verbs.append

    def step(self, **more: Any) -> RestoreVolume:
        told = {"snapshot": 3, "volume": "web.data", "target": TARGET, "image": IMAGE.id}
        return RestoreVolume(folder=str(self.store.folder), **{**told, **more})

    def content(self, volume: str = TARGET) -> Mapping[str, bytes]:
        files = self.engine.host.volumes[volume].files
        return {path: file.data for path, file in files.items()}

    def after(self, *done: tuple[RestoreVolume, Result]) -> StepContext:
        """The context of an operation that has these results."""
        context = self.fitted()
        steps = tuple(StepState(plan=planned(one), state="done", result=r) for one, r in done)
        return replace(context, operation=replace(context.operation, steps=steps))

    def refuses(self, kind: type[OccError], said: str, **more: Any) -> OccError:
        """Nothing is written when the step refuses."""
        before = dict(self.content())
        with pytest.raises(kind, match=said) as told:
            self.step(**more).apply(self.fitted())
        assert "write_folder" not in self.verbs
        assert self.content() == before
        return told.value


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(folder=tmp_path)


def test_the_data_is_written_read_back_and_told(site: Site) -> None:
    result = site.step().apply(site.fitted())
    assert site.content() == FILES
    raw = site.records[3].snapshot.volumes[0].raw_bytes
    told = {key: result[key] for key in ("bytes", "way", "not_carried", "said")}
    assert told == {
        "bytes": raw,
        "way": "engine",
        "not_carried": list(NOT_CARRIED["engine"]),
        "said": "0.0 MB",
    }
    assert site.step().facts(result) == (
        VolumeRestored(name="web.data", volume=TARGET, snapshot=3, way="engine"),
    )
    assert {*site.engine.names()} == {"web", "web.occ-data-2"}
    writer = next(r for r in site.engine.requests if r.name == "web.occ-restore")
    assert writer.spec.volumes == (Volume(name=TARGET, path="/occ-snapshot"),)
    assert (writer.fresh, writer.spec.networks) == (frozenset(), ("none",))


def test_only_its_own_recorded_result_counts(site: Site) -> None:
    step, other = site.step(), site.step(target=LOG)
    assert step.seen(site.fitted()) is None
    result = step.apply(site.fitted())
    assert step.seen(site.fitted()) is None
    assert step.seen(site.after((step, result))) == result
    assert other.seen(site.after((step, result))) is None
    assert step.seen(site.after((other, other.apply(site.fitted())))) is None


def test_a_volume_that_was_pruned_and_made_again_empty_is_not_taken_for_the_restored_one(
    site: Site,
) -> None:
    step = site.step()
    result = step.apply(site.fitted())
    site.engine.host.prune("containers")
    site.engine.host.prune("volumes")
    assert step.seen(site.after((step, result))) is None
    site.anchor.apply(site.fitted())
    assert site.engine.volume(TARGET) is not None
    assert step.seen(site.after((step, result))) is None
    step.apply(site.after((step, result)))
    assert site.content() == FILES


def test_a_volume_of_somebody_else_is_never_written_into_nor_seen(site: Site) -> None:
    step = site.step()
    result = step.apply(site.fitted())
    site.engine.host.volumes[TARGET].labels = {"occ.journal": JOURNAL, "occ.operation": "6"}
    site.engine.host.volumes[TARGET].files.clear()
    site.verbs.clear()
    assert step.seen(site.after((step, result))) is None
    site.refuses(EngineRefusedError, r"a volume web.data.occ-7 exists")


def test_one_that_is_not_there_is_not_made(site: Site) -> None:
    site.engine.host.volumes["gone"] = site.engine.host.volumes.pop(TARGET)
    with pytest.raises(NotFoundError, match=r"the volume web.data.occ-7 is not there") as told:
        site.step().apply(site.fitted())
    assert told.value.hint == "occ resume"
    site.step().settle(site.fitted())
    assert TARGET not in site.engine.host.volumes


def test_a_snapshot_or_volume_in_it_that_is_not_there_is_told(site: Site) -> None:
    site.refuses(NotFoundError, "there is no snapshot 4 of web.data", snapshot=4)
    site.refuses(NotFoundError, "there is no snapshot 3 of web.log", volume="web.log")


def test_an_unverified_snapshot_is_refused(site: Site) -> None:
    site.records[3] = replace(site.records[3], manifests={})
    told = site.refuses(RefusedError, "snapshot 3 is unverified")
    assert told.hint == "occ snapshot verify 3"


@pytest.mark.parametrize("end", [DATA, MANIFEST])
def test_a_file_with_one_wrong_byte_is_refused(site: Site, end: str) -> None:
    path = site.store.path(f"3.web.data{end}")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    told = site.refuses(SnapshotDamagedError, "its hash is not the recorded one")
    assert str(path) in told.message


@pytest.mark.parametrize("end", [DATA, MANIFEST])
def test_a_file_that_is_gone_is_told(site: Site, end: str) -> None:
    site.store.path(f"3.web.data{end}").unlink()
    site.refuses(NotFoundError, f"3.web.data{end} is not there")


def test_a_file_of_the_right_hash_that_is_no_tar_of_a_volume_is_damaged(site: Site) -> None:
    path = site.store.path(f"3.web.data{DATA}")
    path.write_bytes(b"no zstd")
    (one,) = site.records[3].snapshot.volumes
    wrong = replace(one, sha256=hashlib.sha256(b"no zstd").hexdigest())
    site.records[3] = replace(
        site.records[3], snapshot=replace(site.records[3].snapshot, volumes=(wrong,))
    )
    with pytest.raises(SnapshotDamagedError, match="not as zstd writes it"):
        site.step().apply(site.fitted())
    assert site.content() == {}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda files: files.pop("log"), r"'log' \(removed\)"),
        (lambda files: files.update(new=File(path="new")), r"'new' \(added\)"),
        (lambda files: files.update(log=File(path="log", data=b"3")), r"'log' \(content\)"),
        (lambda files: files.update(log=replace(files["log"], uid=5)), r"'log' \(uid\)"),
        (lambda files: files.update(log=replace(files["log"], mode=0o600)), r"'log' \(mode\)"),
    ],
)
def test_a_thing_that_was_written_wrongly_is_seen_and_its_path_told(
    site: Site, monkeypatch: pytest.MonkeyPatch, change: Any, said: str
) -> None:
    write = site.engine.write_folder

    def wrongly(*args: Any, **more: Any) -> None:
        write(*args, **more)
        change(site.engine.host.volumes[TARGET].files)

    monkeypatch.setattr(site.engine, "write_folder", wrongly)
    with pytest.raises(FailedError, match=f"is not as snapshot 3 has it: {said}") as told:
        site.step().apply(site.fitted())
    assert told.value.hint == "occ snapshot verify 3, then try again"


def test_the_content_of_an_earlier_attempt_goes_and_the_hold_comes_back(site: Site) -> None:
    before = site.engine.volume(TARGET) or {}
    site.engine.host.volumes[TARGET].files["half"] = File(path="half", data=b"h")
    site.engine.host.volumes[LOG].files["kept"] = File(path="kept")
    result = site.step().apply(site.fitted())
    assert site.content() == FILES
    after = site.engine.volume(TARGET) or {}
    assert result["making"] == after["occ.making"] != before["occ.making"]
    assert {**after, "occ.making": ""} == {**before, "occ.making": ""}
    assert site.anchor.seen(site.fitted()) is not None
    assert {*site.content(LOG)} == {"kept"}


def test_the_content_of_a_volume_that_a_container_uses_is_never_removed(site: Site) -> None:
    step = site.step()
    step.apply(site.fitted())
    site.put("web.occ-next", spec=Spec(volumes=(Volume(name=TARGET, path="/data"),)))
    site.verbs.clear()
    told = site.refuses(EngineRefusedError, "the container web.occ-next mounts the volume")
    assert told.hint == "if nothing needs it: docker rm web.occ-next"
    assert site.content() == FILES


def test_another_volume_of_the_set_that_goes_meanwhile_is_not_made_by_the_engine(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.engine.host.volumes[TARGET].files["half"] = File(path="half")
    create = site.engine.create_volume

    def pruned(name: str, mark: Mapping[str, str]) -> None:
        create(name, mark)
        del site.engine.host.volumes[LOG]

    monkeypatch.setattr(site.engine, "create_volume", pruned)
    with pytest.raises(FailedError, match=r"the volume web.log.occ-7 was removed meanwhile"):
        site.step().apply(site.fitted())
    assert LOG not in site.engine.host.volumes


@pytest.mark.parametrize(
    ("more", "kind", "said"),
    [
        ({"end_asked": lambda: True}, StoppedByOperatorError, "the restore was ended as you asked"),
        ({"superseded": lambda: True}, JournalConflictError, "operation 7 was ended by another"),
    ],
)
def test_it_ends_when_it_is_asked_to_and_when_somebody_else_drives(
    site: Site, more: dict[str, Any], kind: type[OccError], said: str
) -> None:
    with pytest.raises(kind, match=said):
        site.step().apply(replace(site.fitted(), **more))
    assert site.content() == {}


def test_it_ends_in_the_middle_of_the_stream_too(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = False
    write = site.engine.write_folder

    def begun(*args: Any, **more: Any) -> None:
        nonlocal asked
        asked = True
        write(*args, **more)

    monkeypatch.setattr(site.engine, "write_folder", begun)
    with pytest.raises(StoppedByOperatorError):
        site.step().apply(replace(site.fitted(), end_asked=lambda: asked))
    site.step().settle(site.fitted())
    site.step().revert(site.fitted())
    assert {*site.engine.names()} == {"web", "web.occ-data-2"}
    asked = False
    site.step().apply(replace(site.fitted(), end_asked=lambda: False))
    assert site.content() == FILES


def test_it_has_a_bound_of_time(site: Site) -> None:
    said = "the data could not be written within 0 s"
    with pytest.raises(FailedError, match=said) as told:
        site.step(timeout_ms=4).apply(site.fitted())
    assert told.value.hint == "occ config set services.web.snapshot_timeout 4h"


def test_a_disk_that_is_full_is_the_engines_refusal(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise refusal(500, "Error processing tar file: no space left on device")

    monkeypatch.setattr(site.engine, "write_folder", full)
    with pytest.raises(EngineRefusedError, match="the engine's disk is full"):
        site.step().apply(site.fitted())
    site.step().revert(site.fitted())
    site.anchor.revert(site.fitted())
    assert {*site.engine.names()} == {"web"}
    assert {TARGET, LOG} & {*site.engine.host.volumes} == set()


def test_a_snapshot_whose_file_is_an_earlier_ones_is_restored_from_that(site: Site) -> None:
    shared = site.records[3].snapshot.volumes[0]
    record = Record(
        snapshot=replace(
            site.records[3].snapshot, number=5, volumes=(replace(shared, file="5.web.data"),)
        ),
        taken_at=1,
        same_as={"web.data": 3},
    )
    assert site.store.refer(f"5.web.data{DATA}", f"3.web.data{DATA}")
    site.records[5] = described(site.store, record)
    site.step(snapshot=5).apply(site.fitted())
    assert site.content() == FILES
