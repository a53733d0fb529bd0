"""Whatever images, containers and registries say, an update ends in order, and something serves."""

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from occ.app.app import App
from occ.app.view.history import HistoryFilter
from occ.domain.values import HealthCheck
from occ.engine.values import Answer, Container, File, NoAnswer, Question
from occ.errors import OccError
from tests.contract.memory_lab import built
from tests.doubles.engine.image import BuiltImage
from tests.faults.memory import IMAGE, NAME, MemoryWorld
from tests.strange import many

HEALTH = 'path = "/health"\nversion_field = "version"\nmin_healthy = "1s"\ntimeout = "5s"\n'
USERS = 'users = ["ann", "bob"]\n'
ENDED = {0, 4, 6}
"""As it should, refused by a rule, or put back; never 1, a bug, or 7, unfinished."""

TEXT = st.text(max_size=40)
NUMBER = st.integers(-(10**30), 10**30)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBER | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
NESTED = b"[" * 5_000
BODIES = st.one_of(
    st.binary(max_size=60),
    JSON.map(lambda value: json.dumps(value).encode()),
    JSON.map(lambda value: json.dumps({"version": value}).encode()),
    st.sampled_from([NESTED, b'{"version":' * 5_000, b"9" * 5_000]),
)
FIELD = st.sampled_from(["ann", "bob", "x", "", "1000", "\u00b2", "-1", "9" * 30, "a,b", "root"])
ACCOUNTS = st.lists(st.lists(FIELD, max_size=9).map(":".join), max_size=5).map("\n".join)
FILES = st.dictionaries(
    st.sampled_from(["/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow"]), ACCOUNTS
)
PATHS = st.sampled_from(["/data", "/new data", "/d\u00e4ta", "/a/../b", "/etc", "//x"])
IMAGES = st.fixed_dictionaries(
    {},
    optional={
        "labels": st.dictionaries(TEXT | st.just("org.opencontainers.image.version"), TEXT),
        "volumes": st.lists(PATHS, max_size=2, unique=True).map(tuple),
        "ports": st.lists(st.integers(1, 65_535), max_size=3).map(tuple),
        "health": st.builds(
            HealthCheck,
            # An engine takes none under 1 ms. The gate waits for all of them, so they are short.
            interval_ms=st.integers(1, 2_000),
            timeout_ms=st.integers(1, 2_000),
            start_period_ms=st.integers(0, 2_000),
            retries=st.integers(1, 4),
        ),
        "created_at": st.integers(-(10**15), 10**15),
        "size": st.integers(0, 10**15),
    },
)
SEEN = st.fixed_dictionaries(
    {},
    optional={
        "exit_code": st.integers(-(1 << 63) + 1, (1 << 63) - 1),
        "error": TEXT,
        "restarts": st.integers(0, 10**9),
        "health": st.sampled_from(["", "none", "starting", "healthy", "unhealthy"]),
        "started_at": st.integers(0, 10**15),
        "finished_at": st.integers(0, 10**15),
    },
)


class StrangeWorld(MemoryWorld):
    """A world in which one image, and all that is made of it, says what a test likes."""

    def begin(self) -> None:
        """Have version 1.0 running, with two users."""
        self.engine.host.registry.publish(IMAGE, built("good", "1.0"))
        self.box.configure(IMAGE, 3000, health=HEALTH, more=USERS)
        assert self.occ("start") == 0, self.said

    def strange(self, image: BuiltImage, seen: dict[str, Any], answer: Answer) -> None:
        """Publish the image; its containers look and answer so."""
        self.engine.host.registry.publish(IMAGE, image)
        inspect, probe = self.engine.inspect, self.engine.probe

        def inspected(container: str) -> Container | None:
            found = inspect(container)
            return replace(found, **seen) if found and found.image == image.id else found

        def probed(container: str, question: Question) -> Answer | NoAnswer:
            found, there = probe(container, question), inspect(container)
            ours = there is not None and there.image == image.id
            return answer if ours and isinstance(found, Answer) else found

        vars(self.engine).update(inspect=inspected, probe=probed)

    @property
    def running(self) -> list[str]:
        """The images of the service's containers that run."""
        there = self.engine.containers({"occ.service": NAME})
        return [container.image for container in there if container.running]


ODD_IDS = "root:x:0:0::/:/bin/sh\nann:x:\u00b2:\u00b2::/:/bin/sh\n"


@many(12)
@example(changes={}, files={}, seen={}, status=200, body=NESTED)
@example(changes={}, files={"/etc/passwd": ODD_IDS}, seen={}, status=200, body=b"{}")
@given(
    changes=IMAGES,
    files=FILES,
    seen=SEEN,
    status=st.sampled_from([200, 200, 200, 204, 401, 500, 999]),
    body=BODIES,
)
def test_an_update_to_any_image_ends_and_something_serves(
    changes: dict[str, Any], files: dict[str, str], seen: dict[str, Any], status: int, body: bytes
) -> None:
    with TemporaryDirectory() as folder:
        world = StrangeWorld(Path(folder))
        world.begin()
        brought = tuple(File(path=path, data=text.encode()) for path, text in files.items())
        kept = tuple(file for file in built("good").files if file.path not in files)
        image = replace(built("good", "2.0"), files=(*kept, *brought), **changes)
        world.strange(image, seen, Answer(status=status, body=body, route="published"))
        ended = world.occ("update")
        assert ended in ENDED, world.said
        assert world.journal.bugs == []
        assert world.running == [image.id if ended == 0 else built("good", "1.0").id]
        looked_at(world)
        assert world.occ("rollback") in ENDED, world.said
        assert len(world.running) == 1


def looked_at(world: MemoryWorld) -> None:
    """Have every answer asked for: a value, or an error of occ's."""
    app = App(world.desk())
    for look in (
        lambda: app.status(NAME),
        lambda: app.versions(NAME, ask_registry=True),
        lambda: app.history(HistoryFilter()),
        lambda: app.show(world.journal.last_operation()),
        lambda: app.check(NAME),
        lambda: app.doctor(NAME),
        lambda: app.accounts(NAME),
    ):
        with suppress(OccError):
            look()
    world.journal.verify()


@many(12)
@given(
    digest=st.text("0123456789abcdef", min_size=64, max_size=64).map("sha256:{}".format),
    mood=st.sampled_from(["open", "unauthorized", "too_many", "down", "cut"]),
    said=TEXT,
)
def test_whatever_a_registry_answers_what_serves_goes_on(digest: str, mood: Any, said: str) -> None:
    with TemporaryDirectory() as folder:
        world = StrangeWorld(Path(folder))
        world.begin()
        image = replace(built("good", "2.0"), labels={"org.opencontainers.image.version": said})
        world.engine.host.registry.publish(IMAGE, image)
        world.engine.host.registry.mood = mood
        vars(world.engine)["registry_digest"] = lambda _: digest
        ended = world.occ("update")
        assert ended in ENDED, world.said
        assert world.journal.bugs == []
        assert world.running == [image.id if ended == 0 else built("good", "1.0").id]
        looked_at(world)
