"""A world in memory whose snapshots lie in its folder."""

from pathlib import Path

from occ.app.ledgers import snapshots_of
from occ.domain.snapshots import Record
from occ.engine.values import File
from occ.operations import labels
from occ.operations.kinds.snapshot import SnapshotWish
from tests.faults.memory import NAME, VOLUME, MemoryWorld

DEAD = -9
CREATE = SnapshotWish(verb="create")


class World(MemoryWorld):
    """A world whose snapshots lie in its folder."""

    def _configure(self, which: str, timeout: str) -> None:
        super()._configure(which, timeout)
        config = self.box.folder / "config.toml"
        config.write_text(f'snapshot_dir = "snapshots"\n{config.read_text()}')

    def take(self, point: str = "none", fault: str = "kill") -> int:
        return self.occ("snapshot", point, fault, CREATE)

    @property
    def known(self) -> dict[int, Record]:
        return snapshots_of(self.journal, NAME)

    @property
    def files(self) -> list[str]:
        return sorted(file.name for file in (self.folder / "snapshots").rglob("*.*"))

    def service(self) -> tuple[object, ...]:
        """The service, and all else that is on the host but images."""
        containers = [
            (c.id, c.state, c.started_at, c.policy) for c in self.engine.host.containers.values()
        ]
        volumes = {name: dict(v.files) for name, v in self.engine.host.volumes.items()}
        return containers, volumes


def made(folder: Path) -> World:
    """A service that runs, with some files."""
    folder.mkdir(exist_ok=True)
    world = World(folder)
    world.prepare("update", "one")
    files = world.engine.host.volumes[VOLUME].files
    files["log/1"] = File(path="log/1", data=b"x" * 2_000, mode=0o640, uid=5, gid=6)
    return world


def helpers(world: World) -> list[str]:
    """The names of the helpers that are there."""
    return [c.name for c in world.engine.containers({labels.HELPER: ""})]


def whole(world: World, number: int) -> None:
    """See that a snapshot is there, verified, and its files alone."""
    assert world.known[number].verified
    assert world.files == [f"{number}.{VOLUME}.manifest", f"{number}.{VOLUME}.tar.zst"]
    world.app.check_snapshot(NAME, number)
