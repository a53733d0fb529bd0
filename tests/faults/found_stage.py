"""A service on a real engine, brought into a found state by the engine's own calls, then changed.

The states and their ends are those of found.toml, but for `dead` and `removing`, which nobody can
bring about at will.
"""

import io
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import docker
import docker.errors

from occ.domain.operation_fold import fold
from occ.journal.open import open_journal
from tests.box import serves
from tests.faults.cells import Stage
from tests.faults.found import Ended
from tests.faults.matrix import Matrix
from tests.findings import findings
from tests.testbed.images import Images
from tests.testbed.waiting import until

IMAGES: Final[Mapping[str, tuple[str, str]]] = {
    "good 1.0": ("good", "1.0"),
    "good 2.0": ("good", "2.0"),
    "sick 2.0": ("sick", "2.0"),
    "good 3.0": ("good", "3.0"),
    "sick 4.0": ("sick", "4.0"),
}
_HEALTH = 'path = "/health"\ninterval = "100ms"\nmin_healthy = "100ms"\ntimeout = "30s"\n'
_HASTY = 'timeout = "3s"'
_GONE_AFTER_SECONDS = 20
_WATCHED_SECONDS = 4


def with_images(made: Matrix) -> Matrix:
    """The matrix on a ground that has the images of found states as well."""
    ground, images = made.ground, Images(made.ground.engine, made.ground.registry)
    more = {
        which: images.publish(kind, version, name=f"found-{kind}-{version[0]}", forget=False)
        for which, (kind, version) in IMAGES.items()
    }
    ground = replace(ground, images={**ground.images, **more})
    return replace(made, ground=ground, victim=ground)


@dataclass(frozen=True)
class FoundStage:
    """A service at version 2.0, which was 1.0 before, in a found state."""

    on: Stage
    client: docker.APIClient
    state: str

    @property
    def name(self) -> str:
        """The service's name."""
        return self.on.box.service

    @property
    def sort(self) -> str:
        """The state without its restart policy."""
        return self.state.partition("-under-")[0]

    @property
    def source(self) -> Path:
        """The folder of this machine that the service mounts, where it mounts one."""
        return self.on.box.folder / "source"

    def ready(self) -> None:
        """Have the service, found in this state."""
        policy = self.state.partition("-under-")[2]
        policy = policy or ("no" if self.sort in {"failed", "oom"} else "always")
        more = f'restart = "{policy}"\n'
        if self.sort == "oom":
            more += 'limits = { memory = "64m" }\n'
        if self.sort == "stranded":
            self.client.create_network(f"{self.name}-net")
            more += f'networks = ["{self.name}-net"]\n'
        if self.sort == "sourceless":
            self.source.mkdir()
            more += f'mounts = ["{self.source}:/mnt"]\n'
        image = self.on.cell.ground.publish("good 1.0", self.name)
        self.on.box.configure(image, self.on.cell.port, health=_HEALTH, more=more)
        self.well("start")
        which = "sick 2.0" if self.sort == "unhealthy" else "good 2.0"
        self.on.cell.ground.publish(which, self.name)
        self.well("update", *(("--no-probe",) if self.sort == "unhealthy" else ()))
        MADE[self.sort](self)

    def well(self, verb: str, *more: str) -> None:
        """Type a command that ends well."""
        status = self.on.cell.zygote.occ(self.on.box, verb, "--yes", *more)
        assert status == 0, f"{verb}: {status}: {self.on.said()}"

    def typed(self, verb: str, point: str = "none") -> int:
        """Type a change, the image or config that it is about being there; its exit status."""
        if verb in {"update", "failing"}:
            which = {"update": "good 3.0", "failing": "sick 4.0"}[verb]
            self.on.cell.ground.publish(which, self.name)
        config = self.on.box.folder / "config.toml"
        text = config.read_text()
        if verb == "apply":
            text = text.replace("volumes = ", 'env = { MODE = "b" }\nvolumes = ', 1)
        if verb == "failing" or (verb, self.sort) == ("apply", "unhealthy"):
            text = text.replace('timeout = "30s"', _HASTY)
        config.write_text(text)
        words = ("update" if verb == "failing" else verb, "--yes")
        return self.on.cell.zygote.occ(self.on.box, *words, point=point)

    def ended(self, verb: str, point: str = "none", way: str = "") -> Ended:
        """Change the service, kill occ at this point, and take this way out."""
        number = self.on.cell.last_operation() + 1
        status = self.typed(verb, point)
        done = self.on.cell.zygote.occ(self.on.box, way, "--yes") if way else 0
        journal = open_journal(self.on.box.environ["OCC_JOURNAL"])
        with closing(journal):
            journal.verify()
            entries = tuple(journal.entries(operation=number))
        operation = fold(entries) if entries else None
        back = operation is None or operation.ending in {"undone", "unchanged"}
        went = "none" if operation is None else "back" if back else "forward"
        return Ended(status, done, self.stands(), went)

    def codes(self) -> str:
        """The codes of doctor's findings."""
        return " ".join(finding["code"] for finding in findings(self.on.box))

    def found(self) -> list[dict[str, Any]]:
        """The service's containers as the engine inspects them."""
        mine = {"label": f"occ.service={self.name}"}
        listed = self.client.containers(all=True, filters=mine)
        return [self.client.inspect_container(one["Id"]) for one in listed]

    def stands(self) -> str:
        """How the service stands, once it was watched for a while."""
        before = self.found()
        if len(before) != 1:
            names = " and ".join(f"{c['Name']} {c['State']['Status']}" for c in before)
            return names or "absent"
        (after,) = before
        until_seconds = time.monotonic() + _WATCHED_SECONDS
        while time.monotonic() < until_seconds and not _looped(before[0], after):
            time.sleep(0.5)
            (after,) = self.found()
        called, declared = after["Name"].removeprefix("/"), after["HostConfig"]["RestartPolicy"]
        most = declared["MaximumRetryCount"]
        policy = declared["Name"] + (f":{most}" if most else "")
        named = "" if called == self.name else f", named {called.removeprefix(f'{self.name}-')}"
        return f"{self._how(before[0], after)} {policy}{named}"

    def _how(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
        images = self.on.cell.ground.images
        version = next(v for v in IMAGES if images[v].image_id == after["Image"]).split(" ")[1]
        state = after["State"]
        if _looped(before, after):
            return f"loops {version}"
        if state["Status"] == "running":
            return f"{'serves' if serves(self.on.cell.port) else 'sick'} {version}"
        return f"{state['Status']} {state['ExitCode']} {version}"

    def write(self, name: str) -> None:
        """Write a file beside the service's data."""
        data, text = io.BytesIO(), b"database"
        with tarfile.open(fileobj=data, mode="w") as tar:
            member = tarfile.TarInfo(name)
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text))
        self.client.put_archive(self.name, "/data", data.getvalue())

    def again(self, *, loops: bool = True) -> None:
        """Somebody kills and starts it; it ends, and ends again where its policy says so."""
        self.client.kill(self.name)
        self.client.start(self.name)

        def there() -> bool:
            told = self.client.inspect_container(self.name)
            return bool(told["RestartCount"] if loops else told["State"]["Status"] == "exited")

        until(there, seconds=_GONE_AFTER_SECONDS, what=f"{self.state} to begin")


