"""The machine of data: a service with a list, whose versions move it, ruin it or do not see it.

Its images are those of tests/testbed/kinds.py: a diary is sick on a list of a later form, a blind
one begins anew on it and is well, and an image that ruins moves the list and is never well.
"""

import shutil
import tempfile
from pathlib import Path
from typing import Final

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from occ.app.options import Options
from occ.domain.operation import Operation
from occ.engine.values import File
from occ.operations.kinds.snapshot import SnapshotWish
from tests.model.faults import HOWS, Fault
from tests.model.world import KILLED, NAME, World

NEW: Final = ("diary", "diary", "blind", "ruins", "ruins", "crash")
MIGHT_BE: Final = st.sampled_from((True, True, False))
# a journal without room has the old version started on the data as it is, and says so
FAULTS = st.sampled_from((0, 0, 1, 3)).flatmap(
    lambda often: (
        st.builds(
            Fault,
            at=st.integers(1, 20 * often),
            how=st.sampled_from([how for how in HOWS if how != "full"]),
        )
        if often
        else st.none()
    )
)
_MOST_TRIES: Final = 5
REFUSED: Final = 4


class DataMachine(RuleBasedStateMachine):
    """One service under `snapshot = "replace"`, and what must be in its list.

    `expected` is the list that is served while no operation is open. Of an operation that is open,
    `before` is the list at its beginning, and `after` the one with which it may end as done; None
    where it must not. `left` has every list that a version has left, the newest last.
    """

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.world = World(self.folder, snapshot="replace")
        self.images: dict[int, tuple[str, str]] = {}
        self.left: dict[int, list[bytes]] = {}
        self.taken: dict[int, bytes] = {}
        self.kept: dict[str, bytes] = {}
        self.expected = self.before = b""
        self.after: bytes | None = None
        self.ended = self.entry = self.newest = 0
        self.current = 1
        self.coming = ("", "")

    @initialize(
        kind=st.sampled_from(("diary", "blind")),
        keep_last=st.sampled_from((0, 0, 1, 2)),
        updated=MIGHT_BE,
    )
    def begin(self, kind: str, keep_last: int, updated: bool) -> None:
        """Version 1 serves a list with one entry, or version 2 one with three."""
        self.keep_last = keep_last
        self.publish(kind)
        self.world.configure(
            env="a", policy="always", volume="", timeout="3s", rules=f"keep_last = {keep_last}\n"
        )
        assert self.world.typed("start") == 0, self.world.said
        self.ended, self.images[1] = 1, self.coming
        self.expected = self.served()
        assert self.expected == b"form 1.0\n"
        self.write()
        if updated:
            self.snapshot(None)  # of what version 1 leaves, the older one
            self.write()
            self.update("diary", None)
            assert self.current == 2
            self.write()

    def publish(self, kind: str) -> None:
        """Have an image at the registry that is newer than all before it."""
        self.newest += 1
        self.coming = (kind, f"{self.newest}.0")
        self.world.publish(*self.coming)

    @precondition(lambda self: self.open() is None)
    @rule()
    def write(self) -> None:
        """Somebody writes into the list that is served."""
        assert self.world.healthy()
        self.entry += 1
        self.expected += f"{self.entry}\n".encode()
        files = self.world.engine.host.volumes[self.mounted()].files
        files["list"] = File(path="list", data=self.expected)

    @precondition(lambda self: self.open() is None)
    @rule(kind=st.sampled_from(NEW), fault=FAULTS)
    def update(self, kind: str, fault: Fault | None) -> None:
        self.publish(kind)
        self.type("update", Options(), fault, as_read(*self.coming, self.expected))

    @precondition(lambda self: self.open() is None)
    @rule(at=st.integers(0, 3), data=st.sampled_from(("then", "then", "keep")), fault=FAULTS)
    def rollback(self, at: int, data: str, fault: Fault | None) -> None:
        to = sorted(self.images)[at % len(self.images)]
        self.coming = self.images[to]
        lists = {"then": self.left.get(to, [])[-1:], "keep": [self.expected]}[data]
        after = as_read(*self.coming, lists[0]) if lists else None
        self.type("rollback", Options(to=to, data=data), fault, after, own=to * (data == "then"))

    @precondition(lambda self: self.open() is None)
    @rule(at=st.integers(0, 3), which=st.integers(0, 3), fault=FAULTS)
    def restore(self, at: int, which: int, fault: Fault | None) -> None:
        """A rollback to the data of any snapshot, also of the current version."""
        there, to = sorted(self.world.snapshots()), sorted(self.images)[at % len(self.images)]
        if which >= len(there):
            return
        self.coming = self.images[to]
        after = as_read(*self.coming, self.taken[there[which]])
        self.type("rollback", Options(to=to, data=str(there[which])), fault, after)

    @precondition(lambda self: self.open() is None)
    @rule(fault=FAULTS)
    def snapshot(self, fault: Fault | None) -> None:
        wish = SnapshotWish(verb="create")
        self.type("snapshot", Options(wish=wish), fault, self.expected)

    @precondition(lambda self: self.open() is None)
    @rule(fault=FAULTS)
    def prune(self, fault: Fault | None) -> None:
        self.type("prune", Options(), fault, self.expected)

    @precondition(lambda self: self.open() is not None)
    @rule(way=st.sampled_from(("resume", "abort")), fault=FAULTS)
    def way_out(self, way: str, fault: Fault | None) -> None:
        self.world.typed(way, Options(), fault)
        self.look()

    @invariant()
    def the_list_is_the_one_that_it_must_be(self) -> None:
        """Whatever was typed and wherever it died: at its end the list is served, byte for byte."""
        if self.ended and self.open() is None:
            assert self.served() == self.expected, f"{self.served()!r}, not {self.expected!r}"
            assert self.world.healthy()

    @invariant()
    def what_was_left_stays_as_it_was_left(self) -> None:
        """Volumes that are kept are there, somebody mounts them, and nobody writes into them."""
        if not self.ended or self.open() is not None:
            return
        lists = self.world.left()
        for volume, there in lists.items():
            assert self.kept.setdefault(volume, there) == there, f"{volume} was written into"
        self.kept = dict(lists)

    def teardown(self) -> None:
        """A way out without a fault leads out, at the latest when it is typed again."""
        try:
            for number in range(_MOST_TRIES):
                if self.ended and self.open() is not None:
                    self.world.typed("abort" if number % 2 else "resume")
                    self.look()
            if self.ended:
                assert self.open() is None, self.world.said
                self.the_list_is_the_one_that_it_must_be()
        finally:
            shutil.rmtree(self.folder)

    def type(
        self, verb: str, options: Options, fault: Fault | None, after: bytes | None, own: int = 0
    ) -> None:
        """Type a change; `own` is the version whose own data it asks for, 0 for none."""
        self.before, self.after, self.own = self.expected, after, own
        status = self.world.typed(verb, options, fault)
        assert status in {0, 4, 6, 7, 130, KILLED}, f"{verb}: {status}, {self.world.said}"
        if own not in {0, self.current} and not self.keep_last:
            assert status != REFUSED, f"the data of {own} is nowhere: {self.world.said}"
        self.look()

    def look(self) -> None:
        """See how the operation ended, if it has."""
        self.world.settle()
        recorded = self.world.recorded()
        if self.open() is not None or len(recorded) == self.ended:
            return
        one = recorded[-1]
        self.ended, now = len(recorded), self.world.activated()
        self.taken[one.number] = self.before
        mine = self.left.setdefault(self.current, [])
        mine.append(self.before)  # it was replaced, or a snapshot may have been kept
        if one.ending != "done" or one.planned.kind in {"snapshot", "prune"}:
            return
        self.images.setdefault(now, self.coming)
        if self.own and (self.keep_last or self.own == self.current):
            # by the rules, or as it was not replaced, another list of its own may be the newest
            own = [as_read(*self.coming, each) for each in self.left[self.own]]
            assert self.served() in own, f"{self.served()!r} is not of {self.own}: {own}"
            self.after = self.served()
        assert self.after is not None, f"{one.planned.kind} to {self.coming} went well"
        self.current, self.expected = now, self.after

    def open(self) -> Operation | None:
        """The operation that has not ended."""
        return next((one for one in self.world.recorded() if one.ending is None), None)

    def mounted(self) -> str:
        """The volume of the service's container."""
        there = self.world.engine.host.find(NAME)
        assert there is not None
        return there.mounts["/data"].source

    def served(self) -> bytes:
        """The list in it."""
        return self.world.engine.host.volumes[self.mounted()].files["list"].data


def as_read(kind: str, version: str, there: bytes) -> bytes | None:
    """The list after such a version has started on this one; None where it is not well."""
    form, _, entries = there.partition(b"\n")
    later = float(form[5:]) > float(version)
    if kind in {"ruins", "crash"} or (kind == "diary" and later):
        return None
    return f"form {version}\n".encode() + (b"" if later else entries)
