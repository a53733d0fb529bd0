"""Every step on the house, and what comes (+) and goes (-) when it is done, written by hand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from occ.archives.parcel import wrap
from occ.archives.store import Store
from occ.domain.data_sets import DataSet, DataSetRecorded, DataSets, Left
from occ.domain.hooks import Hook
from occ.domain.programs import Program, words_digest
from occ.domain.rehearsal import Rehearsing
from occ.domain.spec import Spec
from occ.operations.enclosure import enclosed
from occ.operations.reading import VolumeReader
from occ.operations.steps.accept import AcceptImage
from occ.operations.steps.account import AddUser, DeclareUser, LockUser, RemoveUser, SetPassword
from occ.operations.steps.anchor import AnchorKept, AnchorVolumes, UnanchorVolumes, new_volumes
from occ.operations.steps.asked import AskIdle, CountEntries
from occ.operations.steps.build import BuildImage
from occ.operations.steps.containers import (
    RemoveContainer,
    RenameContainer,
    SetPolicy,
    StartContainer,
    StopContainer,
)
from occ.operations.steps.copy_data import CopyData
from occ.operations.steps.create import CreateContainer
from occ.operations.steps.drill import ClearBeside, DrillSnapshot
from occ.operations.steps.hooks import AskService, RunHook
from occ.operations.steps.images import KeepImage, PullImage, RestoreImage, TagPrevious
from occ.operations.steps.make_again import MakeAgain, RemoveFormer
from occ.operations.steps.proof import ProveHealth
from occ.operations.steps.prune import ChoosePrunable, PinSnapshot, PruneData
from occ.operations.steps.put_back import CompareData, RestoreChanged
from occ.operations.steps.rehearsal import (
    ControlRehearsal,
    JudgeRehearsal,
    RehearseVersion,
)
from occ.operations.steps.removal import ForgetService, RemoveVolume
from occ.operations.steps.restore import RestoreVolume
from occ.operations.steps.settings import StoreSecrets, WriteConfig
from occ.operations.steps.snapshot import RemoveSnapshot, TakeSnapshot
from occ.operations.steps.snapshot_before import MeasureData, ReserveSnapshot
from occ.operations.steps.snapshot_files import DescribeSnapshot, ImportSnapshot
from occ.operations.steps.step import Step
from occ.operations.steps.users import RecreateUsers
from occ.operations.steps.volumes import CopyVolume, ReserveVolume
from tests.archived import described, kept
from tests.doubles.programs import Script
from tests.unit.operations.house import ANONYMOUS, NEW, NEW_REFERENCE, OLD_REFERENCE, House
from tests.unit.operations.inside import IMAGE, JOURNAL

AGAIN = "web.occ-2-7"
TARGET = "web.occ-7"  # a picture shows the first twelve letters
KEEP = "occ.local/01234567/web:v1"
WEB_RUNS, WEB_STOPPED = (f"web: {so}, unless-stopped, theirs" for so in ("running", "exited"))
NEXT, NEXT_RUNS = (f"web.occ-next: {so}, no, ours" for so in ("created", "running"))


@dataclass(frozen=True)
class Case:
    """A step, and what came and went when it is done; with `stays` nothing of it is undone."""

    step: Step
    done: tuple[str, ...]
    stays: bool = False


def keep(house: House) -> Case:
    step = KeepImage(IMAGE.id, KEEP)
    return Case(step, (f"+ {KEEP} is 1",), stays=True)


def pull(house: House) -> Case:
    step = PullImage(NEW_REFERENCE, "always", keep=f"{KEEP[:-1]}2")
    return Case(
        step,
        (
            "+ image 2",
            f"+ {NEW_REFERENCE} is 2",
            f"+ example.test/web@{NEW.digest} is 2",
            f"+ {KEEP[:-1]}2 is 2",
        ),
        stays=True,
    )


def restore(house: House) -> Case:
    digest = f"example.test/web@{NEW.digest}"
    step = RestoreImage(NEW.id, NEW_REFERENCE, (digest,), keep=f"{KEEP[:-1]}2")
    return Case(step, ("+ image 2", f"+ {digest} is 2", f"+ {KEEP[:-1]}2 is 2"), stays=True)


def build(house: House) -> Case:
    (house.folder / "Dockerfile").write_text(f"FROM {NEW_REFERENCE}\n")
    step = BuildImage(
        "occ.local/web:built", str(house.folder), "Dockerfile", args=(), target="", pull=False
    )
    return Case(step, ("+ image 2", "+ occ.local/web:built is 2"), stays=True)


def previous(house: House) -> Case:
    step = TagPrevious(IMAGE.id, "example.test/web:previous", ask=True)
    return Case(step, ("+ example.test/web:previous is 1",), stays=True)


def create(house: House) -> Case:
    house.engine.host.images.add(NEW)
    return Case(CreateContainer("web.occ-next", 2, source=house.web), (f"+ {NEXT}",))


def recreate(house: House) -> Case:
    house.engine.stop(house.web, 1_000)
    house.replacement()
    step = RecreateUsers(("ann",), source=house.web)
    return Case(
        step,
        (
            "+ web.occ-next /etc/passwd root:x:0:0::/root:/bin/sh",
            "+ web.occ-next /etc/passwd ann:x:1004:100::/home/ann:/bin/sh",
            "+ web.occ-next /etc/group root:x:0:",
            "+ web.occ-next /etc/group ann:x:100:",
            "+ web.occ-next /etc/shadow root:*:1::::::",
            "+ web.occ-next /etc/shadow ann:$y$ann:1::::::",
            "+ web.occ-next /etc/gshadow root:*::",
            "+ web.occ-next /etc/gshadow ann:!::",
            "+ web.occ-next has /home/ann",
        ),
        stays=True,
    )


def policy(house: House) -> Case:
    step = SetPolicy(house.web, "no", back="unless-stopped")
    return Case(step, (f"- {WEB_RUNS}", "+ web: running, no, theirs"))


def stop(house: House) -> Case:
    return Case(StopContainer(house.web, 10_000), (f"- {WEB_RUNS}", f"+ {WEB_STOPPED}"))


def start(house: House) -> Case:
    house.engine.stop(house.web, 1_000)
    house.engine.start(house.replacement())
    house.engine.stop("web.occ-next", 1_000)
    return Case(
        StartContainer("replacement"),
        ("- web.occ-next: exited, no, ours", f"+ {NEXT_RUNS}"),
    )


def prove(house: House) -> Case:
    house.engine.start(house.replacement())
    return Case(ProveHealth("replacement", 2, 60_000), (), stays=True)


def remove(house: House) -> Case:
    house.replacement()
    return Case(RemoveContainer("web.occ-next"), (f"- {NEXT}",), stays=True)


def rename(house: House) -> Case:
    house.replacement()
    house.engine.rename(house.web, "web-before")
    step = RenameContainer("replacement", "web")
    return Case(step, (f"- {NEXT}", "+ web: created, no, ours"), stays=True)


def secrets(house: House) -> Case:
    house.gone()
    house.web = house.put("web", spec=Spec(env={"API_TOKEN": "hunter22", "PORT": "1"}))
    file = house.folder / "web.secrets"
    file.touch(mode=0o600)
    file.write_text("OTHER=1\n")
    step = StoreSecrets(house.web, str(file), ("API_TOKEN",))
    return Case(step, ("+ web.secrets: API_TOKEN=hunter22",))


def config(house: House) -> Case:
    return Case(
        WriteConfig(str(house.config), 1, "always"),
        (
            "+ config.toml: ",
            "+ config.toml: [services.web]",
            f'+ config.toml: image = "{OLD_REFERENCE}"',
        ),
    )


def reserve(house: House) -> Case:
    step = ReserveVolume("web.data", ANONYMOUS, 1)
    return Case(step, ("+ volume web.data of the operation:",))


def copy(house: House) -> Case:
    house.volume(ANONYMOUS, "app.db", "log/1", mine=False)
    house.volume("web.data")
    step = CopyVolume(ANONYMOUS, "web.data", IMAGE.id)
    return Case(step, ("+ volume web.data: app.db", "+ volume web.data: log/1"), stays=True)


def discard(house: House) -> Case:
    house.volume("web.data", "app.db")
    gone = ("- volume web.data:", "- volume web.data: app.db")
    return Case(RemoveVolume("web.data"), gone, stays=True)


def forget(house: House) -> Case:
    return Case(ForgetService((house.web,)), (), stays=True)


def add(house: House) -> Case:
    step = AddUser(house.web, "bob", home="/home/bob", shell="/bin/sh")
    return Case(
        step,
        (
            "+ web /etc/passwd bob:x:1000:1000::/home/bob:/bin/sh",
            "+ web /etc/group bob:x:1000:",
            "+ web /etc/shadow bob:!:19000:0:99999:7:::",
            "+ web has /home/bob",
        ),
    )


def password(house: House) -> Case:
    was, now = "web /etc/shadow ann:$y$ann:1::::::", "web /etc/shadow ann:$y$new:1::::::"
    return Case(SetPassword(house.web, "ann"), (f"- {was}", f"+ {now}"))


def declare(house: House) -> Case:
    house.config.write_text('[services.web]\nimage = "a/b:1"\nusers = ["ann"]\n')
    step = DeclareUser(str(house.config), "bob", present=True)
    return Case(step, ('- config.toml: users = ["ann"]', '+ config.toml: users = ["ann", "bob"]'))


def unuser(house: House) -> Case:
    return Case(
        RemoveUser(house.web, "ann"),
        (
            "- web /etc/passwd ann:x:1004:100::/home/ann:/bin/sh",
            "- web /etc/group ann:x:100:",
            "- web /etc/shadow ann:$y$ann:1::::::",
        ),
        stays=True,
    )


def lock(house: House) -> Case:
    was, now = "web /etc/shadow ann:$y$ann:1::::::", "web /etc/shadow ann:!$y$ann:1::::::"
    return Case(LockUser(house.web, "ann", locked=True), (f"- {was}", f"+ {now}"))


def take(house: House) -> Case:
    house.volume("web.data", "app.db", "log/1")
    store = str(house.store.folder)
    reader(house).lend(("web.data",))
    step = TakeSnapshot(store, ("web.data",), ("web.data",), IMAGE.id, 1, 60_000)
    return Case(step, ("+ snapshots: 7.web.data.tar.zst",), stays=True)


def measure(house: House) -> Case:
    house.volume("web.data", "app.db", "log/1")
    return Case(MeasureData(("web.data",), ("web.data",), IMAGE.id, 60_000), ())


def reserve_files(house: House) -> Case:
    house.volume("web.data", "app.db")
    step = ReserveSnapshot(str(house.store.folder), ("web.data",), ("web.data",), IMAGE.id)
    return Case(step, ("+ web.occ-snapshot.7: created, no, ours",))


def reader(house: House) -> VolumeReader:
    return VolumeReader(
        engine=house.engine, journal=JOURNAL, service="web", operation=7, image=IMAGE.id
    )


def describe(house: House) -> Case:
    house.records[3] = kept(house.store, 3, "web.data", {"app.db": b"1"})
    step = DescribeSnapshot(str(house.store.folder), 3)
    return Case(step, ("+ snapshots: 3.web.data.manifest",), stays=True)


def drop(house: House) -> Case:
    house.records[3] = kept(house.store, 3, "web.data", {"app.db": b"1"})
    step = RemoveSnapshot(str(house.store.folder), 3)
    return Case(step, ("- snapshots: 3.web.data.tar.zst",), stays=True)


def bring(house: House) -> Case:
    elsewhere = house.folder / "elsewhere"
    record = kept(Store(elsewhere), 4, "web.data", {"app.db": b"1"})
    with (elsewhere / "out.tar").open("wb") as file:
        wrap(Store(elsewhere), "shop", record, file)
    step = ImportSnapshot(str(house.store.folder), str(elsewhere / "out.tar"))
    return Case(step, ("+ snapshots: 7.web.data.tar.zst",), stays=True)


def anchor(house: House) -> Case:
    step = AnchorVolumes("web.occ-data-2", (TARGET,), IMAGE.id, 2, make=True)
    anchored = ("+ web.occ-data-2: created, no, ours", f"+ volume {TARGET} of the operation:")
    return Case(step, anchored)


def put_back(house: House) -> Case:
    files = {"app.db": b"1", "log": b"2"}
    house.records[3] = described(house.store, kept(house.store, 3, "web.data", files))
    new_volumes(house.fitted()).make(TARGET, 2)
    step = RestoreVolume(str(house.store.folder), 3, "web.data", TARGET, IMAGE.id)
    return Case(step, tuple(f"+ volume {TARGET}: {name}" for name in files), stays=True)


def release(house: House) -> Case:
    anchor(house).step.apply(house.fitted())
    gone = ("- web.occ-data-2: created, no, ours",)
    return Case(UnanchorVolumes(2), gone, stays=True)


def pin(house: House) -> Case:
    house.records[3] = kept(house.store, 3, "web.data", {"app.db": b"1"})
    return Case(PinSnapshot(3, pinned=True), (), stays=True)


def choose(house: House) -> Case:
    house.records[3] = kept(house.store, 3, "web.data", {"app.db": b"1"})
    step = ChoosePrunable(str(house.store.folder), 1, 0, 0, 0, 0, 0)
    return Case(step, (), stays=True)


def prune(house: House) -> Case:
    """Data set 1 is left, its volume anchored; two snapshots, of which one is pinned."""
    for number in (3, 4):
        house.records[number] = kept(house.store, number, "web.data", {"app.db": b"1"})
    house.records[4] = replace(house.records[4], pinned=True)
    house.volume("web.data", "app.db")
    house.data = DataSets(
        known={
            1: DataSet(number=1),
            2: DataSet(number=2, volumes={"web.data": "web.data.occ-2"}),
        },
        number=2,
        left={1: Left(version=1, at=1)},
    )
    AnchorVolumes("web.occ-data-1", ("web.data",), IMAGE.id, 1, make=False).apply(house.fitted())
    chosen = tuple(f"{name}: beyond keep_last 5" for name in ("snapshot 3", "snapshot 4"))
    step = PruneData(str(house.store.folder), (*chosen, "data set 1: beyond keep_last 5"))
    gone = (
        "- snapshots: 3.web.data.tar.zst",
        "- web.occ-data-1: created, no, ours",
        "- volume web.data:",
        "- volume web.data: app.db",
    )
    return Case(step, gone, stays=True)


def hold_again(house: House) -> Case:
    """Data set 1 is left, and its anchor is gone."""
    house.volume("web.data", "app.db")
    house.data = DataSets(
        known={
            1: DataSet(number=1),
            2: DataSet(number=2, volumes={"web.data": "web.data.occ-2"}),
        },
        number=2,
        left={1: Left(version=1, at=1)},
    )
    return Case(AnchorKept(IMAGE.id), ("+ web.occ-data-1: created, no, ours",), stays=True)


def compare(house: House) -> Case:
    house.volume("web.data", "app.db")
    house.records[7] = described(house.store, kept(house.store, 7, "web.data", {"app.db": b"1"}))
    return Case(CompareData(str(house.store.folder), 2, IMAGE.id), (), stays=True)


def restore_changed(house: House) -> Case:
    changed(house)
    step = RestoreChanged(str(house.store.folder), 2, IMAGE.id)
    anchored = ("+ web.occ-data-2: created, no, ours", f"+ volume {AGAIN} of the operation:")
    return Case(step, (*anchored, f"+ volume {AGAIN}: app.db"), stays=True)


def make_again(house: House) -> Case:
    changed(house)
    new_volumes(house.fitted()).make(AGAIN, 2)
    known = DataSet(number=2, volumes={"web.data": AGAIN})
    house.data = house.data.after(DataSetRecorded(known), 1, 1)
    house.engine.stop(house.web, 1_000)
    inside = [line for line in house.picture() if line.startswith("web ")]
    return Case(
        MakeAgain(house.web, 1, 2, IMAGE.id),
        (
            f"- {WEB_STOPPED}",
            f"+ {WEB_STOPPED.replace('web', 'web.occ-before', 1)}",
            "+ web: created, no, ours",
            "+ web.occ-data-1: created, no, ours",
            *(f"- {line}" for line in inside),
            *(f"+ {line.replace('web', 'web.occ-before', 1)}" for line in inside),
        ),
        stays=True,
    )


def remove_former(house: House) -> Case:
    house.engine.stop(house.web, 1_000)
    house.results["make_again"] = {"container": "c" * 64}
    gone = [line for line in house.picture() if line.startswith(("web ", "web:"))]
    return Case(RemoveFormer(house.web), tuple(f"- {line}" for line in gone), stays=True)


def copied(house: House) -> Case:
    house.volume("web.data", "app.db")
    rehearsing(house)
    files = ("7.web.data.tar.zst", "7.web.data.manifest")
    return Case(CopyData(), tuple(f"+ rehearsal: {name}" for name in files))


def rehearse(house: House) -> Case:
    rehearsing(house, snapshot=3)
    return Case(RehearseVersion(2, 10_000), ())


def control(house: House) -> Case:
    rehearsing(house, snapshot=3)
    house.results["rehearse_version"] = {"passed": False, "own": True, "why": "sick"}
    return Case(ControlRehearsal(1, 10_000), ())


def judge(house: House) -> Case:
    copied(house).step.apply(house.fitted())
    house.results["rehearse_version"] = {"passed": True, "after_ms": 5}
    files = ("7.web.data.tar.zst", "7.web.data.manifest")
    return Case(JudgeRehearsal(2), tuple(f"- rehearsal: {name}" for name in files), stays=True)


def drill(house: House) -> Case:
    rehearsing(house, snapshot=3)
    return Case(DrillSnapshot(3, 1, 10_000), ())


def clear_beside(house: House) -> Case:
    known = enclosed(JOURNAL, "web")
    house.engine.close_network("web.occ-rehearsal-5", known)
    house.engine.create_volume("web.occ-5", known)
    gone = ("- network web.occ-rehearsal-5", "- volume web.occ-5:")
    return Case(ClearBeside(), gone, stays=True)


def rehearsing(house: House, *, snapshot: int = 0) -> None:
    """Have a rehearsal planned on a snapshot, or on a copy of the service's own data."""
    house.data_volume = "web.data"
    house.engine.host.images.add(NEW, NEW_REFERENCE)
    if snapshot:
        files = {"app.db": b"1", "log": b"2"}
        taken = kept(house.store, snapshot, "web.data", files)
        house.records[snapshot] = described(house.store, taken)
    own = () if snapshot else ("web.data",)
    house.rehearsing = Rehearsing(
        copy="snapshot" if snapshot else "paused",
        snapshot=snapshot,
        folder=str(house.store.folder),
        volumes=own,
        sources=own,
        image=IMAGE.id,
    )


