"""The engine ends and comes back, by itself or in the middle of an update whose occ was killed.

`python -m tests.faults.restarts`: each restart policy, with and without a published port, killed
wherever the policy or what runs changes hands. All services share one engine and one restart, by
SIGKILL and by SIGTERM. The test service locks a file in its volume, and a second one says so and
ends: no log may tell of that.
"""

import io
import random
import signal
import tarfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from typing import Any

import docker

from tests.box import serves
from tests.crash.cells import containers
from tests.faults.asking import campaign_parser
from tests.faults.cells import HEALTH, MARKER, PATIENT, Stage, marker, stage
from tests.faults.matrix import Matrix, matrix
from tests.faults.table import record
from tests.testbed.waiting import came_true, pause

POLICIES = ("no", "on-failure", "unless-stopped", "always")
SIGNALS = (signal.SIGKILL, signal.SIGTERM)
# Who comes back by itself after an end of Docker 20.10 that its containers were stopped for.
BACK = {signal.SIGKILL: {"always"}, signal.SIGTERM: {"always", "unless-stopped"}}
# Where occ was killed in an update, and which version has the policy then; none has it between.
OWNERS = {
    "none": "1.0",  # no update was begun
    "engine:4:after": "1.0",  # the replacement is made
    "engine:5:after": "",  # the old one has no policy any more
    "engine:6:after": "",  # and is stopped
    "engine:7:after": "",  # the replacement runs
    "engine:8:before": "",  # and is the current one
    "engine:8:after": "2.0",  # and has the policy
    "engine:9:after": "2.0",  # and the old one is stopped for good
}
PROVEN = ("engine:8:before", "engine:8:after", "engine:9:after")
BACK_SECONDS, QUIET_SECONDS = 20, 1.0


@dataclass(frozen=True, slots=True)
class Case:
    """One service: its policy, whether it has a published port, and where its update was killed."""

    policy: str
    published: bool
    point: str
    way: str

    def __str__(self) -> str:
        port = "a port" if self.published else "no port"
        return f"{self.policy}, {port}, killed at {self.point}, then {self.way}"


def cases(seed: int) -> list[Case]:
    """All of them, with a way out each: where no update was begun it is a start."""
    draw = random.Random(seed)
    return [
        Case(policy, published, point, draw.choice(("resume", "abort")))
        if point != "none"
        else Case(policy, published, point, "start")
        for policy in POLICIES
        for published in (True, False)
        for point in OWNERS
    ]


@dataclass(frozen=True, slots=True)
class Found:
    """One service after the restart and after its way out, as the engine tells."""

    came_back: tuple[str, ...]
    status: int
    containers: tuple[str, ...]
    serves: tuple[str, ...]
    marker: str
    told: bool
    refused: bool


def restarted(made: Matrix, sig: signal.Signals, chosen: Sequence[Case]) -> list[str]:
    """Bring each service to its point, restart the engine, type the ways out; what was wrong."""
    engine = made.victim.engine
    with ExitStack() as stack, ThreadPoolExecutor(made.at_once) as pool:

        def brought(number: int) -> Stage:
            name = f"e{sig.value}x{number}"
            with made.zygote() as zygote:
                on = stack.enter_context(stage(made.victim, zygote, made.folder / name, name))
                _bring(on, chosen[number])
            return on

        def looked(on: Stage, case: Case) -> str:
            with made.zygote() as zygote:
                return _differs(replace(on, cell=replace(on.cell, zygote=zygote)), case, sig)

        stages = list(pool.map(brought, range(len(chosen))))
        engine.restart(sig)
        try:
            return [said for said in pool.map(looked, stages, chosen) if said]
        finally:
            engine.heal()


def _bring(on: Stage, case: Case) -> None:
    """Version 1 serves with a marker in its volume, and an update was killed at the point."""
    occ = on.cell.zygote.occ
    _configure(on, case, "one")
    assert occ(on.box, "start", "--yes") == 0, on.said()
    with closing(on.cell.ground.engine.client()) as client:
        assert client.put_archive(on.box.service, "/data", _tar("marker", MARKER))
    if case.point != "none":
        _configure(on, case, "two")
        assert occ(on.box, "update", "--yes", point=case.point) == -signal.SIGKILL, on.said()


