"""Metrics: of what the journal and the engine tell, and nothing that people wrote."""

import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from occ.app.outbox.metrics import metrics, write
from occ.errors import ConfigError
from tests.faults.memory import MemoryWorld


@pytest.fixture
def world(tmp_path: Path) -> MemoryWorld:
    made = MemoryWorld(tmp_path)
    made.prepare("update", "one")
    return made


def values(text: str) -> dict[tuple[str, str], float]:
    """Metric and service or target -> value."""
    return {
        (sample.name, sample.labels.get("service") or sample.labels.get("target", "")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_what_runs_and_how_the_last_operation_ended(world: MemoryWorld) -> None:
    assert world.occ("update") == 0
    found = values(metrics(world.desk()))
    assert found["occ_up", "web"] == 1
    assert found["occ_version_current", "web"] == 2
    assert found["occ_last_operation_success", "web"] == 1
    assert found["occ_unfinished", "web"] == 0
    assert ("occ_unfinished_since_timestamp_seconds", "web") not in found
    now = world.clock.now() / 1000
    assert found["occ_up_observed_timestamp_seconds", "web"] == now
    assert 0 <= found["occ_last_downtime_seconds", "web"] < 60
    assert found["occ_last_operation_timestamp_seconds", "web"] <= now


def test_a_failed_one_an_unfinished_one_and_a_service_that_is_down(world: MemoryWorld) -> None:
    world._configure("bad", "3s")
    assert world.occ("update") == 6
    assert values(metrics(world.desk()))["occ_last_operation_success", "web"] == 0
    assert world.occ("stop", "engine:1:before") == -9
    found = values(metrics(world.desk()))
    assert found["occ_unfinished", "web"] == 1
    assert found["occ_unfinished_since_timestamp_seconds", "web"] > 1_600_000_000
    assert world.occ("resume") == 0
    assert values(metrics(world.desk()))["occ_up", "web"] == 0


def test_without_an_engine_nobody_says_whether_it_is_up(world: MemoryWorld) -> None:
    from occ.errors import EngineUnreachableError  # noqa: PLC0415 - only here

    desk = world.desk()

    def gone() -> object:
        raise EngineUnreachableError("no engine")

    desk.open_engine = gone  # type: ignore[assignment]
    found = values(metrics(desk))
    assert ("occ_up", "web") not in found
    assert found["occ_version_current", "web"] == 1


def test_no_label_holds_what_a_person_wrote(world: MemoryWorld) -> None:
    assert world.occ("stop") == 0
    text = metrics(world.desk())
    labels = {*re.findall(r'(\w+)="', text)}
    assert labels == {"service", "kind"}
    assert "operator" not in text


def test_the_file_is_replaced_as_a_whole_and_others_may_read_it(
    world: MemoryWorld, tmp_path: Path
) -> None:
    file = tmp_path / "occ.prom"
    file.write_text("before")
    with file.open() as reader:
        write(world.desk(), file)
        assert reader.read() == "before"  # whoever has it open reads the old one to its end
    assert values(file.read_text())["occ_up", "web"] == 1
    assert file.stat().st_mode & 0o777 == 0o644
    assert [one.name for one in tmp_path.glob(".occ.prom*")] == []


def test_a_file_that_cannot_be_written_is_named(world: MemoryWorld, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be written to"):
        write(world.desk(), tmp_path / "nowhere" / "occ.prom")


def test_a_hold_and_a_newer_image_are_told(world: MemoryWorld) -> None:
    from occ.domain.sightings import ImageSeen  # noqa: PLC0415 - for this one
    from occ.journal.port import Stamp  # noqa: PLC0415 - as above

    found = values(metrics(world.desk()))
    assert found["occ_held", "web"] == 0
    newer = ("occ_update_available_since_timestamp_seconds", "web")
    assert newer not in found
    at = world.clock.now() + 5_000
    stamp = Stamp(service="web", operator="ada", at=at)
    world.journal.note((ImageSeen("sha256:" + "9" * 64),), stamp)
    assert values(metrics(world.desk()))[newer] == at / 1000
    assert ("occ_auto_run_timestamp_seconds", "") not in found
