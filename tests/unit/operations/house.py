"""The inn with all that any step works on, and a picture of it in lines: what is there, by name."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from occ.archives.store import Store
from occ.domain.data_sets import DataSets
from occ.domain.hooks import Hook
from occ.domain.programs import Program
from occ.domain.rehearsal import Rehearsing
from occ.domain.request import Found, Request, Version
from occ.domain.snapshots import Record
from occ.domain.spec import Health, Spec, Volume
from occ.domain.values import Json
from occ.engine.values import File
from occ.operations import labels
from occ.operations.step_context import StepContext
from tests.doubles.engine.container import MemoryVolume
from tests.doubles.engine.image import Behaviour, BuiltImage
from tests.unit.operations.inside import FILES, IMAGE, JOURNAL, OPERATION, VERSION, Inn

ANONYMOUS = "ab" * 32
OLD_REFERENCE, NEW_REFERENCE = "example.test/web:1", "example.test/web:2"
# the next image, which does not know ann
NEW = replace(
    IMAGE,
    behaviour=Behaviour(version="2"),
    files=(
        File(path="/etc/passwd", data=b"root:x:0:0::/root:/bin/sh\n"),
        File(path="/etc/group", data=b"root:x:0:\n"),
        File(path="/etc/shadow", data=b"root:*:1::::::\n", mode=0o640, gid=42),
        *FILES[3:4],
    ),
)
TWO = Version(number=2, image=NEW.id, reference=NEW_REFERENCE, spec=Spec(secrets=("TOKEN",)))
GATE = Health(path="/health", port=3000, version_field="version", min_healthy_ms=3_000)
DEAF = replace(IMAGE, behaviour=Behaviour(stops_in=None))
SICK = replace(NEW, behaviour=Behaviour(version="2", status=503, says=(b"too new for me",)))
CRASHES = replace(IMAGE, behaviour=Behaviour(listens_after=None, ends_after=0))
SECRETS = {"TOKEN": "hunter22"}


@dataclass
class House(Inn):
    """`web` runs under a policy; its config and its secrets lie in a folder."""

    folder: Path = field(default_factory=Path)
    records: dict[int, Record] = field(default_factory=dict)
    """The snapshots that the journal knows."""
    data: DataSets = field(default_factory=DataSets)
    """The data sets that it knows."""
    rehearsing: Rehearsing | None = None
    """The rehearsal that the operation was planned with."""
    data_volume: str = ""
    """The volume that both versions mount at /data; empty for none."""
    results: dict[str, dict[str, Json]] = field(default_factory=dict)
    """Those of the operation's steps that are done, by their names."""

    hooks: dict[str, Hook] = field(default_factory=dict)
    gates: tuple[Program, ...] = ()
    asker: Program | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self.engine.host.images.add(self.image, OLD_REFERENCE)
        self.engine.host.registry.publish(NEW_REFERENCE, NEW)
        self.engine.set_policy(self.web, "unless-stopped")
        self.engine.write_files(self.web, FILES[:4])
        self.config.write_text('[services.other]\nimage = "a/b:1"\nusers = ["ann"]\n')

    @property
    def store(self) -> Store:
        """Where the snapshots lie."""
        return Store(self.folder / "snapshots")

    @property
    def config(self) -> Path:
        """The config file."""
        return self.folder / "config.toml"

    def replacement(self, image: BuiltImage = NEW, spec: Spec | None = None) -> str:
        """Have the replacement made."""
        return self.put("web.occ-next", image, "replacement", spec)

    def volume(self, name: str, *files: str, mine: bool = True) -> None:
        """Have a volume with these files, each holding its own name; a mine one is ours."""
        mark = labels.mine(JOURNAL, "web") if mine else {}
        filled = {path: File(path=path, data=path.encode()) for path in files}
        self.engine.host.volumes[name] = MemoryVolume({**mark}, filled)

    def fitted(self, *, wanted: str = "", request: Request | None = None) -> StepContext:
        """The context of an update from version 1, found healthy, to version 2."""
        there = self.engine.inspect(self.web)
        found = Found(
            container=self.web,
            version=1,
            state="running",
            healthy=True,
            policy="unless-stopped",
            started_at=there.started_at if there else 0,
        )
        request = request or Request(rehearsing=self.rehearsing)
        context = self.context(wanted=wanted, found=found, request=request, results=self.results)
        versions = {1: VERSION, 2: TWO}
        if self.data_volume:
            mounted = (Volume(name=self.data_volume, path="/data"),)
            versions = {
                number: replace(one, spec=replace(one.spec, volumes=mounted))
                for number, one in versions.items()
            }
        return replace(
            context,
            operation=replace(context.operation, version=2),
            versions=versions,
            secrets=SECRETS,
            programs=replace(
                context.programs, hooks=self.hooks, gates=self.gates, asker=self.asker
            ),
            snapshots=lambda: dict(self.records),
            data=lambda: self.data,
        )

    def gated(self, *, spec: Spec | None = None) -> StepContext:
        """The same, with a gate for both versions."""
        context, mine = self.fitted(), spec or Spec(health=GATE)
        versions = {1: replace(VERSION, spec=mine), 2: replace(TWO, spec=mine)}
        return replace(context, versions=versions)

    def now(self) -> int:
        """The engine's time, ms since 1970."""
        return self.engine.host.agenda.wall

    def state(self, name: str = "web") -> tuple[str, str] | None:
        """How a container stands, and its policy; None when it is gone."""
        there = self.engine.inspect(name)
        return (there.state, there.policy) if there else None

    def picture(self) -> frozenset[str]:
        """All that a step could change, a line each."""
        return frozenset(self._lines())

    def _lines(self) -> Iterator[str]:
        host = self.engine.host
        for one in host.containers.values():
            own = "ours" if labels.OPERATION in one.labels else "theirs"
            yield f"{one.name}: {one.state}, {one.policy}, {own}"
            for path, file in one.files.items():
                yield f"{one.name} has {path}" if file.folder else ""
                yield from (f"{one.name} {path} {line}" for line in file.data.decode().splitlines())
        for name, volume in host.volumes.items():
            made = volume.labels.get(labels.OPERATION) == str(OPERATION)
            yield f"volume {name[:12]}{' of the operation' if made else ''}:"
            yield from (f"volume {name[:12]}: {path}" for path in volume.files)
        for number, image in (("1", IMAGE), ("2", NEW)):
            yield f"image {number}" if host.images.find(image.id) else ""
            yield from (f"{tag} is {number}" for tag in host.images.references(image.id))
        yield from (f"mark {name}" for name in host.marks)
        yield from (f"network {name}" for name in host.networks.labelled({}))
        for inner in sorted(file for file in self.folder.glob("*/**/*") if file.is_file()):
            yield f"{inner.parent.name}: {inner.name}"
        for written in sorted(file for file in self.folder.iterdir() if file.is_file()):
            yield from (f"{written.name}: {line}" for line in written.read_text().splitlines())
