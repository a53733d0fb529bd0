"""What occ makes on a host carries whose it is, and which operation made it."""

from pathlib import Path

from tests.faults.memory import NAME, OURS, VOLUME, MemoryWorld


def test_containers_and_volumes_carry_journal_service_version_and_operation(tmp_path: Path) -> None:
    world = MemoryWorld(tmp_path)
    world.prepare("update", "one")
    whose = {"occ.journal": world.journal.id, "occ.service": NAME}
    volume = world.engine.volume(VOLUME)
    assert volume is not None
    assert whose.items() <= volume.items()
    assert (volume["occ.version"], volume["occ.operation"]) == ("1", "1")
    assert world.occ("update") == 0
    (there,) = world.engine.containers(OURS)
    assert whose.items() <= there.labels.items()
    assert (there.labels["occ.version"], there.labels["occ.operation"]) == ("2", "2")