def changed(house: House) -> None:
    """Have the volume's data changed by the replacement, as the comparison found."""
    house.volume("web.data", "ruin")
    house.records[7] = described(house.store, kept(house.store, 7, "web.data", {"app.db": b"1"}))
    house.results["compare_data"] = {"changed": ["web.data"], "volumes": {"web.data": AGAIN}}


def accept(house: House) -> Case:
    house.engine.host.scripts["/verify"] = Script()
    house.gates = (Program(name="accept[0]", words=("/verify",)),)
    step = AcceptImage(NEW_REFERENCE, "always", "", (house.gates[0].digest,), "block")
    return Case(step, ())


def ask(house: House) -> Case:
    house.engine.host.scripts["/idle"] = Script()
    house.asker = Program(name="defer", words=("/idle",))
    return Case(AskService(house.web, house.asker.digest), ())


def idle(house: House) -> Case:
    house.engine.clock.sleep(1_000)  # until it listens
    house.engine.host.pages[IMAGE.behaviour.version, "/busy"] = (200, b"{}")
    return Case(AskIdle(house.web, 1, 3000, "/busy"), (), stays=True)


def count(house: House) -> Case:
    house.engine.clock.sleep(1_000)
    house.engine.host.pages[IMAGE.behaviour.version, "/kept"] = (200, b"[1, 2]")
    return Case(CountEntries(house.web, 1, 3000, "/kept"), (), stays=True)


