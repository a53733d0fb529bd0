"""The machine: what may be typed, what may go wrong, what others may do, and what always holds."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from occ.app.options import Options
from occ.domain.operation import Operation
from occ.domain.spec import Port
from occ.errors import OccError
from occ.operations import labels
from tests.contract.memory_lab import built
from tests.doubles.engine.container import MemoryContainer
from tests.doubles.engine.life import End, Life
from tests.model.faults import HOWS, Fault
from tests.model.world import NAME, PORT, World

IMAGES = (("good", "1.0"), ("good", "2.0"), ("good", "3.0"), ("slow", "4.0"))
BAD = (("sick", "5.0"), ("crash", "6.0"))
POLICIES = ("no", "on-failure", "unless-stopped", "always")
UNFINISHED, REFUSED = 7, 4
VERBS = ("start", "stop", "restart", "update", "apply", "rollback", "repair")
# what a command may end with when nothing comes over it
TOLD = frozenset({0, 3, 4, 6, 7})
FAULTS = st.sampled_from((0, 1, 2)).flatmap(
    lambda often: (
        st.builds(Fault, at=st.integers(1, 15 * often), how=st.sampled_from(HOWS))
        if often
        else st.none()
    )
)
MIGHT_BE = st.sampled_from((True, True, False))


class Machine(RuleBasedStateMachine):
    """One service, one person, and the rest of the world.

    `meddled` says that others, or the engine, had a hand in it since the unfinished operation
    began; `ends` are the ends of operations as they were first seen.
    """

    on_disk = False

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.world = World(self.folder, on_disk=self.on_disk)
        self.meddled = False
        self.ends: dict[int, str] = {}
        self.volumes: frozenset[str] = frozenset()
        self.verified = 0
        self.strangers: dict[str, tuple[str, str]] = {}

    @initialize(
        first=st.sampled_from(IMAGES),
        policy=st.sampled_from(POLICIES),
        updated=MIGHT_BE,
        snapshot=st.sampled_from(("never", "never", "replace")),
    )
    def begin(self, first: tuple[str, str], policy: str, updated: bool, snapshot: str) -> None:
        """It runs, as its second version or its first."""
        self.world.snapshot = snapshot
        self.world.publish(*first)
        self.world.configure(env="a", policy=policy, volume="", timeout="3s")
        assert self.type("start", Options(), None) == 0, self.world.said
        if updated:
            self.world.publish("good", "1.5")
            assert self.type("update", Options(), None) == 0, self.world.said

    @rule(which=st.sampled_from(IMAGES + BAD), fault=FAULTS, first=MIGHT_BE)
    def published_and_updated(
        self,
        which: tuple[str, str],
        fault: Fault | None,
        first: bool,
    ) -> None:
        self.world.publish(*which)
        self.type("update", Options(resume_first=first), fault)

    @rule(which=st.sampled_from(IMAGES + BAD))
    def publish(self, which: tuple[str, str]) -> None:
        self.world.publish(*which)

    @rule(
        env=st.sampled_from("ab"),
        policy=st.sampled_from(POLICIES),
        volume=st.sampled_from(("", "web-extra")),
    )
    def configure(self, env: str, policy: str, volume: str) -> None:
        self.world.configure(env=env, policy=policy, volume=volume, timeout="3s")

    @rule(verb=st.sampled_from(VERBS), fault=FAULTS, first=MIGHT_BE)
    def change(self, verb: str, fault: Fault | None, first: bool) -> None:
        self.type(verb, Options(resume_first=first), fault)

    @rule(to=st.integers(1, 4), fault=FAULTS, now=st.booleans())
    def rollback_to(self, to: int, fault: Fault | None, now: bool) -> None:
        self.type("rollback", Options(to=to, spec_now=now), fault)

    @precondition(lambda self: self.world.snapshot == "replace")
    @rule(to=st.integers(1, 4), fault=FAULTS, data=st.sampled_from(("then", "then", "keep")))
    def rollback_with_data(self, to: int, fault: Fault | None, data: str) -> None:
        self.type("rollback", Options(to=to, data=data), fault)

    @precondition(lambda self: self.unfinished() is not None)
    @rule(verb=st.sampled_from(("resume", "abort")), fault=FAULTS)
    def way_out(self, verb: str, fault: Fault | None) -> None:
        self.type(verb, Options(), fault)

    @precondition(lambda self: self.unfinished() is not None)
    @rule()
    def abandon(self) -> None:
        assert self.type("abandon", Options(), None) == 0, self.world.said

    @rule(verb=st.sampled_from(VERBS))
    def plan(self, verb: str) -> None:
        """A plan touches nothing."""
        self.world.settle()
        before = self.world.looks()
        self.world.typed(verb, Options(plan=True))
        assert self.world.looks() == before

    @rule()
    def doctor(self) -> None:
        self.world.settle()
        before = self.world.looks()
        self.world.read(lambda app: app.doctor(NAME))
        assert self.world.looks() == before

    @rule(mood=st.sampled_from(("open", "open", "down", "cut")))
    def registry(self, mood: str) -> None:
        self.world.engine.host.registry.mood = mood  # type: ignore[assignment]

    @rule(end=st.sampled_from(("terminated", "killed", "power cut")))
    def engine_restarts(self, end: End) -> None:
        self.world.engine.restart(end)
        self.meddled = True

    @rule(which=st.integers(0, 2), deed=st.sampled_from(("remove", "rename", "stop")))
    def container_meddled_with(self, which: int, deed: str) -> None:
        """`docker rm -f`, `docker rename`, `docker stop`, typed by somebody."""
        self.world.settle()
        ours, host = self.world.ours(), self.world.engine.host
        if which >= len(ours):
            return
        there = ours[which]
        if deed == "rename":
            if host.find(f"{NAME}-mine") is None:
                host.rename(there, f"{NAME}-mine")
        elif there.running:
            Life(host).stop(there, 1_000)
            self.world.clock.sleep(2_000)
            host.agenda.catch_up()
        if deed == "remove":
            host.remove(there)
        self.meddled = True

    @rule(which=st.integers(0, 5))
    def untagged(self, which: int) -> None:
        """`docker rmi` of a tag that occ has made."""
        host = self.world.engine.host
        used = {c.image.id for c in host.containers.values()}
        known = (built(*one).id for one in IMAGES + BAD)
        tags = [t for i in known for t in host.images.references(i) if t.startswith("occ.local")]
        if which >= len(tags):
            return
        try:
            host.images.delete(tags[which], used)
        except OccError:  # it is the only tag of an image in use: the engine refuses
            return
        self.meddled = True

    @rule(name=st.sampled_from((NAME, f"{NAME}.occ-next")))
    def foreigner(self, name: str) -> None:
        """Somebody else's container under a name of ours."""
        host, image = self.world.engine.host, built("good", "9.0")
        if host.find(name) is not None or name in host.reserved:
            return
        host.images.add(image)
        made = host.foreign(name, image.id, ports=(Port(container=3000, host=PORT + 1),))
        self.strangers[made.id] = (made.name, made.state)
        self.meddled = True

    @rule()
    def foreigner_leaves(self) -> None:
        self.away_with_foreigners()

    @invariant()
    def one_runs_at_most(self) -> None:
        self.world.serving()

    @invariant()
    def strangers_are_untouched(self) -> None:
        there = self.world.engine.host.containers.values()
        assert {c.id: (c.name, c.state) for c in there if strange(c)} == self.strangers

    @invariant()
    def no_volume_is_lost(self) -> None:
        self.world.mark()
        marked = self.world.marked()
        named = marked & self.world.kept()
        assert self.volumes <= named, f"lost: {self.volumes - named}"
        self.volumes = named

    @invariant()
    def journal_is_whole(self) -> None:
        """The chain verifies, and history knows every end, and never another one."""
        if self.world.length() == self.verified:
            return
        self.verified = self.world.read(lambda app: app.journal_verify()).entries
        told = self.world.told()
        for operation in self.world.recorded():
            if operation.ending is not None:
                self.ends.setdefault(operation.number, operation.ending)
        assert {n: told.get(n) for n in self.ends} == self.ends
        assert len([n for n in told if n not in self.ends]) <= 1, "two are unfinished"

    @invariant()
    def status_tells_the_truth(self) -> None:
        """What runs is the current version, or status says what is not as it should be."""
        there, current = self.world.serving(), self.world.activated()
        status = self.world.read(lambda app: app.status(NAME))
        if there is None:
            assert status.state != "running"
            if status.unfinished is None and (self.should_run() or (current and not status.state)):
                assert status.drift, (
                    f"it does not run as it should, and status says nothing: {status}"
                )
            return
        assert status.container == there.id
        version = labels.number(there.labels, labels.VERSION)
        assert status.version == version
        if version != current:
            assert status.drift or status.unfinished, f"{version} runs, {current} is current"

    def teardown(self) -> None:
        """From wherever it is, a person gets home: see `home`."""
        try:
            if self.volumes or self.ends:
                self.home()
        finally:
            shutil.rmtree(self.folder)

    def home(self) -> None:
        """Registry up, strangers gone, a good image: then it can be made to run, and well."""
        self.world.settle()
        self.world.engine.host.registry.mood = "open"
        self.away_with_foreigners()
        self.publish(IMAGES[1])
        self.configure("a", "unless-stopped", "")
        for verb in ("resume", "abort", "abandon"):
            if self.unfinished() is not None:
                self.type(verb, Options(), None)
        assert self.unfinished() is None
        self.type("repair", Options(), None)
        status = self.type("update", Options(), None)
        assert status == 0, self.world.said
        if not self.world.healthy():
            assert self.type("start", Options(), None) == 0, self.world.said
        assert self.type("repair", Options(), None) == 0, self.world.said
        assert self.world.healthy()
        there = self.world.serving()
        assert there is not None
        assert there.name == NAME
        assert there.image.behaviour.version == IMAGES[1][1]
        wrong = [f for f in self.world.read(lambda app: app.doctor(NAME)) if f.mended]
        assert not wrong, wrong
        self.no_volume_is_lost()

    def type(self, verb: str, options: Options, fault: Fault | None) -> int:
        """Type a command, and hold what it left against what its exit status says."""
        before = self.unfinished()
        if before is None:
            self.meddled = False
        was_well = self.world.healthy()
        status = self.world.typed(verb, options, fault)
        self.world.settle()
        if self.world.given:
            return status
        assert status in TOLD, f"{verb} ended with {status}: {self.world.said}"
        self.unfinished_only_with_reason(status, verb, before, first=options.resume_first)
        done = self.world.recorded()
        if done and done[-1].ending is not None:
            number, activated = (before.number, before.activated) if before else (0, False)
            if done[-1].number != number or not activated:
                self.ended_well(done[-1], status, was_well=was_well and before is None)
        if verb == "repair" and was_well and self.unfinished() is None:
            assert self.world.healthy(), "repair made it worse"
        return status

    def unfinished_only_with_reason(
        self, status: int, verb: str, before: Operation | None, *, first: bool
    ) -> None:
        """An operation that nobody disturbed comes to its end, and one that has not is told of."""
        now = self.unfinished()
        if now is None:
            assert status != UNFINISHED, self.world.said
            return
        refused = before is not None and not first and verb in VERBS
        assert refused or self.meddled, f"{verb} left it {now.state}: {self.world.said}"
        assert status in {UNFINISHED, REFUSED}, f"{verb} ended with {status}: {self.world.said}"

    def ended_well(self, operation: Operation, status: int, *, was_well: bool) -> None:
        """The world after an operation that nothing came over in this command."""
        kind, running = operation.planned.kind, self.world.serving() is not None
        if status == 0 and operation.ending in {"done", "unchanged"}:
            found, again = operation.planned.found, operation.planned.request.runs
            gone = not found.container and kind != "repair"  # who installs or starts has it run
            asked = kind in {"start", "restart"} or found.running or gone or again
            made = not found.container or kind in {"update", "apply"}
            if kind == "stop" or (made and not asked):
                assert not running, f"{kind} ended well, and it runs"
            elif asked:
                assert running, f"{kind} ended well, and nothing runs"
        if status == 0 and operation.ending == "done" and running:
            assert self.world.healthy(), f"{kind} ended well, and it is not"
        if operation.ending == "undone" and was_well and not self.meddled:
            assert self.world.healthy(), f"{kind} was put back, and it is not well: it was"
        if operation.activated:
            assert self.world.activated() == operation.version

    def unfinished(self) -> Operation | None:
        """The operation that has not ended."""
        return next((o for o in self.world.recorded() if o.ending is None), None)

    def should_run(self) -> bool:
        """Whether it was last asked to run, by what is written of operations that went well."""
        for operation in reversed(self.world.recorded()):
            planned = operation.planned
            typed = {"start": True, "restart": True, "stop": False}.get(planned.kind)
            if operation.ending in {"done", "unchanged"} and typed is not None:
                return typed
            started = any(s.plan.name == "start_container" for s in operation.steps)
            if operation.ending == "done" and (started or planned.found.running):
                return True
        return False

    def away_with_foreigners(self) -> None:
        """Have all containers gone that are not ours."""
        host = self.world.engine.host
        for one in tuple(host.containers.values()):
            if strange(one):
                host.remove(one)
        self.strangers = {}


def strange(container: MemoryContainer) -> bool:
    """Whether it is neither the service's nor a helper of ours."""
    return not {labels.SERVICE, labels.HELPER} & set(container.labels)


class DiskMachine(Machine):
    """The same with the journal in SQLite."""

    on_disk = True
