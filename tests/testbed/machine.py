"""What the machine must have, and where things are kept between runs."""

import fcntl
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

PATH = "/usr/sbin:/usr/bin:/sbin:/bin"

# Names a folder whose programs come before those of the system.
COMMANDS = "OCC_TEST_COMMANDS"

# One file each that shows its package is there. A program's name says too little for busybox:
# the package "busybox" has it too, but linked dynamically, of no use in an empty image.
PACKAGES = {
    "docker.io": "dockerd",
    "docker-registry": "docker-registry",
    "iptables": "iptables",
    "iproute2": "ip",
    "mount": "umount",
    "mmdebstrap": "mmdebstrap",
    "busybox-static": "/var/lib/dpkg/info/busybox-static.list",
    "acl": "setfacl",
}

# Debian 12 has this in docker.io, and no package of the name; Debian 13 has it apart.
_PARTED = {"docker-cli": "docker"}


def reason_to_skip() -> str | None:
    """Why this machine cannot run private engines, None where it must be able to."""
    if sys.platform != "linux":
        return "private engines need Linux"
    if os.geteuid() != 0:
        return "private engines need root"
    return None


def environment() -> dict[str, str]:
    """The environment for programs of the system: theirs to find, none of the run's settings."""
    kept = ("HOME", "http_proxy", "https_proxy", "no_proxy", "TMPDIR", "NODE_EXTRA_CA_CERTS")
    first = os.environ.get(COMMANDS)
    return {"PATH": f"{first}:{PATH}" if first else PATH, "LC_ALL": "C.UTF-8"} | {
        name: os.environ[name] for name in kept if name in os.environ
    }


def run(command: Sequence[str], *, cwd: Path | None = None) -> str:
    """Run a program of the system; its output; RuntimeError with what it said if it fails."""
    done = subprocess.run(  # noqa: PLW1510 - the status is judged below, with the output
        list(command),
        cwd=cwd,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
    )
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()[-2000:]
        raise RuntimeError(f"{' '.join(command)}: exit status {done.returncode}\n{said}")
    return done.stdout


# What checks the units that `occ install` writes; no engine is needed for it.
SYSTEMD = {"systemd": "systemd-analyze"}

# What tells the calls of a writer of the journal, for power cuts.
STRACE = {"strace": "strace"}

# What makes a file system; Debian 13 is complete without it.
EXT4 = {"e2fsprogs": "mkfs.ext4"}


def missing_packages(wanted: Mapping[str, str] = PACKAGES) -> list[str]:
    """The Debian packages that are wanted and the machine does not have."""
    return [name for name, sign in wanted.items() if not _present(sign)]


def _present(sign: str) -> bool:
    return (
        Path(sign).exists() if sign.startswith("/") else shutil.which(sign, path=PATH) is not None
    )


def prepare(wanted: Mapping[str, str] = PACKAGES) -> None:
    """Install what is missing, on Debian as root; do nothing when nothing is missing.

    Raises:
        RuntimeError: something is missing and cannot be installed here.
    """
    _install(missing_packages(wanted))
    if "docker.io" in wanted:
        _install(missing_packages(_PARTED))


def _install(missing: Sequence[str]) -> None:
    if not missing:
        return
    if os.geteuid() != 0 or shutil.which("apt-get", path=PATH) is None:
        words = " ".join(missing)
        raise RuntimeError(f"programs are missing; on Debian, as root: apt-get install -y {words}")
    quiet = [
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "-q",
        "-o",
        "DPkg::Lock::Timeout=120",
    ]
    print(f"installs the Debian packages: {', '.join(missing)}", file=sys.stderr, flush=True)
    run([*quiet, "update"])
    run([*quiet, "install", "-y", "--no-install-recommends", *missing])


def free_port() -> int:
    """A TCP port of the loopback address that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def cache() -> Path:
    """The folder for what is costly to make and the same in every run."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(home) / "occ-testbed"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


@contextmanager
def cached(name: str) -> Iterator[tuple[Path, Path | None]]:
    """A file or folder of the cache and, if it is not there yet, the path at which to make it.

    What was made is moved into place at the end of the block, whole or not at all. A second
    run that wants the same waits for the first.
    """
    target = cache() / name
    with (cache() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if target.exists():
            yield target, None
            return
        draft = target.with_name(f".{os.getpid()}.{name}")
        try:
            yield target, draft
            draft.replace(target)
        finally:
            if draft.is_dir():
                shutil.rmtree(draft)
            draft.unlink(missing_ok=True)


def short_folder() -> Path:
    """The roomiest folder for temporary files whose path is short.

    A socket's path has at most 107 bytes, and the engine makes sockets deep in its folders.
    """
    candidates = [Path(os.environ.get("TMPDIR", "/tmp")), Path("/var/tmp"), Path("/tmp")]
    usable = [one for one in candidates if len(str(one)) <= 24 and os.access(one, os.W_OK)]
    if not usable:
        raise RuntimeError("no folder for temporary files with a short path is writable")
    return max(usable, key=lambda one: shutil.disk_usage(one).free)
