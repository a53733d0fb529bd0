"""Values that the journal's tests share: one event of each kind, and ways to write them."""

from occ.domain.acceptance import ImageJudged
from occ.domain.data_sets import (
    DataSet,
    DataSetBound,
    DataSetRecorded,
    DataSetRemoved,
    VolumeRestored,
)
from occ.domain.events import (
    ContainerAdopted,
    Event,
    HostRecorded,
    ImageRemoved,
    JournalCreated,
    NumbersAdvanced,
    OperationAbandoned,
    OperationCommitted,
    OperationDone,
    OperationExtended,
    OperationPlanned,
    OperationResumed,
    OperationReverting,
    OperationUnchanged,
    OperationUndone,
    ServiceForgotten,
    UsersRecorded,
    VersionActivated,
    VersionJudged,
    VersionRecorded,
)
from occ.domain.holds import ServiceHeld, ServiceReleased
from occ.domain.notices import (
    NoticeBegun,
    NoticeDelivered,
    NoticeFailed,
    NoticeGivenUp,
    NoticeRefused,
)
from occ.domain.rehearsal import VersionRehearsed
from occ.domain.request import Adoption, Found, Request, StepPlan, Version
from occ.domain.schedules.turns import AutoTried
from occ.domain.sightings import ImageSeen
from occ.domain.snapshots import (
    Described,
    Snapshot,
    SnapshotDescribed,
    SnapshotDrilled,
    SnapshotPinned,
    SnapshotRemoved,
    SnapshotTaken,
    SnapshotVolume,
)
from occ.domain.spec import Health, Limits, Mount, Port, Spec, Volume
from occ.domain.staging import VersionStaged, VersionUnstaged
from occ.domain.step_events import (
    StepDone,
    StepFailed,
    StepRepeated,
    StepReverted,
    StepReverting,
    StepStarted,
    StepStuck,
)
from occ.domain.values import Actor, Host
from occ.journal.port import Stamp

ACTOR = Actor(
    operator="ada", via="ssh 192.0.2.7", machine="tower", pid=4242, argv=("occ", "update", "--yes")
)
STAMP = Stamp(service="web", operator="ada", at=1_700_000_000_000)
SPEC = Spec(
    ports=(Port(container=3000, host=3000),),
    volumes=(Volume(name="web-data", path="/data"),),
    mounts=(Mount(source="/etc/ssl", path="/etc/ssl", read_only=True),),
    env={"LANG": "C.UTF-8", "GREETING": "grüß dich, 世界"},
    labels={"team": "core"},
    secrets=("TOKEN",),
    command=("serve",),
    networks=("front",),
    limits=Limits(memory_bytes=1 << 33, nano_cpus=1_500_000_000, pids=100),
    health=Health(path="/health", port=3000, version_field="version"),
    engine={"ShmSize": 67_108_864, "CapDrop": ["ALL"], "Init": True, "LogConfig": {"Config": None}},
)
PLANNED = OperationPlanned(
    kind="update",
    actor=ACTOR,
    request=Request(
        reference="web:2", spec=SPEC, users=("ada",), fingerprints={"TOKEN": "ab12:cd34"}
    ),
    found=Found(
        container="c" * 64, image="sha256:" + "1" * 64, version=1, state="running", healthy=True
    ),
    steps=(
        StepPlan(name="keep_image", inputs={"image": "sha256:1"}, title="Back up current image"),
        StepPlan(name="stop", inputs={"seconds": 10, "names": ["a", "b"]}, disrupts=True),
    ),
    reason="CVE-2026-1",
    current=1,
    stages=2,
    shown=7,
    planner="bob on lab",
    token="7" * 64,
)
VERSION = Version(
    number=2,
    image="sha256:" + "2" * 64,
    reference="web:2",
    spec=SPEC,
    digests=("web@sha256:" + "3" * 64,),
    fingerprints={"TOKEN": "ab12:cd34"},
    labelled="2.0",
)

HOSTED = HostRecorded(Host("engine-1", "/var/lib/docker", "unix:///var/run/docker.sock"))

