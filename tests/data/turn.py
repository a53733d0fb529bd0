"""One turn of a comparison, in a process of its own: `python -m tests.data.turn WHAT FOLDER FILE`.

It prints the seconds that it took, and the CPU seconds of this process and its children.
"""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from occ.archives import host_tar
from occ.archives.packing import Packing
from occ.archives.store import Store
from occ.engine.docker.engine import DockerEngine

TAR = (
    *("tar", "--format=posix", "--numeric-owner", "--xattrs", "--xattrs-include=*"),
    *("--acls", "--sparse", "-cf", "-"),
)
PLACE = "/occ-snapshot"


def packed(read: Callable[[Callable[[bytes], None]], object], target: Path) -> None:
    """Read a volume into a file of a snapshot, as the outage of a replacement does."""
    with Store(target.parent).draft(target.name) as draft:
        packing = Packing(draft.file)
        read(packing.take)
        packing.finish()
        draft.keep()


def host(folder: str, target: Path) -> None:
    """The host's way."""
    packed(lambda take: host_tar.read_folder(folder, take, tick=lambda: None), target)


def tar(folder: str, target: Path) -> None:
    """The same members by tar and zstd alone, onto the disk."""
    with (
        target.open("wb") as file,
        subprocess.Popen(
            [*TAR, "-C", folder, "."], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as reading,
    ):
        subprocess.run(["zstd", "-3", "-q", "-c"], stdin=reading.stdout, stdout=file, check=True)
        os.fsync(file.fileno())
    if reading.returncode:
        raise RuntimeError(f"tar ended with {reading.returncode}")


def engine(helper: str, target: Path) -> None:
    """The engine's way, out of a container that mounts the volume."""
    one = DockerEngine(os.environ["DOCKER_HOST"])
    packed(lambda take: one.read_folder(helper, PLACE, take, tick=lambda: None), target)


def archive(helper: str, _: Path) -> None:
    """The engine's own call, to nowhere."""
    subprocess.run(
        ["docker", "cp", f"{helper}:{PLACE}", "-"], stdout=subprocess.DEVNULL, check=True
    )


TURNS = {"host": host, "tar": tar, "engine": engine, "archive": archive}


def main() -> None:
    """Carry out one."""
    what, folder, file = sys.argv[1:]
    turn = partial(TURNS[what], folder, Path(file))
    import zstandard  # noqa: F401, PLC0415 - the import is no part of the turn

    began = time.perf_counter()
    turn()
    seconds = time.perf_counter() - began
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(seconds, sum(one.ru_utime + one.ru_stime for one in used))


if __name__ == "__main__":
    main()