def _looped(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    return bool(after["State"]["Restarting"] or after["RestartCount"] > before["RestartCount"])


@contextmanager
def found_stage(made: Matrix, name: str, state: str) -> Iterator[FoundStage]:
    """A stage whose network goes with it."""
    with made.alone(name) as on, closing(on.cell.ground.engine.client()) as client:
        try:
            yield FoundStage(on, client, state)
        finally:
            for one in client.containers(all=True, filters={"label": f"occ.service={name}"}):
                client.remove_container(one["Id"], force=True)
            with suppress(docker.errors.NotFound):
                client.remove_network(f"{name}-net")


def _loop(there: FoundStage) -> None:
    there.write("needs-2.0")
    there.again(loops=there.sort != "failed")


def _wait(there: FoundStage) -> None:
    there.write("needs")
    there.again()


def _stop(there: FoundStage) -> None:
    there.client.stop(there.name)


def _create(there: FoundStage) -> None:
    """Somebody makes the same container again, and does not start it."""
    (made,) = there.found()
    body = {**made["Config"], "Image": made["Image"], "HostConfig": made["HostConfig"]}
    there.client.remove_container(there.name, force=True)
    untyped: Any = there.client
    untyped.create_container_from_config(body, there.name)


def _starve(there: FoundStage) -> None:
    """Its memory is over, and the kernel ends its own process first."""
    hungry = (
        "echo 1000 > /proc/1/oom_score_adj; busybox dd if=/dev/zero of=/dev/null bs=256M count=1"
    )
    made = there.client.exec_create(there.name, ["sh", "-c", hungry])
    there.client.exec_start(made["Id"])

    def killed() -> bool:
        state = there.client.inspect_container(there.name)["State"]
        return state["Status"] == "exited" and bool(state["OOMKilled"])

    until(killed, seconds=_GONE_AFTER_SECONDS, what="the end of its memory")


def _strand(there: FoundStage) -> None:
    _stop(there)
    there.client.remove_network(f"{there.name}-net")
    there.client.create_network(f"{there.name}-net")


def _untag(there: FoundStage) -> None:
    for image in there.client.images():
        for tag in image["RepoTags"] or ():
            if tag.startswith("occ.local/") and f"/{there.name}:v" in tag:
                there.client.remove_image(tag, noprune=True)


def _unrule(there: FoundStage) -> None:
    untyped: Any = there.client
    untyped.update_container(there.name, restart_policy={"Name": "no"})


MADE: Final[Mapping[str, Callable[[FoundStage], None]]] = {
    "healthy": lambda _: None,
    "unhealthy": lambda _: None,
    "looping": _loop,
    "waiting": _wait,
    "paused": lambda there: there.client.pause(there.name),
    "created": _create,
    "exited": _stop,
    "failed": _loop,
    "oom": _starve,
    "stranded": _strand,
    "sourceless": lambda there: there.source.rmdir(),
    "untagged": _untag,
    "renamed": lambda there: there.client.rename(there.name, f"{there.name}-other"),
    "unruled": _unrule,
}