EVERY: tuple[Event, ...] = (
    JournalCreated("0123456789abcdef0123456789abcdef"),
    HOSTED,
    NumbersAdvanced(operation=41, version=7),
    PLANNED,
    OperationExtended(steps=PLANNED.steps, version=2, commits_at=6),
    OperationResumed(ACTOR),
    OperationReverting(cause="abort", actor=ACTOR),
    OperationDone(),
    OperationUndone(),
    OperationUnchanged(),
    OperationAbandoned(ACTOR, ("container web.occ-next",)),
    StepStarted(3, 2),
    StepDone(
        3, {"finished_at": 1_700_000_000_123, "names": ["x"], "more": {"deep": None}}, seen=True
    ),
    StepFailed(index=4, code="unhealthy", message="503", hint="occ logs", log_tail=("a", "b\tc")),
    StepReverting(4),
    StepReverted(4, {"first_good_at": 1_700_000_000_456}),
    StepStuck(index=4, code="engine_refused", message="no", log_tail=()),
    VersionRecorded(VERSION),
    VersionActivated(2, 1, "update", ("ada",)),
    VersionJudged(2, "proven", "2.0.1"),
    UsersRecorded(("ada", "bob")),
    ContainerAdopted(
        Adoption(
            container="d" * 64,
            version=2,
            volumes={"e" * 64: "web.data"},
            taken_from="bob@mill:/var/lib/occ/journal.db",
        )
    ),
    ServiceForgotten(("d" * 64,)),
    OperationCommitted(),
    StepRepeated(4, 1_700_000_000_789, "it is exited, exit code 1"),
    SnapshotTaken(
        Snapshot(
            number=9,
            volumes=(
                SnapshotVolume(
                    name="web-data",
                    file="9.web-data",
                    way="engine",
                    bytes=4_096,
                    raw_bytes=20_480,
                    sha256="f" * 64,
                    writers=("web",),
                    not_carried=("ACLs", "sockets"),
                ),
            ),
            version=2,
            imported="shop 4",
        )
    ),
    SnapshotDescribed(
        9,
        (
            Described(
                name="web-data",
                manifest="a" * 64,
                same_as=7,
                sha256="b" * 64,
                bytes=4_095,
                raw_bytes=20_479,
            ),
        ),
    ),
    ImageRemoved(1, "keep_images 3"),
    ImageJudged(
        image="example.test/web@sha256:22",
        verdict="refused",
        command="accept[0]",
        ended="ended with 1",
        output="33" * 32,
    ),
    SnapshotPinned(7, pinned=False),
    VersionRehearsed(
        number=3,
        verdict="unknown",
        copy="live",
        data_of=2,
        after_ms=850,
        reported="1.18.32",
        changed=2,
        of=12,
        said="version 2 does not pass on it",
    ),
    VersionStaged(4, "sha256:" + "8" * 64),
    VersionUnstaged(4),
    SnapshotDrilled(number=9, version=1, passed=False, after_ms=7, said="it is sick"),
    SnapshotRemoved(7, "beyond keep_last 5"),
    DataSetRecorded(
        DataSet(number=2, volumes={"web-data": "web-data.occ-2"}, snapshot=9, version=1)
    ),
    DataSetBound(2, 3),
    DataSetRemoved(1, "min_free is not kept"),
    VolumeRestored(name="web-data", volume="web-data.occ-12", snapshot=9, way="host"),
    NoticeBegun(target="phone", position=40),
    NoticeDelivered(target="phone", subject="ended", operation=9, position=52),
    NoticeRefused(
        target="phone", subject="needs_person", operation=9, position=51, why="it answers 400"
    ),
    NoticeFailed(
        target="phone", subject="ended", operation=9, position=52, tries=10, why="it answers 500"
    ),
    NoticeGivenUp(target="phone", position=90, count=3, first=9, last=12),
    AutoTried(turn=1_700_000_000_000, ended="registry", again=True),
    ServiceHeld(operator="ada", why="the fair", until=1_700_000_900_000),
    ServiceReleased(),
    ImageSeen(f"sha256:{'2' * 64}"),
)