def _configure(on: Stage, case: Case, which: str) -> None:
    image = on.cell.ground.publish(which, on.box.service)
    health = HEALTH.format(timeout=PATIENT) + "port = 3000\n"
    on.box.configure(image, on.cell.port, health=health, more=f'restart = "{case.policy}"\n')
    if not case.published:
        config = on.box.folder / "config.toml"
        lines = config.read_text().splitlines(keepends=True)
        config.write_text("".join(line for line in lines if not line.startswith("ports")))


def _differs(on: Stage, case: Case, sig: signal.Signals) -> str:
    """How a service is not as it must be after a restart of its engine; empty when it is."""
    owner = OWNERS[case.point] if case.policy in BACK[sig] else ""
    back = (owner,) if owner else ()
    with closing(on.cell.ground.engine.client()) as client:
        came_true(lambda: _running(client, on) == back, seconds=BACK_SECONDS)
        pause(QUIET_SECONDS)  # for one that comes too late, and must not come at all
        came_back, refused = _running(client, on), _refused(client, on)
        occ = on.cell.zygote.occ
        status = occ(on.box, case.way, "--yes")
        said = on.said()
        status = status or occ(on.box, "start", "--yes")
        told = "the engine restarted at" in said + on.said()
        found = Found(
            came_back=came_back,
            status=status,
            containers=containers(client, on.box.service),
            serves=_running(client, on),
            marker=marker(client, on.box.service),
            told=told,
            refused=refused or _refused(client, on),
        )
    leads_on = case.point in PROVEN or case.way == "resume"
    wanted = Found(
        came_back=back,
        status=0,
        containers=(f"{on.box.service} running {case.policy}",),
        serves=("2.0" if leads_on else "1.0",),
        marker="there",
        told=case.point != "none" or not back,
        refused=False,
    )
    if found == wanted and serves(on.cell.port) == (wanted.serves[0] if case.published else ""):
        return ""
    return f"{case}, {sig.name}:\n    found  {found}\n    stated {wanted}\n    it said: {said}"


def _ours(client: docker.APIClient, on: Stage) -> list[Any]:
    label = f"occ.service={on.box.service}"
    return list(client.containers(all=True, filters={"label": label}))


def _running(client: docker.APIClient, on: Stage) -> tuple[str, ...]:
    """The versions of the service that run."""
    images = on.cell.ground.images
    versions = {images["one"].image_id: "1.0", images["two"].image_id: "2.0"}
    there = _ours(client, on)
    return tuple(versions[each["ImageID"]] for each in there if each["State"] == "running")


def _refused(client: docker.APIClient, on: Stage) -> bool:
    """Whether one of them ever found another at work on its volume."""
    return any(b"another service runs" in client.logs(each["Id"]) for each in _ours(client, on))


def _tar(name: str, text: str) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        member = tarfile.TarInfo(name)
        member.size = len(text)
        tar.addfile(member, io.BytesIO(text.encode()))
    return packed.getvalue()


def table(tried: Sequence[tuple[Case, signal.Signals]], wrong: int) -> str:
    """How many of each policy were tried."""
    lines = ["| policy | " + " | ".join(sig.name for sig in SIGNALS) + " |", "|---|---|---|"]
    for policy in POLICIES:
        counts = [sum(c.policy == policy and s == sig for c, s in tried) for sig in SIGNALS]
        lines.append(f"| {policy} | " + " | ".join(map(str, counts)) + " |")
    return "\n".join([*lines, "", f"Not as stated: {wrong}."])


def main() -> int:
    """Try every case with each signal; the exit status is 1 if one differs."""
    parser = campaign_parser(__doc__)
    parser.add_argument("--part", type=int, default=1)
    asked = parser.parse_args()
    chosen = cases(asked.seed)
    random.Random(asked.seed).shuffle(chosen)
    chosen = chosen[:: asked.part]
    print(f"engine restarts: {len(chosen)} services, seed {asked.seed}", flush=True)
    began = time.monotonic()
    wrong: list[str] = []
    with matrix(asked.at_once) as made:
        for sig in SIGNALS:
            wrong += restarted(made, sig, chosen)
    for said in wrong:
        print(f"DIFFERS {said}")
    text = table([(case, sig) for case in chosen for sig in SIGNALS], len(wrong))
    print(f"{text}\n\n{time.monotonic() - began:.0f} s, seed {asked.seed}")
    if asked.part == 1 and not asked.no_record:
        record("restarts", text, f"{len(chosen)} services, restarted twice", asked.seed)
    return int(bool(wrong))


if __name__ == "__main__":
    raise SystemExit(main())