def hook(house: House) -> Case:
    house.engine.host.scripts["/on"] = Script(mark="drained")
    house.engine.host.scripts["/off"] = Script(clears="drained")
    house.hooks["pre_stop"] = Hook(run=("/on",), undo=("/off",))
    digests = (words_digest(("/on",)), words_digest(("/off",)))
    step = RunHook("pre_stop", *digests, where="host", container="", timeout_ms=1_000)
    return Case(step, ("+ mark drained",))


CASES: Mapping[str, Callable[[House], Case]] = {
    "keep_image": keep,
    "pull_image": pull,
    "restore_image": restore,
    "build_image": build,
    "tag_previous": previous,
    "create_container": create,
    "recreate_users": recreate,
    "set_policy": policy,
    "stop_container": stop,
    "start_container": start,
    "prove_health": prove,
    "remove_container": remove,
    "rename_container": rename,
    "store_secrets": secrets,
    "write_config": config,
    "reserve_volume": reserve,
    "copy_volume": copy,
    "remove_volume": discard,
    "forget_service": forget,
    "add_user": add,
    "set_password": password,
    "declare_user": declare,
    "remove_user": unuser,
    "lock_user": lock,
    "measure_data": measure,
    "reserve_snapshot": reserve_files,
    "take_snapshot": take,
    "describe_snapshot": describe,
    "remove_snapshot": drop,
    "import_snapshot": bring,
    "hold_volumes": anchor,
    "hold_kept": hold_again,
    "restore_volume": put_back,
    "release_volumes": release,
    "pin_snapshot": pin,
    "choose_prunable": choose,
    "prune_data": prune,
    "compare_data": compare,
    "restore_changed": restore_changed,
    "make_again": make_again,
    "remove_former": remove_former,
    "copy_data": copied,
    "rehearse_version": rehearse,
    "control_rehearsal": control,
    "judge_rehearsal": judge,
    "drill_snapshot": drill,
    "clear_beside": clear_beside,
    "accept_image": accept,
    "ask_service": ask,
    "run_hook": hook,
    "ask_idle": idle,
    "count_entries": count,
}
